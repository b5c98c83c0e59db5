//! `tongban bench`: how fast the house is, each figure beside a peer measured in the same run.
//! Knows no wiring: houses are handed to it, ready. Asserts nothing about time: it only tells.

mod bare;
mod callers;
mod cases;
mod catalogue;
mod client;
mod crowd;
mod documents;
mod doors;
mod flows;
mod jobs;
mod load;
mod marks;
mod memory;
mod pages;
mod peers;
mod program;
mod report;
mod town;

pub use bare::Bare;
pub use cases::{Database, cases, durability};
pub use catalogue::{Catalogue, catalogue};
pub use documents::documents;
pub use doors::doors;
pub use flows::flows;
pub use jobs::{Drained, Queued, jobs};
pub use marks::marks;
pub use memory::memory;
pub use pages::pages;
pub use report::{Figure, Report};

use tongban_cases::Desk;
use tongban_identity::Identity;
use tongban_licences::Licences;
use tongban_store::Db;
use tongban_ui::Doors;

/// A house to measure: freshly made, filled with nothing but its pack.
pub struct House {
    pub db: Db,
    pub desk: Desk,
    pub identity: Identity,
    pub licences: Licences,
    pub doors: Doors,
    pub router: axum::Router,
}
