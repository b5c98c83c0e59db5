//! What the wiring needs to know of this crate.

use tongban_ui::{Module, NavEntry, Shell};

pub const MODULE: Module = Module {
    name: "mandates",
    migrations: crate::MIGRATIONS,
    marked: &[&crate::store::MANDATES],
    permissions: &[],
    menu: &[NavEntry {
        shell: Shell::Portal,
        title: "亲友代办",
        icon: "users",
        path: crate::web::MINE,
        permission: "",
        order: 70,
    }],
    routes: crate::web::routes::routes,
    jobs: |_| Vec::new(),
};
