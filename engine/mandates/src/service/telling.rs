//! Both sides are told of every change: who was named by somebody, as soon as he has an account with that name and number.

use serde_json::json;
use tongban_base::{Ctx, Result, Uuid, date_words};
use tongban_messages::{Recipient, Subject};
use tongban_store::Tx;

use crate::model::Mandate;
use crate::service::items;
use crate::services::Mandates;
use crate::web::MINE;

pub(crate) async fn tell_both(
    tx: &mut Tx,
    ctx: &Ctx,
    mandates: &Mandates,
    mandate: &Mandate,
    event: &str,
) -> Result<()> {
    let (name, number) = (&mandate.agent_name, &mandate.agent_number);
    let agent = mandates.identity.proven_by(tx, name, number).await?;
    let subject = Subject {
        kind: "mandate",
        id: mandate.id.to_string(),
        link: MINE.to_owned(),
    };
    let items = items::words(&mandates.catalog, mandate.items.as_ref(), ctx.now.date());
    let data = json!({ "mandate": {
        "principal": mandate.principal_name, "agent": mandate.agent_name,
        "items": items, "until": date_words(mandate.last_day),
    } });
    for account in [Some(mandate.principal), agent].into_iter().flatten() {
        let to = recipient(tx, mandates, account).await?;
        tongban_messages::send(tx, ctx, &mandates.templates, event, &to, &subject, &data).await?;
    }
    Ok(())
}

async fn recipient(tx: &mut Tx, mandates: &Mandates, account: Uuid) -> Result<Recipient> {
    let person = mandates.identity.person_in(tx, account).await?;
    Ok(Recipient {
        account,
        name: person.display_name().to_owned(),
        mobile: Some(person.mobile.clone()),
    })
}
