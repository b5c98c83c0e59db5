//! Registers: collections of records with a schema and a history, run from definitions of a pack.
//! Knows no business: what a register holds, lists and refuses stands in its definition.

mod added;
mod audit;
mod definition;
mod lookups;
mod model;
mod module;
mod operations;
mod part;
mod permissions;
mod registers;
mod service;
mod store;
mod web;

pub use audit::{EVENTS, LASTING, SUBJECTS, TRACE};
pub use definition::{
    Action, FileField, Publish, RecordCheck, RegisterDefinition, RegisterDefinitions,
};
pub use lookups::{check_choices, check_lookups, check_references};
pub use model::{Change, FileValue, HistoryLine, ListRow, OpenRecord, RecordId, RegisterRecord};
pub use module::module;
pub use operations::{OPERATIONS, operations};
pub use part::PARTS;
pub use permissions::{MANAGE, PERMISSIONS, READ};
pub use registers::Registers;
pub use service::files::Keeping;
pub use service::import::Prepared;
pub use service::list::ListQuery;

use tongban_store::{Marked, Migration};

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "registers",
        name: "0001_registers",
        sql: include_str!("../migrations/0001_registers.sql"),
    },
    Migration {
        module: "registers",
        name: "0002_marks",
        sql: include_str!("../migrations/0002_marks.sql"),
    },
    Migration {
        module: "registers",
        name: "0003_places",
        sql: include_str!("../migrations/0003_places.sql"),
    },
    Migration {
        module: "registers",
        name: "0004_holders_and_files",
        sql: include_str!("../migrations/0004_holders_and_files.sql"),
    },
];

/// Rows that decide what a record says, and whether it is found.
pub const MARKED: &[&Marked] = &[
    &store::records::RECORDS,
    &store::records::UNIQUE,
    &store::records::VALUES,
    &store::history::HISTORY,
    &store::holders::HOLDERS,
    &store::holders::FILES,
];
