//! The verbs.

mod change;
mod in_use;

pub(crate) use change::{Act, Wish, change, may_change};
