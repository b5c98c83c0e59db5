//! `scenarios/*.toml` of a pack, read: what stands in a file is a step of the vocabulary, or a fault with its line.
//! Plays nothing.

mod covers;
mod part;
mod reader;

use serde::Deserialize;
use tongban_base::Timestamp;
use tongban_packs::{Findings, Folder};

pub use covers::{Carrier, Claimed, Kind};
pub(crate) use part::{Part, Reading};

use crate::sights::Sight;
use crate::time::When;
use crate::verbs::Verb;

/// Where the scenarios of a pack lie.
pub const FOLDER: &str = "scenarios/";

/// A story with what it proves.
pub struct Scenario {
    /// Its file without folder and ending.
    pub name: String,
    /// Its file, from the folder of the pack.
    pub file: String,
    pub title: String,
    pub covers: Vec<Claimed>,
    pub at: Timestamp,
    pub strangers: Vec<Stranger>,
    pub(crate) steps: Vec<Step>,
}

/// Somebody without an account, who registers and proves the name before the first step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stranger {
    pub login: String,
    pub name: String,
    pub id_number: String,
    pub mobile: String,
}

pub(crate) struct Step {
    /// Counted from 1 through the whole file.
    pub number: usize,
    pub line: usize,
    /// The moment to which the clock is moved first.
    pub when: Option<When>,
    /// The login of whoever acts or looks; when it says nothing, of whoever did before.
    pub who: Option<String>,
    /// Which of the scenario's cases it is about; when it says nothing, the one of the step before.
    pub on: Option<String>,
    pub what: What,
}

pub(crate) enum What {
    /// Only time passes.
    Wait,
    Do(Box<dyn Verb>, Option<Refused>),
    See(Box<dyn Sight>),
}

impl What {
    /// Whether a scenario can fail by it for another reason than that something could not be done.
    fn asserts(&self) -> bool {
        matches!(self, What::See(_) | What::Do(_, Some(_)))
    }
}

/// That a step must be refused, with these words on the page; at a field when one is named.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Refused {
    Words(String),
    AtField(AtField),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtField {
    pub words: String,
    pub field: String,
}

/// All scenarios of a pack, in the order of their files. What is wrong with one is told, and it is left out.
pub fn read(folder: &Folder, findings: &mut Findings) -> Vec<Scenario> {
    let names: Vec<&str> = folder.list(FOLDER, ".toml").collect();
    let mut scenarios = Vec::new();
    for file in names {
        let Some(text) = findings.take(folder.text(file)) else {
            continue;
        };
        let mut reading = Reading::of(file, text);
        let scenario = reader::scenario(&mut reading);
        match (scenario, reading.faults.is_empty()) {
            (Some(scenario), true) => scenarios.push(scenario),
            _ => findings.0.append(&mut reading.faults),
        }
    }
    scenarios
}
