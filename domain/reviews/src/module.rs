//! What the wiring needs to know of this crate.

use tongban_ui::{Module, NavEntry, Shell};

pub const MODULE: Module = Module {
    name: "reviews",
    migrations: crate::MIGRATIONS,
    marked: &[&crate::store::REVIEWS],
    permissions: crate::PERMISSIONS,
    menu: &[NavEntry {
        shell: Shell::Workbench,
        title: "差评处理",
        icon: "star",
        path: "/workbench/reviews",
        permission: "review.supervise",
        order: 60,
    }],
    routes: crate::web::routes::routes,
    jobs: |_| Vec::new(),
};
