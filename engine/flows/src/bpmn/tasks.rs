//! User tasks, joint signs and service tasks with the attributes that the flow needs.

use roxmltree::Node;

use super::draft::{DraftKind, DraftMulti, DraftSigners, DraftUser};
use super::events::loop_marker;
use super::reader::{Reader, content, elements};
use super::{BPMN, TONGBAN};
use crate::definition::{Joint, Phase, Rule};

impl Reader {
    pub(super) fn user_task(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        let own = |name| node.attribute((TONGBAN, name)).unwrap_or_default().trim();
        let role = own("role").to_owned();
        if role.is_empty() {
            self.fault(node, "用户任务没有指定办理角色（tb:role）");
        }
        let limit = match own("limit") {
            "" => None,
            text => {
                let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
                if days.is_none() {
                    self.fault(node, "办理时限（tb:limit）须为 1 到 3650 个工作日");
                }
                days
            }
        };
        let phase = self.word::<Phase>(node, own("phase"), "阶段（tb:phase）");
        let decisions = self.decisions(node);
        for (index, decision) in decisions.iter().enumerate() {
            if decision.name.is_empty() || decision.label.is_empty() {
                self.fault(node, "办理决定（tb:decision）须有 name 和 label");
            } else if decisions[..index].iter().any(|d| d.name == decision.name) {
                self.fault(node, format!("办理决定 {} 重复", decision.name));
            }
        }
        let multi = self.multi(node);
        Some(DraftKind::User(DraftUser {
            role,
            stage: own("stage").to_owned(),
            phase,
            limit,
            decisions,
            multi,
        }))
    }

    fn multi(&mut self, task: Node<'_, '_>) -> Option<DraftMulti> {
        let mark = loop_marker(task)?;
        if !mark.has_tag_name((BPMN, "multiInstanceLoopCharacteristics")) {
            self.fault(task, "不支持循环标记，请用网关画出循环");
            return None;
        }
        let rule = match mark.attribute((TONGBAN, "rule")).unwrap_or("all") {
            "all" => Some(Rule::All),
            "any" => Some(Rule::Any),
            number => number.parse().ok().filter(|n| *n > 0).map(Rule::Count),
        };
        let cardinality = elements(mark)
            .find(|child| child.has_tag_name((BPMN, "loopCardinality")))
            .map(content);
        let known = [
            "loopCardinality",
            "completionCondition",
            "documentation",
            "extensionElements",
        ];
        for child in elements(mark).filter(|child| !known.contains(&child.tag_name().name())) {
            let name = child.tag_name().name();
            self.fault(
                task,
                format!("会签里的 {name} 没有人读，请用 tb:signers 或 loopCardinality"),
            );
        }
        if mark.has_attribute((TONGBAN, "signers")) && cardinality.is_some() {
            self.fault(
                task,
                "会签人（tb:signers）和人数（loopCardinality）只能写一种",
            );
        }
        let signers = match (mark.attribute((TONGBAN, "signers")), cardinality) {
            (Some(list), _) => Some(DraftSigners::List(list.to_owned())),
            (None, Some(count)) => Some(DraftSigners::Count(count)),
            (None, None) => None,
        };
        if elements(mark).any(|child| child.has_tag_name((BPMN, "completionCondition"))) {
            self.fault(
                task,
                "会签的完成规则请用 tb:rule（all、any 或人数），不支持 completionCondition",
            );
        }
        let (Some(rule), Some(signers)) = (rule, signers) else {
            self.fault(
                task,
                "会签须指定会签人（tb:signers）或人数（loopCardinality），规则 tb:rule 须为 all、any 或人数",
            );
            return None;
        };
        let sequential = mark.attribute("isSequential") == Some("true");
        Some(DraftMulti {
            joint: Joint { sequential, rule },
            signers,
        })
    }

    pub(super) fn service_task(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        if loop_marker(node).is_some() {
            self.fault(node, "服务任务不支持多实例");
        }
        let operation = node
            .attribute((TONGBAN, "operation"))
            .unwrap_or_default()
            .trim();
        if operation.is_empty() {
            self.fault(node, "服务任务没有指定操作（tb:operation）");
            return None;
        }
        let arguments = node.attribute((TONGBAN, "arguments")).map(str::to_owned);
        Some(DraftKind::Service {
            operation: operation.to_owned(),
            arguments,
        })
    }
}
