//! SQL of this crate. Authorises nothing and decides nothing.

pub(crate) mod editions;
pub(crate) mod events;
pub(crate) mod licences;
pub(crate) mod papers;
pub(crate) mod presentations;
pub(crate) mod reminders;
pub(crate) mod search;
