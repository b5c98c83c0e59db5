//! What the wiring needs to know of this crate.

use tongban_ui::{Module, NavEntry, Shell};

pub const MODULE: Module = Module {
    name: "messages",
    migrations: crate::MIGRATIONS,
    marked: &[&crate::store::MESSAGES],
    permissions: &[],
    menu: &[
        NavEntry {
            shell: Shell::Portal,
            title: "我的消息",
            icon: "bell",
            path: "/me/messages",
            permission: "",
            order: 60,
        },
        NavEntry {
            shell: Shell::Workbench,
            title: "消息",
            icon: "bell",
            path: "/workbench/messages",
            permission: "",
            order: 80,
        },
    ],
    routes: crate::web::routes::routes,
    jobs: crate::jobs::handlers,
};
