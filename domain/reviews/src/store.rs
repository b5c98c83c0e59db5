//! The table of ratings. Authorises nothing.

pub(crate) mod handle;
pub(crate) mod insert;
pub(crate) mod list;
pub(crate) mod read;
