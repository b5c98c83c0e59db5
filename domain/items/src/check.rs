//! Compiling all items of a pack, and telling everything that is wrong with them before anything is published.

use serde_json::Value as Json;
use tongban_flows::Effects;
use tongban_packs::{Findings, Pack};

use crate::model::Item;
use crate::release::{ItemRelease, body};

/// What flows may call: the effect of each operation, said by the domain that carries it out, which also knows
/// what a call needs from item and pack.
pub trait FlowOperations: Effects + Send + Sync {
    /// Tells of every call in the flows of these items that could not be carried out. Releases that were published
    /// before are not asked again: cases run on them.
    fn check_calls(&self, pack: &Pack, releases: &[ItemRelease], findings: &mut Findings);
}

/// Compiles all items of a pack, telling everything that is wrong.
/// The releases that a pack makes, each with its body.
pub type Checked = Vec<(Json, ItemRelease)>;

pub fn check(pack: &Pack, operations: &dyn FlowOperations, findings: &mut Findings) -> Checked {
    let mut compiled = Vec::new();
    for file in pack.folder.list("items/", ".toml") {
        let Some(item) = findings.take(pack.folder.toml::<Item>(file)) else {
            continue;
        };
        references(pack, file, &item, findings);
        let body = body(pack, file, &item);
        if let Some(release) = ItemRelease::compile(&body, operations, findings) {
            compiled.push((body, release));
        }
    }
    let releases: Vec<ItemRelease> = compiled
        .iter()
        .map(|(_, release)| release.clone())
        .collect();
    operations.check_calls(pack, &releases, findings);
    compiled
}

fn references(pack: &Pack, file: &str, item: &Item, findings: &mut Findings) {
    let expected = format!("items/{}.toml", item.code);
    if file != expected {
        findings.add(
            file,
            Some("code"),
            format!("代码 {} 与文件名不一致", item.code),
        );
    }
    if let Some(to) = item.effective_to.filter(|to| *to < item.effective_from) {
        let message = format!(
            "最后一天 {to} 早于开始的 {}，这个事项永远不会受理",
            item.effective_from
        );
        findings.add(file, Some("effective_to"), message);
    }
    if !pack.organisations.contains_key(&item.organisation) {
        findings.add(
            file,
            Some("organisation"),
            format!("没有机构 {}", item.organisation),
        );
    }
    for theme in &item.themes {
        if !pack.themes.iter().any(|t| t.code == *theme) {
            findings.add(file, Some("themes"), format!("没有主题 {theme}"));
        }
    }
    for code in item.documents.codes() {
        if pack
            .folder
            .bytes(&format!("documents/{code}.toml"))
            .is_none()
        {
            findings.add(file, Some("documents"), format!("没有文书 {code}"));
        }
    }
    if let Some(licence) = &item.licence
        && pack
            .folder
            .bytes(&format!("licences/{}.toml", licence.kind))
            .is_none()
    {
        findings.add(
            file,
            Some("licence"),
            format!("没有证照类型 {}", licence.kind),
        );
    }
}
