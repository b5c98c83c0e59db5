//! Pages and JSON.

mod api;
mod entry;
mod fields;
mod lists;

use tongban_base::{Budget, Problem, Result};
use tongban_packs::EntryKind;
use tongban_ui::{Access, Module, NavEntry, Operation, PermissionDef, Routes, Shell};

use crate::{ADDED, CHANGED, ENDED, MANAGE, MANAGE_ROLES, READ, RESTORED};

const PATH: &str = "/workbench/installation";

/// The rights that a role may give, with their titles.
pub struct Rights(pub Vec<PermissionDef>);

impl Rights {
    fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|right| right.name).collect()
    }
}

/// What a kind is called: on its tab, and one of it.
fn words(kind: EntryKind) -> (&'static str, &'static str) {
    match kind {
        EntryKind::Division => ("行政区划", "区划"),
        EntryKind::Organisation => ("机构", "机构"),
        EntryKind::Role => ("岗位", "岗位"),
        EntryKind::Year => ("工作日历", "一年的放假安排"),
    }
}

fn kind_of(code: &str) -> Result<EntryKind> {
    EntryKind::of(code).ok_or_else(Problem::not_found)
}

pub fn module() -> Module {
    Module {
        name: "installation",
        migrations: &[],
        marked: &[],
        permissions: &[
            PermissionDef {
                name: READ.0,
                title: "查看区划、机构、岗位和工作日历",
            },
            PermissionDef {
                name: MANAGE.0,
                title: "维护区划和机构",
            },
            PermissionDef {
                name: MANAGE_ROLES.0,
                title: "维护岗位和岗位的权限",
            },
        ],
        menu: &[NavEntry {
            shell: Shell::Workbench,
            title: "机构和日历",
            icon: "list",
            path: "/workbench/installation",
            permission: READ.0,
            order: 88,
        }],
        routes,
        jobs: |_| Vec::new(),
    }
}

fn routes() -> Routes {
    let read = Access::Right(READ.0);
    Routes::new()
        .get("/workbench/installation", read, lists::show_first)
        .get("/workbench/installation/{kind}", read, lists::show_list)
        .get(
            "/workbench/installation/{kind}/export",
            read,
            lists::export_list,
        )
        .get("/workbench/installation/{kind}/new", read, entry::show_new)
        .post(
            "/workbench/installation/{kind}",
            read,
            ADDED.name,
            entry::add_entry,
        )
        .get(
            "/workbench/installation/{kind}/{code}",
            read,
            entry::show_entry,
        )
        .post(
            "/workbench/installation/{kind}/{code}",
            read,
            CHANGED.name,
            entry::change_entry,
        )
        .post(
            "/workbench/installation/{kind}/{code}/end",
            read,
            ENDED.name,
            entry::end_entry,
        )
        .post(
            "/workbench/installation/{kind}/{code}/restore",
            read,
            RESTORED.name,
            entry::restore_entry,
        )
        .get("/api/v1/divisions", Access::Public, api::list_divisions)
        .budget(Budget::Search)
        .describe(Operation {
            id: "list_divisions",
            summary: "行政区划",
            request: None,
            response: api::answer(),
            query: &[
                ("q", "名称中的文字，或者代码的开头"),
                ("level", "级别：province、city、county、town、village"),
                ("under", "上级区划的代码"),
                ("after", "上一页答复里的 next"),
            ],
        })
}
