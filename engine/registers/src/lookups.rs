//! What registers and the rest of a pack say of each other: look-ups can be answered, roles and procedures exist, no two
//! registers are published at one address.

use std::collections::BTreeSet;

use tongban_forms::Form;
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

/// What forms offer from look-ups and registers: the source is there, its columns are, and what is filled from them fits.
/// What is wrong inside a form is told where procedures are checked.
pub fn check_choices(folder: &Folder, registers: &RegisterDefinitions, findings: &mut Findings) {
    let lookups = Lookup::read(folder, &mut Findings::default());
    for lookup in &lookups {
        let file = format!("lookups/{}.toml", lookup.code);
        let Some(definition) = registers.get(&lookup.register) else {
            continue;
        };
        for column in lookup
            .columns
            .iter()
            .filter(|c| definition.field(c).is_none())
        {
            let words = format!("登记簿 {} 没有字段 {column}", lookup.register);
            findings.add(&file, Some("columns"), words);
        }
    }
    for file in folder.list("forms/", ".json") {
        // Most forms choose nothing, and to load one is dear.
        let text = folder
            .text(file)
            .ok()
            .filter(|text| text.contains("\"from\""));
        let form = text.and_then(|text| Form::load(text).ok());
        for field in form.iter().flat_map(Form::choosers) {
            let from = field.from.as_deref().unwrap_or_default();
            let lookup = lookups.iter().find(|lookup| lookup.code == from);
            let place = format!("/fields/{}/from", field.name);
            let register = match (lookup, registers.get(from)) {
                (Some(_), Some(_)) => {
                    let words = format!("查询和登记簿都叫 {from}，不知道从哪里选");
                    findings.add(file, Some(&place), words);
                    continue;
                }
                (Some(lookup), None) => registers.get(&lookup.register),
                (None, register) => register,
            };
            let Some(register) = register else {
                let words = format!("没有查询 {from}，也没有登记簿 {from}");
                findings.add(file, Some(&place), words);
                continue;
            };
            let filled = form.iter().flat_map(|form| form.filled_from(&field.name));
            for (filled, column) in filled {
                let place = format!("/fields/{}/fills/{}", field.name, filled.name);
                let offered = lookup.is_none_or(|l| l.columns.iter().any(|c| c == column));
                let words = match register.field(column) {
                    None => format!("登记簿 {} 没有字段 {column}", register.code),
                    Some(_) if !offered => format!("查询 {from} 的 columns 里没有 {column}"),
                    Some(given) if !filled.kind.takes(&given.kind) => {
                        format!(
                            "“{}”和登记簿的“{}”类型不同，填不进去",
                            filled.title, given.title
                        )
                    }
                    Some(_) => continue,
                };
                findings.add(file, Some(&place), words);
            }
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
