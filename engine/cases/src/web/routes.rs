//! The route table of cases.

use serde_json::json;
use tongban_base::Budget;
use tongban_store::JobHandler;
use tongban_ui::{Access, App, MenuCount, MenuGuard, Module, NavEntry, Operation, Routes, Shell};

use super::counter::COUNTER_PAGE;
use super::queue::QUEUE;
use super::{
    again, api, apply, apply_files, choose, consult, correcting, desk_routes, figures, letters,
    lists, mine, my_list, office, papers, people, progress, queue, starting, track,
};
use crate::desk::Desk;
use crate::permissions::{CONSULT, COUNTER, PERMISSIONS, REASSIGN, REMAKE, SUPERVISE};
use crate::service::counter::{is_window_officer, taken_in};
use crate::service::look::{LookForOverdue, look};
use crate::service::produce::{ProduceLetter, produce_letter};
use crate::service::queue::{QueueWish, count_waiting};
use crate::service::starting::startable;
use crate::service::timers::{RingTimer, RingTimers, ring_timer, ring_timers};
use crate::{MARKED, MIGRATIONS};

pub fn module() -> Module {
    Module {
        name: "cases",
        migrations: MIGRATIONS,
        marked: MARKED,
        permissions: PERMISSIONS,
        menu: MENU,
        routes,
        jobs,
    }
}

/// What an officer may start, and what he has.
const START: &str = "/workbench/start";
const MINE: &str = "/workbench/mine";

const MENU: &[NavEntry] = &[
    NavEntry {
        shell: Shell::Portal,
        title: "查进度",
        icon: "route",
        path: "/progress",
        permission: "",
        order: 25,
    },
    NavEntry {
        shell: Shell::Portal,
        title: "我的办件",
        icon: "clipboard-list",
        path: "/me/cases",
        permission: "",
        order: 30,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "待办任务",
        icon: "checks",
        path: QUEUE,
        permission: "",
        order: 10,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "窗口收件",
        icon: "user-plus",
        path: COUNTER_PAGE,
        permission: COUNTER.0,
        order: 11,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "发起办理",
        icon: "plus",
        path: START,
        permission: "",
        order: 12,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "我发起的",
        icon: "clipboard-list",
        path: MINE,
        permission: "",
        order: 14,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "办件查询",
        icon: "search",
        path: "/workbench/cases",
        permission: CONSULT.0,
        order: 20,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "办件统计",
        icon: "chart-bar",
        path: "/workbench/figures",
        permission: SUPERVISE.0,
        order: 21,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "无人可办",
        icon: "user-plus",
        path: "/workbench/stuck",
        permission: REASSIGN.0,
        order: 22,
    },
    NavEntry {
        shell: Shell::Workbench,
        title: "制作异常",
        icon: "file-alert",
        path: "/workbench/papers",
        permission: REMAKE.0,
        order: 25,
    },
];

/// The tasks that wait for an officer, beside the menu entry of the queue.
pub fn menu_count(desk: &Desk) -> MenuCount {
    let desk = desk.clone();
    MenuCount {
        path: QUEUE,
        count: Box::new(move |ctx| {
            let (desk, ctx) = (desk.clone(), ctx.clone());
            Box::pin(async move { count_waiting(&desk, &ctx, &QueueWish::default()).await })
        }),
    }
}

/// What officers start is offered only where there is something to start.
pub fn menu_guards(desk: &Desk) -> Vec<MenuGuard> {
    let (start, mine, counter) = (desk.clone(), desk.clone(), desk.clone());
    vec![
        MenuGuard {
            path: COUNTER_PAGE,
            shown: Box::new(move |ctx| !taken_in(&counter, ctx).is_empty()),
        },
        MenuGuard {
            path: START,
            shown: Box::new(move |ctx| !startable(&start, ctx).is_empty()),
        },
        MenuGuard {
            path: MINE,
            shown: Box::new(move |ctx| {
                is_window_officer(ctx) || !mine.for_officers(ctx.now.date()).is_empty()
            }),
        },
    ]
}

fn jobs(app: &App) -> Vec<JobHandler> {
    let Ok(desk) = app.service::<Desk>() else {
        return Vec::new();
    };
    let (letters, timers, timer) = (desk.clone(), desk.clone(), desk.clone());
    vec![
        JobHandler::new(move |ctx, job: ProduceLetter| {
            let desk = letters.clone();
            async move { produce_letter(&desk, &ctx, job).await }
        }),
        JobHandler::new(move |ctx, _: RingTimers| {
            let desk = timers.clone();
            async move { ring_timers(&desk, &ctx).await.map(drop) }
        }),
        JobHandler::new(move |ctx, job: RingTimer| {
            let desk = timer.clone();
            async move { ring_timer(&desk, &ctx, job).await }
        }),
        JobHandler::new(move |ctx, _: LookForOverdue| {
            let desk = desk.clone();
            async move { look(&desk, &ctx).await }
        }),
    ]
}

fn routes() -> Routes {
    let routes = citizens(Routes::new());
    let routes = officers(routes);
    let routes = anybody(routes);
    let routes = desk_routes::add(workbench(routes));
    json_api(routes)
}

/// What whoever applies does: the same pages for citizens and for officers, each at their place.
macro_rules! applicants {
    ($routes:expr, $who:expr, $drafts:literal, $cases:literal) => {
        $routes
            .get(concat!($drafts, "/{id}"), $who, apply::resume)
            .get(concat!($drafts, "/{id}/{step}"), $who, apply::show_step)
            .post(
                concat!($drafts, "/{id}/{step}"),
                $who,
                "case.draft_saved",
                apply::save_step,
            )
            .post(
                concat!($drafts, "/{id}/delete"),
                $who,
                "case.draft_deleted",
                mine::discard,
            )
            .post(
                concat!($drafts, "/{id}/files/{material}"),
                $who,
                "case.file_uploaded",
                apply_files::upload,
            )
            .takes_files()
            .post(
                concat!($drafts, "/{id}/files/{file}/remove"),
                $who,
                "case.file_removed",
                apply_files::remove,
            )
            .post(
                concat!($drafts, "/{id}/files/{material}/again"),
                $who,
                "case.file_uploaded",
                again::file,
            )
            .get(
                concat!($drafts, "/{id}/papers/{file}"),
                $who,
                apply_files::show,
            )
            .get($cases, $who, my_list::list)
            .get(concat!($cases, "/{id}"), $who, mine::show)
            .post(concat!($cases, "/{id}/say"), $who, "case.said", mine::ask)
            .post(
                concat!($cases, "/{id}/withdraw"),
                $who,
                "case.withdrawn",
                mine::withdraw,
            )
            .get(concat!($cases, "/{id}/correction"), $who, correcting::show)
            .post(
                concat!($cases, "/{id}/correction"),
                $who,
                "case.corrected",
                correcting::correct,
            )
            .takes_files()
            .post(
                concat!($cases, "/{id}/correction/{material}"),
                $who,
                "case.file_uploaded",
                correcting::upload,
            )
            .takes_files()
            .post(
                concat!($cases, "/{id}/correction/{file}/remove"),
                $who,
                "case.file_removed",
                correcting::remove,
            )
            .takes_files()
            .get(
                concat!($cases, "/{id}/documents/{file}"),
                $who,
                mine::document,
            )
            .get(concat!($cases, "/{id}/files/{file}"), $who, mine::file)
    };
}

fn citizens(routes: Routes) -> Routes {
    let routes = routes
        .post(
            "/items/{code}/apply",
            Access::Citizen,
            "case.draft_saved",
            starting::apply,
        )
        .get(
            "/items/{code}/apply",
            Access::Citizen,
            starting::apply_after_login,
        );
    applicants!(routes, Access::Citizen, "/me/drafts", "/me/cases")
}

fn officers(routes: Routes) -> Routes {
    let routes = routes.get(START, Access::Staff, starting::list).post(
        "/workbench/start/{code}",
        Access::Staff,
        "case.draft_saved",
        starting::begin,
    );
    applicants!(
        routes,
        Access::Staff,
        "/workbench/drafts",
        "/workbench/mine"
    )
}

fn anybody(routes: Routes) -> Routes {
    routes
        .get("/d/{code}", Access::Public, letters::show)
        .budget(Budget::Code)
        .get("/progress", Access::Public, progress::show)
        .post(
            "/progress",
            Access::Public,
            "case.progress_seen",
            progress::find,
        )
        .budget(Budget::Code)
        .get("/c/{code}", Access::Public, track::track)
        .budget(Budget::Code)
        .get("/c/{code}/qr.png", Access::Public, track::qr)
        .budget(Budget::Code)
}

fn workbench(routes: Routes) -> Routes {
    routes
        .get(QUEUE, Access::Staff, queue::queue)
        .get("/workbench/cases", Access::Right(CONSULT.0), lists::list)
        .get("/workbench/handled", Access::Staff, lists::handled)
        .get(
            "/workbench/figures",
            Access::Right(SUPERVISE.0),
            figures::show,
        )
        .get(
            "/workbench/figures/export",
            Access::Right(SUPERVISE.0),
            figures::export,
        )
        .post(
            "/workbench/cases/{id}/urge",
            Access::Right(SUPERVISE.0),
            "case.urged",
            people::urge_case,
        )
        .get("/workbench/stuck", Access::Right(REASSIGN.0), people::stuck)
        .get("/workbench/cases/{id}", Access::Staff, office::show)
        .post(
            "/workbench/cases/{id}/consult",
            Access::Right(CONSULT.0),
            "case.consulted",
            consult::state,
        )
        .post(
            "/workbench/cases/{id}/people",
            Access::Staff,
            "case.people_changed",
            people::change,
        )
        .post(
            "/workbench/cases/{id}/clock",
            Access::Staff,
            "case.paused",
            office::clock,
        )
        .get(
            "/workbench/cases/{id}/documents/{file}",
            Access::Staff,
            office::document,
        )
        .get(
            "/workbench/cases/{id}/files/{file}",
            Access::Staff,
            office::file,
        )
        .get("/workbench/papers", Access::Right(REMAKE.0), papers::list)
        .post(
            "/workbench/papers/{id}/remake",
            Access::Right(REMAKE.0),
            "case.paper_remade",
            papers::remake,
        )
        .post(
            "/workbench/papers/{id}/photo",
            Access::Right(REMAKE.0),
            "case.photo_exchanged",
            papers::photo,
        )
        .takes_files()
        .post(
            "/workbench/tasks/{id}",
            Access::Staff,
            "case.task_completed",
            office::complete,
        )
        .post(
            "/workbench/tasks/{id}/return",
            Access::Staff,
            "case.returned",
            office::send_back,
        )
}

fn json_api(routes: Routes) -> Routes {
    let object = || json!({ "type": "object" });
    routes
        .post(
            "/api/v1/drafts",
            Access::SignedIn,
            "case.draft_saved",
            api::begin,
        )
        .describe(Operation {
            id: "begin_application",
            summary: "开始申请一个事项",
            request: Some(
                json!({ "type": "object", "required": ["item"], "additionalProperties": false,
                "properties": { "item": { "type": "string" }, "about": { "type": "string", "format": "uuid" },
                    "for": { "type": "string", "format": "uuid", "description": "替别人办理时：授权的编号" } } }),
            ),
            response: json!({ "type": "object", "required": ["draft"] }),
            query: &[],
        })
        .post(
            "/api/v1/drafts/{id}",
            Access::SignedIn,
            "case.draft_saved",
            api::save,
        )
        .describe(Operation {
            id: "save_application",
            summary: "保存情形和表单",
            request: Some(json!({ "type": "object", "additionalProperties": false,
                "properties": { "answers": object(), "form": object() } })),
            response: json!({ "type": "object", "required": ["errors"] }),
            query: &[],
        })
        .post(
            "/api/v1/drafts/{id}/submit",
            Access::SignedIn,
            "case.submitted",
            api::submit,
        )
        .describe(Operation {
            id: "submit_case",
            summary: "提交申请；重复提交得到同一个办件",
            request: None,
            response: json!({ "type": "object", "required": ["case", "number"] }),
            query: &[],
        })
        .get(
            "/api/v1/drafts/{id}/offers/{field}",
            Access::SignedIn,
            choose::offers,
        )
        .describe(Operation {
            id: "list_offers",
            summary: "表单的一个字段可以选哪些台账记录，最多 20 条",
            request: None,
            response: json!({
                "type": "object", "required": ["records", "more"],
                "properties": { "records": { "type": "array" }, "more": { "type": "boolean" } },
            }),
            query: &[("q", "名称的一部分，或者完整的编号")],
        })
        .get("/api/v1/cases", Access::SignedIn, api::list)
        .describe(Operation {
            id: "list_cases",
            summary: "有权查看的办件",
            request: None,
            response: json!({
                "type": "object", "required": ["cases", "next"],
                "properties": { "cases": { "type": "array" }, "next": { "type": ["string", "null"] } },
            }),
            query: &[
                ("status", "状态代码"),
                ("q", "办件编号的开头或申请人姓名"),
                ("own", "工作人员：office 本机关的（默认），mine 自己发起的，unit 本单位发起的，window 本单位窗口收的"),
                ("after", "上一页给出的 next；没有时从第一页开始"),
            ],
        })
        .get("/api/v1/letters/{code}", Access::Public, letters::json)
        .budget(Budget::Code)
        .describe(letters::operation())
        .get("/api/v1/cases/{id}", Access::SignedIn, api::show)
        .describe(Operation {
            id: "show_case",
            summary: "一个办件的状态、时限和经过",
            request: None,
            response: json!({ "type": "object", "required": ["number", "status", "clock"] }),
            query: &[],
        })
}
