//! One run of shaped text as an OFD TextObject: real characters, positions, and glyph numbers only where the
//! character alone would lead to another glyph.

use typst::text::TextItem;

use super::content::Canvas;
use super::geometry::{Matrix, Rectangle};
use super::xml::{Xml, number, numbers};

/// A stretch of text on one base line whose characters stand one for one with glyphs, or one odd cluster.
struct Stretch {
    y: f64,
    text: String,
    xs: Vec<f64>,
    transforms: Vec<GlyphRun>,
    is_cluster: bool,
}

struct GlyphRun {
    position: usize,
    codes: usize,
    glyphs: Vec<u16>,
}

pub(super) fn draw(canvas: &mut Canvas, item: &TextItem, matrix: Matrix) {
    let font = canvas.font(&item.font);
    let stretches = stretches(canvas, font, item);
    if stretches.is_empty() {
        return;
    }
    let size = item.size.to_mm();
    let local = Rectangle {
        left: -size * 0.2,
        top: -size * 1.2,
        right: item.width().to_mm() + size * 0.2,
        bottom: size * 0.5,
    };
    let (boundary, origin, ctm) = if matrix.is_move() {
        (local.mapped(matrix), (matrix.e, matrix.f), None)
    } else {
        (canvas.page(), (0.0, 0.0), Some(matrix))
    };
    let Some(boundary) = boundary.within(canvas.clip()) else {
        return;
    };
    let shift = (origin.0 - boundary.left, origin.1 - boundary.top);
    write(
        canvas,
        item,
        font,
        &stretches,
        &Place {
            boundary,
            shift,
            ctm,
        },
    );
}

struct Place {
    boundary: Rectangle,
    /// Where the text's own origin lies, seen from the boundary's corner (without a map).
    shift: (f64, f64),
    ctm: Option<Matrix>,
}

fn write(canvas: &mut Canvas, item: &TextItem, font: usize, stretches: &[Stretch], place: &Place) {
    let id = canvas.next_id().to_string();
    let font_id = canvas.font_id(font).to_string();
    let boundary = place.boundary.words();
    let size = number(item.size.to_mm());
    let mut attributes = vec![
        ("ID", id.as_str()),
        ("Boundary", boundary.as_str()),
        ("Font", font_id.as_str()),
        ("Size", size.as_str()),
    ];
    let ctm = place.ctm.map(|m| {
        let corner = (place.boundary.left, place.boundary.top);
        let words = [m.a, m.b, m.c, m.d].map(|v| format!("{v:.6}")).join(" ");
        format!("{words} {}", numbers(&[m.e - corner.0, m.f - corner.1]))
    });
    if let Some(ctm) = &ctm {
        attributes.push(("CTM", ctm));
    }
    let shift = if ctm.is_some() {
        (0.0, 0.0)
    } else {
        place.shift
    };
    let colour = canvas.colour(&item.fill);
    let xml = canvas.xml();
    xml.open("TextObject", &attributes);
    if let Some(colour) = colour {
        colour.write(xml, "FillColor");
    }
    for stretch in stretches {
        stretch.write(xml, shift);
    }
    xml.close();
}

impl Stretch {
    fn new(y: f64, is_cluster: bool) -> Self {
        Self {
            y,
            text: String::new(),
            xs: Vec::new(),
            transforms: Vec::new(),
            is_cluster,
        }
    }

    fn write(&self, xml: &mut Xml, shift: (f64, f64)) {
        for run in &self.transforms {
            let attributes = [
                ("CodePosition", run.position.to_string()),
                ("CodeCount", run.codes.to_string()),
                ("GlyphCount", run.glyphs.len().to_string()),
            ];
            let attributes: Vec<(&str, &str)> =
                attributes.iter().map(|(k, v)| (*k, v.as_str())).collect();
            let glyphs: Vec<String> = run.glyphs.iter().map(u16::to_string).collect();
            xml.open("CGTransform", &attributes);
            xml.leaf("Glyphs", &[], &glyphs.join(" "));
            xml.close();
        }
        let x = number(self.xs.first().copied().unwrap_or(0.0) + shift.0);
        let y = number(self.y + shift.1);
        let delta = deltas(&self.xs);
        let mut attributes = vec![("X", x.as_str()), ("Y", y.as_str())];
        if !delta.is_empty() {
            attributes.push(("DeltaX", &delta));
        }
        xml.leaf("TextCode", &attributes, &self.text);
    }
}

fn stretches(canvas: &mut Canvas, font: usize, item: &TextItem) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut cursor = 0.0;
    let mut index = 0;
    while let Some(glyph) = item.glyphs.get(index) {
        let cluster = item.glyphs[index..]
            .iter()
            .take_while(|g| g.range == glyph.range)
            .count();
        let text = item.text.get(glyph.range()).unwrap_or_default();
        let x = cursor + glyph.x_offset.at(item.size).to_mm();
        let y = -glyph.y_offset.at(item.size).to_mm();
        let mut characters = text.chars();
        match (characters.next(), characters.next(), cluster) {
            (Some(c), None, 1) => {
                let (number, plain) = canvas.use_glyph(font, glyph.id, Some(c));
                push_one(&mut found, c, (x, y), (!plain).then_some(number));
            }
            (Some(_), _, _) => {
                let glyphs = item.glyphs[index..index + cluster]
                    .iter()
                    .map(|g| canvas.use_glyph(font, g.id, None).0)
                    .collect();
                found.push(cluster_of(text, (x, y), glyphs));
            }
            (None, _, _) => {}
        }
        for glyph in &item.glyphs[index..index + cluster] {
            cursor += glyph.x_advance.at(item.size).to_mm();
        }
        index += cluster;
    }
    found
}

fn push_one(found: &mut Vec<Stretch>, c: char, (x, y): (f64, f64), glyph: Option<u16>) {
    let joins = found
        .last()
        .is_some_and(|s| !s.is_cluster && (s.y - y).abs() < 0.0005);
    if !joins {
        found.push(Stretch::new(y, false));
    }
    if let Some(stretch) = found.last_mut() {
        if let Some(number) = glyph {
            stretch.transforms.push(GlyphRun {
                position: stretch.xs.len(),
                codes: 1,
                glyphs: vec![number],
            });
        }
        stretch.text.push(c);
        stretch.xs.push(x);
    }
}

/// A ligature or a base with marks: its own TextCode, so that no reader has to guess which distance is meant.
fn cluster_of(text: &str, (x, y): (f64, f64), glyphs: Vec<u16>) -> Stretch {
    let mut stretch = Stretch::new(y, true);
    stretch.text = text.to_owned();
    stretch.xs.push(x);
    stretch.transforms.push(GlyphRun {
        position: 0,
        codes: text.chars().count(),
        glyphs,
    });
    stretch
}

/// Distances between characters; three and more equal ones are written as `g count value`. They are taken
/// between rounded places, so that rounding does not add up along a line.
fn deltas(xs: &[f64]) -> String {
    let rounded: Vec<i64> = xs.iter().map(|x| (x * 1000.0).round() as i64).collect();
    let steps: Vec<i64> = rounded.windows(2).map(|w| w[1] - w[0]).collect();
    let mut words = Vec::new();
    for run in steps.chunk_by(|a, b| a == b) {
        let value = number(run.first().copied().unwrap_or(0) as f64 / 1000.0);
        if run.len() >= 3 {
            words.push(format!("g {} {value}", run.len()));
        } else {
            words.extend(run.iter().map(|_| value.clone()));
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::deltas;

    #[test]
    fn equal_distances_are_grouped() {
        assert_eq!(deltas(&[0.0, 1.5, 3.0, 4.5, 5.0]), "g 3 1.5 0.5");
        assert_eq!(deltas(&[0.0, 1.5, 3.0]), "1.5 1.5");
        assert_eq!(deltas(&[2.0]), "");
    }
}
