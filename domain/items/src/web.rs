//! Pages and JSON of the directory: start page, search, guide.

mod api;
mod keeping;
mod pages;
mod settings;
mod views;

use serde_json::json;
use tongban_base::Budget;
use tongban_ui::{Access, Module, NavEntry, Operation, PermissionDef, Routes, Shell};

use crate::keeping::{ITEM_LABELLED, ITEM_PAUSED, ITEM_RESUMED, MANAGE_ITEMS};
use crate::settings::{MANAGE_SETTINGS, SETTING_CHANGED};
use crate::{MARKED, MIGRATIONS};

const READ_SETTINGS: &str = "setting.read";

pub fn module() -> Module {
    Module {
        name: "items",
        migrations: MIGRATIONS,
        marked: MARKED,
        permissions: &[
            PermissionDef {
                name: READ_SETTINGS,
                title: "查看参数",
            },
            PermissionDef {
                name: MANAGE_SETTINGS.0,
                title: "修改参数",
            },
            PermissionDef {
                name: MANAGE_ITEMS.0,
                title: "事项管理：暂停、恢复、标识",
            },
        ],
        menu: &[
            NavEntry {
                shell: Shell::Portal,
                title: "首页",
                icon: "home",
                path: "/",
                permission: "",
                order: 10,
            },
            NavEntry {
                shell: Shell::Portal,
                title: "办事",
                icon: "list",
                path: "/items",
                permission: "",
                order: 20,
            },
            NavEntry {
                shell: Shell::Workbench,
                title: "事项管理",
                icon: "list",
                path: "/workbench/items",
                permission: MANAGE_ITEMS.0,
                order: 89,
            },
            NavEntry {
                shell: Shell::Workbench,
                title: "参数",
                icon: "settings",
                path: "/workbench/settings",
                permission: READ_SETTINGS,
                order: 90,
            },
        ],
        routes,
        jobs: |_| Vec::new(),
    }
}

fn routes() -> Routes {
    Routes::new()
        .get("/", Access::Public, pages::show_home)
        .get("/search", Access::Public, pages::list_items)
        .budget(Budget::Search)
        .get("/items", Access::Public, pages::list_items)
        .budget(Budget::Search)
        .get("/items/{code}", Access::Public, pages::show_guide)
        .get(
            "/workbench/settings",
            Access::Right(READ_SETTINGS),
            settings::show_settings,
        )
        .get(
            "/workbench/settings/{code}",
            Access::Right(MANAGE_SETTINGS.0),
            settings::show_setting,
        )
        .post(
            "/workbench/settings/{code}",
            Access::Right(MANAGE_SETTINGS.0),
            SETTING_CHANGED.name,
            settings::change_setting,
        )
        .get(
            "/workbench/items",
            Access::Right(MANAGE_ITEMS.0),
            keeping::show_items,
        )
        .get(
            "/workbench/items/{code}",
            Access::Right(MANAGE_ITEMS.0),
            keeping::show_item,
        )
        .post(
            "/workbench/items/{code}/pause",
            Access::Right(MANAGE_ITEMS.0),
            ITEM_PAUSED.name,
            keeping::pause_item,
        )
        .post(
            "/workbench/items/{code}/resume",
            Access::Right(MANAGE_ITEMS.0),
            ITEM_RESUMED.name,
            keeping::resume_item,
        )
        .post(
            "/workbench/items/{code}/labels",
            Access::Right(MANAGE_ITEMS.0),
            ITEM_LABELLED.name,
            keeping::label_item,
        )
        .get("/api/v1/items", Access::Public, api::list_items)
        .budget(Budget::Search)
        .describe(Operation {
            id: "list_items",
            summary: "查找服务事项",
            request: None,
            response: json!({ "type": "object", "required": ["items", "next"], "properties": {
                "next": { "type": ["string", "null"] },
                "items": { "type": "array", "items": { "type": "object" } } } }),
            query: &[
                ("q", "文字、拼音或拼音首字母"),
                ("theme", "主题代码"),
                ("label", "标识代码"),
                ("organisation", "机构代码"),
                ("after", "上一页答复里的 next"),
            ],
        })
        .get("/api/v1/suggestions", Access::Public, api::suggest_items)
        .budget(Budget::Search)
        .describe(Operation {
            id: "suggest_items",
            summary: "输入时的提示：事项和功能",
            request: None,
            response: json!({ "type": "object", "required": ["suggestions"], "properties": {
                "suggestions": { "type": "array", "items": { "type": "object", "required": ["title", "href"],
                    "properties": { "title": { "type": "string" }, "href": { "type": "string" } } } } } }),
            query: &[("q", "已经输入的文字")],
        })
        .get("/api/v1/items/{code}", Access::Public, api::show_item)
        .describe(Operation {
            id: "show_item",
            summary: "服务事项的办事指南和表单",
            request: None,
            response: json!({ "type": "object", "required": ["item", "form", "materials"] }),
            query: &[],
        })
}
