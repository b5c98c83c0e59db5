//! What can be done with messages, one verb per file.

pub(crate) mod deliver;
pub(crate) mod inbox;
pub(crate) mod mark_read;
pub(crate) mod of_subject;
pub(crate) mod receive_receipt;
pub(crate) mod send;
