//! One's own mandates for programs.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::json;
use tongban_base::Date;
use tongban_ui::{Answer, App, Visit};

use crate::model::{Mandate, MandateId};
use crate::service::own::own_mandates;
use crate::services::Mandates;

#[derive(Serialize)]
struct MandateJson {
    id: MandateId,
    side: &'static str,
    state: &'static str,
    principal: String,
    agent: String,
    items: Option<Vec<String>>,
    last_day: Date,
}

pub(super) async fn list(State(app): State<App>, Visit(ctx): Visit) -> Answer {
    let mandates = app.service::<Mandates>()?;
    let own = own_mandates(&mandates, &ctx).await?;
    let today = ctx.now.date();
    let given = own.given.into_iter().map(|one| ("principal", one));
    let all = given.chain(own.received.into_iter().map(|one| ("agent", one)));
    let all: Vec<MandateJson> = all.map(|(side, one)| shown(side, one, today)).collect();
    Ok(Json(json!({ "mandates": all })).into_response())
}

fn shown(side: &'static str, mandate: Mandate, today: Date) -> MandateJson {
    MandateJson {
        id: mandate.id,
        side,
        state: mandate.state_on(today).code(),
        principal: mandate.principal_name,
        agent: mandate.agent_name,
        items: mandate.items,
        last_day: mandate.last_day,
    }
}
