//! Our own elements inside `extensionElements`; those of others are passed over.

use roxmltree::Node;

use super::reader::{elements, text};
use super::{BPMN, TONGBAN};
use crate::definition::Decision;

/// The choices of a user task, in the order drawn.
pub(super) fn decisions(task: Node<'_, '_>) -> Vec<Decision> {
    elements(task)
        .filter(|child| child.has_tag_name((BPMN, "extensionElements")))
        .flat_map(elements)
        .filter(|child| child.has_tag_name((TONGBAN, "decision")))
        .map(|child| Decision {
            name: text(child, "name"),
            label: text(child, "label"),
            opinion_required: child.attribute("opinion") == Some("required"),
        })
        .collect()
}
