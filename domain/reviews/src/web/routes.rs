//! Every route of this crate, with who may reach it and what it records.

use serde_json::{Value as Json, json};
use tongban_ui::{Access, Operation, Routes};

use super::{api, case, form, pages};
use crate::audit;

const SUPERVISOR: Access = Access::Right("review.supervise");

pub(crate) fn routes() -> Routes {
    let (verified, answered) = (audit::VERIFIED.name, audit::ANSWERED.name);
    let routes = Routes::new()
        .get("/workbench/reviews", SUPERVISOR, pages::list_reviews_page)
        .get(
            "/workbench/reviews/statistics",
            SUPERVISOR,
            pages::statistics_page,
        )
        .get(
            "/workbench/reviews/{id}",
            SUPERVISOR,
            pages::open_review_page,
        )
        .post(
            "/workbench/reviews/{id}/verify",
            SUPERVISOR,
            verified,
            pages::verify_review,
        )
        .post(
            "/workbench/reviews/{id}/feedback",
            SUPERVISOR,
            answered,
            pages::feed_back_review,
        );
    changing(reading(rating(routes)))
}

/// What the applicant of a case can do.
fn rating(routes: Routes) -> Routes {
    let rated = audit::RATED.name;
    routes
        .get("/me/cases/{id}/review", Access::Citizen, case::show)
        .post(
            "/me/cases/{id}/review",
            Access::Citizen,
            rated,
            case::submit,
        )
        .post(
            "/api/v1/cases/{id}/review",
            Access::Citizen,
            rated,
            case::submit_json,
        )
        .describe(form::rate_operation())
}

fn reading(routes: Routes) -> Routes {
    routes
        .get("/api/v1/reviews", SUPERVISOR, api::list)
        .describe(Operation {
            id: "list_reviews",
            summary: "差评队列",
            request: None,
            response: list_schema(),
            query: &[
                ("after", "上一页给出的 next"),
                ("view", "to_verify、rectifying 或 closed"),
            ],
        })
        .get("/api/v1/reviews/statistics", SUPERVISOR, api::statistics)
        .describe(Operation {
            id: "count_reviews_by_item",
            summary: "各事项的评价数，不属实的另计",
            request: None,
            response: statistics_schema(),
            query: &[],
        })
        .get("/api/v1/reviews/{id}", SUPERVISOR, api::open)
        .describe(Operation {
            id: "open_review",
            summary: "一条评价及其处理",
            request: None,
            response: review_schema(),
            query: &[],
        })
}

fn changing(routes: Routes) -> Routes {
    let text = json!({ "type": "string", "maxLength": 1000 });
    let verification = json!({ "type": "object", "required": ["finding", "note"], "properties": {
        "finding": { "enum": ["true", "not_true"] }, "note": text,
        "order": { "type": "string", "maxLength": 1000, "description": "属实时必填：整改要求" },
        "reply": { "type": "string", "maxLength": 1000, "description": "不属实时必填：给申请人的答复" } } });
    let feedback = json!({ "type": "object", "required": ["feedback", "reply"],
        "properties": { "feedback": text, "reply": text } });
    routes
        .post(
            "/api/v1/reviews/{id}/verify",
            SUPERVISOR,
            audit::VERIFIED.name,
            api::verify_one,
        )
        .describe(Operation {
            id: "verify_review",
            summary: "核实差评：属实则责令整改，不属实则答复",
            request: Some(verification),
            response: review_schema(),
            query: &[],
        })
        .post(
            "/api/v1/reviews/{id}/feedback",
            SUPERVISOR,
            audit::ANSWERED.name,
            api::feed_back_one,
        )
        .describe(Operation {
            id: "feed_back_review",
            summary: "反馈整改结果并答复申请人",
            request: Some(feedback),
            response: review_schema(),
            query: &[],
        })
}

fn review_schema() -> Json {
    let text = json!({ "type": "string" });
    let maybe = json!({ "type": ["string", "null"] });
    json!({ "type": "object", "required": ["id", "case_number", "level", "state", "created_at"],
        "properties": {
            "id": text, "case_number": text, "item_code": text, "item_name": text, "channel": text,
            "level": { "type": "integer", "minimum": 1, "maximum": 5 },
            "tags": { "type": "array", "items": { "type": "object",
                "properties": { "code": text, "text": text } } },
            "words": text,
            "state": { "enum": ["noted", "to_verify", "dismissed", "rectifying", "answered"] },
            "created_at": text, "finding": text, "order": text, "due_on": maybe,
            "feedback": text, "reply": text, "closed_at": maybe } })
}

fn list_schema() -> Json {
    json!({ "type": "object", "required": ["reviews", "next", "waiting"], "properties": {
        "reviews": { "type": "array", "items": review_schema() },
        "next": { "type": ["string", "null"] },
        "waiting": { "type": "object", "properties": {
            "to_verify": { "type": "integer" }, "rectifying": { "type": "integer" } } } } })
}

fn statistics_schema() -> Json {
    let number = json!({ "type": "integer" });
    json!({ "type": "object", "required": ["items"], "properties": { "items": { "type": "array",
        "items": { "type": "object", "properties": {
            "item_code": { "type": "string" }, "item_name": { "type": "string" },
            "counts": { "type": "array", "items": number, "minItems": 5, "maxItems": 5 },
            "dismissed": number } } } } })
}
