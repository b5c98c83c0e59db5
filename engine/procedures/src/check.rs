//! Compiling all procedures of a pack, and telling everything that is wrong with them before anything is published.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tongban_flows::{Definition, Effects};
use tongban_operations::SourceInfo;
use tongban_packs::{Findings, Folder, Offer, Pack, ReleaseHash, known_divisions};

use crate::audience::Audience;
use crate::closure::{self, Reach};
use crate::compiled_once::CompiledOnce;
use crate::environment::{self, Settings};
use crate::flow;
use crate::form_divisions::FormDivisions;
use crate::gate;
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

/// Procedures that people find by a guide.
const ITEMS: &str = "items/";
/// Those without one.
const PROCEDURES: &str = "procedures/";

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
    let (mut flows, common) = (BTreeMap::new(), CompiledOnce::new());
    let divisions = FormDivisions::of(known_divisions(pack.divisions.values()));
    let settings = Settings::of(&pack.folder);
    let folders = [ITEMS, PROCEDURES];
    let files = folders.map(|folder| pack.folder.list(folder, ".toml"));
    for file in files.into_iter().flatten() {
        let Some(procedure) = findings.take(Procedure::read(&pack.folder, file)) else {
            continue;
        };
        references(pack, file, &procedure, findings);
        audience(pack, file, &procedure, findings);
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
        let of = (procedure.flow.clone(), procedure.about.is_some());
        let compiled = flows.entry(of).or_insert_with_key(|(name, has_record)| {
            closure::flow_of(&pack.folder, (name, *has_record), (operations, &common))
        });
        let files = closure::files(&site, file, compiled.as_deref(), operations);
        let offer = offer(&procedure, (file, files), operations);
        match known
            .get(&offer.hash)
            .filter(|_| !gate::leads_to(pack, &procedure.code))
        {
            Some(at_hand) => releases.extend(at_hand.clone()),
            // A gate stands in no release and asks by what this one knows.
            None => {
                let of = (offer.hash.clone(), file, offer.files.clone());
                let release =
                    ProcedureRelease::compile(of, (operations, &common, &divisions), findings);
                if let Some(release) = &release {
                    conditions((pack, &settings), release, findings);
                }
                releases.extend(release);
            }
        }
        offers.push(offer);
        read.push((procedure, parts));
    }
    gate::check(pack, &releases, findings);
    // Who can do a step is not in the release: known ones are asked too.
    let flows = flows.iter().map(|(of, flow)| {
        let file = flow::file(&pack.folder, &of.0);
        (of.clone(), (flow.as_deref(), file))
    });
    let flows: BTreeMap<(String, bool), (Option<&Definition>, String)> = flows.collect();
    let flowing = read.iter().filter_map(|(procedure, parts)| {
        let of = (procedure.flow.clone(), procedure.about.is_some());
        let (flow, file) = flows.get(&of)?;
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

/// A flow may be shared: what it asks of a form has to be in each form that it runs with.
fn conditions(
    (pack, settings): (&Pack, &Settings),
    release: &ProcedureRelease,
    findings: &mut Findings,
) {
    if release.flow().conditions().next().is_none() {
        return;
    }
    let procedure = release.procedure();
    let known = environment::strictly_of_flow(procedure, settings, release.form());
    let file = flow::file(&pack.folder, &procedure.flow);
    for (node, source) in release.flow().conditions() {
        if let Err(fault) = known.compile(source) {
            let words = format!(
                "[{}] 条件“{source}”：{}（事项 {}）",
                node.called(),
                fault.message,
                procedure.code
            );
            let line = usize::try_from(node.line).ok();
            findings.at(&file, line, None, words);
        }
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
    let folder = match procedure.audience {
        Audience::Public => ITEMS,
        Audience::Unit | Audience::Staff | Audience::System => PROCEDURES,
    };
    if !file.starts_with(folder) {
        let words = match procedure.audience {
            Audience::Public => {
                "procedures/ 里是没有办事指南的办理，请写明 audience（unit、staff 或者 system）；面向公众的事项放在 items/"
            }
            Audience::Unit | Audience::Staff | Audience::System => {
                "items/ 里是面向公众的事项；由工作人员或者系统发起的放在 procedures/"
            }
        };
        findings.add(file, Some("audience"), words);
    }
    if [ITEMS, PROCEDURES]
        .iter()
        .all(|folder| file != format!("{folder}{code}.toml"))
    {
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

/// What only some procedures may say, and what others must.
fn audience(pack: &Pack, file: &str, procedure: &Procedure, findings: &mut Findings) {
    let mut fault = |key: &str, words: String| {
        let line = pack.folder.line_of(file, key);
        findings.at(file, line, Some(key), words);
    };
    let is_public = procedure.audience == Audience::Public;
    if is_public {
        for (key, title) in missing_of_item(pack, file, procedure) {
            fault(key, format!("面向公众的事项要写 {key}（{title}）"));
        }
        if procedure.about.is_some() {
            let words = "面向公众的事项不能针对登记簿里的记录办理：公众看不到登记簿";
            fault("about", words.to_owned());
        }
    }
    match &procedure.start {
        Some(_) if !procedure.audience.is_of_officers() => {
            let words = "start 是可以发起的岗位，只用于 audience = \"unit\" 或者 \"staff\"";
            fault("start", words.to_owned());
        }
        Some(roles) if roles.is_empty() => {
            let words = "start 里没有岗位，谁也不能发起；人人可以发起的请删去 start";
            fault("start", words.to_owned());
        }
        Some(roles) => {
            for role in roles.iter().filter(|role| !pack.roles.contains_key(*role)) {
                fault("start", format!("没有岗位 {role}"));
            }
        }
        None => {}
    }
    if let Some(register) = &procedure.about {
        let named = format!("registers/{register}.toml");
        if pack.folder.bytes(&named).is_none() {
            fault("about", format!("没有登记簿 {register}（{named}）"));
        }
    }
    let (items, others) = (
        format!("{ITEMS}{}.toml", procedure.code),
        format!("{PROCEDURES}{}.toml", procedure.code),
    );
    if file == others && pack.folder.bytes(&items).is_some() {
        fault("code", format!("{items} 也用了代码 {}", procedure.code));
    }
}

/// Keys that a service item needs, and what they are called.
fn missing_of_item(
    pack: &Pack,
    file: &str,
    procedure: &Procedure,
) -> Vec<(&'static str, &'static str)> {
    let written = pack.folder.toml::<serde_json::Map<String, Json>>(file);
    let written = written.unwrap_or_default();
    let keys = [
        ("short_name", "简称"),
        ("family", "事项大类"),
        ("family_title", "事项大类的名称"),
        ("act", "办理动作"),
    ];
    let mut missing: Vec<_> = keys
        .into_iter()
        .filter(|key| !written.contains_key(key.0))
        .collect();
    let limits = written.get("limits");
    if limits.and_then(|limits| limits.get("statutory")).is_none()
        && procedure.limits.statutory == 0
    {
        missing.push(("limits", "statutory，法定时限"));
    }
    missing
}
