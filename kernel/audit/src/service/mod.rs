//! The use cases of the log. Knows no page.

pub(crate) mod anchor;
pub(crate) mod list;
pub(crate) mod reads;
pub(crate) mod record;
pub(crate) mod seal;
pub(crate) mod verify;
