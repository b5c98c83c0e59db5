//! From a chain to the cells of its drawing. The chain runs from left to right in one row; each step has columns of its own,
//! in which what goes back stands above the row and what leaves the chain below it, so that no two shapes meet.

use super::Origin;
use super::board::{Board, Guard, Kind, Shape, Tail};
use super::model::{Call, Chain, Step, To, Way};

const YES: &str = "是";
const NO: &str = "否";

pub(super) fn plan(chain: &Chain) -> Board {
    let mut plan = Plan {
        chain,
        board: Board::default(),
        open: Vec::new(),
        tasks: vec![0; chain.steps.len()],
        jumps: Vec::new(),
        ends: chain.ends.iter().map(|_| Vec::new()).collect(),
        ways_to: ways_to(chain),
    };
    plan.start();
    for number in 0..chain.steps.len() {
        plan.step(number);
    }
    plan.through();
    plan.late_ends();
    for (tail, step) in std::mem::take(&mut plan.jumps) {
        plan.board.connect(tail, plan.tasks[step]);
    }
    plan.board
}

/// How many ways lead to each end.
fn ways_to(chain: &Chain) -> Vec<usize> {
    let mut counts = vec![0; chain.ends.len()];
    for way in chain.steps.iter().flat_map(Step::ways) {
        let first = way.first();
        for end in &first.ends {
            counts[*end] += 1;
        }
        if let To::End(end) = first.to {
            counts[end] += 1;
        }
    }
    counts
}

struct Plan<'c> {
    chain: &'c Chain,
    board: Board,
    /// What goes on to the next place of the chain.
    open: Vec<Tail>,
    /// The task of each step.
    tasks: Vec<usize>,
    /// What goes to a step, drawn when all steps have their place.
    jumps: Vec<(Tail, usize)>,
    /// What comes to an end that several ways lead to.
    ends: Vec<Vec<Tail>>,
    ways_to: Vec<usize>,
}

fn tail(from: usize) -> Tail {
    Tail {
        from,
        name: String::new(),
        guard: Guard::None,
        line: None,
    }
}

impl Plan<'_> {
    fn start(&mut self) {
        let origin = Origin {
            line: self.chain.line,
            step: String::new(),
        };
        let start = self.put("chain.start", "开始", Kind::Start, (0, 0), &origin);
        let calls = &self.chain.first;
        let last = self.calls(tail(start), calls, ("chain.start", &origin), (0, 1));
        self.open.push(last);
    }

    fn put(
        &mut self,
        id: &str,
        name: &str,
        kind: Kind,
        (row, column): (i32, i32),
        origin: &Origin,
    ) -> usize {
        self.board.place(Shape {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
            row,
            column,
            origin: origin.clone(),
        })
    }

    /// Operations one after another, from this cell to the right; they carry the id of what they follow.
    fn calls(
        &mut self,
        before: Tail,
        calls: &[Call],
        (id, origin): (&str, &Origin),
        (row, column): (i32, i32),
    ) -> Tail {
        let mut last = before;
        for ((call, number), column) in calls.iter().zip(1..).zip(column..) {
            let origin = Origin {
                line: call.line,
                ..origin.clone()
            };
            let id = format!("{id}.{number}");
            let kind = Kind::Call(call.clone());
            let shape = self.put(&id, &call.text, kind, (row, column), &origin);
            self.board.connect(last, shape);
            last = tail(shape);
        }
        last
    }

    fn arrive(&mut self, shape: usize) {
        for tail in std::mem::take(&mut self.open) {
            self.board.connect(tail, shape);
        }
    }

    fn step(&mut self, number: usize) {
        let chain = self.chain;
        let step = &chain.steps[number];
        let origin = Origin {
            line: step.line,
            step: step.name.clone(),
        };
        let mut skipped = None;
        if let Some(when) = &step.when {
            let (id, name) = (format!("{}.when", step.id), format!("需要{}？", step.name));
            let cell = (0, self.board.next_column());
            let gate = self.put(&id, &name, Kind::Gate, cell, &origin);
            self.arrive(gate);
            self.open.push(Tail {
                name: YES.to_owned(),
                guard: Guard::When(when.source.clone()),
                line: Some(when.line),
                from: gate,
            });
            skipped = Some(otherwise(gate));
        }
        let cell = (0, self.board.next_column());
        let task = self.put(&step.id, &step.name, Kind::Task(number), cell, &origin);
        self.arrive(task);
        self.tasks[number] = task;
        self.open.extend(skipped);
        self.ways(number, task, &origin);
    }

    /// What follows the decisions of a step.
    fn ways(&mut self, number: usize, task: usize, origin: &Origin) {
        let chain = self.chain;
        let step = &chain.steps[number];
        let ways = step.ways();
        let mut from = task;
        if ways.len() > 1 {
            let (id, name) = (format!("{}.result", step.id), format!("{}结果", step.name));
            let cell = (0, self.board.next_column());
            from = self.put(&id, &name, Kind::Gate, cell, origin);
            self.board.connect(tail(task), from);
        }
        let column = self.board.next_column();
        let mut rows = Rows::of(&ways);
        let mut ends = Vec::new();
        for (ix, way) in ways.iter().enumerate() {
            let row = rows.of_way(ix, way);
            let leaving = match ways.len() {
                1 => tail(from),
                _ => Tail {
                    name: way.label(),
                    guard: Guard::When(way.condition()),
                    line: None,
                    from,
                },
            };
            let first = way.first();
            let id = format!("{}.{}", step.id, first.decision.name);
            let last = self.calls(leaving, &first.calls, (&id, origin), (row, column));
            ends.push((way, id, last, row));
        }
        for (way, id, last, row) in ends {
            self.leave(way, &id, last, (row, &mut rows), number);
        }
    }

    /// Conditional ends of a way, and where it leads otherwise.
    fn leave(
        &mut self,
        way: &Way<'_>,
        id: &str,
        last: Tail,
        (row, rows): (i32, &mut Rows),
        number: usize,
    ) {
        let chain = self.chain;
        let first = way.first();
        let origin = Origin {
            line: first.line,
            step: chain.steps[number].name.clone(),
        };
        let mut last = last;
        if !first.ends.is_empty() {
            let cell = (row, self.board.next_column());
            let gate = format!("{id}.ends");
            last = self.conditional(&first.ends, &gate, vec![last], cell, (&origin, rows));
        }
        let column = self.board.shapes[last.from].column;
        match first.to {
            To::Next => self.open.push(last),
            To::Step(step) => self.jumps.push((last, step)),
            To::Mend => {
                let id = format!("{id}.mend");
                let mend = self.put(&id, "补正", Kind::Mend, (row, column + 1), &origin);
                self.board.connect(last, mend);
                self.jumps.push((tail(mend), number));
            }
            To::End(end) if self.ways_to[end] == 1 => {
                self.end(end, vec![last], (row, column + 1));
            }
            To::End(end) => self.ends[end].push(last),
        }
    }

    /// A gateway that asks for one end after another; gives what goes on.
    fn conditional(
        &mut self,
        ends: &[usize],
        id: &str,
        before: Vec<Tail>,
        cell: (i32, i32),
        (origin, rows): (&Origin, &mut Rows),
    ) -> Tail {
        let gate = self.put(id, "到此结束？", Kind::Gate, cell, origin);
        for tail in before {
            self.board.connect(tail, gate);
        }
        for end in ends {
            let written = &self.chain.ends[*end];
            let when = written.when.as_ref();
            let yes = Tail {
                name: YES.to_owned(),
                guard: when.map_or(Guard::None, |when| Guard::When(when.source.clone())),
                line: when.map(|when| when.line),
                from: gate,
            };
            if written.on.is_none() || self.ways_to[*end] == 1 {
                let cell = (rows.below(), cell.1 + 1);
                self.end(*end, vec![yes], cell);
            } else {
                self.ends[*end].push(yes);
            }
        }
        otherwise(gate)
    }

    /// The operations of an end and the end itself, from this cell to the right.
    fn end(&mut self, number: usize, before: Vec<Tail>, (row, column): (i32, i32)) {
        let end = &self.chain.ends[number];
        let origin = Origin {
            line: end.line,
            step: String::new(),
        };
        let id = format!("chain.end.{}", number + 1);
        let first_of = self.board.shapes.len();
        let mut waiting = before.into_iter();
        let last = waiting.next();
        let last = last.map(|tail| self.calls(tail, &end.calls, (&id, &origin), (row, column)));
        let behind = column + i32::try_from(end.calls.len()).unwrap_or(0);
        let event = self.put(&id, &end.name, Kind::End, (row, behind), &origin);
        if let Some(last) = last {
            self.board.connect(last, event);
        }
        // The first shape of the end is where all ways to it meet.
        for tail in waiting {
            self.board.connect(tail, first_of);
        }
    }

    /// What came through all steps.
    fn through(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let (conditional, plain) = self.chain.through();
        let mut before = std::mem::take(&mut self.open);
        if !conditional.is_empty() {
            let origin = Origin {
                line: self.chain.line,
                step: String::new(),
            };
            let cell = (0, self.board.next_column());
            let mut rows = Rows {
                above: 0,
                below: 0,
                main: None,
            };
            let rest = self.conditional(
                &conditional,
                "chain.through",
                before,
                cell,
                (&origin, &mut rows),
            );
            before = vec![rest];
        }
        if let Some(end) = plain {
            let column = self.board.next_column();
            self.end(end, before, (0, column));
        }
    }

    /// Ends that several ways lead to stand below everything, behind the last of them.
    fn late_ends(&mut self) {
        for number in 0..self.ends.len() {
            let before = std::mem::take(&mut self.ends[number]);
            let columns = before
                .iter()
                .map(|tail| self.board.shapes[tail.from].column);
            if let Some(last) = columns.max() {
                let row = self.board.next_row();
                self.end(number, before, (row, last + 1));
            }
        }
    }
}

fn otherwise(gate: usize) -> Tail {
    Tail {
        name: NO.to_owned(),
        guard: Guard::Otherwise,
        line: None,
        from: gate,
    }
}

/// Rows of the columns of one step.
struct Rows {
    above: i32,
    below: i32,
    /// The way that keeps the row of the chain.
    main: Option<usize>,
}

impl Rows {
    fn of(ways: &[Way<'_>]) -> Self {
        let goes = |to: fn(To) -> bool| ways.iter().position(|way| to(way.first().to));
        let main = goes(|to| to == To::Next).or_else(|| goes(|to| matches!(to, To::End(_))));
        Self {
            above: 0,
            below: 0,
            main,
        }
    }

    fn of_way(&mut self, number: usize, way: &Way<'_>) -> i32 {
        match way.first().to {
            _ if self.main == Some(number) => 0,
            To::Mend | To::Step(_) => {
                self.above -= 1;
                self.above
            }
            To::Next | To::End(_) => self.below(),
        }
    }

    fn below(&mut self) -> i32 {
        self.below += 1;
        self.below
    }
}
