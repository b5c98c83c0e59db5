//! What flows may call on a case, as a pack is asked before it is published: whether each call finds the letter, the
//! message or the licence that it is about, and whether somebody can do each task. Runs nothing.

use std::collections::{BTreeMap, BTreeSet};

use tongban_flows::{Effect, Effects, Kind, Phase, ServiceTask as Call, Trigger};
use tongban_messages::{Audience, MessageTemplates};
use tongban_operations::{CallSite, SourceInfo};
use tongban_packs::{Findings, Folder, Pack, Role};
use tongban_procedures::{FlowOperations, Flowing, Parts, Reach};

use crate::brought::Known;
use crate::own::phase_after;
use crate::{assignees, letters, phases, reach};

/// Settings for which the program has no value of its own.
const NEEDED_SETTINGS: [&str; 1] = ["special_procedure_kinds"];

/// What a program's modules bring, as a pack is asked; given to the catalogue by the wiring.
#[derive(Clone, Debug)]
pub struct CaseCalls(pub Known);

impl Effects for CaseCalls {
    fn effect(&self, operation: &str) -> Option<Effect> {
        let info = self.0.operations.get(operation)?;
        Some(info.effect)
    }

    fn arguments(&self, operation: &str) -> Vec<&str> {
        let info = self.0.operations.get(operation);
        let arguments = info.map_or(&[][..], |info| info.arguments);
        arguments.iter().map(|argument| argument.name).collect()
    }

    fn phase_after(&self, operation: &str) -> Option<Phase> {
        phase_after(operation)
    }
}

impl FlowOperations for CaseCalls {
    fn sources(&self) -> &[SourceInfo] {
        &self.0.sources
    }

    fn parts(&self) -> &Parts {
        &self.0.parts
    }

    fn reach(&self, reach: Reach<'_>) -> BTreeSet<String> {
        reach::files(reach)
    }

    fn check_calls(&self, pack: &Pack, procedures: &[Flowing<'_>], findings: &mut Findings) {
        for code in NEEDED_SETTINGS {
            if !pack.settings.iter().any(|setting| setting.code == code) {
                findings.add("settings.toml", Some(code), "缺少这个参数，它没有默认值");
            }
        }
        let papers = Papers {
            roles: &pack.roles,
            folder: &pack.folder,
            // What is wrong inside a message is told where it is checked.
            messages: MessageTemplates::read(&pack.folder, &mut Findings::default()),
        };
        for of in procedures {
            for (ix, node) in of.flow.nodes() {
                let faults: Vec<String> = match &node.kind {
                    Kind::Service(call) => self.faults(&papers, of, call),
                    Kind::User(task) => {
                        let office = assignees::Office::of(pack, &of.procedure.organisation);
                        let mut faults = office.faults(task);
                        faults.extend(phases::faults(of.flow, ix, task));
                        faults
                    }
                    Kind::Catch(trigger) | Kind::Boundary { trigger, .. } => {
                        undriven(trigger).into_iter().collect()
                    }
                    Kind::End { .. } => phases::never_closed(of.flow, ix).into_iter().collect(),
                    Kind::Start
                    | Kind::Pass
                    | Kind::Exclusive
                    | Kind::Parallel
                    | Kind::Inclusive
                    | Kind::EventGateway
                    | Kind::SubProcess(_) => Vec::new(),
                };
                for message in faults {
                    let line = usize::try_from(node.line).ok();
                    let place = Some(node.called()).filter(|called| !called.is_empty());
                    findings.at(of.file, line, place, message);
                }
            }
        }
    }
}

impl CaseCalls {
    /// Why a call could not be carried out; empty when it could. That it exists, the flow has been asked before.
    fn faults(&self, papers: &Papers, of: &Flowing<'_>, call: &Call) -> Vec<String> {
        let Some(info) = self.0.operations.get(&call.operation) else {
            return Vec::new();
        };
        let site = CallSite {
            operation: info.name,
            arguments: &call.arguments,
            procedure: &of.procedure.code,
            parts: of.parts,
            about: of.procedure.about.as_deref(),
            folder: papers.folder,
        };
        let mut faults = info.faults(site);
        if faults.is_empty() {
            faults.extend(papers.lack(&site));
        }
        faults
    }
}

/// The program rings timers; nothing in it brings a message, so a flow would wait for one for ever.
fn undriven(trigger: &Trigger) -> Option<String> {
    match trigger {
        Trigger::Timer(_) => None,
        Trigger::Message { name, .. } => Some(format!(
            "没有程序会送来消息“{name}”，流程会一直停在这里；等人办的请改为用户任务，等时间的请改为定时事件"
        )),
    }
}

/// What cases themselves make and send.
struct Papers<'p> {
    roles: &'p BTreeMap<String, Role>,
    folder: &'p Folder,
    messages: MessageTemplates,
}

impl Papers<'_> {
    fn lack(&self, site: &CallSite) -> Option<String> {
        match site.operation {
            "document.make" => self.lack_letter(site.text("template")),
            "message.send" => self.lack_message(site.text("event"), site.text("to")),
            _ => None,
        }
    }

    fn lack_letter(&self, code: &str) -> Option<String> {
        let Ok(letter) = letters::letter(self.folder, code) else {
            return Some(format!(
                "没有文书 {code}（documents/{code}.toml），出不了文书"
            ));
        };
        let template = format!("documents/{}", letter.template);
        let missing = self.folder.bytes(&template).is_none();
        missing.then(|| format!("文书 {code} 没有模板 {template}，出不了文书"))
    }

    fn lack_message(&self, event: &str, role: &str) -> Option<String> {
        let (wanted, words) = match role {
            "" => (
                Audience::Applicant,
                "是发给工作人员的，通知不到申请人：请写明收消息的岗位（to）",
            ),
            _ => (Audience::Staff, "是发给申请人的，不能发给岗位"),
        };
        if !role.is_empty() && !self.roles.contains_key(role) {
            return Some(format!("没有岗位 {role}，消息发不到人"));
        }
        match self.messages.for_event(event).first() {
            None => Some(format!("没有事件 {event} 的消息（messages/），通知不到人")),
            Some(message) if message.to != wanted => Some(format!("事件 {event} 的消息{words}")),
            Some(_) => None,
        }
    }
}
