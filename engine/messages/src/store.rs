//! The table of messages. Authorises nothing.

pub(crate) mod insert;
pub(crate) mod list;
