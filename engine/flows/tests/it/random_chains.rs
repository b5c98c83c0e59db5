//! Random chains: each is drawn without a fault, every decision leads somewhere, whoever always says yes comes to an end,
//! and in the drawing no shape lies on another and no line crosses a shape.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use roxmltree::{Document, Node};
use serde_json::Value;
use tongban_flows::{Completion, Decision, Definition, Kind, Node as FlowNode, Status, Verb};

use crate::chains::{Office, draw};
use crate::properties::weather;
use crate::world::{Words, World};

#[derive(Clone, Debug)]
struct Step {
    places: u8,
    join: usize,
    conditional: bool,
    limit: bool,
    calls: u8,
    /// What the decisions after the first one do.
    others: Vec<u8>,
    /// The first decision may end here, under a condition.
    ends: u8,
}

#[derive(Clone, Debug)]
struct Sketch {
    first: u8,
    steps: Vec<Step>,
    /// Ends of what came through, each under a condition.
    through: u8,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let step = (
        (1..4u8, 0..3usize, any::<bool>(), any::<bool>()),
        (0..3u8, prop::collection::vec(any::<u8>(), 0..5), 0..6u8),
    );
    let step = step.prop_map(
        |((places, join, conditional, limit), (calls, others, ends))| Step {
            places,
            join,
            conditional,
            limit,
            calls,
            others,
            ends: ends.saturating_sub(3),
        },
    );
    (0..3u8, prop::collection::vec(step, 1..7), 0..3u8).prop_map(|(first, steps, through)| Sketch {
        first,
        steps,
        through,
    })
}

fn calls(count: u8) -> String {
    let calls = (0..count).map(|n| format!("\"document(letter-{n})\""));
    format!("[{}]", calls.collect::<Vec<_>>().join(", "))
}

impl Sketch {
    fn write(&self) -> String {
        let mut text = format!("title = \"随机\"\ndo = {}\n", calls(self.first));
        let mut ends = String::new();
        let count = self.steps.len();
        for (ix, step) in self.steps.iter().enumerate() {
            let roles = ["\"a\"", "\"b\"", "\"c\""][..usize::from(step.places)].join(", ");
            let _ = write!(text, "[[step]]\nname = \"第{ix}步\"\nwho = [{roles}]\n");
            if step.places > 1 {
                let join = ["all", "any", "order"][step.join];
                let _ = writeln!(text, "join = \"{join}\"");
            }
            if step.conditional {
                let _ = writeln!(text, "when = \"c{}\"", ix % 3);
            }
            if step.limit {
                text.push_str("limit = 3\n");
            }
            let mut decisions = vec![format!("\"yes{ix} 同意\"")];
            let mut after = format!("do.yes{ix} = {}\n", calls(step.calls));
            for (number, other) in step.others.iter().enumerate() {
                let name = format!("d{ix}-{number}");
                decisions.push(match other % 5 {
                    0 => format!("\"{name} 补正 asks=correction\""),
                    1 => format!(
                        "\"{name} 去别处 to=第{}步\"",
                        usize::from(other / 5) % count
                    ),
                    2 => format!("\"{name} 也往下 to=next\""),
                    3 => {
                        let _ = write!(
                            ends,
                            "[[end]]\non = \"{name}\"\ndo = {}\n",
                            calls(step.calls)
                        );
                        format!("\"{name} 结束 tone=harmful\"")
                    }
                    _ => continue,
                });
                let _ = writeln!(after, "do.{name} = {}", calls(other / 5 % 3));
            }
            if step.others.iter().any(|other| other % 5 == 4) {
                decisions.push("\"refuse 不同意 reason=required\"".to_owned());
            }
            for end in 0..step.ends {
                let _ = write!(
                    ends,
                    "[[end]]\non = \"yes{ix}\"\nwhen = \"c{end}\"\ndo = {}\n",
                    calls(end)
                );
            }
            let _ = write!(text, "decisions = [{}]\n{after}", decisions.join(", "));
        }
        if text.contains("refuse") {
            ends.push_str("[[end]]\non = \"refuse\"\ndo = [\"settle\"]\n");
        }
        for end in 0..self.through {
            let _ = write!(ends, "[[end]]\nwhen = \"c{end}\"\ndo = {}\n", calls(end));
        }
        text + &ends
    }
}

type Bounds = (i32, i32, i32, i32);

fn number(node: Node<'_, '_>, name: &str) -> i32 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn bounds(shape: Node<'_, '_>) -> Bounds {
    let found = shape
        .children()
        .find(|child| child.tag_name().name() == "Bounds");
    let of = |name| number(found.unwrap(), name);
    (
        of("x"),
        of("y"),
        of("x") + of("width"),
        of("y") + of("height"),
    )
}

/// Whether the inner parts have a point in common.
fn meet(one: Bounds, other: Bounds) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

fn is_on_edge((x, y): (i32, i32), of: Bounds) -> bool {
    let (across, along) = (of.0 <= x && x <= of.2, of.1 <= y && y <= of.3);
    across && along && (x == of.0 || x == of.2 || y == of.1 || y == of.3)
}

fn check_layout(xml: &str) {
    let document = Document::parse(xml).unwrap();
    let named = |name: &'static str| {
        document
            .descendants()
            .filter(move |node| node.tag_name().name() == name)
    };
    let element = |node: Node<'_, '_>| node.attribute("bpmnElement").unwrap().to_owned();
    let shapes: BTreeMap<String, Bounds> = named("BPMNShape")
        .map(|shape| (element(shape), bounds(shape)))
        .collect();
    let all: Vec<Bounds> = shapes.values().copied().collect();
    for (ix, one) in all.iter().enumerate() {
        assert!(one.0 > 0 && one.1 > 0, "{one:?}");
        assert!(
            all[ix + 1..].iter().all(|other| !meet(*one, *other)),
            "{one:?}\n{xml}"
        );
    }
    for flow in named("sequenceFlow") {
        let id = flow.attribute("id").unwrap();
        let edge = named("BPMNEdge").find(|edge| element(*edge) == id).unwrap();
        let points: Vec<_> = edge
            .children()
            .filter(|child| child.tag_name().name() == "waypoint")
            .map(|point| (number(point, "x"), number(point, "y")))
            .collect();
        let end = |name| shapes[flow.attribute(name).unwrap()];
        assert!(is_on_edge(points[0], end("sourceRef")), "{id} {points:?}");
        assert!(
            is_on_edge(*points.last().unwrap(), end("targetRef")),
            "{id} {points:?}"
        );
        for pair in points.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            assert!(ax == bx || ay == by, "{id} {points:?}");
            // A line has no breadth; as a strip it would meet a shape that it runs through.
            let strip = (ax.min(bx), ay.min(by), ax.max(bx), ay.max(by));
            let crosses = |shape: &&Bounds| match ax == bx {
                true => shape.0 < ax && ax < shape.2 && strip.1 < shape.3 && shape.1 < strip.3,
                false => shape.1 < ay && ay < shape.3 && strip.0 < shape.2 && shape.0 < strip.2,
            };
            assert_eq!(all.iter().find(crosses), None, "{id} {points:?}\n{xml}");
        }
    }
    let drawn = named("sequenceFlow").count() + shapes.len();
    let elements = named("process")
        .next()
        .unwrap()
        .children()
        .filter(Node::is_element);
    assert_eq!(elements.count(), drawn);
}

/// Whether each decision of a task finds a way out of it.
fn leads_on(definition: &Definition, node: &FlowNode) -> bool {
    let Kind::User(task) = &node.kind else {
        return true;
    };
    let next = definition.node(definition.flow(node.outgoing[0]).target);
    let choosing = next.id == format!("{}.result", node.id);
    let takes = |decision: &Decision| {
        let mut ways = next.outgoing.iter().map(|way| definition.flow(*way));
        ways.any(|way| {
            let condition = way.condition.as_ref().unwrap();
            condition.holds(&Value::Null, &decision.name).unwrap()
        })
    };
    !task.decisions.is_empty() && (!choosing || task.decisions.iter().all(takes))
}

fn is_open(world: &World) -> bool {
    !world.open_tasks().is_empty()
}

fn complete(world: &mut World, decision: Option<usize>) {
    let (_, task) = world.open_tasks()[0].clone();
    let node = world
        .state
        .token(task)
        .unwrap()
        .place
        .task(&world.definition)
        .unwrap();
    let decisions = &world.definition.user_task(node).unwrap().decisions;
    let decision = decisions[decision.unwrap_or(0) % decisions.len()]
        .name
        .clone();
    let verb = Verb::Complete(Completion {
        task,
        decision,
        opinion: "意见".to_owned(),
        data: Value::Null,
    });
    world.act(&verb).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_random_chain_is_drawn_without_a_fault_and_comes_to_its_end(
        sketch in sketch(), sky in any::<u8>(), picks in prop::collection::vec(0..6usize, 0..12),
    ) {
        let text = sketch.write();
        let drawing = draw(&text).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
        check_layout(&drawing.xml);
        let definition = drawing.compile(&Words, &Office);
        let definition = definition.unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
        let start = definition.find("chain.start").unwrap();
        for (ix, node) in definition.nodes() {
            prop_assert!(ix == start || definition.leads(start, ix), "{}\n{text}", node.id);
            prop_assert!(node.line > 0 && node.step.is_some());
            prop_assert!(leads_on(&definition, node), "{}\n{text}", node.id);
        }
        let mut world = World::new(definition, weather(sky));
        world.act(&Verb::Start).unwrap();
        for pick in picks {
            if is_open(&world) {
                complete(&mut world, Some(pick));
            }
        }
        // Whoever agrees goes on: each task is left behind at most once.
        for _ in 0..60 {
            if is_open(&world) {
                complete(&mut world, None);
            }
        }
        prop_assert_eq!(world.state.status, Status::Completed, "{}", text);
    }
}
