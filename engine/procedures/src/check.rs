//! Compiling all procedures of a pack, and telling everything that is wrong with them before anything is published.

use serde_json::Value as Json;
use tongban_flows::Effects;
use tongban_operations::SourceInfo;
use tongban_packs::{Findings, Pack};

use crate::model::Procedure;
use crate::part::{PartSite, Parts};
use crate::release::{ProcedureRelease, body};

/// What flows may call and rules may ask, said by whoever carries it out, who also knows what a call needs from
/// procedure and pack.
pub trait FlowOperations: Effects + Send + Sync {
    fn sources(&self) -> &[SourceInfo];

    /// The parts of procedures that modules read.
    fn parts(&self) -> &Parts;

    /// Tells of every call in the flows of these procedures that could not be carried out. Releases that were published
    /// before are not asked again: cases run on them.
    fn check_calls(&self, pack: &Pack, releases: &[ProcedureRelease], findings: &mut Findings);
}

/// The releases that a pack makes, each with its body.
pub type Checked = Vec<(Json, ProcedureRelease)>;

/// Compiles all procedures of a pack, telling everything that is wrong.
pub fn check(pack: &Pack, operations: &dyn FlowOperations, findings: &mut Findings) -> Checked {
    let mut compiled = Vec::new();
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
        let body = body(pack, file, &procedure);
        if let Some(release) = ProcedureRelease::compile(&body, operations, findings) {
            compiled.push((body, release));
        }
    }
    let releases: Vec<ProcedureRelease> = compiled
        .iter()
        .map(|(_, release)| release.clone())
        .collect();
    operations.check_calls(pack, &releases, findings);
    compiled
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
