//! The OpenAPI 3.1 document, made from the route table.

use serde_json::{Map, Value as Json, json};

use crate::App;
use crate::module::{Access, Operation, RouteInfo};

/// Every described JSON route with its parameters, body, answer and problems.
pub fn document(app: &App) -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for route in app.routes() {
        let Some(operation) = &route.operation else {
            continue;
        };
        let entry = paths
            .entry(route.path.to_owned())
            .or_insert_with(|| json!({}));
        entry[route.method.to_lowercase()] = describe(route, operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "通办 Tongban",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "政务服务接口。错误按 RFC 9457 返回 application/problem+json，code 为稳定的错误代码。"
        },
        "servers": [{ "url": app.site().public_url }],
        "paths": paths,
        "components": {
            "securitySchemes": { "session": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": problem_schema(), "OAuthError": oauth_error_schema() }
        }
    })
}

fn describe(route: &RouteInfo, operation: &Operation) -> Json {
    let mut parameters: Vec<Json> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            json!({ "name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": { "type": "string" } })
        })
        .collect();
    parameters.extend(operation.query.iter().map(|(name, title)| {
        json!({ "name": name, "in": "query", "description": title, "schema": { "type": "string" } })
    }));
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": {
            "200": { "description": "成功", "content": { "application/json": { "schema": operation.response } } },
            "default": failure(route.oauth)
        }
    });
    if let Some(schema) = &operation.request {
        let form = match route.oauth {
            true => "application/x-www-form-urlencoded",
            false => "application/json",
        };
        described["requestBody"] =
            json!({ "required": true, "content": { form: { "schema": schema } } });
    }
    if route.access != Access::Public {
        described["security"] = json!([{ "session": [] }]);
    }
    described
}

fn failure(oauth: bool) -> Json {
    if oauth {
        return json!({
            "description": "错误（RFC 6749）",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/OAuthError" } } }
        });
    }
    json!({
        "description": "问题",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
    })
}

fn oauth_error_schema() -> Json {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": { "type": "string" },
            "error_description": { "type": "string" }
        }
    })
}

fn problem_schema() -> Json {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "code": { "type": "string" },
            "detail": { "type": "string" },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": { "type": "string" }, "code": { "type": "string" }, "detail": { "type": "string" }
                }
            } }
        }
    })
}
