//! Whoever is asked to act for somebody finds that where he begins.

use tongban_base::date_words;
use tongban_ui::view::Link;
use tongban_ui::{OwnKind, OwnPart, OwnThing};

use super::MINE;
use crate::model::Mandate;
use crate::service::own::waiting;
use crate::services::Mandates;

/// For the wiring.
pub fn own_part(mandates: &Mandates) -> OwnPart {
    let mandates = mandates.clone();
    OwnPart(Box::new(move |ctx| {
        let (mandates, ctx) = (mandates.clone(), ctx.clone());
        Box::pin(async move {
            let waiting = waiting(&mandates, &ctx).await?;
            Ok(waiting.iter().map(to_answer).collect())
        })
    }))
}

fn to_answer(mandate: &Mandate) -> OwnThing {
    OwnThing {
        kind: OwnKind::ToDo,
        title: format!("{}邀请您代办", mandate.principal_name),
        badge: None,
        note: format!("授权到{}为止，您确认后才有效", date_words(mandate.last_day)),
        last_day: None,
        ways: vec![Link::new("去确认", MINE)],
    }
}
