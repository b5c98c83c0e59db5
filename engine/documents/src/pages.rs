//! Laid-out pages and what can be written of them: PDF/A, PNG and OFD, all from the same positions.

use chrono::{Datelike, Timelike};
use tongban_base::Timestamp;
use typst::foundations::{Content, Datetime, Smart};
use typst::layout::{Frame, Sides};
use typst::utils::Scalar;
use typst_layout::{Page, PagedDocument};
use typst_pdf::{PdfOptions as Options, PdfStandard, PdfStandards};
use typst_render::RenderOptions;

use crate::raster::{Rgba, rgba_png};
use crate::{DocumentError, OfdOptions, StampPosition, ofd, qr, seal_place, shown};

/// Pages of one document.
pub struct Pages {
    document: PagedDocument,
}

/// What a PDF says about itself.
#[derive(Clone, Debug)]
pub struct PdfOptions {
    /// Stable identifier, e.g. the document's number: same id, time and pages give the same bytes.
    pub id: String,
    pub created: Timestamp,
}

impl Pages {
    pub(crate) fn new(document: PagedDocument) -> Self {
        Self { document }
    }

    pub fn count(&self) -> usize {
        self.document.pages().len()
    }

    /// Where the template keeps room for the seal: the box that it labels `<seal>`. None: the pages are not sealed.
    ///
    /// # Errors
    /// When there are several, or the seal would lie off the page or on other words than those in its box.
    pub fn seal_place(&self) -> Result<Option<StampPosition>, DocumentError> {
        seal_place::find(&self.document)
    }

    /// The words of all pages, without spaces and ends of lines.
    pub fn words(&self) -> String {
        shown::words(&self.document)
    }

    /// Whether the QR picture of this text stands on a page.
    pub fn has_qr(&self, text: &str) -> bool {
        qr::png(text).is_ok_and(|picture| shown::has_picture(&self.document, &picture))
    }

    /// Whether files can be written of them.
    ///
    /// # Errors
    /// When no typeface has a character, or the pages hold something else that PDF/A forbids.
    pub fn can_be_written(&self) -> Result<(), DocumentError> {
        let options = PdfOptions {
            id: String::new(),
            created: Timestamp(0),
        };
        let written = self.to_pdf(&options).map(drop);
        written.map_err(|fault| match fault.code {
            "glyph" => DocumentError::new("glyph", format!("没有字体可以显示{}", fault.message)),
            _ => fault,
        })
    }

    /// PDF/A-2b with tags.
    ///
    /// # Errors
    /// When the pages hold something that PDF/A forbids.
    pub fn to_pdf(&self, options: &PdfOptions) -> Result<Vec<u8>, DocumentError> {
        let failed = |words: String| DocumentError::new("pdf", format!("无法生成 PDF：{words}"));
        let standards =
            PdfStandards::new(&[PdfStandard::A_2b]).map_err(|e| failed(e.message().to_string()))?;
        let options = Options {
            ident: Smart::Custom(options.id.clone()),
            creator: Smart::Custom(Some("Tongban".to_owned())),
            timestamp: shanghai(options.created),
            standards,
            ..Options::default()
        };
        typst_pdf::pdf(&self.document, &options).map_err(|errors| {
            let words = errors.first().map(|e| e.message.to_string());
            unwritable(&words.unwrap_or_default())
        })
    }

    /// The page (counted from 0) as a picture; 96 dpi are 4/3 pixels a point.
    ///
    /// # Errors
    /// When there is no such page.
    pub fn to_png(&self, page: usize, pixels_per_point: f32) -> Result<Vec<u8>, DocumentError> {
        rgba_png(&self.render(page, pixels_per_point)?)
    }

    fn render(&self, page: usize, pixels_per_point: f32) -> Result<Rgba, DocumentError> {
        let page =
            self.document.pages().get(page).ok_or_else(|| {
                DocumentError::new("image", format!("文书没有第 {} 页", page + 1))
            })?;
        Ok(raster(page, f64::from(pixels_per_point)))
    }

    /// OFD (GB/T 33190) with embedded subsets of the typefaces.
    ///
    /// # Errors
    /// When a typeface or picture cannot be embedded.
    pub fn to_ofd(&self, options: &OfdOptions) -> Result<Vec<u8>, DocumentError> {
        ofd::write(&self.document, options)
    }
}

/// Why PDF/A forbids a page, by the words of its writer.
fn unwritable(words: &str) -> DocumentError {
    let character = words.split('`').nth(1).map(|text| text.trim_matches('"'));
    match character {
        Some(text) if words.contains("could not be displayed") => {
            DocumentError::new("glyph", format!("“{text}”"))
        }
        _ if words.contains("CMYK") => {
            DocumentError::new("picture", "图片是印刷用的颜色（CMYK），请转成 RGB")
        }
        _ => DocumentError::new("pdf", format!("无法生成 PDF：{words}")),
    }
}

/// A single frame as a picture with a transparent ground.
pub(crate) fn frame_png(frame: Frame, pixels_per_point: f64) -> Result<Vec<u8>, DocumentError> {
    let page = Page {
        frame,
        bleed: Sides::default(),
        fill: Smart::Custom(None),
        numbering: None,
        supplement: Content::empty(),
        number: 1,
    };
    rgba_png(&raster(&page, pixels_per_point))
}

fn raster(page: &Page, pixels_per_point: f64) -> Rgba {
    let options = RenderOptions {
        pixel_per_pt: Scalar::new(pixels_per_point),
        render_bleed: false,
    };
    let map = typst_render::render(page, &options);
    let pixels = map
        .pixels()
        .iter()
        .flat_map(|p| {
            let c = p.demultiply();
            [c.red(), c.green(), c.blue(), c.alpha()]
        })
        .collect();
    Rgba {
        width: map.width(),
        height: map.height(),
        pixels,
    }
}

fn shanghai(time: Timestamp) -> Option<typst_pdf::Timestamp> {
    let local = time.local();
    let small = |n: u32| u8::try_from(n).ok();
    let datetime = Datetime::from_ymd_hms(
        local.year(),
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
    )?;
    typst_pdf::Timestamp::new_local(datetime, 480)
}
