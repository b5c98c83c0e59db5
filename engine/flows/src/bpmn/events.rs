//! Start, end, intermediate and boundary events. Everything but none, terminate, timer and message is refused.

use roxmltree::Node;

use super::draft::{DraftKind, DraftTrigger};
use super::reader::{Reader, content, elements, text};
use super::{BPMN, TONGBAN};
use crate::definition::TimerSpec;

impl Reader {
    pub(super) fn start_event(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        if self.definitions(node).is_empty() {
            return Some(DraftKind::Start);
        }
        self.fault(node, "开始事件不能带触发器，流程由申请启动");
        None
    }

    pub(super) fn end_event(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        match self.definitions(node).as_slice() {
            [] => Some(DraftKind::End { terminate: false }),
            [one] if one.has_tag_name((BPMN, "terminateEventDefinition")) => {
                Some(DraftKind::End { terminate: true })
            }
            [other, ..] => {
                let kind = other.tag_name().name().to_owned();
                self.fault(node, format!("结束事件只支持普通和终止两种，不支持 {kind}"));
                None
            }
        }
    }

    pub(super) fn throw_event(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        if self.definitions(node).is_empty() {
            return Some(DraftKind::Pass);
        }
        self.fault(node, "不支持抛出事件，请改用服务任务");
        None
    }

    pub(super) fn catch_event(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        self.trigger(node).map(DraftKind::Catch)
    }

    pub(super) fn receive_task(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        if loop_marker(node).is_some() {
            self.fault(node, "接收任务不支持多实例");
            return None;
        }
        let name = self.message_name(node, node)?;
        Some(DraftKind::Catch(DraftTrigger::Message {
            name,
            key: correlation(node),
        }))
    }

    pub(super) fn boundary_event(&mut self, node: Node<'_, '_>) -> Option<DraftKind> {
        let trigger = self.trigger(node)?;
        Some(DraftKind::Boundary {
            host: text(node, "attachedToRef"),
            interrupting: node.attribute("cancelActivity") != Some("false"),
            trigger,
        })
    }

    fn definitions<'a, 'i>(&mut self, node: Node<'a, 'i>) -> Vec<Node<'a, 'i>> {
        let is_definition = |child: &Node<'_, '_>| {
            let name = child.tag_name().name();
            name.ends_with("EventDefinition") || name == "eventDefinitionRef"
        };
        elements(node).filter(is_definition).collect()
    }

    fn trigger(&mut self, node: Node<'_, '_>) -> Option<DraftTrigger> {
        match self.definitions(node).as_slice() {
            [one] if one.has_tag_name((BPMN, "timerEventDefinition")) => self.timer(node, *one),
            [one] if one.has_tag_name((BPMN, "messageEventDefinition")) => {
                let name = self.message_name(node, *one)?;
                Some(DraftTrigger::Message {
                    name,
                    key: correlation(node).or_else(|| correlation(*one)),
                })
            }
            [one] => {
                let kind = one.tag_name().name().to_owned();
                self.fault(
                    node,
                    format!("不支持 {kind}，等时间的请改为定时事件，等人办的请改为用户任务"),
                );
                None
            }
            _ => {
                self.fault(node, "事件须有一个定时或消息定义");
                None
            }
        }
    }

    fn timer(&mut self, node: Node<'_, '_>, definition: Node<'_, '_>) -> Option<DraftTrigger> {
        if let Some(days) = definition.attribute((TONGBAN, "workdays")) {
            if let Some(days) = days
                .trim()
                .parse()
                .ok()
                .filter(|days| (1..=3650).contains(days))
            {
                return Some(DraftTrigger::Timer(TimerSpec::Workdays(days)));
            }
            self.fault(node, "tb:workdays 须为 1 到 3650 的整数");
            return None;
        }
        let spec = elements(definition).find_map(|child| match child.tag_name().name() {
            "timeDuration" => TimerSpec::duration(&content(child)),
            "timeDate" => TimerSpec::moment(&content(child)),
            _ => None,
        });
        if spec.is_none() {
            self.fault(
                node,
                "定时事件须写 timeDuration（如 P3D）、timeDate（如 2026-12-31T17:00:00+08:00）或 tb:workdays，不支持循环定时和表达式",
            );
        }
        spec.map(DraftTrigger::Timer)
    }

    fn message_name(&mut self, event: Node<'_, '_>, holder: Node<'_, '_>) -> Option<String> {
        let reference = text(holder, "messageRef");
        let local = reference.rsplit(':').next().unwrap_or_default();
        let found = self
            .messages
            .get(&reference)
            .or_else(|| self.messages.get(local))
            .cloned();
        if found.is_none() {
            self.fault(event, "没有指明消息（messageRef），或所指的消息不存在");
        }
        found
    }
}

fn correlation(node: Node<'_, '_>) -> Option<String> {
    node.attribute((TONGBAN, "key")).map(str::to_owned)
}

/// The loop marker of an activity, if any.
pub(super) fn loop_marker<'a, 'i>(activity: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    elements(activity).find(|child| child.tag_name().name().ends_with("LoopCharacteristics"))
}
