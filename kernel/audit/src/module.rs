//! What this crate brings to the house.

use tongban_store::Migration;
use tongban_ui::{Module, NavEntry, PermissionDef, Shell};

use crate::web;

/// The tables of this crate.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "audit",
        name: "0001_audit",
        sql: include_str!("../migrations/0001_audit.sql"),
    },
    Migration {
        module: "audit",
        name: "0002_division",
        sql: include_str!("../migrations/0002_division.sql"),
    },
    Migration {
        module: "audit",
        name: "0003_actor_name",
        sql: include_str!("../migrations/0003_actor_name.sql"),
    },
];

const PERMISSIONS: &[PermissionDef] = &[PermissionDef {
    name: "audit.read",
    title: "查看审计日志",
}];

const MENU: &[NavEntry] = &[NavEntry {
    shell: Shell::Workbench,
    title: "审计日志",
    icon: "shield-check",
    path: "/workbench/audit",
    permission: "audit.read",
    order: 900,
}];

pub fn module() -> Module {
    Module {
        name: "audit",
        migrations: MIGRATIONS,
        marked: &[],
        permissions: PERMISSIONS,
        menu: MENU,
        routes: web::routes,
        jobs: |_| Vec::new(),
    }
}
