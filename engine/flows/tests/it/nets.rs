//! Random processes: built from blocks, and the same with jumps drawn across the blocks.

use proptest::prelude::*;

use crate::sketch::{Sketch, TIMER, joint, message_event};

#[derive(Clone, Debug)]
pub enum Block {
    Task,
    Service,
    Wait,
    Receive(u8),
    Joint {
        sequential: bool,
        rule: &'static str,
    },
    Seq(Vec<Block>),
    Choice(Vec<Block>),
    All(Vec<Block>),
    Some(Vec<Block>),
    /// All begin; all but the first may turn away before they meet at an inclusive join.
    Turning(Vec<Block>),
    Loop(Box<Block>),
    Race(Vec<Block>),
    Sub(Box<Block>, bool),
    Guarded {
        body: Box<Block>,
        interrupting: bool,
        timer: bool,
        aside: Box<Block>,
    },
}

pub fn block() -> impl Strategy<Value = Block> {
    let rules = prop::sample::select(vec!["all", "any", "2"]);
    let leaf = prop_oneof![
        6 => Just(Block::Task),
        2 => Just(Block::Service),
        1 => Just(Block::Wait),
        1 => (0..2u8).prop_map(Block::Receive),
        1 => (any::<bool>(), rules).prop_map(|(sequential, rule)| Block::Joint { sequential, rule }),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            3 => several.clone().prop_map(Block::Seq),
            1 => several.clone().prop_map(Block::Choice),
            2 => several.clone().prop_map(Block::All),
            2 => several.clone().prop_map(Block::Some),
            2 => several.clone().prop_map(Block::Turning),
            1 => several.prop_map(Block::Race),
            1 => inner.clone().prop_map(|b| Block::Loop(Box::new(b))),
            1 => (inner.clone(), any::<bool>()).prop_map(|(b, kill)| Block::Sub(Box::new(b), kill)),
            2 => (inner.clone(), any::<bool>(), any::<bool>(), inner).prop_map(
                |(body, interrupting, timer, aside)| Block::Guarded {
                    body: Box::new(body),
                    interrupting,
                    timer,
                    aside: Box::new(aside),
                }
            ),
        ]
    })
}

/// Conditions are `c0` … : each is a bit of the weather that a test chooses anew for each verb.
pub const WEATHER: usize = 6;

pub struct Drawing {
    pub sketch: Sketch,
    number: usize,
    conditions: usize,
    /// Plain tasks of the process itself, where jumps may start and end.
    pub tasks: Vec<String>,
    depth: usize,
}

impl Drawing {
    /// `jumps` are pairs of tasks: after the first, the way may lead before the second.
    pub fn of(block: &Block, jumps: &[(usize, usize)]) -> String {
        let mut drawing = Self {
            sketch: Sketch::new(),
            number: 0,
            conditions: 0,
            tasks: Vec::new(),
            depth: 0,
        };
        drawing.sketch.message("m0");
        drawing.sketch.message("m1");
        drawing.sketch.message("m2");
        drawing.sketch.nodes("startEvent", &["s"]);
        drawing.sketch.user("first", &[], "");
        let (from, to) = drawing.block(block);
        drawing.sketch.nodes("endEvent", &["e"]);
        drawing.sketch.path(&["s", "first", &from]);
        drawing.sketch.flow(&to, "e");
        drawing.jump(jumps);
        drawing.sketch.write()
    }

    fn id(&mut self, kind: &str) -> String {
        self.number += 1;
        format!("{kind}{}", self.number)
    }

    fn condition(&mut self) -> String {
        self.conditions += 1;
        format!("c{}", self.conditions % WEATHER)
    }

    fn node(&mut self, name: &str, kind: &str) -> String {
        let id = self.id(name);
        self.sketch.node(&id, kind, "");
        id
    }

    fn jump(&mut self, jumps: &[(usize, usize)]) {
        let count = self.tasks.len();
        let mut used = Vec::new();
        for (from, to) in jumps.iter().filter(|_| count > 0) {
            let (from, to) = (from % count, to % count);
            if used.contains(&from) {
                continue;
            }
            used.push(from);
            let (gate, target) = (format!("{}-out", self.tasks[from]), self.tasks[to].clone());
            let condition = self.condition();
            self.sketch.flow_if(&gate, &target, &condition);
        }
    }

    /// The nodes at which a block is entered and left.
    fn block(&mut self, block: &Block) -> (String, String) {
        match block {
            Block::Task => self.task(),
            Block::Service => {
                let id = self.id("service");
                let operation = ["reserve", "document", "send"][self.number % 3];
                self.sketch.service(&id, operation);
                (id.clone(), id)
            }
            Block::Wait => {
                let id = self.id("wait");
                self.sketch.node(&id, "intermediateCatchEvent", TIMER);
                (id.clone(), id)
            }
            // Boundary events have `m1` for themselves: they would catch it before what they guard.
            Block::Receive(name) => {
                let id = self.id("receive");
                let kind = format!("receiveTask messageRef='message-m{}'", name * 2);
                self.sketch.node(&id, &kind, "");
                (id.clone(), id)
            }
            Block::Joint { sequential, rule } => {
                let id = self.id("joint");
                self.sketch
                    .user(&id, &["yes", "no"], &joint(*sequential, rule, "signers"));
                (id.clone(), id)
            }
            Block::Seq(blocks) => {
                let parts: Vec<_> = blocks.iter().map(|b| self.block(b)).collect();
                for pair in parts.windows(2) {
                    self.sketch.flow(&pair[0].1, &pair[1].0);
                }
                (parts[0].0.clone(), parts[parts.len() - 1].1.clone())
            }
            Block::Choice(blocks) => self.split("exclusiveGateway", blocks),
            Block::Some(blocks) => self.split("inclusiveGateway", blocks),
            Block::All(blocks) => self.split("parallelGateway", blocks),
            Block::Turning(blocks) => self.turning(blocks),
            Block::Loop(body) => self.repeat(body),
            Block::Race(blocks) => self.race(blocks),
            Block::Sub(body, kill) => self.sub(body, *kill),
            Block::Guarded {
                body,
                interrupting,
                timer,
                aside,
            } => self.guarded(body, *interrupting, *timer, aside),
        }
    }

    /// A task, and behind it a gateway from which a jump may start.
    fn task(&mut self) -> (String, String) {
        let id = self.id("task");
        self.sketch.user(&id, &["yes", "no"], "");
        if self.depth > 0 {
            return (id.clone(), id);
        }
        let gate = format!("{id}-out");
        let next = self.node("next", "exclusiveGateway");
        self.sketch.flow(&id, &gate);
        let default = self.sketch.flow(&gate, &next);
        self.sketch
            .node(&gate, &format!("exclusiveGateway default='{default}'"), "");
        self.tasks.push(id.clone());
        (id, next)
    }

    fn split(&mut self, kind: &str, blocks: &[Block]) -> (String, String) {
        let (open, close) = (self.id("open"), self.id("close"));
        let mut default = String::new();
        for (index, block) in blocks.iter().enumerate() {
            let (from, to) = self.block(block);
            if index == 0 || kind == "parallelGateway" {
                default = self.sketch.flow(&open, &from);
            } else {
                let condition = self.condition();
                self.sketch.flow_if(&open, &from, &condition);
            }
            self.sketch.flow(&to, &close);
        }
        let opening = match kind {
            "parallelGateway" => kind.to_owned(),
            _ => format!("{kind} default='{default}'"),
        };
        self.sketch.node(&open, &opening, "");
        self.sketch.node(&close, kind, "");
        (open, close)
    }

    fn turning(&mut self, blocks: &[Block]) -> (String, String) {
        let open = self.node("open", "parallelGateway");
        let close = self.node("meet", "inclusiveGateway");
        for (index, block) in blocks.iter().enumerate() {
            let (from, to) = self.block(block);
            self.sketch.flow(&open, &from);
            if index == 0 {
                self.sketch.flow(&to, &close);
                continue;
            }
            let (gate, away) = (self.id("gate"), self.node("away", "endEvent"));
            self.sketch.flow(&to, &gate);
            let condition = self.condition();
            self.sketch.flow_if(&gate, &away, &condition);
            let default = self.sketch.flow(&gate, &close);
            let kind = format!("exclusiveGateway default='{default}'");
            self.sketch.node(&gate, &kind, "");
        }
        (open, close)
    }

    /// At least one task in the loop, so that it never spins.
    fn repeat(&mut self, body: &Block) -> (String, String) {
        let (from, to) = self.block(body);
        let (entry, turn) = (self.node("entry", "exclusiveGateway"), self.id("turn"));
        let (pause, _) = (self.id("pause"), ());
        self.sketch.user(&pause, &[], "");
        self.sketch.path(&[&entry, &from]);
        self.sketch.path(&[&to, &pause, &turn]);
        let condition = self.condition();
        self.sketch.flow_if(&turn, &entry, &condition);
        let done = self.node("done", "exclusiveGateway");
        let default = self.sketch.flow(&turn, &done);
        self.sketch
            .node(&turn, &format!("exclusiveGateway default='{default}'"), "");
        (entry, done)
    }

    fn race(&mut self, blocks: &[Block]) -> (String, String) {
        let open = self.node("race", "eventBasedGateway");
        let close = self.node("raced", "exclusiveGateway");
        for (index, block) in blocks.iter().enumerate() {
            let event = self.id("event");
            let content = if index == 0 {
                TIMER.to_owned()
            } else {
                message_event("m0")
            };
            self.sketch.node(&event, "intermediateCatchEvent", &content);
            let (from, to) = self.block(block);
            self.sketch.path(&[&open, &event, &from]);
            self.sketch.flow(&to, &close);
        }
        (open, close)
    }

    fn sub(&mut self, body: &Block, kill: bool) -> (String, String) {
        let id = self.id("sub");
        self.sketch.open_sub(&id);
        self.depth += 1;
        let (from, to) = self.block(body);
        let start = self.node("start", "startEvent");
        self.sketch.flow(&start, &from);
        let end = self.id("end");
        let content = if kill {
            "<terminateEventDefinition/>"
        } else {
            ""
        };
        self.sketch.node(&end, "endEvent", content);
        self.sketch.flow(&to, &end);
        self.depth -= 1;
        self.sketch.close_sub();
        (id.clone(), id)
    }

    fn guarded(
        &mut self,
        body: &Block,
        interrupting: bool,
        timer: bool,
        aside: &Block,
    ) -> (String, String) {
        let (host, _) = self.sub(body, false);
        let event = self.id("edge");
        let kind = format!("boundaryEvent attachedToRef='{host}' cancelActivity='{interrupting}'");
        let content = if timer {
            TIMER.to_owned()
        } else {
            message_event("m1")
        };
        self.sketch.node(&event, &kind, &content);
        let (from, to) = self.block(aside);
        self.sketch.flow(&event, &from);
        let close = self.node("guard", "exclusiveGateway");
        self.sketch.flow(&host, &close);
        if interrupting {
            self.sketch.flow(&to, &close);
        } else {
            let end = self.node("aside", "endEvent");
            self.sketch.flow(&to, &end);
        }
        (host, close)
    }
}
