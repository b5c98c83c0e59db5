//! What this crate brings to the house.

use tongban_store::{Marked, Migration};
use tongban_ui::{Module, NavEntry, Shell};

use crate::store::account::{ACCOUNTS, CHANGES};
use crate::store::mobile_code::MOBILE_CODES;
use crate::store::real_name_check::CHECKS;
use crate::store::{login_guard::GUARDS, session::SESSIONS, staff::STAFF, staff_contact::CONTACTS};
use crate::store::{openid_code::CODES, openid_consent::CONSENTS, openid_token::TOKENS};
use crate::{jobs, permissions, web};

/// The tables of this crate; those of the audit log are brought by `tongban_audit`.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "identity",
        name: "0001_identity",
        sql: include_str!("../migrations/0001_identity.sql"),
    },
    Migration {
        module: "identity",
        name: "0002_openid",
        sql: include_str!("../migrations/0002_openid.sql"),
    },
    Migration {
        module: "identity",
        name: "0003_marks",
        sql: include_str!("../migrations/0003_marks.sql"),
    },
    Migration {
        module: "identity",
        name: "0004_marks",
        sql: include_str!("../migrations/0004_marks.sql"),
    },
    Migration {
        module: "identity",
        name: "0005_turned_away",
        sql: include_str!("../migrations/0005_turned_away.sql"),
    },
    Migration {
        module: "identity",
        name: "0006_contacts",
        sql: include_str!("../migrations/0006_contacts.sql"),
    },
    Migration {
        module: "identity",
        name: "0007_mobile_code",
        sql: include_str!("../migrations/0007_mobile_code.sql"),
    },
];

/// Rows that decide who somebody is.
pub const MARKED: &[&Marked] = &[
    &CONTACTS,
    &ACCOUNTS,
    &CHANGES,
    &CHECKS,
    &SESSIONS,
    &STAFF,
    &GUARDS,
    &CONSENTS,
    &CODES,
    &TOKENS,
    &MOBILE_CODES,
];

const MENU: &[NavEntry] = &[
    NavEntry {
        shell: Shell::Portal,
        title: "我的账号",
        icon: "user-circle",
        path: "/me",
        permission: "",
        order: 90,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "实名账号",
        icon: "id-badge-2",
        path: web::PROOFS,
        permission: permissions::RELEASE.0,
        order: 870,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "工作人员",
        icon: "users",
        path: web::OFFICERS,
        permission: permissions::MANAGE_STAFF.0,
        order: 880,
    },
];

pub fn module() -> Module {
    Module {
        name: "identity",
        migrations: MIGRATIONS,
        marked: MARKED,
        permissions: permissions::PERMISSIONS,
        menu: MENU,
        routes: web::routes,
        jobs: jobs::handlers,
    }
}
