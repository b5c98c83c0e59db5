//! What can be done with registers, one verb per file. Pages, imports and other crates get the same answers.

pub(crate) mod by_case;
pub(crate) mod case_values;
pub(crate) mod change;
pub(crate) mod choose;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod files;
pub(crate) mod find;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod prepare;
pub(crate) mod published;
pub(crate) mod write;
