//! Where the shapes of a drawing lie and which way its lines run, in pixels. Shapes lie in the cells of a grid; a line runs
//! straight or by the gaps between rows and columns, so that it crosses no shape.

use std::collections::HashMap;

use super::board::{Board, Kind, Line, Shape};

const LEFT: i32 = 160;
const TOP: i32 = 140;
const PITCH: (i32, i32) = (170, 160);
/// From the middle of a shape to the edge of the largest one.
const HALF: (i32, i32) = (60, 40);

/// The height of a line of words, and about the width of one letter.
const LETTER: i32 = 14;

pub(super) struct Layout<'b> {
    board: &'b Board,
    highest: i32,
    /// How many lines run in the gap below a row, to the right of a column, and to an edge of a shape.
    rows: HashMap<i32, i32>,
    columns: HashMap<i32, i32>,
    arrivals: HashMap<usize, i32>,
}

pub(super) type Point = (i32, i32);

/// Left, top, width, height.
pub(super) type Bounds = (i32, i32, i32, i32);

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Above,
    Below,
}

fn width(words: &str) -> i32 {
    i32::try_from(words.chars().count()).unwrap_or(i32::MAX / LETTER) * LETTER
}

/// Half the width and half the height of a shape.
fn half(shape: &Shape) -> Point {
    match shape.kind {
        Kind::Start | Kind::End => (18, 18),
        Kind::Gate => (25, 25),
        Kind::Task(_) | Kind::Mend | Kind::Call(_) => HALF,
    }
}

impl<'b> Layout<'b> {
    pub fn of(board: &'b Board) -> Self {
        let rows = board.shapes.iter().map(|shape| shape.row);
        Self {
            board,
            highest: rows.min().unwrap_or(0),
            rows: HashMap::new(),
            columns: HashMap::new(),
            arrivals: HashMap::new(),
        }
    }

    pub fn bounds(&self, shape: &Shape) -> Bounds {
        let ((x, y), (wide, high)) = (self.middle(shape), half(shape));
        (x - wide, y - high, 2 * wide, 2 * high)
    }

    /// To the left of what goes up from a gateway, above the shape before it.
    pub fn words_at_gate(&self, shape: &Shape) -> Bounds {
        let ((x, y), width) = (self.middle(shape), width(&shape.name));
        (x - 6 - width, y - HALF.1 - LETTER, width, LETTER)
    }

    /// Beside the first part of a line.
    pub fn words_at_line(words: &str, first: Point, second: Point) -> Bounds {
        let width = width(words);
        match first.0 == second.0 {
            true => (
                first.0 + 6,
                (first.1 + second.1 - LETTER) / 2,
                width,
                LETTER,
            ),
            false => (first.0 + 8, first.1 - LETTER - 4, width, LETTER),
        }
    }

    fn middle(&self, shape: &Shape) -> Point {
        let row = shape.row - self.highest;
        (LEFT + shape.column * PITCH.0, TOP + row * PITCH.1)
    }

    pub fn way(&mut self, line: &Line) -> Vec<Point> {
        let board = self.board;
        let (from, to) = (&board.shapes[line.from], &board.shapes[line.to]);
        let forward = to.column > from.column;
        let ((fx, fy), (tx, ty)) = (self.middle(from), self.middle(to));
        let (wide, high) = half(from);
        let entry = tx - half(to).0;
        if forward && board.is_row_clear(to.row, from.column, to.column) {
            if from.row == to.row {
                return vec![(fx + wide, fy), (entry, ty)];
            }
            if self.turns(from, to) {
                let edge = if to.row > from.row {
                    fy + high
                } else {
                    fy - high
                };
                return vec![(fx, edge), (fx, ty), (entry, ty)];
            }
        }
        let side = match to.row.cmp(&from.row) {
            std::cmp::Ordering::Less => Side::Above,
            std::cmp::Ordering::Greater => Side::Below,
            std::cmp::Ordering::Equal if forward => Side::Below,
            std::cmp::Ordering::Equal => Side::Above,
        };
        self.by_gaps((from, to), side, line.to)
    }

    /// A gateway whose column is free down or up to the row of the target.
    fn turns(&self, from: &Shape, to: &Shape) -> bool {
        let between = from.row.min(to.row)..=from.row.max(to.row);
        let mut others = between.filter(|row| *row != from.row);
        matches!(from.kind, Kind::Gate) && others.all(|row| !self.board.is_taken(row, from.column))
    }

    /// Out of the shape into the gap beside it, along the gaps, and into the target from above or below.
    fn by_gaps(&mut self, (from, to): (&Shape, &Shape), side: Side, target: usize) -> Vec<Point> {
        let ((fx, fy), (_, ty)) = (self.middle(from), self.middle(to));
        let (wide, high) = half(from);
        let leaving = self.gap_of_row(from.row, side);
        // A line that comes from below enters from below.
        let (entering, into) = match (side, from.row == to.row) {
            (side, true) => (side, side),
            (Side::Above, false) => (Side::Below, Side::Below),
            (Side::Below, false) => (Side::Above, Side::Above),
        };
        let x = self.arrival(to, target);
        let edge = match into {
            Side::Above => ty - half(to).1,
            Side::Below => ty + half(to).1,
        };
        let adjacent = from.row == to.row || (from.row - to.row).abs() == 1;
        let upright = matches!(from.kind, Kind::Gate) || from.row == to.row;
        let out = match side {
            Side::Above => fy - high,
            Side::Below => fy + high,
        };
        if upright && adjacent {
            return vec![(fx, out), (fx, leaving), (x, leaving), (x, edge)];
        }
        let along = self.gap_of_column(from.column);
        let last = self.gap_of_row(to.row, entering);
        let mut points = match upright {
            true => vec![(fx, out), (fx, leaving), (along, leaving)],
            false => vec![(fx + wide, fy), (along, fy)],
        };
        points.extend([(along, last), (x, last), (x, edge)]);
        points
    }

    /// The height of the next line in the gap at this side of a row.
    fn gap_of_row(&mut self, row: i32, side: Side) -> i32 {
        let above = match side {
            Side::Above => row - 1,
            Side::Below => row,
        };
        let lane = next(&mut self.rows, above);
        let middle = TOP + (above - self.highest) * PITCH.1 + PITCH.1 / 2;
        middle + spread(lane, 9) * 8
    }

    fn gap_of_column(&mut self, column: i32) -> i32 {
        let lane = next(&mut self.columns, column);
        LEFT + column * PITCH.0 + PITCH.0 / 2 + spread(lane, 5) * 8
    }

    /// Lines that come to a task stand apart; a gateway has one corner.
    fn arrival(&mut self, to: &Shape, number: usize) -> i32 {
        let lane = next(&mut self.arrivals, number);
        let (x, _) = self.middle(to);
        match to.kind {
            Kind::Task(_) | Kind::Mend | Kind::Call(_) => x + spread(lane, 7) * 14,
            Kind::Start | Kind::End | Kind::Gate => x,
        }
    }
}

fn next<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, i32>, key: K) -> i32 {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count - 1
}

/// 0, 1, -1, 2, -2 … around the middle of so many lanes.
fn spread(lane: i32, lanes: i32) -> i32 {
    let lane = lane % lanes;
    match lane % 2 {
        0 => -lane / 2,
        _ => (lane + 1) / 2,
    }
}
