//! Which requirements are proved: the baseline, what passed tests claim, and the report of both.
//! Knows nothing of the modules that it reports on.

mod baseline;
mod claim;
mod page;
mod report;
mod source;

pub use baseline::{Baseline, Document, Requirement};
pub use claim::{Claim, Claims, Outcome};
pub use page::html;
pub use report::{DocumentReport, ModuleReport, Report, Unproved};
pub use source::{Mention, mentions, mentions_in};
