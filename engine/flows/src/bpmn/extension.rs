//! Our own elements inside `extensionElements`; those of others are passed over.

use roxmltree::Node;

use super::reader::{Reader, content, elements, text};
use super::{BPMN, TONGBAN};
use crate::chain::is_code;
use crate::definition::{Asks, Decision, Entry, EntryKind, Opinion, Sure, Tone, Word};

impl Reader {
    /// The choices of a user task, in the order drawn.
    pub(super) fn decisions(&mut self, task: Node<'_, '_>) -> Vec<Decision> {
        let drawn: Vec<_> = elements(task)
            .filter(|child| child.has_tag_name((BPMN, "extensionElements")))
            .flat_map(elements)
            .filter(|child| child.has_tag_name((TONGBAN, "decision")))
            .collect();
        drawn
            .into_iter()
            .map(|child| {
                let own = |name| child.attribute(name).unwrap_or_default();
                let opinion = self.word::<Opinion>(child, own("opinion"), "办理意见（opinion）");
                let decision = Decision {
                    name: text(child, "name"),
                    label: text(child, "label"),
                    opinion_required: opinion == Some(Opinion::Required),
                    asks: self.word::<Asks>(child, own("asks"), "决定所附的内容（asks）"),
                    tone: self
                        .word::<Tone>(child, own("tone"), "决定的性质（tone）")
                        .unwrap_or_default(),
                    reasons: self.reasons(child),
                    batch: self
                        .word::<Sure>(child, own("batch"), "批量办理（batch）")
                        .is_some(),
                    entries: self.entries(child),
                };
                if let Some(words) = decision.fault() {
                    self.fault(child, words);
                }
                decision
            })
            .collect()
    }

    /// What can be chosen as a reason of a decision, each once.
    fn reasons(&mut self, decision: Node<'_, '_>) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for child in elements(decision).filter(|child| child.has_tag_name((TONGBAN, "reason"))) {
            let words = content(child).trim().to_owned();
            if words.is_empty() || all.contains(&words) {
                self.fault(child, "理由（tb:reason）不能是空的，也不能重复");
                continue;
            }
            all.push(words);
        }
        all
    }

    /// What is written down with a decision, each once.
    fn entries(&mut self, decision: Node<'_, '_>) -> Vec<Entry> {
        let mut all: Vec<Entry> = Vec::new();
        for child in elements(decision).filter(|child| child.has_tag_name((TONGBAN, "entry"))) {
            let own = |name| child.attribute(name).unwrap_or_default();
            let needed = self.word::<Sure>(child, own("required"), "是否必填（required）");
            let entry = Entry {
                name: text(child, "name"),
                label: text(child, "label"),
                kind: self
                    .word::<EntryKind>(child, own("kind"), "登记内容的种类（kind）")
                    .unwrap_or_default(),
                required: needed.is_some(),
            };
            let known = all.iter().any(|known| known.name == entry.name);
            if !is_code(&entry.name) || known {
                self.fault(
                    child,
                    "登记内容（tb:entry）的代码（name）只能用英文字母、数字、- 和 _，不能重复",
                );
            } else if entry.label.is_empty() {
                self.fault(child, "登记内容（tb:entry）要写名称（label）");
            } else {
                all.push(entry);
            }
        }
        all
    }

    /// A word of a closed list; nothing where nothing is written.
    pub(super) fn word<W: Word>(
        &mut self,
        node: Node<'_, '_>,
        written: &str,
        what: &str,
    ) -> Option<W> {
        if written.is_empty() {
            return None;
        }
        let found = W::read(written);
        if found.is_none() {
            let allowed = W::allowed();
            self.fault(
                node,
                format!("{what}不能写“{written}”，可用的有：{allowed}"),
            );
        }
        found
    }
}
