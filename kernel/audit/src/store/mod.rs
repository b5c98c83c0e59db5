//! The SQL of the log's two tables. Authorises nothing.

pub(crate) mod entry;
pub(crate) mod head;
