//! Electronic licences: issued, presented, verified, revoked. Files are sealed by the authority of `tongban-seals`.
//! The flow of a case calls it by plain data; its own files and events it keeps to itself.

mod audit;
mod definition;
mod error;
mod jobs;
mod licences;
mod model;
mod operations;
mod part;
mod permissions;
mod released;
mod service;
mod store;
mod trial;
mod web;

pub use audit::{EVENTS, LASTING, TRACE};
pub use definition::{
    FaceFault, LicenceType, LicenceTypes, Period, SetFace, TrialFacts, Validity, check_types,
};
pub use jobs::{ProduceLicence, TellOfEndings};
pub use licences::{AskIssuer, HolderLookup, Licences, LicencesParts};
pub use model::{
    Change, Changes, Edition, Ended, Files, Licence, LicenceEvent, LicenceId, Photo, Status,
};
pub use operations::{INFO, brought};
pub use part::released_as;
pub use permissions::{PERMISSIONS, READ, REVOKE};
pub use released::ReleaseFiles;
pub use service::cancel::Ending;
pub use service::current::Standing as LicenceStanding;
pub use service::file::{FileReport, TimeProof, exit_code, verify_file};
pub use service::issue::NewLicence;
pub use service::open::{FileFormat, OpenLicence};
pub use service::present::{Presentation, SETTING as PRESENTATION_SETTING};
pub use service::remind::{EndingLicence, TellEnding};
pub use service::search::LicenceQuery;
pub use service::seed::ExistingLicence;
pub use service::update::LicenceUpdate;
pub use service::verify::{LARGEST_FILE, PublicLicence, VerifyReport, on_record};

pub use trial::try_faces;
pub use web::own_part;

use tongban_store::{Marked, Migration};
use tongban_ui::{Module, NavEntry, Shell};

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "licences",
        name: "0001_licences",
        sql: include_str!("../migrations/0001_licences.sql"),
    },
    Migration {
        module: "licences",
        name: "0002_release",
        sql: include_str!("../migrations/0002_release.sql"),
    },
    Migration {
        module: "licences",
        name: "0003_papers",
        sql: include_str!("../migrations/0003_papers.sql"),
    },
    Migration {
        module: "licences",
        name: "0004_marks",
        sql: include_str!("../migrations/0004_marks.sql"),
    },
    Migration {
        module: "licences",
        name: "0005_presentations",
        sql: include_str!("../migrations/0005_presentations.sql"),
    },
    Migration {
        module: "licences",
        name: "0006_reminders",
        sql: include_str!("../migrations/0006_reminders.sql"),
    },
];

/// Rows that decide of a licence.
pub const MARKED: &[&Marked] = &[
    &store::licences::LICENCES,
    &store::editions::EDITIONS,
    &store::events::EVENTS,
    &store::presentations::PRESENTATIONS,
];

const MENU: &[NavEntry] = &[
    NavEntry {
        shell: Shell::Portal,
        title: "证照核验",
        icon: "shield-check",
        path: "/verify",
        permission: "",
        order: 40,
    },
    NavEntry {
        shell: Shell::Portal,
        title: "我的证照",
        icon: "certificate",
        path: "/me/licences",
        permission: "",
        order: 50,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "证照查询",
        icon: "certificate",
        path: "/workbench/licences",
        permission: REVOKE.0,
        order: 60,
    },
];

/// What this crate brings to the house. The wiring offers `Licences` as a service.
pub fn module() -> Module {
    Module {
        name: "licences",
        migrations: MIGRATIONS,
        marked: MARKED,
        permissions: PERMISSIONS,
        menu: MENU,
        routes: web::routes,
        jobs: jobs::handlers,
    }
}
