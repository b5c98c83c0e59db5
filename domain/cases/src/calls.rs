//! What flows may call on a case, as a pack is asked before it is published: whether each call finds the letter, the
//! message or the licence that it is about, and whether somebody can do each task. Runs nothing.

use serde_json::Value as Json;
use tongban_flows::{Effect, Effects, Kind, Trigger};
use tongban_items::{FlowOperations, ItemRelease, Validity};
use tongban_licences::LicenceTypes;
use tongban_messages::{Audience, MessageTemplates};
use tongban_packs::{Findings, Folder, Pack};

use crate::service::operations::{RESULTS, argument_names, effect};
use crate::{assignees, letters, phases};

/// Settings for which the program has no value of its own.
const NEEDED_SETTINGS: [&str; 1] = ["special_procedure_kinds"];

/// Given to the directory of items by the wiring.
pub struct CaseCalls;

impl Effects for CaseCalls {
    fn effect(&self, operation: &str) -> Option<Effect> {
        effect(operation)
    }
}

impl FlowOperations for CaseCalls {
    fn check_calls(&self, pack: &Pack, releases: &[ItemRelease], findings: &mut Findings) {
        for code in NEEDED_SETTINGS {
            if !pack.settings.iter().any(|setting| setting.code == code) {
                findings.add("settings.toml", Some(code), "缺少这个参数，它没有默认值");
            }
        }
        // What is wrong inside a message or a licence type is told where they are checked.
        let known = Known {
            folder: &pack.folder,
            messages: MessageTemplates::read(&pack.folder, &mut Findings::default()),
            licences: tongban_licences::check_types(&pack.folder, &mut Findings::default()),
        };
        for release in releases {
            let file = format!("flows/{}.bpmn", release.item().flow);
            for (ix, node) in release.flow().nodes() {
                let faults: Vec<String> = match &node.kind {
                    Kind::Service(call) => {
                        let lack = known.lacks(release, &call.operation, &call.arguments);
                        let unread = unread(&call.operation, &call.arguments);
                        lack.into_iter().chain(unread).collect()
                    }
                    Kind::User(task) => {
                        let office = assignees::Office::of(pack, &release.item().organisation);
                        let mut faults = office.faults(task);
                        faults.extend(phases::faults(release.flow(), ix, task));
                        faults
                    }
                    Kind::Catch(trigger) | Kind::Boundary { trigger, .. } => {
                        undriven(trigger).into_iter().collect()
                    }
                    Kind::End { .. } => phases::never_closed(release.flow(), ix)
                        .into_iter()
                        .collect(),
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
                    findings.at(&file, line, Some(&node.id), message);
                }
            }
        }
    }
}

/// An argument that the operation does not read, such as one whose name is misspelt.
fn unread(operation: &str, arguments: &Json) -> Option<String> {
    let names = argument_names(operation);
    let given = arguments.as_object()?;
    let unread = given.keys().find(|name| !names.contains(&name.as_str()))?;
    Some(match names {
        [] => format!("操作 {operation} 没有参数，{unread} 不起作用"),
        names => format!(
            "操作 {operation} 没有参数 {unread}，它的参数是 {}",
            names.join("、")
        ),
    })
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

/// What the calls of a pack can be about.
struct Known<'p> {
    folder: &'p Folder,
    messages: MessageTemplates,
    licences: LicenceTypes,
}

impl Known<'_> {
    /// Why a call could not be carried out; none when it could.
    fn lacks(&self, release: &ItemRelease, operation: &str, arguments: &Json) -> Option<String> {
        let text = |name: &str| {
            let value = arguments.get(name).and_then(Json::as_str);
            value.unwrap_or_default()
        };
        match operation {
            "document.make" => self.lacks_letter(text("template")),
            "message.send" => self.lacks_message(text("event")),
            "licence.issue" | "licence.update" | "licence.cancel" => {
                self.lacks_licence(release, operation)
            }
            "case.close" if !RESULTS.contains(&text("result")) => Some(format!(
                "办结结果（result）应为 {} 之一",
                RESULTS.join("、")
            )),
            _ => None,
        }
    }

    fn lacks_letter(&self, code: &str) -> Option<String> {
        let Ok(letter) = letters::letter(self.folder, code) else {
            return Some(format!(
                "没有文书 {code}（documents/{code}.toml），出不了文书"
            ));
        };
        let template = format!("documents/{}", letter.template);
        let missing = self.folder.bytes(&template).is_none();
        missing.then(|| format!("文书 {code} 没有模板 {template}，出不了文书"))
    }

    fn lacks_message(&self, event: &str) -> Option<String> {
        match self.messages.for_event(event).first() {
            None => Some(format!("没有事件 {event} 的消息（messages/），通知不到人")),
            Some(message) if message.to != Audience::Applicant => Some(format!(
                "事件 {event} 的消息是发给工作人员的，流程里只能通知申请人"
            )),
            Some(_) => None,
        }
    }

    fn lacks_licence(&self, release: &ItemRelease, operation: &str) -> Option<String> {
        let item = release.item();
        let code = &item.code;
        let Some(licence) = &item.licence else {
            return Some(format!(
                "事项 {code} 没有写证照（[licence]），不能执行 {operation}"
            ));
        };
        if self.licences.get(&licence.kind).is_none() {
            return Some(format!(
                "事项 {code} 的证照类型 {} 不在包里，或者它的定义有误，不能执行 {operation}",
                licence.kind
            ));
        }
        (operation == "licence.issue" && licence.validity == Validity::None).then(|| {
            format!("事项 {code} 的证照没有有效期的写法（validity 是 none），不能执行 {operation}")
        })
    }
}
