//! The end of the calendar that is known: whoever keeps it is told in time, because dates after it are only likely, and
//! neither do corrections lapse nor does silence count until the days off are published.

use serde_json::json;
use tongban_base::{Ctx, Result, date_words};
use tongban_messages::{MessageTemplates, Recipient, Subject};
use tongban_packs::Findings;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::permissions;
use crate::store::calendar;

const EVENT: &str = "calendar.ending";

/// Tells the keepers of the calendar sixty days before its end, once for an end; true when it told.
pub async fn announce_calendar_end(desk: &Desk, ctx: &Ctx) -> Result<bool> {
    if !desk.catalog.calendar().ends_soon(ctx.now.date()) {
        return Ok(false);
    }
    desk.db
        .write((desk.clone(), ctx.clone()), |tx, (desk, ctx)| {
            Box::pin(tell(tx, desk, ctx))
        })
        .await
}

async fn tell(tx: &mut Tx, desk: &Desk, ctx: &Ctx) -> Result<bool> {
    let until = desk.catalog.calendar().known_until();
    let until = until.unwrap_or_else(|| ctx.now.date());
    if !calendar::first_notice(tx, until, ctx.now).await? {
        return Ok(false);
    }
    let pack = desk.catalog.pack();
    let templates = MessageTemplates::read(&pack.folder, &mut Findings::default());
    let templates = templates.with_cipher(desk.cipher.clone());
    let data = json!({ "calendar": { "known_until": date_words(until) } });
    let subject = Subject {
        kind: "calendar",
        id: until.to_string(),
        link: "/workbench/installation/year".into(),
    };
    for organisation in desk.catalog.installation().organisations() {
        let keepers = desk
            .identity
            .officers_in(tx, &organisation.code, permissions::KEEP_CALENDAR.0)
            .await?;
        for (account, name) in keepers {
            let to = Recipient {
                account,
                name,
                mobile: None,
            };
            tongban_messages::send(tx, ctx, &templates, EVENT, &to, &subject, &data).await?;
        }
    }
    Ok(true)
}
