//! What a drawing says that programs act on: closed lists, read from attributes and checked when a flow is loaded.
//! Titles, labels and names of stages are words for people; nothing compares them.

use serde::{Deserialize, Serialize};

/// A word of a closed list, as attributes write it.
pub trait Word: Copy + Sized + 'static {
    const ALL: &'static [(&'static str, Self)];

    fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
    }

    /// All words, for whoever wrote another one.
    fn allowed() -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|(word, _)| *word).collect();
        words.join("、")
    }
}

/// Where the matter stands in law while a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Handed in, not yet accepted.
    Filed,
    /// The applicant has to mend something.
    Mending,
    /// Accepted and worked on.
    Running,
    /// Decided; what was decided is carried out. Nothing can be withdrawn or paused any more.
    Decided,
    /// Closed; what remains is handing it over.
    Ended,
}

impl Word for Phase {
    const ALL: &'static [(&'static str, Self)] = &[
        ("filed", Phase::Filed),
        ("mending", Phase::Mending),
        ("running", Phase::Running),
        ("decided", Phase::Decided),
        ("ended", Phase::Ended),
    ];
}

/// What has to come with a decision, or it cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// What is wrong with which field or material.
    Correction,
}

impl Word for Asks {
    const ALL: &'static [(&'static str, Self)] = &[("correction", Asks::Correction)];
}

/// How a decision is for the person concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Favourable,
    #[default]
    Neutral,
    Harmful,
}

impl Word for Tone {
    const ALL: &'static [(&'static str, Self)] = &[
        ("favourable", Tone::Favourable),
        ("neutral", Tone::Neutral),
        ("harmful", Tone::Harmful),
    ];
}

/// Whether the handler has to give reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opinion {
    Optional,
    Required,
}

impl Word for Opinion {
    const ALL: &'static [(&'static str, Self)] = &[
        ("optional", Opinion::Optional),
        ("required", Opinion::Required),
    ];
}

/// What is written down with a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    #[default]
    Text,
    /// The identity number of whoever comes: it must be the applicant's.
    Applicant,
}

impl Word for EntryKind {
    const ALL: &'static [(&'static str, Self)] = &[
        ("text", EntryKind::Text),
        ("applicant", EntryKind::Applicant),
    ];
}

/// What is only said where it is so; nothing written is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sure {
    Yes,
}

impl Word for Sure {
    const ALL: &'static [(&'static str, Self)] = &[("yes", Sure::Yes)];
}
