//! Every route of this crate, with who may reach it and what it records.

use serde_json::json;
use tongban_ui::{Access, Operation, Routes};

use super::{MINE, api, form, pages};
use crate::audit;

pub(crate) fn routes() -> Routes {
    let routes = Routes::new()
        .get(MINE, Access::Citizen, pages::show)
        .get("/me/mandates/new", Access::Citizen, form::show)
        .post(
            "/me/mandates/new",
            Access::Citizen,
            audit::INVITED.name,
            form::send,
        )
        .post(
            "/me/mandates/{id}/confirm",
            Access::Citizen,
            audit::CONFIRMED.name,
            pages::confirm,
        )
        .post(
            "/me/mandates/{id}/decline",
            Access::Citizen,
            audit::DECLINED.name,
            pages::decline,
        )
        .post(
            "/me/mandates/{id}/end",
            Access::Citizen,
            audit::ENDED.name,
            pages::end_one,
        );
    routes
        .get("/api/v1/mandates", Access::Citizen, api::list)
        .describe(Operation {
            id: "list_mandates",
            summary: "我的亲友代办：我授权的和授权给我的，新的在前，各最多 100 份",
            request: None,
            response: list_schema(),
            query: &[],
        })
}

fn list_schema() -> serde_json::Value {
    let text = json!({ "type": "string" });
    json!({ "type": "object", "required": ["mandates"], "properties": {
        "mandates": { "type": "array", "items": { "type": "object",
            "required": ["id", "side", "state", "principal", "agent", "items", "last_day"],
            "properties": {
                "id": text, "side": { "enum": ["principal", "agent"] },
                "state": { "enum": ["invited", "confirmed", "declined", "ended"] },
                "principal": text, "agent": text,
                "items": { "type": ["array", "null"], "description": "事项代码；全部事项为 null" },
                "last_day": { "type": "string", "format": "date" } } } } } })
}
