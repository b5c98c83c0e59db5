//! Several packs as one: an installation runs all of them in one house. Every name belongs to one pack; a pack sees what
//! it brings itself and what the packs bring that it names. Knows no definition but lists that all share.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Findings, Folder, PackHead};

/// Lists to which every pack may add entries: files that hold nothing but arrays of tables.
const LISTS: [&str; 11] = [
    "calendar.toml",
    "clients.toml",
    "divisions.toml",
    "labels.toml",
    "organisations.toml",
    "reviews.toml",
    "roles.toml",
    "settings.toml",
    "staff.toml",
    "themes.toml",
    "words.toml",
];
const HEAD: &str = "pack.toml";
/// What proves a pack is no part of what several make together.
const PROOFS: &str = "scenarios/";

/// The packs of an installation by their codes.
#[derive(Clone, Debug)]
pub struct Packs(BTreeMap<String, Member>);

#[derive(Clone, Debug)]
struct Member {
    head: PackHead,
    folder: Folder,
}

impl Packs {
    /// Errors: a pack without a head, two with one code, a name of a pack that is not there, packs that name each other in
    /// a circle.
    pub fn of(folders: Vec<Folder>) -> Result<Self, Findings> {
        let mut findings = Findings::default();
        let mut members: BTreeMap<String, Member> = BTreeMap::new();
        for folder in folders {
            let Some(head) = findings.take(folder.toml::<PackHead>(HEAD)) else {
                continue;
            };
            let code = head.code.clone();
            if members.contains_key(&code) {
                let words = format!("有两个业务包的代码都是 {code}");
                findings.add(HEAD, Some("code"), words);
            }
            members.insert(code, Member { head, folder });
        }
        let packs = Self(members);
        for member in packs.0.values() {
            for used in &member.head.uses {
                if !packs.0.contains_key(used) {
                    let words = format!("{} 用到的业务包 {used} 不在", member.head.code);
                    findings.add(HEAD, Some("uses"), words);
                }
            }
            if packs.used_by(&member.head.code).contains(&member.head.code) {
                let words = format!("{} 用到的业务包又用到它自己，绕成了一圈", member.head.code);
                findings.add(HEAD, Some("uses"), words);
            }
        }
        match findings.is_empty() {
            true => Ok(packs),
            false => Err(findings),
        }
    }

    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What a pack names, directly or through others.
    fn used_by(&self, code: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![code.to_owned()];
        while let Some(next) = open.pop() {
            let member = self.0.get(&next);
            for used in member.into_iter().flat_map(|member| &member.head.uses) {
                if found.insert(used.clone()) {
                    open.push(used.clone());
                }
            }
        }
        found
    }

    /// All packs as one folder.
    /// Errors: a definition that two of them bring.
    pub fn linked(&self) -> Result<Folder, Findings> {
        merged(self.0.values())
    }

    /// A pack with all that it names, and nothing else: what it uses without naming it is not there.
    pub fn seen_by(&self, code: &str) -> Result<Folder, Findings> {
        let used = self.used_by(code);
        let seen = |member: &&Member| member.head.code == code || used.contains(&member.head.code);
        merged(self.0.values().filter(seen))
    }
}

fn merged<'m>(members: impl Iterator<Item = &'m Member>) -> Result<Folder, Findings> {
    let members: Vec<&Member> = members.collect();
    if let [one] = members.as_slice() {
        return Ok(one.folder.clone());
    }
    let mut findings = Findings::default();
    let mut files: BTreeMap<String, (String, Vec<u8>)> = BTreeMap::new();
    for Member { head, folder } in &members {
        let joins = |(name, _): &(&str, &[u8])| *name != HEAD && !name.starts_with(PROOFS);
        for (name, content) in folder.files().filter(joins) {
            match files.get_mut(name) {
                None => {
                    files.insert(name.to_owned(), (head.code.clone(), content.to_vec()));
                }
                Some((_, so_far)) if LISTS.contains(&name) => {
                    so_far.push(b'\n');
                    so_far.extend_from_slice(content);
                }
                Some((other, _)) => {
                    let words = format!("业务包 {other} 和 {} 都有这个文件", head.code);
                    findings.add(name, None, words);
                }
            }
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut files: BTreeMap<String, Vec<u8>> = files
        .into_iter()
        .map(|(name, (_, content))| (name, content))
        .collect();
    files.insert(HEAD.to_owned(), head_of(&members).into_bytes());
    Ok(Folder::of(files.into_iter()))
}

/// The head of what several packs make together.
fn head_of(members: &[&Member]) -> String {
    let joined = |part: fn(&PackHead) -> &str, between: &str| {
        let parts: Vec<&str> = members.iter().map(|member| part(&member.head)).collect();
        parts.join(between)
    };
    let quoted = |text: String| serde_json::Value::from(text).to_string();
    let language = members.first().map_or("", |first| &first.head.language);
    format!(
        "code = {}\ntitle = {}\nversion = {}\nlanguage = {}\n",
        quoted(joined(|head| &head.code, "+")),
        quoted(joined(|head| &head.title, "、")),
        quoted(joined(|head| &head.version, "+")),
        quoted(language.to_owned()),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn pack(code: &str, uses: &str) -> Folder {
        let head = format!(
            "code = \"{code}\"\ntitle = \"示例{code}\"\nversion = \"1\"\nlanguage = \"zh-CN\"\nuses = {uses}\n"
        );
        Folder::default().with(HEAD, head)
    }

    fn words(of: Vec<Folder>) -> String {
        let findings = Packs::of(of).unwrap_err();
        let all: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
        all.join("\n")
    }

    #[test]
    fn a_pack_sees_what_it_names_and_nothing_else() {
        let common = pack("common", "[]").with("roles.toml", "[[role]]\ncode = \"a\"\n");
        let one = pack("one", "[\"common\"]").with("roles.toml", "[[role]]\ncode = \"b\"\n");
        let other = pack("other", "[]").with("flows/x.bpmn", "x");
        let packs = Packs::of(vec![common, one.clone(), other]).unwrap();
        let all = packs.linked().unwrap();
        assert!(all.bytes("flows/x.bpmn").is_some());
        let roles = all.text("roles.toml").unwrap();
        assert_eq!(roles.matches("[[role]]").count(), 2);
        let head: PackHead = all.toml(HEAD).unwrap();
        assert_eq!(head.title, "示例common、示例one、示例other");
        let seen = packs.seen_by("one").unwrap();
        assert!(seen.bytes("flows/x.bpmn").is_none());
        assert_eq!(
            seen.text("roles.toml").unwrap().matches("[[role]]").count(),
            2
        );
        assert_eq!(
            Packs::of(vec![pack("alone", "[]")])
                .unwrap()
                .linked()
                .unwrap(),
            pack("alone", "[]")
        );
    }

    #[test]
    fn two_of_one_code_an_unknown_name_and_a_circle_are_told() {
        assert!(words(vec![pack("a", "[]"), pack("a", "[]")]).contains("代码都是 a"));
        assert!(words(vec![pack("a", "[\"b\"]")]).contains("a 用到的业务包 b 不在"));
        let circle = vec![
            pack("a", "[\"b\"]"),
            pack("b", "[\"c\"]"),
            pack("c", "[\"a\"]"),
        ];
        assert!(words(circle).contains("绕成了一圈"));
        assert!(words(vec![pack("a", "[\"a\"]")]).contains("绕成了一圈"));
        assert!(words(vec![Folder::default()]).contains("pack.toml"));
    }

    #[test]
    fn a_definition_belongs_to_one_pack() {
        let with_flow = |code: &str| pack(code, "[]").with("flows/permit.bpmn", "x");
        let packs = Packs::of(vec![with_flow("a"), with_flow("b")]).unwrap();
        let told = packs.linked().unwrap_err().0[0].to_string();
        assert_eq!(told, "flows/permit.bpmn 业务包 a 和 b 都有这个文件");
    }
}
