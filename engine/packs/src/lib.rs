//! Packs: definitions in a folder, loaded, checked, published as immutable releases.
//! Knows the shape of what every business shares (settings, organisations, calendar, …); what a domain
//! defines for itself, the domain reads from the same folder.

mod diagnostic;
mod folder;
mod installation;
mod link;
mod model;
mod number_rule;
mod offered;
mod pack;
mod publish;
mod recent;
mod release;
mod store;

pub use diagnostic::{Diagnostic, Findings};
pub use folder::Folder;
pub use installation::{Entry, EntryChange, EntryKind, EntryState, Installation, seeds};
pub use link::Packs;
pub use model::{
    Basis, CalendarDay, CalendarYear, Client, Division, DivisionLevel, FoundPage, KnownDivisions,
    Organisation, PackHead, Role, RoleGate, Setting, SettingValue, StaffMember, Theme, Word,
    known_divisions,
};
pub use number_rule::{NumberRule, NumberRules};
pub use offered::Offered;
pub use pack::Pack;
pub use publish::publish;
pub use recent::Recent;
pub use release::{ReleaseHash, canonical};
pub use store::{
    NewEntry, NewSetting, Offer, Published, SettingChange, change_entry, change_setting,
    changed_settings, entry_history, in_force, installation, is_in_force, offered_from, pack_stamp,
    release, seed_installation, setting_changes, setting_history, sound_from,
};

use tongban_store::{Marked, Migration};

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "packs",
        name: "0001_packs",
        sql: include_str!("../migrations/0001_packs.sql"),
    },
    Migration {
        module: "packs",
        name: "0002_in_force",
        sql: include_str!("../migrations/0002_in_force.sql"),
    },
    Migration {
        module: "packs",
        name: "0003_publications",
        sql: include_str!("../migrations/0003_publications.sql"),
    },
    Migration {
        module: "packs",
        name: "0004_marks",
        sql: include_str!("../migrations/0004_marks.sql"),
    },
    Migration {
        module: "packs",
        name: "0005_marks",
        sql: include_str!("../migrations/0005_marks.sql"),
    },
    Migration {
        module: "packs",
        name: "0006_offers",
        sql: include_str!("../migrations/0006_offers.sql"),
    },
    Migration {
        module: "packs",
        name: "0007_setting_changes",
        sql: include_str!("../migrations/0007_setting_changes.sql"),
    },
    Migration {
        module: "packs",
        name: "0008_installation",
        sql: include_str!("../migrations/0008_installation.sql"),
    },
];

/// Rows that decide how items run.
pub const MARKED: &[&Marked] = &[
    &store::SETTINGS,
    &store::SETTING_CHANGES,
    &store::RELEASES,
    &store::PUBLICATIONS,
    &store::OFFERS,
    &store::IN_FORCE,
    &store::SEEDS,
    &store::CHANGES,
];
