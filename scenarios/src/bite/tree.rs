//! Definitions as trees of keys and values, whatever the file is written in: a place found by a path, taken out, or
//! given a value that says nothing.

use serde_json::{Value as Json, json};
use tongban_packs::Folder;

/// By which an entry of a list is known.
const NAMES: [&str; 7] = ["code", "id", "value", "name", "login", "type", "act"];

/// Where something stands: a key or the number of an entry, from the root down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Entry(usize),
}

pub(super) fn read(folder: &Folder, file: &str) -> Result<Json, String> {
    let missing = || format!("包里没有 {file}");
    let text = folder.text(file).map_err(|_| missing())?;
    match file.ends_with(".json") {
        true => serde_json::from_str(text).map_err(|fault| fault.to_string()),
        false => toml::from_str(text).map_err(|fault| fault.to_string()),
    }
}

/// The folder with the tree in place of a file.
pub(super) fn written(folder: &Folder, file: &str, tree: &Json) -> Result<Folder, String> {
    let text = match file.ends_with(".json") {
        true => tree.to_string(),
        false => {
            let table = toml::Table::try_from(tree).map_err(|fault| fault.to_string())?;
            table.to_string()
        }
    };
    Ok(folder.clone().with(file, text))
}

/// Follows a path. A list may be passed over: `question.reason` and `reason` find the same entry. Numbers count from 1.
pub(super) fn find(tree: &Json, keys: &[String]) -> Option<Place> {
    let mut place = Vec::new();
    descend(tree, keys, &mut place).then_some(Place(place))
}

fn descend(tree: &Json, keys: &[String], place: &mut Vec<Step>) -> bool {
    let Some((key, rest)) = keys.split_first() else {
        return true;
    };
    match tree {
        Json::Object(map) => {
            if let Some(below) = map.get(key) {
                place.push(Step::Key(key.clone()));
                return descend(below, rest, place);
            }
            let lists = map.iter().filter(|(_, below)| below.is_array());
            for (name, list) in lists {
                let length = place.len();
                place.push(Step::Key(name.clone()));
                if descend(list, keys, place) {
                    return true;
                }
                place.truncate(length);
            }
            false
        }
        Json::Array(entries) => {
            let named = entries.iter().position(|entry| is_called(entry, key));
            let counted = || key.parse::<usize>().ok()?.checked_sub(1);
            let Some((at, below)) = named
                .or_else(counted)
                .and_then(|at| Some((at, entries.get(at)?)))
            else {
                return false;
            };
            place.push(Step::Entry(at));
            descend(below, rest, place)
        }
        _ => false,
    }
}

fn is_called(entry: &Json, name: &str) -> bool {
    let said = |value: &Json| match value {
        Json::String(text) => text == name,
        Json::Number(number) => number.to_string() == name,
        _ => false,
    };
    said(entry) || NAMES.iter().any(|key| entry.get(key).is_some_and(said))
}

fn above<'t>(tree: &'t mut Json, place: &Place) -> Option<(&'t mut Json, Step)> {
    let (last, way) = place.0.split_last()?;
    let mut here = tree;
    for step in way {
        here = match step {
            Step::Key(key) => here.get_mut(key)?,
            Step::Entry(at) => here.get_mut(at)?,
        };
    }
    Some((here, last.clone()))
}

/// The tree without it.
pub(super) fn without(mut tree: Json, place: &Place) -> Json {
    match above(&mut tree, place) {
        Some((Json::Object(map), Step::Key(key))) => {
            map.shift_remove(&key);
        }
        Some((Json::Array(entries), Step::Entry(at))) if at < entries.len() => {
            entries.remove(at);
        }
        _ => {}
    }
    tree
}

/// The tree with another value there.
pub(super) fn with(mut tree: Json, place: &Place, value: Json) -> Json {
    match above(&mut tree, place) {
        Some((Json::Object(map), Step::Key(key))) => {
            map.insert(key, value);
        }
        Some((Json::Array(entries), Step::Entry(at))) => {
            if let Some(entry) = entries.get_mut(at) {
                *entry = value;
            }
        }
        _ => {}
    }
    tree
}

pub(super) fn at<'t>(tree: &'t Json, place: &Place) -> Option<&'t Json> {
    let mut here = tree;
    for step in &place.0 {
        here = match step {
            Step::Key(key) => here.get(key)?,
            Step::Entry(at) => here.get(at)?,
        };
    }
    Some(here)
}

/// Values that say nothing, or the opposite, where there must be one.
pub(super) fn neutral(value: &Json) -> Vec<Json> {
    match value {
        Json::Bool(flag) => vec![json!(!flag)],
        Json::Number(number) => {
            let other = [json!(0), json!(99)].into_iter();
            other.filter(|n| n.as_i64() != number.as_i64()).collect()
        }
        Json::String(_) => vec![json!(""), json!("true"), json!("（略）")],
        Json::Array(_) => vec![json!([])],
        Json::Object(_) => vec![json!({})],
        Json::Null => Vec::new(),
    }
}

/// Whether anything in it mentions a word.
pub(super) fn mentions(value: &Json, word: &str) -> bool {
    match value {
        Json::String(text) => names(text, word),
        Json::Array(entries) => entries.iter().any(|entry| mentions(entry, word)),
        Json::Object(map) => map.values().any(|below| mentions(below, word)),
        _ => false,
    }
}

/// As a whole word: `form.name` is not in `form.name_before`.
fn names(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let mut parts = text.split(word);
    let mut before = parts.next().unwrap_or_default();
    for after in parts {
        if !before.ends_with(inside) && !after.starts_with(inside) {
            return true;
        }
        before = after;
    }
    false
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn keys(path: &str) -> Vec<String> {
        path.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn a_place_is_found_by_keys_by_names_and_by_number() {
        let tree = json!({ "limits": { "promised": 1 }, "question": [{ "id": "reason", "text": "一" }],
            "rules": [{ "rule": "a" }, { "rule": "b" }], "rights": ["read", "write"] });
        let found =
            |path: &str| find(&tree, &keys(path)).and_then(|place| at(&tree, &place).cloned());
        assert_eq!(found("limits.promised"), Some(json!(1)));
        assert_eq!(found("question.reason.text"), Some(json!("一")));
        assert_eq!(found("reason.text"), Some(json!("一")));
        assert_eq!(found("rules.2.rule"), Some(json!("b")));
        assert_eq!(found("rights.write"), Some(json!("write")));
        assert_eq!((found("rules.3"), found("limits.statutory")), (None, None));
        let place = find(&tree, &keys("rights.read")).unwrap();
        assert_eq!(without(tree.clone(), &place)["rights"], json!(["write"]));
        let place = find(&tree, &keys("limits.promised")).unwrap();
        assert_eq!(without(tree.clone(), &place)["limits"], json!({}));
    }

    #[test]
    fn a_word_is_mentioned_only_as_a_whole() {
        assert!(mentions(
            &json!([{ "rule": "form.name == ''" }]),
            "form.name"
        ));
        assert!(!mentions(&json!("form.name_before == 1"), "form.name"));
    }
}
