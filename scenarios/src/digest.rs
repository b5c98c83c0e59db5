//! On what a claim has bitten: a digest of the scenario and of what it reaches in the pack, kept in a file beside the
//! pack. While neither changes, the claim is believed; otherwise it must bite again.

use std::collections::{BTreeMap, BTreeSet};

use tongban_packs::Folder;

use crate::bite::places;
use crate::notation::FOLDER;
use crate::{Claimed, Scenario};

const HEAD: &str = "# 每条声明在哪一版场景和业务包上验证过：拿掉承载它的定义，场景就演不下去。由 make bite 写，不用手改。\n";

/// Rules name these without quotation marks.
const LOOKUPS: &str = "lookups/";

/// By scenario, then by claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<String, BTreeMap<String, String>>);

impl Known {
    /// Errors: what is wrong with the file.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text)
            .map(Self)
            .map_err(|fault| fault.to_string())
    }

    pub fn note(&mut self, scenario: &str, claimed: &Claimed, digest: &str) {
        let of = self.0.entry(scenario.to_owned()).or_default();
        of.insert(name(claimed), digest.to_owned());
    }

    /// What is noted of a scenario counts no longer.
    pub fn forget(&mut self, scenario: &str) {
        self.0.remove(scenario);
    }

    pub fn holds(&self, scenario: &str, claimed: &Claimed, digest: &str) -> bool {
        let of = self.0.get(scenario);
        of.and_then(|of| of.get(&name(claimed)))
            .is_some_and(|known| known == digest)
    }

    pub fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (scenario, claims) in &self.0 {
            text.push_str(&format!("\n[{scenario}]\n"));
            for (claim, digest) in claims {
                text.push_str(&format!("\"{claim}\" = \"{digest}\"\n"));
            }
        }
        text
    }
}

fn name(claimed: &Claimed) -> String {
    format!("{} {}", claimed.id, claimed.carrier)
}

/// Of a scenario, of what carries its claims, and of whatever of the pack these name, and so on: a definition that the
/// scenario never reaches may change without every claim of the pack having to bite again. `make bite` bites them all.
pub fn digest(folder: &Folder, scenario: &Scenario) -> String {
    let mut content = Vec::new();
    for name in reached(folder, scenario) {
        let bytes = folder.bytes(name).unwrap_or_default();
        content.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        content.extend_from_slice(bytes);
    }
    let mut digest = tongban_crypto::sm3_hex(&content);
    digest.truncate(32);
    digest
}

fn reached<'a>(folder: &'a Folder, scenario: &'a Scenario) -> BTreeSet<&'a str> {
    let places = scenario.covers.iter().map(|one| places::of(&one.carrier).0);
    let carriers: BTreeSet<String> = places.collect();
    let of_pack = |name: &&str| !name.starts_with(FOLDER);
    let mut found = BTreeSet::from([scenario.file.as_str()]);
    found.extend(folder.list("", "").filter(|name| carriers.contains(*name)));
    let mut open: Vec<&str> = found.iter().copied().collect();
    while let Some(name) = open.pop() {
        let text = String::from_utf8_lossy(folder.bytes(name).unwrap_or_default());
        let (words, names) = (named(&text), identifiers(&text));
        for other in folder.list("", "").filter(of_pack) {
            let known = match other.starts_with(LOOKUPS) {
                true => &names,
                false => &words,
            };
            if stem(other).is_some_and(|stem| known.contains(stem)) && found.insert(other) {
                open.push(other);
            }
        }
    }
    found
}

/// Of a file in a folder. What stands beside the folders lists the whole pack.
fn stem(file: &str) -> Option<&str> {
    let (_, name) = file.rsplit_once('/')?;
    name.split('.').next()
}

/// Whatever stands in quotation marks, or behind the word for its kind, as codes do.
fn named(text: &str) -> BTreeSet<&str> {
    let part = |c: char| !matches!(c, '"' | '\'' | ':' | '/' | '.' | '?');
    let mut words = BTreeSet::new();
    let mut from = 0;
    for (at, sign) in text.char_indices().filter(|(_, c)| !part(*c)) {
        words.insert(&text[from..at]);
        from = at + sign.len_utf8();
    }
    words
}

/// Whatever may stand for a look-up inside a rule.
fn identifiers(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::Carrier;

    #[test]
    fn what_was_noted_is_known_until_something_changes() {
        let claimed = Claimed {
            id: "SH-079".into(),
            carrier: Carrier::parse("item:a.limits").unwrap(),
        };
        let mut known = Known::default();
        known.note("one", &claimed, "d1");
        let known = Known::parse(&known.text()).unwrap();
        assert!(known.holds("one", &claimed, "d1"));
        assert!(!known.holds("one", &claimed, "d2") && !known.holds("two", &claimed, "d1"));
        let mut known = known;
        known.note("two", &claimed, "d2");
        known.forget("one");
        assert!(!known.holds("one", &claimed, "d1") && known.holds("two", &claimed, "d2"));
    }

    #[test]
    fn a_claim_is_bitten_again_when_something_changes_that_the_scenario_reaches() {
        let covers = vec![Claimed {
            id: "SH-079".into(),
            carrier: Carrier::parse("setting:years").unwrap(),
        }];
        let scenario = Scenario {
            name: "one".into(),
            file: "scenarios/one.toml".into(),
            title: "one".into(),
            covers,
            at: tongban_base::Timestamp(0),
            strangers: Vec::new(),
            steps: Vec::new(),
        };
        let files = [
            ("scenarios/one.toml", "start = \"grant\""),
            (
                "items/grant.toml",
                "form = \"grant-form\"\nrule = \"!my_holds.exists(h, true)\"",
            ),
            ("lookups/my_holds.toml", "register = \"hold\""),
            ("lookups/other_holds.toml", "register = \"hold\""),
            ("registers/hold.toml", ""),
            ("forms/grant-form.json", "{}"),
            ("items/other.toml", "form = \"grant-form\""),
            ("settings.toml", "code = \"years\""),
            ("roles.toml", "code = \"clerk\""),
        ];
        let with = |changed: &str| {
            let more = |name: &str| if name == changed { "# more" } else { "" };
            let files = files.map(|(name, text)| (name, format!("{text}{}", more(name))));
            let files: Vec<(&str, &[u8])> = files
                .iter()
                .map(|(name, text)| (*name, text.as_bytes()))
                .collect();
            digest(&Folder::embedded(&files), &scenario)
        };
        let before = with("");
        for (name, again) in [
            ("scenarios/one.toml", true),
            ("items/grant.toml", true),
            ("forms/grant-form.json", true),
            ("lookups/my_holds.toml", true),
            ("registers/hold.toml", true),
            ("lookups/other_holds.toml", false),
            ("items/other.toml", false),
            ("settings.toml", true),
            ("roles.toml", false),
        ] {
            assert_eq!(with(name) != before, again, "{name}");
        }
    }
}
