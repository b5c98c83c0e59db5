//! The table of this crate.

mod guides;

pub(crate) use guides::{GUIDES, guide_on, insert, latest, places};
