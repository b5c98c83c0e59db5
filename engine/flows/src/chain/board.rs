//! The cells of a drawing: shapes in rows and columns, and the lines between them. Knows no XML and no pixel.

use std::collections::{BTreeMap, HashMap};

use super::Origin;
use super::model::Call;

#[derive(Default)]
pub(super) struct Board {
    pub shapes: Vec<Shape>,
    pub lines: Vec<Line>,
    cells: BTreeMap<(i32, i32), usize>,
    /// How many lines go from one shape to another.
    between: BTreeMap<(usize, usize), usize>,
}

pub(super) struct Shape {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub row: i32,
    pub column: i32,
    pub origin: Origin,
}

pub(super) enum Kind {
    Start,
    End,
    Gate,
    /// The task of a step, by its number.
    Task(usize),
    /// Where the applicant mends.
    Mend,
    Call(Call),
}

pub(super) struct Line {
    pub id: String,
    pub name: String,
    pub from: usize,
    pub to: usize,
    pub guard: Guard,
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Guard {
    None,
    When(String),
    Otherwise,
}

/// A line that leaves a shape and has not come to another yet.
#[derive(Clone)]
pub(super) struct Tail {
    pub from: usize,
    pub name: String,
    pub guard: Guard,
    /// Where the condition was written, if elsewhere than the shape.
    pub line: Option<u32>,
}

impl Board {
    pub fn place(&mut self, shape: Shape) -> usize {
        let number = self.shapes.len();
        self.cells.insert((shape.row, shape.column), number);
        self.shapes.push(shape);
        number
    }

    pub fn connect(&mut self, tail: Tail, to: usize) {
        let source = &self.shapes[tail.from];
        let mut origin = source.origin.clone();
        origin.line = tail.line.unwrap_or(origin.line);
        let mut id = format!("{}..{}", source.id, self.shapes[to].id);
        let number = self.between.entry((tail.from, to)).or_default();
        *number += 1;
        if *number > 1 {
            id.push_str(&format!("...{number}"));
        }
        self.lines.push(Line {
            id,
            name: tail.name,
            from: tail.from,
            to,
            guard: tail.guard,
            origin,
        });
    }

    pub fn is_row_clear(&self, row: i32, after: i32, before: i32) -> bool {
        after >= before
            || self
                .cells
                .range((row, after + 1)..(row, before))
                .next()
                .is_none()
    }

    pub fn is_taken(&self, row: i32, column: i32) -> bool {
        self.cells.contains_key(&(row, column))
    }

    /// The column behind all shapes.
    pub fn next_column(&self) -> i32 {
        let columns = self.shapes.iter().map(|shape| shape.column);
        columns.max().map_or(0, |last| last + 1)
    }

    /// The row below all shapes.
    pub fn next_row(&self) -> i32 {
        let rows = self.shapes.iter().map(|shape| shape.row);
        rows.max().map_or(0, |last| last + 1)
    }

    pub fn origins(&self) -> HashMap<String, Origin> {
        let shapes = self.shapes.iter().map(|s| (s.id.clone(), s.origin.clone()));
        let lines = self.lines.iter().map(|l| (l.id.clone(), l.origin.clone()));
        shapes.chain(lines).collect()
    }
}
