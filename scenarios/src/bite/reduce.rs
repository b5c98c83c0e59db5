//! What can be taken out for a claim: the whole of it first, then ever less, until the rest of the pack is whole.

use serde_json::{Value as Json, json};
use tongban_packs::Folder;

use super::{Reduced, chain, flow, form, letter, places, tree};
use crate::notation::{Carrier, Kind};

/// In the order in which they are tried. Errors: the pack has nothing of the kind.
pub(super) fn candidates(folder: &Folder, carrier: &Carrier) -> Result<Vec<Reduced>, String> {
    let (file, lead) = places::of(carrier);
    if folder.bytes(&file).is_none() {
        return Err(format!("包里没有 {file}"));
    }
    match (carrier.kind, carrier.keys.as_slice()) {
        (Kind::Flow, keys) => flow::candidates(folder, &file, keys),
        (Kind::Chain, keys) => chain::candidates(folder, &file, keys),
        (Kind::Form, [field]) if form::has(folder, &file, field) => {
            form::candidates(folder, &file, field)
        }
        (Kind::Register, [field]) if form::has_column(folder, &file, field) => {
            form::column(folder, &file, field)
        }
        (Kind::Letter, []) => letter::candidates(folder, &carrier.code, &file),
        (Kind::Message, []) => message(folder, &file),
        (Kind::Setting, []) => setting(folder, &file, &lead),
        (Kind::Role, []) => role(folder, &file, &lead),
        (Kind::Licence, []) => licence(folder, &file),
        (_, []) if lead.is_empty() => Ok(vec![whole(folder, &file)]),
        (_, keys) => key(folder, &file, &[&lead[..], keys].concat()),
    }
}

/// Without the file.
fn whole(folder: &Folder, file: &str) -> Reduced {
    Reduced {
        how: format!("拿掉 {file}"),
        folder: folder.clone().without(file),
    }
}

/// Without one key or entry; where there must be one, with a value that says nothing.
pub(super) fn key(folder: &Folder, file: &str, keys: &[String]) -> Result<Vec<Reduced>, String> {
    let read = tree::read(folder, file)?;
    let name = keys.join(".");
    let place = tree::find(&read, keys).ok_or_else(|| format!("{file} 里没有 {name}"))?;
    let mut candidates = vec![Reduced {
        how: format!("拿掉 {file} 的 {name}"),
        folder: tree::written(folder, file, &tree::without(read.clone(), &place))?,
    }];
    let value = tree::at(&read, &place).cloned().unwrap_or_default();
    for other in tree::neutral(&value) {
        let how = format!("把 {file} 的 {name} 换成 {other}");
        let changed = tree::with(read.clone(), &place, other);
        candidates.push(Reduced {
            how,
            folder: tree::written(folder, file, &changed)?,
        });
    }
    Ok(candidates)
}

fn changed(
    folder: &Folder,
    file: &str,
    how: String,
    change: impl FnOnce(&mut Json),
) -> Result<Reduced, String> {
    let mut read = tree::read(folder, file)?;
    change(&mut read);
    Ok(Reduced {
        how,
        folder: tree::written(folder, file, &read)?,
    })
}

/// It is sent and says nothing: who only asks whether there is one has not read it.
fn message(folder: &Folder, file: &str) -> Result<Vec<Reduced>, String> {
    let silent = changed(
        folder,
        file,
        format!("{file} 的标题和正文换成（略）"),
        |read| {
            read["title"] = json!("（略）");
            read["text"] = json!("（略）");
        },
    );
    Ok(vec![silent?, whole(folder, file)])
}

/// Without it the program would fall back on the same value: so it is set as far away as it may be.
fn setting(folder: &Folder, file: &str, lead: &[String]) -> Result<Vec<Reduced>, String> {
    let read = tree::read(folder, file)?;
    let missing = || format!("{file} 里没有 {}", lead.join("."));
    let place = tree::find(&read, lead).ok_or_else(missing)?;
    let own = tree::at(&read, &place).cloned().unwrap_or_default();
    let values = match &own["default"] {
        Json::Number(number) => {
            let ends = [own["max"].clone(), own["min"].clone()];
            let mut ends: Vec<Json> = ends.into_iter().filter(|end| end.is_number()).collect();
            ends.retain(|end| end.as_i64() != number.as_i64());
            ends
        }
        other => tree::neutral(other),
    };
    let mut candidates = Vec::new();
    for value in values {
        let how = format!(
            "把参数 {} 从 {} 改成 {value}",
            lead.join("."),
            own["default"]
        );
        let mut other = own.clone();
        other["default"] = value;
        let changed = tree::with(read.clone(), &place, other);
        candidates.push(Reduced {
            how,
            folder: tree::written(folder, file, &changed)?,
        });
    }
    Ok(candidates)
}

/// Whoever has the role may do nothing by it.
fn role(folder: &Folder, file: &str, lead: &[String]) -> Result<Vec<Reduced>, String> {
    let keys = [lead, &["permissions".to_owned()]].concat();
    let read = tree::read(folder, file)?;
    let missing = || format!("{file} 里没有 {}", lead.join("."));
    let place = tree::find(&read, &keys).ok_or_else(missing)?;
    Ok(vec![Reduced {
        how: format!("拿掉岗位 {} 的全部权限", lead.join(".")),
        folder: tree::written(folder, file, &tree::with(read, &place, json!([])))?,
    }])
}

/// Without it, or with a face on which nothing stands.
fn licence(folder: &Folder, file: &str) -> Result<Vec<Reduced>, String> {
    let blank = changed(
        folder,
        file,
        format!("{file} 的照面各项留空"),
        |read| {
            let fields = read["fields"].as_array_mut();
            for field in fields.into_iter().flatten() {
                // These keep to what the register of licences says; a pack that lets them go is refused.
                let kept = field["from"]
                    .as_str()
                    .is_some_and(|from| from.trim().starts_with("issued."));
                if !kept {
                    field["from"] = json!("''");
                }
            }
        },
    );
    Ok(vec![whole(folder, file), blank?])
}
