//! The table of messages. Authorises nothing.

pub(crate) mod delivery;
pub(crate) mod insert;
pub(crate) mod list;
pub(crate) mod read;
