//! Officers' accounts as the outcome of a case: the part `account` of a procedure says whose, and flows open, lock, unlock
//! and change it. The accounts themselves are the identity's.

mod operations;
mod part;

pub use operations::{OPERATIONS, operations};
pub use part::PART;
