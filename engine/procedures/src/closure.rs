//! What a procedure reaches: exactly the files that its release needs. A change of anything else makes no new release.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_flows::Definition;
use tongban_packs::{Findings, Folder};

use crate::check::FlowOperations;
use crate::compiled_once::CompiledOnce;
use crate::flow;
use crate::gate;
use crate::model::Procedure;
use crate::part::PartSite;

pub(crate) const SETTINGS: &str = "settings.toml";
/// Settings that no definition names and that messages are sent by.
const QUIET: [&str; 2] = ["sms_quiet_from", "sms_quiet_until"];

/// What is asked of whoever carries out the calls of a flow: which files they need.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    pub folder: &'a Folder,
    pub procedure: &'a Procedure,
    /// None where the flow cannot be compiled, which its check tells.
    pub flow: Option<&'a Definition>,
}

/// The files of the release of a procedure.
pub(crate) fn files(
    site: &PartSite,
    file: &str,
    flow: Option<&Definition>,
    operations: &dyn FlowOperations,
) -> Folder {
    let (folder, procedure) = (&site.pack.folder, site.procedure);
    let form = format!("forms/{}.json", procedure.form);
    let mut names: BTreeSet<String> = [file.to_owned(), form.clone()].into();
    names.extend(flow::files(&procedure.flow));
    let mut own: Vec<&str> = names
        .iter()
        .filter_map(|name| folder.text(name).ok())
        .collect();
    own.extend(gate::rules(site.pack, &procedure.code));
    let named = Words::of(&own);
    let lookups = lookups(folder, &named);
    let texts: Vec<&str> = lookups
        .iter()
        .filter_map(|name| folder.text(name).ok())
        .collect();
    let settings = settings(folder, &[named, Words::of(&texts)]);
    names.extend(lookups);
    names.extend(operations.parts().files(site));
    let reach = Reach {
        folder,
        procedure,
        flow,
    };
    names.extend(operations.reach(reach));
    // What is no text is in no release.
    let is_text = |name: &&str| folder.text(name).is_ok();
    let files = folder.only(names.iter().map(String::as_str).filter(is_text));
    match settings {
        Some(text) => files.with(SETTINGS, text),
        None => files,
    }
}

/// The names in texts of definitions, as expressions write them.
struct Words<'t>(BTreeSet<&'t str>);

impl<'t> Words<'t> {
    fn of(texts: &[&'t str]) -> Self {
        let is_apart = |c: char| !c.is_alphanumeric() && c != '_';
        let words = texts.iter().flat_map(|text| text.split(is_apart));
        Self(words.collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// Those that are named, and those that restrict, which hold for every procedure.
fn lookups(folder: &Folder, named: &Words<'_>) -> Vec<String> {
    #[derive(Deserialize)]
    struct File {
        code: String,
        #[serde(default)]
        restricts: bool,
    }
    let reached = |name: &&str| match folder.toml::<File>(name) {
        Ok(file) => file.restricts || named.has(&file.code),
        // What is wrong with it is told where it is compiled.
        Err(_) => true,
    };
    let all = folder.list("lookups/", ".toml").filter(reached);
    all.map(str::to_owned).collect()
}

/// The settings that are named, and nothing else of their file. One that cannot be read stays as it is.
fn settings(folder: &Folder, named: &[Words<'_>]) -> Option<String> {
    let text = folder.text(SETTINGS).ok()?;
    let Ok(mut table) = folder.toml::<toml::Table>(SETTINGS) else {
        return Some(text.to_owned());
    };
    if let Some(toml::Value::Array(settings)) = table.get_mut("setting") {
        settings.retain(|setting| {
            let code = setting.get("code").and_then(toml::Value::as_str);
            code.is_some_and(|code| QUIET.contains(&code) || named.iter().any(|n| n.has(code)))
        });
    }
    toml::to_string(&table)
        .ok()
        .or_else(|| Some(text.to_owned()))
}

/// A Typst file with everything that it and what it includes name: texts in quotes that are names of files.
pub fn typst_files(folder: &Folder, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        let text = folder.text(&name).unwrap_or_default();
        if folder.bytes(&name).is_none() || !found.insert(name.clone()) {
            continue;
        }
        // Files of both folders lie side by side when a paper is set.
        for quoted in text.split('"') {
            let short = quoted.trim_start_matches(['/', '.']);
            open.extend(["documents/", "licences/"].map(|folder| format!("{folder}{short}")));
        }
    }
    found
}

/// What a procedure shows in lists and is found by, of what stands in its file.
pub(crate) fn indexed(procedure: &Procedure, keys: &[&str]) -> serde_json::Map<String, Json> {
    let parts = procedure.parts.iter();
    let kept = parts.filter(|(key, _)| keys.contains(&key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The flow as far as it can be compiled; what is wrong with it is told with its release.
pub(crate) fn flow_of(
    folder: &Folder,
    (name, has_record): (&str, bool),
    (operations, common): (&dyn FlowOperations, &CompiledOnce),
) -> Option<std::sync::Arc<Definition>> {
    flow::compile(
        folder,
        (name, has_record),
        (operations, common),
        &mut Findings::default(),
    )
}
