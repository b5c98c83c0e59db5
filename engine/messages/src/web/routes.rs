//! Every route of this crate, with who may reach it and what it records.

use serde_json::json;
use tongban_ui::{Access, Operation, Routes};

use super::{api, pages};
use crate::audit;
use crate::gateway::contract::RECEIPT_PATH;

pub(crate) fn routes() -> Routes {
    let read = audit::READ.name;
    let routes = Routes::new()
        .get("/me/messages", Access::Citizen, pages::list_my_messages)
        .post(
            "/me/messages/read",
            Access::Citizen,
            read,
            pages::read_all_of_mine,
        )
        .post(
            "/me/messages/{id}/read",
            Access::Citizen,
            read,
            pages::read_mine,
        )
        .get(
            "/workbench/messages",
            Access::Staff,
            pages::list_staff_messages,
        )
        .post(
            "/workbench/messages/read",
            Access::Staff,
            read,
            pages::read_all_of_staff,
        )
        .post(
            "/workbench/messages/{id}/read",
            Access::Staff,
            read,
            pages::read_of_staff,
        );
    json_routes(routes)
}

fn json_routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/messages", Access::SignedIn, api::list_messages)
        .describe(Operation {
            id: "list_messages",
            summary: "我的消息，新的在前",
            request: None,
            response: list_schema(),
            query: &[
                ("after", "上一页给出的 next"),
                ("unread", "为 1 时只列未读"),
            ],
        })
        .get("/api/v1/messages/unread", Access::SignedIn, api::count_unread)
        .describe(Operation {
            id: "count_unread_messages",
            summary: "未读消息数",
            request: None,
            response: json!({ "type": "object", "required": ["count"],
                "properties": { "count": { "type": "integer" } } }),
            query: &[],
        })
        .post(
            "/api/v1/messages/{id}/read",
            Access::SignedIn,
            audit::READ.name,
            api::read_message,
        )
        .describe(Operation {
            id: "read_message",
            summary: "标记一条消息已读",
            request: None,
            response: json!({ "type": "object", "required": ["link"],
                "properties": { "link": { "type": "string", "description": "消息所指页面的路径" } } }),
            query: &[],
        })
        .post(
            RECEIPT_PATH,
            Access::Public,
            audit::RECEIPT.name,
            api::receive_receipt,
        )
        .describe(Operation {
            id: "receive_sms_receipt",
            summary: "短信网关回执；须带网关签名",
            request: Some(json!({ "type": "object", "required": ["reference", "state", "at"],
                "additionalProperties": false,
                "properties": {
                    "reference": { "type": "string" },
                    "state": { "enum": ["delivered", "failed"] },
                    "reason": { "type": "string" },
                    "at": { "type": "integer", "description": "毫秒时间戳" } } })),
            response: json!({ "type": "object", "required": ["state"],
                "properties": { "state": { "type": "string" } } }),
            query: &[],
        })
}

fn list_schema() -> serde_json::Value {
    let text = json!({ "type": "string" });
    let moment = json!({ "type": ["string", "null"], "format": "date-time" });
    json!({ "type": "object", "required": ["messages", "next"], "properties": {
        "next": { "type": ["string", "null"] },
        "messages": { "type": "array", "items": { "type": "object",
            "required": ["id", "event", "title", "text", "link", "created_at", "read_at"],
            "properties": { "id": text, "event": text, "title": text, "text": text, "link": text,
                "created_at": moment, "read_at": moment } } } } })
}
