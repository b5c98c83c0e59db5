//! Everything written in our namespace must be something that is read: a misspelt attribute would have no effect.

use roxmltree::Node;

use super::TONGBAN;
use super::reader::Reader;

/// The attributes of ours that each element of BPMN may carry.
const ATTRIBUTES: [(&str, &[&str]); 9] = [
    ("userTask", &["role", "stage", "phase", "limit"]),
    ("multiInstanceLoopCharacteristics", &["signers", "rule"]),
    ("serviceTask", &["operation", "arguments"]),
    ("sendTask", &["operation", "arguments"]),
    ("timerEventDefinition", &["workdays"]),
    ("messageEventDefinition", &["key"]),
    ("receiveTask", &["key"]),
    ("intermediateCatchEvent", &["key"]),
    ("boundaryEvent", &["key"]),
];

/// Our elements with their attributes, and the element that they belong to, so many levels up.
const ELEMENTS: [(&str, &[&str], (&str, usize)); 3] = [
    (
        "decision",
        &["name", "label", "opinion", "asks", "tone", "batch"],
        ("userTask", 2),
    ),
    ("reason", &[], ("decision", 1)),
    (
        "entry",
        &["name", "label", "kind", "required"],
        ("decision", 1),
    ),
];

impl Reader {
    /// Tells of each attribute and element of ours that nobody reads.
    pub(super) fn vocabulary(&mut self, root: Node<'_, '_>) {
        for node in root.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            if node.tag_name().namespace() == Some(TONGBAN) {
                self.element(node, name);
                continue;
            }
            let known = ATTRIBUTES.iter().find(|(element, _)| *element == name);
            let known = known.map_or(&[][..], |(_, attributes)| attributes);
            let written = node.attributes();
            for attribute in written.filter(|a| a.namespace() == Some(TONGBAN)) {
                self.attribute(node, "tb:", attribute.name(), known);
            }
        }
    }

    fn element(&mut self, node: Node<'_, '_>, name: &str) {
        let Some((_, known, (home, levels))) =
            ELEMENTS.iter().find(|(element, ..)| *element == name)
        else {
            let all: Vec<String> = ELEMENTS.iter().map(|(e, ..)| format!("tb:{e}")).collect();
            let message = format!("不认识元素 tb:{name}，可用的有：{}", all.join("、"));
            self.fault(node, message);
            return;
        };
        let owner = node.ancestors().nth(*levels);
        if owner.is_none_or(|owner| owner.tag_name().name() != *home) {
            let place = match levels {
                1 => format!("tb:{home}"),
                _ => format!("{home} 的 extensionElements"),
            };
            self.fault(node, format!("tb:{name} 只能写在 {place} 里"));
        }
        for attribute in node.attributes() {
            self.attribute(node, "", attribute.name(), known);
        }
    }

    fn attribute(&mut self, node: Node<'_, '_>, prefix: &str, name: &str, known: &[&str]) {
        if known.contains(&name) {
            return;
        }
        let allowed: Vec<String> = known.iter().map(|k| format!("{prefix}{k}")).collect();
        let allowed = match allowed.as_slice() {
            [] => "这个元素没有可用的 tb: 属性".to_owned(),
            _ => format!("可用的有：{}", allowed.join("、")),
        };
        self.fault(node, format!("不认识属性 {prefix}{name}，{allowed}"));
    }
}
