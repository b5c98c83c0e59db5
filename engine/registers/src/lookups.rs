//! What registers and the rest of a pack say of each other: look-ups can be answered, roles and procedures exist, no two
//! registers are published at one address.

use std::collections::BTreeSet;

use tongban_packs::{Findings, Folder, Pack};
use tongban_procedures::Lookup;

use crate::definition::RegisterDefinitions;

/// What is wrong inside a look-up is told where procedures are checked.
pub fn check_lookups(folder: &Folder, registers: &RegisterDefinitions, findings: &mut Findings) {
    for lookup in Lookup::read(folder, &mut Findings::default()) {
        let file = format!("lookups/{}.toml", lookup.code);
        let Lookup {
            register, field, ..
        } = &lookup;
        let Some(definition) = registers.get(register) else {
            let message = format!("没有登记簿 {register}（registers/{register}.toml）");
            findings.add(&file, Some("register"), message);
            continue;
        };
        if !definition.searchable.contains(field) {
            let message = format!(
                "登记簿 {register} 不能按 {field} 查找：请把它写进登记簿的 indexes 或者 filters"
            );
            findings.add(&file, Some("key"), message);
        }
    }
}

/// What registers name elsewhere in the pack.
pub fn check_references(pack: &Pack, registers: &RegisterDefinitions, findings: &mut Findings) {
    let mut paths = BTreeSet::new();
    for register in registers.iter() {
        let file = format!("registers/{}.toml", register.code);
        let mut roles: Vec<(&str, &String)> = Vec::new();
        roles.extend(register.access.keys().map(|role| ("access", role)));
        let of_actions = register.actions.iter().flat_map(|action| &action.roles);
        roles.extend(of_actions.map(|role| ("action", role)));
        let readers = register.publish.iter().flat_map(|publish| &publish.roles);
        roles.extend(readers.flatten().map(|role| ("publish", role)));
        for (place, role) in roles {
            if !pack.roles.contains_key(role) {
                findings.add(&file, Some(place), format!("没有岗位 {role}"));
            }
        }
        for action in &register.actions {
            let code = &action.procedure;
            let there = ["procedures", "items"].iter().any(|folder| {
                let name = format!("{folder}/{code}.toml");
                pack.folder.bytes(&name).is_some()
            });
            if !there {
                findings.add(&file, Some("action"), format!("没有事项 {code}"));
            }
        }
        if let Some(publish) = &register.publish
            && !paths.insert(publish.base())
        {
            let words = format!("{} 已经有别的登记簿发布在那里", publish.base());
            findings.add(&file, Some("publish"), words);
        }
    }
}
