//! What this crate brings to the house. The wiring offers `Registers` as a service.

use tongban_ui::{Module, NavEntry, Shell};

use crate::permissions::{PERMISSIONS, READ};
use crate::{MARKED, MIGRATIONS, web};

pub(crate) const ENTRY: NavEntry = NavEntry {
    shell: Shell::Workbench,
    title: "台账",
    icon: "archive",
    path: "/workbench/registers",
    permission: READ.0,
    order: 70,
};

const MENU: &[NavEntry] = &[ENTRY];

pub fn module() -> Module {
    Module {
        name: "registers",
        migrations: MIGRATIONS,
        marked: MARKED,
        permissions: PERMISSIONS,
        menu: MENU,
        routes: web::routes::routes,
        jobs: |_| Vec::new(),
    }
}
