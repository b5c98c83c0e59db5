//! Where pages keep room for a seal: the box that their template labels `<seal>`, as large as the seal is to be. What stands
//! in the box is what the seal presses (the office and the day of a letter, GB/T 9704-2012, 7.3.5.1); other words must not
//! lie under it. What a template labels `<ground>` is its ground, such as a watermark, and no word.

use typst::foundations::Label;
use typst::layout::{Abs, Axes, Frame, FrameItem, Point, Transform};
use typst::text::TextItem;
use typst_layout::PagedDocument;

use crate::{DocumentError, StampPosition};

/// What a seal may measure, in millimetres.
const SIZES: std::ops::RangeInclusive<f64> = 10.0..=80.0;
/// Boxes of glyphs are larger than their ink.
const TOUCH_MM: f64 = 0.4;
/// As many characters of covered words are quoted.
const QUOTED: usize = 16;

/// Upper left and lower right corner.
type Corners = (Point, Point);

#[derive(Default)]
struct Found {
    places: Vec<(usize, Corners)>,
    words: Vec<(usize, Corners, String)>,
}

/// The place of the seal, if the template has one.
///
/// # Errors
/// With a sentence for the template's author when there are several, when one is not on its page or not of a seal's size,
/// and when other words lie under it.
pub(crate) fn find(document: &PagedDocument) -> Result<Option<StampPosition>, DocumentError> {
    let fault = |words: String| Err(DocumentError::new("template", words));
    let mut found = Found::default();
    for (number, page) in document.pages().iter().enumerate() {
        found.frame(number, &page.frame, Transform::identity(), false);
    }
    let &[(page, (from, to))] = found.places.as_slice() else {
        return match found.places.len() {
            0 => Ok(None),
            several => fault(format!(
                "印章的位置（<seal>）只能有一处，现在有 {several} 处"
            )),
        };
    };
    let size = to - from;
    if !SIZES.contains(&size.x.to_mm()) || !SIZES.contains(&size.y.to_mm()) {
        return fault("印章的位置（<seal>）宽和高应在 10 至 80 毫米之间".to_owned());
    }
    let paper = document.pages()[page].frame.size();
    if !is_on(paper, from) || !is_on(paper, to) {
        let words = format!("印章超出了第 {} 页的边", page + 1);
        return Err(DocumentError::does_not_fit(words));
    }
    let covered = found.covered(page, (from, to));
    if !covered.is_empty() {
        let quoted: String = covered.chars().take(QUOTED).collect();
        let words = format!("印章压住了第 {} 页的文字“{quoted}”", page + 1);
        return Err(DocumentError::does_not_fit(words));
    }
    Ok(Some(StampPosition {
        page,
        x_mm: from.x.to_mm(),
        y_mm: from.y.to_mm(),
        width_mm: size.x.to_mm(),
        height_mm: size.y.to_mm(),
    }))
}

impl Found {
    fn frame(&mut self, page: usize, frame: &Frame, to_page: Transform, is_pressed: bool) {
        for (at, item) in frame.items() {
            let here = to_page.pre_concat(Transform::translate(at.x, at.y));
            match item {
                FrameItem::Group(group) => {
                    let inside = here.pre_concat(group.transform);
                    let is_seal = has_name(group.label, "seal");
                    if is_seal {
                        let size = group.frame.size();
                        self.places
                            .push((page, corners(inside, Point::zero(), size)));
                    }
                    if !has_name(group.label, "ground") {
                        self.frame(page, &group.frame, inside, is_pressed || is_seal);
                    }
                }
                FrameItem::Text(text) if !is_pressed => self.word(page, text, here),
                FrameItem::Text(_)
                | FrameItem::Shape(..)
                | FrameItem::Image(..)
                | FrameItem::Link(..)
                | FrameItem::Tag(_) => {}
            }
        }
    }

    /// A run of text fills its line from somewhat under to somewhat over the height of its characters.
    fn word(&mut self, page: usize, text: &TextItem, here: Transform) {
        let size = Axes::new(text.width(), text.size);
        let top = Point::with_y(text.size * -0.88);
        let words = text.text.trim();
        if !words.is_empty() {
            let place = corners(here, top, size);
            self.words.push((page, place, words.to_owned()));
        }
    }

    fn covered(&self, page: usize, seal: Corners) -> String {
        let under = self.words.iter().filter(|(on, place, _)| {
            let touch = |from: Abs, to: Abs, a: Abs, b: Abs| (to.min(b) - from.max(a)).to_mm();
            *on == page
                && touch(place.0.x, place.1.x, seal.0.x, seal.1.x) > TOUCH_MM
                && touch(place.0.y, place.1.y, seal.0.y, seal.1.y) > TOUCH_MM
        });
        under.map(|(_, _, words)| words.as_str()).collect()
    }
}

fn has_name(label: Option<Label>, name: &str) -> bool {
    label.is_some_and(|label| label.resolve().as_str() == name)
}

fn is_on(paper: Axes<Abs>, point: Point) -> bool {
    let slack = Abs::mm(0.01);
    let within = |v: Abs, end: Abs| v >= -slack && v <= end + slack;
    within(point.x, paper.x) && within(point.y, paper.y)
}

/// Of a box that a map may turn, the corners of the upright box around it.
fn corners(map: Transform, at: Point, size: Axes<Abs>) -> Corners {
    let corner = |x: Abs, y: Abs| Point::new(at.x + x, at.y + y).transform(map);
    let (zero, Axes { x, y }) = (Abs::zero(), size);
    let all = [
        corner(zero, zero),
        corner(x, zero),
        corner(zero, y),
        corner(x, y),
    ];
    let first = all[0];
    all.into_iter()
        .fold((first, first), |(from, to), p| (from.min(p), to.max(p)))
}
