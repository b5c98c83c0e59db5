//! The use cases, one verb per file. Pages, API, jobs and the flows of cases call the same functions.

pub(crate) mod cancel;
pub(crate) mod claim;
pub(crate) mod current;
pub(crate) mod file;
pub(crate) mod issue;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod papers;
pub(crate) mod present;
pub(crate) mod produce;
pub(crate) mod remind;
pub(crate) mod revoke;
pub(crate) mod search;
pub(crate) mod seed;
pub(crate) mod undo;
pub(crate) mod update;
pub(crate) mod verify;
