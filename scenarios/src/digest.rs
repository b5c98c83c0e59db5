//! On what a claim has bitten: a digest of the scenario and of the pack, kept in a file beside the pack. While neither
//! changes, the claim is believed; otherwise it must bite again.

use std::collections::BTreeMap;

use tongban_packs::Folder;

use crate::notation::FOLDER;
use crate::{Claimed, Scenario};

const HEAD: &str = "# 每条声明在哪一版场景和业务包上验证过：拿掉承载它的定义，场景就演不下去。由 make bite 写，不用手改。\n";

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

/// Of a scenario and everything that it is played on.
pub fn digest(folder: &Folder, scenario: &Scenario) -> String {
    let mut content = Vec::new();
    let own = [scenario.file.as_str()];
    let others = folder.list("", "").filter(|name| !name.starts_with(FOLDER));
    for name in own.into_iter().chain(others) {
        let bytes = folder.bytes(name).unwrap_or_default();
        content.extend_from_slice(format!("{name} {}\n", bytes.len()).as_bytes());
        content.extend_from_slice(bytes);
    }
    let mut digest = tongban_crypto::sm3_hex(&content);
    digest.truncate(32);
    digest
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
}
