//! The occurrence net of an instance: why each token is where it is. A pure function of definition, state,
//! verb and moment; knows no database, no clock, no operation's inside.

mod advance;
mod apply;
mod assignment;
mod change;
mod events;
mod firing;
mod joint;
mod place;
mod previous;
mod refusal;
mod replay;
mod route;
mod run;
mod settle;
mod signer;
mod state;
mod token;
mod undo;
mod verbs;

pub use apply::{Environment, People, Verb, apply};
pub use assignment::{Assignment, Person};
pub use change::{Change, Closed, Deviation, Inverse, OperationCall, Timer};
pub use firing::{Firing, FiringKind, FiringNo, OperationRecord};
pub use place::Place;
pub use refusal::Refusal;
pub use replay::{Plan, PlanStep};
pub use run::Run;
pub use signer::Signer;
pub(crate) use signer::written;
pub use state::{Instance, Status};
pub use token::{Message, Note, Signature, Token, TokenNo};
pub use undo::{Mode, Target};
pub use verbs::{AddedSigner, Completion, SignerPlace};
