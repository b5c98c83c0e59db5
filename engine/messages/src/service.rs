//! What can be done with messages, one verb per file.

pub(crate) mod of_subject;
pub(crate) mod send;
