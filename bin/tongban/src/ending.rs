//! How the holder of a licence is told that it ends soon: as a message of the packs.

use serde_json::json;
use tongban_base::Result;
use tongban_crypto::KeyRing;
use tongban_identity::{Identity, Owner};
use tongban_licences::{EndingLicence, TellEnding};
use tongban_messages::{MessageTemplates, Recipient, Subject};

const EVENT: &str = "licence.ends_soon";

pub fn tell_ending(
    ring: &KeyRing,
    identity: &Identity,
    templates: &MessageTemplates,
) -> Result<TellEnding> {
    let templates = templates.clone().with_cipher(ring.field_cipher()?);
    let identity = identity.clone();
    Ok(TellEnding(Box::new(
        move |tx, ctx, ending: EndingLicence| {
            let (templates, identity) = (templates.clone(), identity.clone());
            Box::pin(async move {
                let Owner::Citizen(person) = identity.owner_in(tx, ending.account).await? else {
                    return Ok(());
                };
                let to = Recipient {
                    account: ending.account,
                    name: person.display_name().to_owned(),
                    mobile: Some(person.mobile.clone()),
                };
                let subject = Subject {
                    kind: "licence",
                    id: ending.licence.to_string(),
                    link: "/me/licences".to_owned(),
                };
                let data = json!({ "licence": { "title": ending.title } });
                tongban_messages::send(tx, &ctx, &templates, EVENT, &to, &subject, &data).await?;
                Ok(())
            })
        },
    )))
}
