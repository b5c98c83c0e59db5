//! What scenarios prove, written where tests write it: an id counts when its scenario goes through and bites.

use std::collections::BTreeSet;

use tongban_coverage::{Claim, Outcome};

use crate::Played;

/// `pack` is the folder of the pack from the root of the workspace; `bitten` says which ids of a scenario bite.
pub fn claims(pack: &str, played: &Played, bitten: &BTreeSet<String>) -> Vec<Claim> {
    let through = played.fallen.is_none();
    let all: BTreeSet<String> = played
        .covers
        .iter()
        .map(|claimed| claimed.id.clone())
        .collect();
    let (proved, open): (Vec<String>, Vec<String>) = all
        .into_iter()
        .partition(|id| through && bitten.contains(id));
    let of = |ids: Vec<String>, outcome| Claim {
        test: format!("scenario {}", played.name),
        file: format!("{}/{}", pack.trim_end_matches('/'), played.file),
        ids,
        outcome,
    };
    let claims = [of(proved, Outcome::Passed), of(open, Outcome::Begun)];
    claims
        .into_iter()
        .filter(|claim| !claim.ids.is_empty())
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Carrier, Claimed, Fallen, Why};

    fn played(fallen: Option<Fallen>) -> Played {
        let claimed = |id: &str| Claimed {
            id: id.to_owned(),
            carrier: Carrier::parse("item:a").unwrap(),
        };
        Played {
            name: "one".into(),
            file: "scenarios/one.toml".into(),
            title: String::new(),
            covers: vec![claimed("SH-079"), claimed("SH-080")],
            fallen,
            opening: Default::default(),
            playing: Default::default(),
        }
    }

    fn told(fallen: Option<Fallen>) -> Vec<(Vec<String>, Outcome)> {
        let claims = claims(
            "solution/a/pack",
            &played(fallen),
            &["SH-079".to_owned()].into(),
        );
        assert!(
            claims
                .iter()
                .all(|c| c.file == "solution/a/pack/scenarios/one.toml")
        );
        claims
            .into_iter()
            .map(|claim| (claim.ids, claim.outcome))
            .collect()
    }

    #[test]
    fn only_what_goes_through_and_bites_is_proved() {
        let (one, two) = (vec!["SH-079".to_owned()], vec!["SH-080".to_owned()]);
        assert_eq!(
            told(None),
            [
                (one.clone(), Outcome::Passed),
                (two.clone(), Outcome::Begun)
            ]
        );
        let fallen = Fallen {
            step: 1,
            line: 1,
            why: Why::Broken(String::new()),
        };
        assert_eq!(told(Some(fallen)), [([one, two].concat(), Outcome::Begun)]);
    }
}
