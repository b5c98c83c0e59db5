//! The files that cases of a procedure need besides its own: letters with what they include, and messages.

use std::collections::BTreeSet;

use serde::Deserialize;
use tongban_flows::{Definition, Kind};
use tongban_packs::Folder;
use tongban_procedures::{Reach, typst_files};

use crate::letters;

/// The events that cases tell of themselves, whatever their flow sends.
pub(crate) const TOLD: [&str; 19] = [
    "case.acceptance_undone",
    "case.answered",
    "case.asked",
    "case.assigned",
    "case.correction_dated",
    "case.deemed_accepted",
    "case.deemed_accepted_staff",
    "case.due_soon",
    "case.ended_with_parent",
    "case.escalated",
    "case.extended",
    "case.lapsed",
    "case.letters_withdrawn",
    "case.mending_ends",
    "case.overdue",
    "case.paused",
    "case.result_undone",
    "case.resumed",
    "case.urged",
];

pub(crate) fn files(reach: Reach<'_>) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let mut codes: BTreeSet<&str> = reach
        .procedure
        .documents
        .codes()
        .map(String::as_str)
        .collect();
    codes.extend(called(reach.flow, "document.make", "template"));
    for code in codes {
        files.insert(format!("documents/{code}.toml"));
        if let Ok(letter) = letters::letter(reach.folder, code) {
            let template = format!("documents/{}", letter.template);
            files.extend(typst_files(reach.folder, &template));
        }
    }
    files.extend(messages(reach.folder, &sent(reach.flow)));
    files
}

/// The events that cases tell of themselves or by their flow.
pub(crate) fn sent(flow: Option<&Definition>) -> BTreeSet<&str> {
    let mut events: BTreeSet<&str> = TOLD.into();
    events.extend(called(flow, "message.send", "event"));
    events
}

/// What the calls of an operation in a flow say for an argument.
fn called<'f>(flow: Option<&'f Definition>, operation: &str, argument: &str) -> Vec<&'f str> {
    let nodes = flow.into_iter().flat_map(Definition::nodes);
    let said = nodes.filter_map(|(_, node)| match &node.kind {
        Kind::Service(call) if call.operation == operation => {
            call.arguments.get(argument)?.as_str()
        }
        _ => None,
    });
    said.collect()
}

fn messages(folder: &Folder, events: &BTreeSet<&str>) -> Vec<String> {
    #[derive(Deserialize)]
    struct File {
        event: String,
    }
    let tells = |name: &&str| match folder.toml::<File>(name) {
        Ok(file) => events.contains(file.event.as_str()),
        // What is wrong with it is told where it is compiled.
        Err(_) => true,
    };
    let all = folder.list("messages/", ".toml").filter(tells);
    all.map(str::to_owned).collect()
}
