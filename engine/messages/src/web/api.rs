//! The inbox for programs, and the door through which a gateway sends receipts.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use serde_json::json;
use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_ui::{Answer, App, Visit};

use super::pages::InboxQuery;
use super::views::MessageList;
use crate::gateway::contract::{Receipt, SIGNATURE, TIMESTAMP};
use crate::messaging::Messaging;
use crate::model::MessageId;
use crate::service::inbox::{list_inbox, unread_count};
use crate::service::mark_read::mark_read;
use crate::service::receive_receipt::receive_receipt as receive;

pub(super) async fn list_messages(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(query): Query<InboxQuery>,
) -> Answer {
    let messaging = app.service::<Messaging>()?;
    let list = list_inbox(&messaging.db, &ctx, query.filter()?).await?;
    Ok(Json(MessageList::new(list, &messaging.templates)?).into_response())
}

pub(super) async fn count_unread(State(app): State<App>, Visit(ctx): Visit) -> Answer {
    let count = unread_count(app.db(), &ctx).await?;
    Ok(Json(json!({ "count": count })).into_response())
}

pub(super) async fn read_message(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let id: MessageId = id.parse()?;
    let link = mark_read(&*app.service::<Messaging>()?, &ctx, id).await?;
    Ok(Json(json!({ "link": link })).into_response())
}

pub(super) async fn receive_receipt(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let messaging = app.service::<Messaging>()?;
    let receipt = proved(&messaging, &ctx, &headers, &body)?;
    let state = receive(&messaging, &ctx, receipt).await?;
    Ok(Json(json!({ "state": state })).into_response())
}

/// The receipt, if it bears the gateway's mark. Nothing of the body is believed before.
fn proved(messaging: &Messaging, ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Result<Receipt> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("")
    };
    let (at, signature) = (text(TIMESTAMP), text(SIGNATURE));
    let gateway = messaging.gateway.as_ref();
    let accepted = gateway.is_some_and(|gateway| {
        let path = gateway.receipt_path();
        gateway.secret.accepts(path, at, signature, body, ctx.now)
    });
    if !accepted {
        let message = "回执没有有效的网关签名，没有受理";
        return Err(Problem::new(
            Kind::Unauthenticated,
            "gateway.signature",
            message,
        ));
    }
    let unreadable = |_| Problem::invalid("gateway.receipt", "回执的内容不合约定");
    serde_json::from_slice(body).map_err(unreadable)
}
