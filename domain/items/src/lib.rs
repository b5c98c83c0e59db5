//! Service items: the directory, the guide, what a citizen can apply for.
//! Knows no case; a case knows the release of the item that it began with.

mod catalog;
mod check;
mod conditions;
mod environment;
mod model;
mod offers;
mod release;
mod search;
mod web;

pub use catalog::{Catalog, ItemQuery, SharedOperations};
pub use check::{Checked, FlowOperations, check};
pub use model::{
    Act, Choice, Documents, Item, LicenceEffect, Limits, Material, MaterialSource, MaterialUse,
    Question, Validity,
};
pub use offers::Standing;
pub use release::{Facts, ItemRelease, RELEASE_KIND, body};
pub use web::module;

/// Releases lie in the tables of packs; the directory has none of its own.
pub(crate) const MIGRATIONS: &[tongban_store::Migration] = tongban_packs::MIGRATIONS;
pub(crate) const MARKED: &[&tongban_store::Marked] = tongban_packs::MARKED;
