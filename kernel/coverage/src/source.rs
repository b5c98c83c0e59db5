//! Finds the ids that tests name in their source, so that a claim whose test never ran is seen.
//! Knows the two spellings, `covers!("WH-001")` and `covers('WH-001')`, and nothing else of the languages.

use std::io;
use std::path::Path;

/// One id named at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    pub id: String,
    /// From the root of the workspace.
    pub file: String,
}

const FOLDERS: [&str; 8] = [
    "kernel",
    "engine",
    "domain",
    "solution",
    "scenarios",
    "bin",
    "e2e",
    "xtask",
];
const SKIPPED: [&str; 4] = ["node_modules", "target", "dist", "out"];

/// Every mention below the root of a workspace; none where no source is at hand.
pub fn mentions(root: &Path) -> io::Result<Vec<Mention>> {
    let mut found = Vec::new();
    for folder in FOLDERS.map(|f| root.join(f)).iter().filter(|f| f.is_dir()) {
        walk(root, folder, &mut found)?;
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<Mention>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
        if path.is_dir() {
            if !SKIPPED.contains(&name) && !name.starts_with('.') {
                walk(root, &path, found)?;
            }
        } else if [".rs", ".mjs", ".ts"].iter().any(|e| name.ends_with(e)) {
            let file = path.strip_prefix(root).unwrap_or(&path);
            let text = std::fs::read_to_string(&path)?;
            found.extend(mentions_in(&file.to_string_lossy(), &text));
        } else if is_scenario(&path) {
            let file = path.strip_prefix(root).unwrap_or(&path);
            let text = std::fs::read_to_string(&path)?;
            found.extend(claimed_in(&file.to_string_lossy(), &text));
        }
    }
    Ok(())
}

/// The ids in the calls of `covers` of one file; comment lines do not count.
pub fn mentions_in(file: &str, text: &str) -> Vec<Mention> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let calls = code.split("covers").skip(1).filter_map(|rest| {
        let open = rest.strip_prefix("!(").or_else(|| rest.strip_prefix('('))?;
        open.split_once(')')
            .map(|(arguments, _)| arguments.to_owned())
    });
    let mention = |id: &str| Mention {
        id: id.to_owned(),
        file: file.to_owned(),
    };
    calls
        .flat_map(|arguments| {
            let words = arguments.split(['"', '\'', '`']);
            let ids: Vec<Mention> = words.filter(|w| is_id(w)).map(mention).collect();
            ids
        })
        .collect()
}

/// A file of `scenarios/` in a pack.
fn is_scenario(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    path.extension().is_some_and(|e| e == "toml") && folder.is_some_and(|f| f == "scenarios")
}

/// The ids that a scenario claims: keys, as `"WH-001" = "item:…"`.
fn claimed_in(file: &str, text: &str) -> Vec<Mention> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let words: Vec<&str> = code.flat_map(|line| line.split('"')).collect();
    let named = words.windows(2).filter_map(|pair| match pair {
        [id, after] if is_id(id) && after.trim_start().starts_with('=') => Some(*id),
        _ => None,
    });
    named
        .map(|id| Mention {
            id: id.to_owned(),
            file: file.to_owned(),
        })
        .collect()
}

/// Two capital letters, a dash, three digits.
fn is_id(word: &str) -> bool {
    let bytes = word.as_bytes();
    let fits = |range: std::ops::Range<usize>, test: fn(&u8) -> bool| {
        bytes.get(range).is_some_and(|part| part.iter().all(test))
    };
    bytes.len() == 6
        && fits(0..2, u8::is_ascii_uppercase)
        && fits(2..3, |b| *b == b'-')
        && fits(3..6, u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_of_a_scenario_are_its_keys() {
        let text = "title = \"WH-008\"\ncovers = { \"WH-009\" = \"item:a\", \"SH-073\" = [\"item:b\"] }\n# \"SH-074\" = \"\"\n";
        let ids: Vec<String> = claimed_in("a.toml", text)
            .into_iter()
            .map(|m| m.id)
            .collect();
        assert_eq!(ids, ["WH-009", "SH-073"]);
    }

    #[test]
    fn both_spellings_are_found_and_comments_are_not() {
        // The calls are put together here, so that this file claims nothing itself.
        let rust = [
            "// cov",
            "ers!(\"WH-009\")\n    cov",
            "ers!(\n \"SH-073\",\n \"SH-074\",\n);",
        ]
        .concat();
        let ids: Vec<String> = mentions_in("a.rs", &rust)
            .into_iter()
            .map(|m| m.id)
            .collect();
        assert_eq!(ids, ["SH-073", "SH-074"]);
        let script = ["cov", "ers('WH-069', `XC-001`)"].concat();
        let ids: Vec<String> = mentions_in("a.mjs", &script)
            .into_iter()
            .map(|m| m.id)
            .collect();
        assert_eq!(ids, ["WH-069", "XC-001"]);
    }
}
