//! One interface to SQLite and PostgreSQL: reads, writes with group commit, migrations, jobs, objects.
//! Knows no table of a business; knows no page.

mod cursor;
mod db;
mod digest;
mod error;
mod holdings;
mod installation;
mod jobs;
mod list;
mod mark;
mod marking;
mod migrate;
mod numbering;
mod object_check;
mod objects;
mod pending;
mod postgres;
mod row;
mod schema;
mod sqlite;
mod start;
mod sums;
mod task;
mod tx;
mod upkeep;
mod value;

pub use cursor::{Cursor, KeyPage};
pub use db::{Db, Fut};
pub use digest::{TableDigest, digest_of_copy, state_digest};
pub use error::{is_broken, row_changed};
pub use holdings::{drop_tables, holdings};
pub use installation::{Installation, begin_installation, has_begun, installation};
pub use jobs::{
    DeadJob, Dispatcher, Job, JobHandler, JobStatus, Lane, LaneLimits, LaneSettings, LaneStatus,
    Outcome, StoredJob, bring_forward, dead_jobs, repeat_job, repeat_jobs,
};
pub use list::{InSight, Key, List, Order};
pub use mark::{BrokenRow, Changes, Files, History, Marked, Marks};
pub use marking::{ALL_ROWS, MarkedRows, begin_marks, tell_table, walk_marks};
pub use migrate::{MIGRATIONS, Migration, migrate};
pub use numbering::{NumberBlocks, next_number, next_number_after};
pub use object_check::{ObjectFault, ObjectReport, ObjectState, check_objects, knows_files};
pub use objects::{INCOMING, ObjectId, Objects, StoredObject, unrecord};
pub use postgres::{Patience, libpq_address};
pub use row::{FromValue, Row};
pub use schema::compare_schema;
pub use start::Start;
pub use sums::{SUMS, begin_sums, fold_sums, resume_sums, sums_reached};
pub use tx::{Tx, queries_asked};
pub use upkeep::{Part, Upkeep, without_panic};
pub use value::Value;

/// Parameters of a statement, in the order `$1`, `$2`, …
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*][..] };
}
