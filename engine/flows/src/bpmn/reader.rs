//! Walks the XML: picks the process, reads its scopes, nodes and flows. Leaves events and tasks to their files.

use std::collections::HashMap;

use roxmltree::{Document, Node};

use super::draft::{Draft, DraftFlow, DraftKind, DraftNode};
use super::{BPMN, of_file};
use crate::definition::Diagnostic;

/// Sub-processes in sub-processes: more than this is a mistake.
const MAX_NESTING: usize = 8;

/// Elements that only describe; the engine need not understand them.
const SILENT: [&str; 20] = [
    "documentation",
    "extensionElements",
    "laneSet",
    "ioSpecification",
    "property",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "textAnnotation",
    "association",
    "group",
    "category",
    "auditing",
    "monitoring",
    "incoming",
    "outgoing",
    "artifact",
    "resourceRole",
    "potentialOwner",
    "performer",
];

pub(super) struct Reader {
    pub messages: HashMap<String, String>,
    pub faults: Vec<Diagnostic>,
    pub draft: Draft,
}

pub(super) fn read(document: &Document<'_>) -> Result<Draft, Vec<Diagnostic>> {
    let root = document.root_element();
    if !root.has_tag_name((BPMN, "definitions")) {
        return Err(vec![of_file(1, "不是 BPMN 2.0 流程文件")]);
    }
    let process = pick_process(root).map_err(|fault| vec![fault])?;
    let mut reader = Reader {
        messages: read_messages(root),
        faults: Vec::new(),
        draft: Draft {
            id: text(process, "id"),
            name: text(process, "name"),
            line: line(process),
            nodes: Vec::new(),
            flows: Vec::new(),
            scopes: vec![None],
        },
    };
    reader.scope(process, 0, 0);
    reader.vocabulary(root);
    if reader.faults.is_empty() {
        Ok(reader.draft)
    } else {
        Err(reader.faults)
    }
}

/// One process with content, or the one marked executable among several.
fn pick_process<'a, 'i>(root: Node<'a, 'i>) -> Result<Node<'a, 'i>, Diagnostic> {
    let drawn =
        |node: &Node<'a, 'i>| elements(*node).any(|child| child.has_tag_name((BPMN, "startEvent")));
    let all: Vec<_> = elements(root)
        .filter(|node| node.has_tag_name((BPMN, "process")))
        .collect();
    let marked: Vec<_> = all
        .iter()
        .filter(|node| node.attribute("isExecutable") == Some("true") && drawn(node))
        .collect();
    let filled: Vec<_> = all.iter().filter(|node| drawn(node)).collect();
    match (marked.as_slice(), filled.as_slice(), all.as_slice()) {
        ([one], _, _) | ([], [one], _) => Ok(**one),
        ([], [], [only]) => Ok(*only),
        ([], [], _) => Err(of_file(1, "文件里没有含开始事件的流程")),
        _ => Err(of_file(
            1,
            "文件里有多个流程，请只把其中一个标为可执行（isExecutable）",
        )),
    }
}

fn read_messages(root: Node<'_, '_>) -> HashMap<String, String> {
    elements(root)
        .filter(|node| node.has_tag_name((BPMN, "message")))
        .map(|node| {
            let (id, name) = (text(node, "id"), text(node, "name"));
            let name = if name.is_empty() { id.clone() } else { name };
            (id, name)
        })
        .collect()
}

impl Reader {
    /// Told of the nearest element with an id; the line is that of `node` itself.
    pub fn fault(&mut self, node: Node<'_, '_>, message: impl Into<String>) {
        let named = node.ancestors().find(|n| n.has_attribute("id"));
        let named = named.unwrap_or(node);
        self.faults.push(Diagnostic {
            element: text(named, "id"),
            name: text(named, "name"),
            line: line(node),
            message: message.into(),
        });
    }

    fn scope(&mut self, parent: Node<'_, '_>, scope: usize, nesting: usize) {
        if nesting > MAX_NESTING {
            self.fault(parent, "子流程嵌套过深，最多 8 层");
            return;
        }
        for node in elements(parent) {
            if node.tag_name().namespace() != Some(BPMN) {
                continue;
            }
            match node.tag_name().name() {
                "sequenceFlow" => self.flow(node, scope),
                "subProcess" => self.sub_process(node, scope, nesting),
                "multiInstanceLoopCharacteristics" if nesting > 0 => {
                    self.fault(parent, "子流程暂不支持多实例");
                }
                "standardLoopCharacteristics" => {
                    self.fault(parent, "不支持循环标记，请用网关画出循环");
                }
                name if SILENT.contains(&name) => {}
                name => {
                    self.no_effect(node);
                    if let Some(kind) = self.kind(node, name) {
                        self.node(node, scope, kind);
                    }
                }
            }
        }
    }

    fn kind(&mut self, node: Node<'_, '_>, name: &str) -> Option<DraftKind> {
        match name {
            "exclusiveGateway" => Some(DraftKind::Exclusive),
            "parallelGateway" => Some(DraftKind::Parallel),
            "inclusiveGateway" => Some(DraftKind::Inclusive),
            "eventBasedGateway" => self.event_gateway(node),
            "userTask" => self.user_task(node),
            "serviceTask" | "sendTask" => self.service_task(node),
            "receiveTask" => self.receive_task(node),
            "startEvent" => self.start_event(node),
            "endEvent" => self.end_event(node),
            "intermediateCatchEvent" => self.catch_event(node),
            "intermediateThrowEvent" => self.throw_event(node),
            "boundaryEvent" => self.boundary_event(node),
            other => {
                let instead = instead(other);
                self.fault(node, format!("不支持的流程元素 {other}，{instead}"));
                None
            }
        }
    }

    /// What tools write at an element and nobody reads here would have no effect.
    pub(super) fn no_effect(&mut self, node: Node<'_, '_>) {
        for name in ["startQuantity", "completionQuantity"] {
            if node.attribute(name).is_some_and(|number| number != "1") {
                self.fault(node, format!("不支持 {name}，请删去"));
            }
        }
        if node.attribute("isForCompensation") == Some("true") {
            self.fault(
                node,
                "不支持补偿活动（isForCompensation），退回时由各操作自己撤销",
            );
        }
        let assigned = [
            "potentialOwner",
            "humanPerformer",
            "performer",
            "resourceRole",
        ];
        for child in elements(node) {
            let name = child.tag_name().name();
            if child.tag_name().namespace() == Some(BPMN) && assigned.contains(&name) {
                self.fault(node, format!("{name} 没有人读，由谁办理请写 tb:role"));
            }
        }
    }

    fn event_gateway(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        if node.attribute("instantiate") == Some("true")
            || node.attribute("eventGatewayType") == Some("Parallel")
        {
            self.fault(node, "事件网关只支持互斥等待，不能启动流程");
            return None;
        }
        Some(DraftKind::EventGateway)
    }

    fn node(&mut self, node: Node<'_, '_>, scope: usize, kind: DraftKind) -> usize {
        self.draft.nodes.push(DraftNode {
            id: text(node, "id"),
            name: text(node, "name"),
            line: line(node),
            scope,
            kind,
            default: node.attribute("default").map(str::to_owned),
        });
        self.draft.nodes.len() - 1
    }

    fn sub_process(&mut self, node: Node<'_, '_>, scope: usize, nesting: usize) {
        if node.attribute("triggeredByEvent") == Some("true") {
            self.fault(node, "不支持事件子流程");
            return;
        }
        let inner = self.draft.scopes.len();
        let number = self.node(node, scope, DraftKind::SubProcess(inner));
        self.draft.scopes.push(Some(number));
        self.scope(node, inner, nesting + 1);
    }

    fn flow(&mut self, node: Node<'_, '_>, scope: usize) {
        let condition = elements(node)
            .find(|child| child.has_tag_name((BPMN, "conditionExpression")))
            .map(|child| content(child))
            .filter(|source| !source.is_empty());
        self.draft.flows.push(DraftFlow {
            id: text(node, "id"),
            name: text(node, "name"),
            line: line(node),
            scope,
            source: text(node, "sourceRef"),
            target: text(node, "targetRef"),
            condition,
        });
    }
}

/// What to draw in place of an element that is not executed.
fn instead(element: &str) -> &'static str {
    match element {
        "task" => "任务没有指定类型，请改为用户任务或服务任务",
        "manualTask" => "请改为用户任务（tb:role）",
        "scriptTask" => "请改为服务任务（tb:operation）",
        "businessRuleTask" => "没有程序去查规则表，请改为排他网关，把条件写在连线上",
        "complexGateway" => "请改为包容网关",
        "callActivity" => "请把被调用的流程画成子流程",
        "transaction" | "adHocSubProcess" => "请改为普通子流程",
        _ => "请改用用户任务、服务任务、网关、定时事件或子流程",
    }
}

pub(super) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

pub(super) fn text(node: Node<'_, '_>, attribute: &str) -> String {
    let value = node.attribute(attribute).unwrap_or_default();
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text inside an element, CDATA included.
pub(super) fn content(node: Node<'_, '_>) -> String {
    let parts = node.children().filter_map(|child| child.text());
    parts.collect::<String>().trim().to_owned()
}

pub(super) fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}
