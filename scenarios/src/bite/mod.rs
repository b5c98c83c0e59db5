//! Whether a scenario bites: what carries the claim is taken out of a copy of the pack, and the scenario must see it.
//! A house that breaks without it proves nothing; then something smaller is taken out.

mod chain;
mod flow;
mod form;
mod letter;
pub(crate) mod places;
mod reduce;
mod tree;

use std::sync::Arc;

use tongban_packs::Folder;

use crate::troupe::play;
use crate::{Claimed, Fallen, Scenario, Stage, Why};

/// A pack from which something was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reduced {
    /// What was taken, in words.
    pub how: String,
    pub folder: Folder,
}

/// What came of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitten {
    pub scenario: String,
    pub claimed: Claimed,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has bitten before, on the same scenario and pack.
    Known,
    /// The scenario fails without it.
    Bites { how: String, fallen: Fallen },
    /// It goes through all the same.
    Idle { how: String },
    /// Nothing could be taken out without breaking the rest; each try with the reason.
    Stuck(Vec<(String, String)>),
    /// The pack has nothing of the kind.
    Absent(String),
}

impl Bitten {
    pub fn counts(&self) -> bool {
        matches!(self.outcome, Outcome::Known | Outcome::Bites { .. })
    }
}

/// Takes out what carries one claim, the whole of it first, and plays.
pub(crate) async fn bite(stage: &Arc<dyn Stage>, scenario: &Scenario, claimed: &Claimed) -> Bitten {
    let outcome = match reduce::candidates(&stage.pack().folder, &claimed.carrier) {
        Ok(candidates) => bitten(stage, scenario, candidates).await,
        Err(words) => Outcome::Absent(words),
    };
    Bitten {
        scenario: scenario.name.clone(),
        claimed: claimed.clone(),
        outcome,
    }
}

async fn bitten(stage: &Arc<dyn Stage>, scenario: &Scenario, candidates: Vec<Reduced>) -> Outcome {
    let mut tried = Vec::new();
    for Reduced { how, folder } in candidates {
        let reduced = match stage.without(folder).await {
            Ok(reduced) => reduced,
            Err(findings) => {
                let first = findings.0.first().map(ToString::to_string);
                tried.push((how, first.unwrap_or_default()));
                continue;
            }
        };
        match play(&*reduced, scenario).await.fallen {
            None => return Outcome::Idle { how },
            Some(Fallen {
                why: Why::Broken(words),
                ..
            }) => tried.push((how, words)),
            Some(fallen) => match reduced.try_papers().await.0.first() {
                None => return Outcome::Bites { how, fallen },
                Some(fault) => tried.push((how, fault.to_string())),
            },
        }
    }
    Outcome::Stuck(tried)
}
