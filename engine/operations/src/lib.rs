//! What definitions can have done and may ask: operations and sources that modules bring, with what a check has to know
//! of them. Runs nothing by itself and knows no module.

mod argument;
mod info;
mod operation;
mod subject;

pub use argument::{Argument, ArgumentKind};
pub use info::{CallSite, Effect, OperationInfo, Operations};
pub use operation::{
    Asked, CaseLine, CasesOfRecord, Choosable, Choosing, GuideLink, GuidePage, GuidePart, Guides,
    Operation, RecordLink, Records, Source, SourceInfo, SubmissionCheck, Wanted,
};
pub use subject::{About, DoneBefore, MaterialUse, Subject, SubjectFile};
