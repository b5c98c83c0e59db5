//! What can be done with mandates, one verb per file.

pub(crate) mod answer;
pub(crate) mod end;
pub(crate) mod invite;
pub(crate) mod items;
pub(crate) mod own;
pub(crate) mod telling;
