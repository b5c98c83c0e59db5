//! One interface to SQLite and PostgreSQL: reads, writes with group commit, migrations, jobs, objects.
//! Knows no table of a business; knows no page.

mod db;
mod digest;
mod error;
mod jobs;
mod migrate;
mod numbering;
mod objects;
mod pending;
mod postgres;
mod row;
mod sqlite;
mod task;
mod tx;
mod value;

pub use db::{Db, Fut};
pub use digest::{TableDigest, digest_of_copy, state_digest};
pub use jobs::{Dispatcher, Job, JobHandler, JobStatus, StoredJob, bring_forward};
pub use migrate::{MIGRATIONS, Migration, migrate};
pub use numbering::{NumberBlocks, next_number, next_number_after};
pub use objects::{Kept, ObjectId, Objects, StoredObject, unrecord};
pub use postgres::Patience;
pub use row::{FromValue, Row};
pub use tx::Tx;
pub use value::Value;

/// Parameters of a statement, in the order `$1`, `$2`, …
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*][..] };
}
