//! Compiling all procedures of a pack, and telling everything that is wrong with them before anything is published.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tongban_flows::{Definition, Effects};
use tongban_operations::SourceInfo;
use tongban_packs::{Findings, Folder, Offer, Pack, ReleaseHash};

use crate::closure::{self, Reach};
use crate::flow;
use crate::model::Procedure;
use crate::offers::Face;
use crate::part::{PartSite, Parts};
use crate::release::ProcedureRelease;

/// What flows may call and rules may ask, said by whoever carries it out, who also knows what a call needs from
/// procedure and pack.
pub trait FlowOperations: Effects + Send + Sync {
    fn sources(&self) -> &[SourceInfo];

    /// The parts of procedures that modules read.
    fn parts(&self) -> &Parts;

    /// The files that a flow and its cases need besides the procedure's own.
    fn reach(&self, reach: Reach<'_>) -> BTreeSet<String>;

    /// Tells of every call in the flows of these procedures that could not be carried out. Releases that the pack has no
    /// more are not asked again: cases run on them.
    fn check_calls(&self, pack: &Pack, procedures: &[Flowing<'_>], findings: &mut Findings);
}

/// A procedure of a pack with its flow.
#[derive(Clone, Copy)]
pub struct Flowing<'a> {
    pub procedure: &'a Procedure,
    /// What is not the engine's own, by key.
    pub parts: &'a Json,
    pub flow: &'a Definition,
    /// The file in which the flow is written.
    pub file: &'a str,
}

/// What is known of releases that were checked before: their hashes, with what is compiled where that is at hand.
pub type Known = BTreeMap<ReleaseHash, Option<ProcedureRelease>>;

/// What a pack offers.
#[derive(Clone, Default)]
pub struct Checked {
    /// None where the pack is in force as it is: nothing of it was read.
    pub offers: Option<Vec<Offer>>,
    /// Those that had to be compiled, or were at hand.
    pub releases: Vec<ProcedureRelease>,
}

/// Reads all procedures of a pack and compiles those whose release is not known, telling everything that is wrong.
pub fn check(
    pack: &Pack,
    operations: &dyn FlowOperations,
    known: &Known,
    findings: &mut Findings,
) -> Checked {
    let (mut offers, mut releases, mut read) = (Vec::new(), Vec::new(), Vec::new());
    let mut flows = BTreeMap::new();
    for file in pack.folder.list("items/", ".toml") {
        let Some(procedure) = findings.take(pack.folder.toml::<Procedure>(file)) else {
            continue;
        };
        references(pack, file, &procedure, findings);
        let parts = Json::Object(procedure.parts.clone());
        let site = PartSite {
            pack,
            procedure: &procedure,
            parts: &parts,
        };
        for (key, words) in operations.parts().faults(site) {
            let line = pack.folder.line_of(file, &key);
            findings.at(file, line, Some(&key), words);
        }
        let name = procedure.flow.clone();
        let compiled = flows
            .entry(name)
            .or_insert_with_key(|name| closure::flow_of(&pack.folder, name, operations));
        let files = closure::files(&site, file, compiled.as_deref(), operations);
        let offer = offer(&procedure, (file, files), operations);
        match known.get(&offer.hash) {
            Some(at_hand) => releases.extend(at_hand.clone()),
            None => {
                let of = (offer.hash.clone(), file, offer.files.clone());
                releases.extend(ProcedureRelease::compile(of, operations, findings));
            }
        }
        offers.push(offer);
        read.push((procedure, parts));
    }
    // Who can do a step is not in the release: known ones are asked too.
    let files = flows.keys().map(|name| flow::file(&pack.folder, name));
    let files: Vec<String> = files.collect();
    let flows = flows.iter().zip(&files);
    let flows: BTreeMap<&str, (Option<&Definition>, &str)> = flows
        .map(|((name, flow), file)| (name.as_str(), (flow.as_deref(), file.as_str())))
        .collect();
    let flowing = read.iter().filter_map(|(procedure, parts)| {
        let (flow, file) = flows.get(procedure.flow.as_str())?;
        Some(Flowing {
            procedure,
            parts,
            flow: (*flow)?,
            file,
        })
    });
    operations.check_calls(pack, &flowing.collect::<Vec<_>>(), findings);
    Checked {
        offers: Some(offers),
        releases,
    }
}

fn offer(
    procedure: &Procedure,
    (file, files): (&str, Folder),
    operations: &dyn FlowOperations,
) -> Offer {
    let face = Face::of(procedure, &operations.parts().indexed());
    Offer {
        code: procedure.code.clone(),
        begins: procedure.effective_from,
        ends: procedure.effective_to,
        hash: ReleaseHash::of_files(file, &files),
        // Plain words and numbers; nothing in it can fail to be written.
        face: serde_json::to_value(face).unwrap_or_default(),
        file: file.to_owned(),
        files,
    }
}

fn references(pack: &Pack, file: &str, procedure: &Procedure, findings: &mut Findings) {
    let code = &procedure.code;
    if file != format!("items/{code}.toml") {
        findings.add(file, Some("code"), format!("代码 {code} 与文件名不一致"));
    }
    let from = procedure.effective_from;
    if let Some(to) = procedure.effective_to.filter(|to| *to < from) {
        let message = format!("最后一天 {to} 早于开始的 {from}，这个事项永远不会受理");
        findings.add(file, Some("effective_to"), message);
    }
    let office = &procedure.organisation;
    if !pack.organisations.contains_key(office) {
        findings.add(file, Some("organisation"), format!("没有机构 {office}"));
    }
    for code in procedure.documents.codes() {
        let letter = format!("documents/{code}.toml");
        if pack.folder.bytes(&letter).is_none() {
            findings.add(file, Some("documents"), format!("没有文书 {code}"));
        }
    }
}
