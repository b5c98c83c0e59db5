//! Procedures: what can be applied for, compiled from a pack and published as releases. A case runs on the release it
//! began with. Knows no case and no guide; modules read their own parts of a procedure.

mod audience;
mod catalog;
mod check;
mod closure;
mod compiled_once;
mod conditions;
mod environment;
mod filing;
mod flow;
mod form_divisions;
mod gate;
mod lookup;
mod model;
pub mod names;
mod offers;
mod part;
mod release;

pub use audience::Audience;
pub use catalog::{Catalog, PAUSED, SharedOperations};
pub use check::{Checked, FlowOperations, Flowing, Known, check};
pub use closure::{Reach, typst_files};
pub use flow::read_chain;
pub use lookup::Lookup;
pub use model::{
    Act, Choice, Documents, Law, Limits, Material, MaterialSource, Procedure, Question,
};
pub use offers::{Face, Offered, Standing};
pub use part::{PartInfo, PartSite, Parts};
pub use release::{Facts, ProcedureRelease, RELEASE_KIND};
pub use tongban_operations::MaterialUse;

/// Releases lie in the tables of packs; this crate has none of its own.
pub const MIGRATIONS: &[tongban_store::Migration] = tongban_packs::MIGRATIONS;
pub const MARKED: &[&tongban_store::Marked] = tongban_packs::MARKED;
