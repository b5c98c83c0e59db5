//! The log as a page and as JSON, for whoever holds the right `audit.read`. No SQL, no decision.

mod api;
mod page;
mod query;

use serde_json::json;
use tongban_ui::{Access, Operation, Routes};

pub(crate) fn routes() -> Routes {
    let right = Access::Right(crate::READ.0);
    Routes::new()
        .get("/workbench/audit", right, page::show)
        .get("/workbench/audit/export", right, page::export)
        .get("/api/v1/audit", right, api::list)
        .describe(Operation {
            id: "listAuditEntries",
            summary: "审计日志，最新的在前",
            request: None,
            response: json!({
                "type": "object",
                "required": ["items", "next"],
                "properties": {
                    "items": { "type": "array", "items": { "type": "object" } },
                    "next": { "type": ["string", "null"] },
                },
            }),
            query: &[
                ("event", "事件名称"),
                ("subject_kind", "对象类别"),
                ("subject_id", "对象编号"),
                ("actor", "操作人的账号编号，或者姓名"),
                ("sought", "姓名或号码，列出谁查过"),
                ("outcome", "填 refused 只看被拒的"),
                ("after", "上一页给出的翻页位置"),
            ],
        })
}
