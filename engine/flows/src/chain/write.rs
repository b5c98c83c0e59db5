//! A planned chain as BPMN 2.0 text with its drawing. Knows how XML is written and nothing of what the words mean.

use std::fmt::Write as _;

use serde_json::Value;

use super::APPLICANT;
use super::board::{Board, Guard, Kind, Line, Shape};
use super::layout::{Bounds, Layout};
use super::model::{Chain, Step};
use crate::definition::{Decision, Opinion, Phase, Rule, Sure, Tone, Word};

const SPACES: &str = "xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" \
    xmlns:bpmndi=\"http://www.omg.org/spec/BPMN/20100524/DI\" xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\" \
    xmlns:di=\"http://www.omg.org/spec/DD/20100524/DI\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
    xmlns:tb=\"urn:tongban:flow:1\"";

pub(super) fn write(id: &str, chain: &Chain, board: &Board) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let title = escaped(&chain.title);
    let _ = writeln!(
        xml,
        "<bpmn:definitions {SPACES} id=\"definitions.{id}\" targetNamespace=\"urn:tongban:chain\">\n  \
         <bpmn:process id=\"{id}.process\" name=\"{title}\" isExecutable=\"true\">"
    );
    let (incoming, outgoing) = ways(board);
    for (number, shape) in board.shapes.iter().enumerate() {
        let ends = [
            ("incoming", &incoming[number]),
            ("outgoing", &outgoing[number]),
        ];
        let mut wired = String::new();
        for (word, lines) in ends {
            for line in lines {
                let _ = writeln!(wired, "      <bpmn:{word}>{}</bpmn:{word}>", line.id);
            }
        }
        element(&mut xml, chain, shape, &wired, otherwise(&outgoing[number]));
    }
    for line in &board.lines {
        flow(&mut xml, board, line);
    }
    xml.push_str("  </bpmn:process>\n");
    drawing(&mut xml, id, board);
    xml.push_str("</bpmn:definitions>\n");
    xml
}

type Lines<'b> = Vec<Vec<&'b Line>>;

fn ways(board: &Board) -> (Lines<'_>, Lines<'_>) {
    let none = || board.shapes.iter().map(|_| Vec::new()).collect();
    let (mut incoming, mut outgoing): (Lines<'_>, Lines<'_>) = (none(), none());
    for line in &board.lines {
        outgoing[line.from].push(line);
        incoming[line.to].push(line);
    }
    (incoming, outgoing)
}

fn otherwise(lines: &[&Line]) -> String {
    let default = lines.iter().find(|line| line.guard == Guard::Otherwise);
    default.map_or_else(String::new, |line| format!(" default=\"{}\"", line.id))
}

fn element(xml: &mut String, chain: &Chain, shape: &Shape, wired: &str, default: String) {
    let (word, more, inner) = match &shape.kind {
        Kind::Start => ("startEvent", String::new(), None),
        Kind::End => ("endEvent", String::new(), None),
        Kind::Gate => ("exclusiveGateway", default, None),
        Kind::Task(number) => {
            let step = &chain.steps[*number];
            let decisions = step.choices.iter().map(|choice| &choice.decision);
            let inner = (offered(decisions), joint(step));
            ("userTask", attributes(step), Some(inner))
        }
        Kind::Mend => {
            let phase = written(Phase::Mending);
            let more = format!(" tb:role=\"{APPLICANT}\" tb:phase=\"{phase}\"");
            let submit = Decision {
                name: "submit".to_owned(),
                label: "提交补正".to_owned(),
                opinion_required: false,
                asks: None,
                tone: Tone::Favourable,
                reasons: Vec::new(),
                batch: false,
                entries: Vec::new(),
            };
            let inner = (offered([&submit].into_iter()), String::new());
            ("userTask", more, Some(inner))
        }
        Kind::Call(call) => {
            let arguments = Value::Object(call.arguments.clone()).to_string();
            let (operation, arguments) = (escaped(&call.operation), escaped(&arguments));
            let more = format!(" tb:operation=\"{operation}\" tb:arguments=\"{arguments}\"");
            ("serviceTask", more, None)
        }
    };
    let (before, after) = inner.unwrap_or_default();
    let (id, name) = (&shape.id, escaped(&shape.name));
    let _ = writeln!(
        xml,
        "    <bpmn:{word} id=\"{id}\" name=\"{name}\"{more}>\n{before}{wired}{after}    </bpmn:{word}>"
    );
}

fn attributes(step: &Step) -> String {
    let role = step.roles.first().map_or("", String::as_str);
    let phase = written(step.phase);
    let mut text = format!(" tb:role=\"{role}\" tb:phase=\"{phase}\"");
    if let Some(limit) = step.limit {
        let _ = write!(text, " tb:limit=\"{limit}\"");
    }
    text
}

fn offered<'c>(decisions: impl Iterator<Item = &'c Decision>) -> String {
    let mut text = String::from("      <bpmn:extensionElements>\n");
    for decision in decisions {
        let opinion = written(match decision.opinion_required {
            true => Opinion::Required,
            false => Opinion::Optional,
        });
        let (name, label) = (&decision.name, escaped(&decision.label));
        let tone = written(decision.tone);
        let _ = write!(
            text,
            "        <tb:decision name=\"{name}\" label=\"{label}\" opinion=\"{opinion}\" tone=\"{tone}\""
        );
        if let Some(asks) = decision.asks {
            let _ = write!(text, " asks=\"{}\"", written(asks));
        }
        if decision.batch {
            let _ = write!(text, " batch=\"{}\"", written(Sure::Yes));
        }
        text.push_str("/>\n");
    }
    text.push_str("      </bpmn:extensionElements>\n");
    text
}

fn joint(step: &Step) -> String {
    let Some(join) = step.join else {
        return String::new();
    };
    let rule = match join.rule {
        Rule::All => "all".to_owned(),
        Rule::Any => "any".to_owned(),
        Rule::Count(count) => count.to_string(),
    };
    let places: Vec<_> = step
        .roles
        .iter()
        .map(|role| format!("'role:{role}'"))
        .collect();
    let places = places.join(", ");
    // What is so by default is left out, as drawing tools do.
    let sequential = match join.sequential {
        true => " isSequential=\"true\"",
        false => "",
    };
    format!(
        "      <bpmn:multiInstanceLoopCharacteristics{sequential} tb:rule=\"{rule}\" tb:signers=\"[{places}]\"/>\n"
    )
}

fn flow(xml: &mut String, board: &Board, line: &Line) {
    let (from, to) = (&board.shapes[line.from].id, &board.shapes[line.to].id);
    let (id, name) = (&line.id, escaped(&line.name));
    let name = match name.is_empty() {
        true => name,
        false => format!(" name=\"{name}\""),
    };
    let _ = write!(
        xml,
        "    <bpmn:sequenceFlow id=\"{id}\"{name} sourceRef=\"{from}\" targetRef=\"{to}\""
    );
    match &line.guard {
        Guard::None | Guard::Otherwise => xml.push_str("/>\n"),
        Guard::When(source) => {
            let source = escaped(source);
            let _ = writeln!(
                xml,
                ">\n      <bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\" language=\"cel\">{source}</bpmn:conditionExpression>\n    </bpmn:sequenceFlow>"
            );
        }
    }
}

fn drawing(xml: &mut String, id: &str, board: &Board) {
    let mut layout = Layout::of(board);
    let _ = writeln!(
        xml,
        "  <bpmndi:BPMNDiagram id=\"{id}.diagram\">\n    <bpmndi:BPMNPlane id=\"{id}.plane\" bpmnElement=\"{id}.process\">"
    );
    for shape in &board.shapes {
        let marker = match shape.kind {
            Kind::Gate => " isMarkerVisible=\"true\"",
            _ => "",
        };
        let id = &shape.id;
        let _ = writeln!(
            xml,
            "      <bpmndi:BPMNShape id=\"{id}.di\" bpmnElement=\"{id}\"{marker}>\n        {}",
            bounds(layout.bounds(shape))
        );
        if matches!(shape.kind, Kind::Gate) {
            label(xml, layout.words_at_gate(shape));
        }
        xml.push_str("      </bpmndi:BPMNShape>\n");
    }
    for line in &board.lines {
        let id = &line.id;
        let _ = writeln!(
            xml,
            "      <bpmndi:BPMNEdge id=\"{id}.di\" bpmnElement=\"{id}\">"
        );
        let way = layout.way(line);
        for (x, y) in &way {
            let _ = writeln!(xml, "        <di:waypoint x=\"{x}\" y=\"{y}\"/>");
        }
        if let ([first, second, ..], false) = (way.as_slice(), line.name.is_empty()) {
            label(xml, Layout::words_at_line(&line.name, *first, *second));
        }
        xml.push_str("      </bpmndi:BPMNEdge>\n");
    }
    xml.push_str("    </bpmndi:BPMNPlane>\n  </bpmndi:BPMNDiagram>\n");
}

fn label(xml: &mut String, place: Bounds) {
    let bounds = bounds(place);
    let _ = writeln!(xml, "        <bpmndi:BPMNLabel>{bounds}</bpmndi:BPMNLabel>");
}

fn bounds((x, y, width, height): Bounds) -> String {
    format!("<dc:Bounds x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>")
}

/// The word of a closed list, as attributes write it.
fn written<W: Word + PartialEq>(value: W) -> &'static str {
    let found = W::ALL.iter().find(|(_, listed)| *listed == value);
    found.map_or("", |(word, _)| word)
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
