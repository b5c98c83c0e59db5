//! Affine maps and boxes in millimetres. Typst's points end here.

use typst::layout::{Point, Transform};
use typst::visualize::{Curve, CurveItem, Geometry};

use super::xml::number;

/// x' = a·x + c·y + e, y' = b·x + d·y + f, in the order of OFD's CTM.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) c: f64,
    pub(super) d: f64,
    pub(super) e: f64,
    pub(super) f: f64,
}

impl Matrix {
    pub(super) const IDENTITY: Self = Self {
        a: 1.0,
        b: 0.0,
        c: 0.0,
        d: 1.0,
        e: 0.0,
        f: 0.0,
    };

    pub(super) fn of(transform: Transform) -> Self {
        Self {
            a: transform.sx.get(),
            b: transform.ky.get(),
            c: transform.kx.get(),
            d: transform.sy.get(),
            e: transform.tx.to_mm(),
            f: transform.ty.to_mm(),
        }
    }

    /// First `inner`, then this.
    pub(super) fn after(self, inner: Self) -> Self {
        Self {
            a: self.a * inner.a + self.c * inner.b,
            b: self.b * inner.a + self.d * inner.b,
            c: self.a * inner.c + self.c * inner.d,
            d: self.b * inner.c + self.d * inner.d,
            e: self.a * inner.e + self.c * inner.f + self.e,
            f: self.b * inner.e + self.d * inner.f + self.f,
        }
    }

    pub(super) fn moved(self, point: Point) -> Self {
        self.after(Self {
            e: point.x.to_mm(),
            f: point.y.to_mm(),
            ..Self::IDENTITY
        })
    }

    pub(super) fn map(self, x: f64, y: f64) -> (f64, f64) {
        (
            self.a * x + self.c * y + self.e,
            self.b * x + self.d * y + self.f,
        )
    }

    pub(super) fn is_move(self) -> bool {
        let near = |v: f64, to: f64| (v - to).abs() < 1e-9;
        near(self.a, 1.0) && near(self.b, 0.0) && near(self.c, 0.0) && near(self.d, 1.0)
    }

    /// How much a line's width grows: the square root of the area's growth.
    pub(super) fn scale(self) -> f64 {
        (self.a * self.d - self.b * self.c).abs().sqrt()
    }
}

/// A box on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rectangle {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Rectangle {
    pub(super) fn around(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        points
            .into_iter()
            .fold(None, |found: Option<Self>, (x, y)| {
                Some(match found {
                    None => Self {
                        left: x,
                        top: y,
                        right: x,
                        bottom: y,
                    },
                    Some(r) => Self {
                        left: r.left.min(x),
                        top: r.top.min(y),
                        right: r.right.max(x),
                        bottom: r.bottom.max(y),
                    },
                })
            })
    }

    pub(super) fn mapped(self, matrix: Matrix) -> Self {
        let corners = [
            matrix.map(self.left, self.top),
            matrix.map(self.right, self.top),
            matrix.map(self.left, self.bottom),
            matrix.map(self.right, self.bottom),
        ];
        Self::around(corners).unwrap_or(self)
    }

    pub(super) fn grown(self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// The common part, or nothing when the two do not meet.
    pub(super) fn within(self, clip: Option<Self>) -> Option<Self> {
        let Some(clip) = clip else { return Some(self) };
        let common = Self {
            left: self.left.max(clip.left),
            top: self.top.max(clip.top),
            right: self.right.min(clip.right),
            bottom: self.bottom.min(clip.bottom),
        };
        (common.left <= common.right && common.top <= common.bottom).then_some(common)
    }

    /// As OFD's ST_Box: x, y, width, height.
    pub(super) fn words(self) -> String {
        format!(
            "{} {} {} {}",
            number(self.left),
            number(self.top),
            number(self.right - self.left),
            number(self.bottom - self.top)
        )
    }
}

/// A path in page coordinates.
pub(super) enum Step {
    Move((f64, f64)),
    Line((f64, f64)),
    Cubic((f64, f64), (f64, f64), (f64, f64)),
    Close,
}

pub(super) fn steps(geometry: &Geometry, matrix: Matrix) -> Vec<Step> {
    let at = |p: Point| matrix.map(p.x.to_mm(), p.y.to_mm());
    match geometry {
        Geometry::Line(end) => vec![Step::Move(at(Point::zero())), Step::Line(at(*end))],
        Geometry::Rect(size) => curve_steps(&Curve::rect(*size), &at),
        Geometry::Curve(curve) => curve_steps(curve, &at),
    }
}

fn curve_steps(curve: &Curve, at: &dyn Fn(Point) -> (f64, f64)) -> Vec<Step> {
    curve
        .0
        .iter()
        .map(|item| match item {
            CurveItem::Move(p) => Step::Move(at(*p)),
            CurveItem::Line(p) => Step::Line(at(*p)),
            CurveItem::Cubic(p, q, r) => Step::Cubic(at(*p), at(*q), at(*r)),
            CurveItem::Close => Step::Close,
        })
        .collect()
}

/// All points, control points too: a box around them holds the curve.
pub(super) fn bounds(steps: &[Step]) -> Option<Rectangle> {
    Rectangle::around(steps.iter().flat_map(|step| match step {
        Step::Move(p) | Step::Line(p) => vec![*p],
        Step::Cubic(p, q, r) => vec![*p, *q, *r],
        Step::Close => Vec::new(),
    }))
}

/// OFD's AbbreviatedData, relative to the corner of the object's boundary.
pub(super) fn abbreviated(steps: &[Step], corner: (f64, f64)) -> String {
    let point = |p: &(f64, f64)| format!("{} {}", number(p.0 - corner.0), number(p.1 - corner.1));
    let words: Vec<String> = steps
        .iter()
        .map(|step| match step {
            Step::Move(p) => format!("M {}", point(p)),
            Step::Line(p) => format!("L {}", point(p)),
            Step::Cubic(p, q, r) => format!("B {} {} {}", point(p), point(q), point(r)),
            Step::Close => "C".to_owned(),
        })
        .collect();
    words.join(" ")
}
