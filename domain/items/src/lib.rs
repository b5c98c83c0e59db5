//! Service items: the directory of what can be applied for, and the guide to each. Knows no case.

mod directory;
mod guide;
mod search;
mod web;

pub use directory::{Directory, Entry, ItemQuery};
pub use guide::{Guide, INFO};
pub use web::module;
