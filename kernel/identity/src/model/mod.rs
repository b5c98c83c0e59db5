//! What the crate speaks of: accounts, persons, staff, sessions, proofs. Knows no table, key or page.

mod assurance;
mod code_purpose;
mod input;
mod password;
mod person;
mod proof;
mod session;
mod staff;

pub use assurance::{Assurance, AssuranceChange};
pub use code_purpose::CodePurpose;
pub(crate) use input::{check_id_number, check_login, check_name, login_form};
pub(crate) use password::check_password;
pub use person::Person;
pub(crate) use person::mask_mobile;
pub use proof::{Match, ProofState, RealNameProof};
pub(crate) use session::agent_words;
pub use session::{SessionId, SessionKind, SessionView};
pub use staff::{NewStaff, Owner, Role, Roles, StaffRecord};
