//! Compiling all procedures of a pack, and telling everything that is wrong with them before anything is published.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tongban_flows::Effects;
use tongban_operations::SourceInfo;
use tongban_packs::{Findings, Folder, Offer, Pack, ReleaseHash};

use crate::closure::{self, Reach};
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

    /// Tells of every call in the flows of these procedures that could not be carried out. Releases that were published
    /// before are not asked again: cases run on them.
    fn check_calls(&self, pack: &Pack, releases: &[ProcedureRelease], findings: &mut Findings);
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
    let (mut offers, mut releases, mut new) = (Vec::new(), Vec::new(), Vec::new());
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
        let flow = flows
            .entry(name)
            .or_insert_with_key(|name| closure::flow_of(&pack.folder, name, operations));
        let files = closure::files(&site, file, flow.as_deref(), operations);
        let offer = offer(&procedure, (file, files), operations);
        match known.get(&offer.hash) {
            Some(at_hand) => releases.extend(at_hand.clone()),
            None => {
                let of = (offer.hash.clone(), file, offer.files.clone());
                new.extend(ProcedureRelease::compile(of, operations, findings));
            }
        }
        offers.push(offer);
    }
    operations.check_calls(pack, &new, findings);
    releases.extend(new);
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
