//! Walks a laid-out page and writes its content: groups become maps, text, paths and pictures become objects.

use typst::layout::{Abs, Axes, Frame, FrameItem, FrameKind, Point, Size};
use typst::text::FontInstance;
use typst::visualize::{
    ExchangeFormat, FixedStroke, Geometry, Image, ImageKind, LineCap, LineJoin, Paint,
    ProcessColorSpace, RasterFormat, Shape,
};

use super::fonts::UsedFont;
use super::geometry::{Matrix, Rectangle, abbreviated, bounds, steps};
use super::text;
use super::xml::{Xml, number, numbers};
use crate::DocumentError;

/// What pages share: ids, typefaces, pictures.
#[derive(Default)]
pub(super) struct Resources {
    last_id: u32,
    pub(super) fonts: Vec<UsedFont>,
    pub(super) images: Vec<UsedImage>,
}

pub(super) struct UsedImage {
    pub(super) id: u32,
    pub(super) format: &'static str,
    pub(super) data: Vec<u8>,
}

impl UsedImage {
    pub(super) fn file_name(&self) -> String {
        format!("image_{}.{}", self.id, self.format.to_ascii_lowercase())
    }
}

impl Resources {
    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn last_id(&self) -> u32 {
        self.last_id
    }

    fn image(&mut self, format: &'static str, data: Vec<u8>) -> u32 {
        if let Some(known) = self.images.iter().find(|i| i.data == data) {
            return known.id;
        }
        let id = self.next_id();
        self.images.push(UsedImage { id, format, data });
        id
    }
}

/// A colour as OFD writes it.
pub(super) struct Colour {
    value: String,
    alpha: u8,
}

impl Colour {
    pub(super) fn write(&self, xml: &mut Xml, name: &'static str) {
        let alpha = self.alpha.to_string();
        let mut attributes = vec![("Value", self.value.as_str())];
        if self.alpha != 255 {
            attributes.push(("Alpha", &alpha));
        }
        xml.empty(name, &attributes);
    }
}

/// One page while it is written.
pub(super) struct Canvas<'a> {
    resources: &'a mut Resources,
    xml: Xml,
    page: Rectangle,
    clip: Option<Rectangle>,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(resources: &'a mut Resources, size: Size) -> Self {
        let page = Rectangle {
            left: 0.0,
            top: 0.0,
            right: size.x.to_mm(),
            bottom: size.y.to_mm(),
        };
        let mut xml = Xml::new("Page", &[]);
        xml.open("Area", &[])
            .leaf("PhysicalBox", &[], &page.words())
            .close();
        let layer = resources.next_id().to_string();
        xml.open("Content", &[])
            .open("Layer", &[("ID", &layer), ("Type", "Body")]);
        Self {
            resources,
            xml,
            page,
            clip: None,
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.xml.finish()
    }

    pub(super) fn xml(&mut self) -> &mut Xml {
        &mut self.xml
    }

    pub(super) fn page(&self) -> Rectangle {
        self.page
    }

    pub(super) fn clip(&self) -> Option<Rectangle> {
        self.clip
    }

    pub(super) fn next_id(&mut self) -> u32 {
        self.resources.next_id()
    }

    pub(super) fn font(&mut self, face: &FontInstance) -> usize {
        if let Some(known) = self.resources.fonts.iter().position(|f| f.is(face)) {
            return known;
        }
        let id = self.resources.next_id();
        self.resources.fonts.push(UsedFont::new(id, face.clone()));
        self.resources.fonts.len() - 1
    }

    pub(super) fn font_id(&self, font: usize) -> u32 {
        self.resources.fonts[font].id
    }

    pub(super) fn use_glyph(
        &mut self,
        font: usize,
        glyph: u16,
        character: Option<char>,
    ) -> (u16, bool) {
        self.resources.fonts[font].use_glyph(glyph, character)
    }

    /// The colour of a paint; nothing for gradients and tilings, whose items are drawn as pictures.
    pub(super) fn colour(&self, paint: &Paint) -> Option<Colour> {
        let Paint::Solid(colour) = paint else {
            return None;
        };
        let rgb = colour
            .to_process_space(ProcessColorSpace::Srgb)
            .to_vec4_u8();
        Some(Colour {
            value: format!("{} {} {}", rgb[0], rgb[1], rgb[2]),
            alpha: rgb[3],
        })
    }

    pub(super) fn background(&mut self, paint: &Paint, size: Size) -> Result<(), DocumentError> {
        let shape = Geometry::Rect(size).filled(paint.clone());
        self.shape(&shape, Matrix::IDENTITY)
    }

    pub(super) fn frame(&mut self, frame: &Frame, matrix: Matrix) -> Result<(), DocumentError> {
        for (point, item) in frame.items() {
            let here = matrix.moved(*point);
            match item {
                FrameItem::Group(group) => {
                    let inner = here.after(Matrix::of(group.transform));
                    let outer_clip = self.clip;
                    if let Some(curve) = &group.clip {
                        self.narrow(&Geometry::Curve(curve.clone()), inner);
                    }
                    let drawn = self.frame(&group.frame, inner);
                    self.clip = outer_clip;
                    drawn?;
                }
                FrameItem::Text(text) if matches!(text.fill, Paint::Solid(_)) => {
                    text::draw(self, text, here)
                }
                FrameItem::Text(text) => self.as_picture(item, text.bbox(), here)?,
                FrameItem::Shape(shape, _) => self.shape(shape, here)?,
                FrameItem::Image(image, size, _) => self.image(image, *size, here, item)?,
                FrameItem::Link(..) | FrameItem::Tag(_) => {}
            }
        }
        Ok(())
    }

    /// Clipping is by boxes: every OFD reader cuts an object at its boundary, few know clip paths.
    fn narrow(&mut self, geometry: &Geometry, matrix: Matrix) {
        if let Some(inside) = bounds(&steps(geometry, matrix)) {
            // Boxes that do not meet leave an empty one: nothing of the group shows.
            let empty = Rectangle {
                right: inside.left,
                bottom: inside.top,
                ..inside
            };
            self.clip = Some(inside.within(self.clip).unwrap_or(empty));
        }
    }

    fn shape(&mut self, shape: &Shape, matrix: Matrix) -> Result<(), DocumentError> {
        let solid = |p: Option<&Paint>| p.is_none_or(|p| matches!(p, Paint::Solid(_)));
        if !solid(shape.fill.as_ref()) || !solid(shape.stroke.as_ref().map(|s| &s.paint)) {
            let item = FrameItem::Shape(shape.clone(), typst::syntax::Span::detached());
            return self.as_picture(&item, shape.bbox(true), matrix);
        }
        let path = steps(&shape.geometry, matrix);
        let Some(tight) = bounds(&path) else {
            return Ok(());
        };
        let width = shape
            .stroke
            .as_ref()
            .map_or(0.0, |s| s.thickness.to_mm() * matrix.scale());
        let Some(boundary) = tight.grown(width).within(self.clip) else {
            return Ok(());
        };
        let id = self.next_id().to_string();
        let fill = shape.fill.as_ref().and_then(|p| self.colour(p));
        let stroke = shape.stroke.as_ref().and_then(|s| self.colour(&s.paint));
        let mut attributes = vec![
            ("ID", id),
            ("Boundary", boundary.words()),
            ("Stroke", stroke.is_some().to_string()),
            ("Fill", fill.is_some().to_string()),
        ];
        if let Some(line) = &shape.stroke {
            attributes.extend(line_attributes(line, width, matrix.scale()));
        }
        if shape.fill_rule == typst::visualize::FillRule::EvenOdd {
            attributes.push(("Rule", "Even-Odd".to_owned()));
        }
        let attributes: Vec<(&str, &str)> =
            attributes.iter().map(|(k, v)| (*k, v.as_str())).collect();
        self.xml.open("PathObject", &attributes);
        if let Some(colour) = stroke {
            colour.write(&mut self.xml, "StrokeColor");
        }
        if let Some(colour) = fill {
            colour.write(&mut self.xml, "FillColor");
        }
        let data = abbreviated(&path, (boundary.left, boundary.top));
        self.xml.leaf("AbbreviatedData", &[], &data).close();
        Ok(())
    }

    fn image(
        &mut self,
        image: &Image,
        size: Size,
        matrix: Matrix,
        item: &FrameItem,
    ) -> Result<(), DocumentError> {
        let ImageKind::Raster(raster) = image.kind() else {
            return self.as_picture(
                item,
                typst::layout::Rect::new(Point::zero(), size.to_point()),
                matrix,
            );
        };
        let format = match raster.format() {
            RasterFormat::Exchange(ExchangeFormat::Png) => "PNG",
            RasterFormat::Exchange(ExchangeFormat::Jpg) if raster.exif_rotation().is_none() => {
                "JPEG"
            }
            _ => {
                let bounds = typst::layout::Rect::new(Point::zero(), size.to_point());
                return self.as_picture(item, bounds, matrix);
            }
        };
        let id = self.resources.image(format, raster.data().to_vec());
        self.place(id, size, matrix);
        Ok(())
    }

    /// An ImageObject maps the unit square onto its place.
    fn place(&mut self, resource: u32, size: Size, matrix: Matrix) {
        let (width, height) = (size.x.to_mm(), size.y.to_mm());
        let local = Rectangle {
            left: 0.0,
            top: 0.0,
            right: width,
            bottom: height,
        };
        let Some(boundary) = local.mapped(matrix).within(self.clip) else {
            return;
        };
        let ctm = numbers(&[
            matrix.a * width,
            matrix.b * width,
            matrix.c * height,
            matrix.d * height,
            matrix.e - boundary.left,
            matrix.f - boundary.top,
        ]);
        let (id, resource) = (self.next_id().to_string(), resource.to_string());
        let attributes = [
            ("ID", id.as_str()),
            ("Boundary", &boundary.words()),
            ("CTM", &ctm),
            ("ResourceID", &resource),
        ];
        self.xml.empty("ImageObject", &attributes);
    }

    /// What OFD readers do not draw alike (gradients, SVG pictures) is drawn here, at 300 dots an inch.
    fn as_picture(
        &mut self,
        item: &FrameItem,
        bbox: typst::layout::Rect,
        matrix: Matrix,
    ) -> Result<(), DocumentError> {
        let size = Axes::new(bbox.max.x - bbox.min.x, bbox.max.y - bbox.min.y);
        if size.x <= Abs::zero() || size.y <= Abs::zero() {
            return Ok(());
        }
        let mut frame = Frame::new(size, FrameKind::Hard);
        frame.push(Point::new(-bbox.min.x, -bbox.min.y), item.clone());
        let data = crate::pages::frame_png(frame, 300.0 / 72.0)?;
        let id = self.resources.image("PNG", data);
        self.place(id, size, matrix.moved(bbox.min));
        Ok(())
    }
}

fn line_attributes(line: &FixedStroke, width: f64, scale: f64) -> Vec<(&'static str, String)> {
    let cap = match line.cap {
        LineCap::Butt => "Butt",
        LineCap::Round => "Round",
        LineCap::Square => "Square",
    };
    let join = match line.join {
        LineJoin::Miter => "Miter",
        LineJoin::Round => "Round",
        LineJoin::Bevel => "Bevel",
    };
    let mut attributes = vec![
        ("LineWidth", number(width)),
        ("Cap", cap.to_owned()),
        ("Join", join.to_owned()),
        ("MiterLimit", number(line.miter_limit.get())),
    ];
    if let Some(dash) = &line.dash {
        let lengths: Vec<f64> = dash.array.iter().map(|l| l.to_mm() * scale).collect();
        attributes.push(("DashOffset", number(dash.phase.to_mm() * scale)));
        attributes.push(("DashPattern", numbers(&lengths)));
    }
    attributes
}
