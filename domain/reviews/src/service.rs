//! What can be done with ratings, one verb per file.

pub(crate) mod feed_back;
pub(crate) mod queue;
pub(crate) mod rate;
pub(crate) mod statistics;
pub(crate) mod verify;
