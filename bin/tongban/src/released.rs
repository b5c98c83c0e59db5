//! What happens beside identity when the window takes a proof from an account: licences leave it, and whoever is concerned
//! is told.

use serde_json::json;
use tongban_base::Result;
use tongban_crypto::KeyRing;
use tongban_identity::{AfterRelease, Person};
use tongban_licences::Licences;
use tongban_messages::{MessageTemplates, Recipient, Subject};

const TAKEN: &str = "real_name.released";
const FREE: &str = "real_name.free";

pub fn after_release(
    ring: &KeyRing,
    licences: &Licences,
    templates: &MessageTemplates,
) -> Result<AfterRelease> {
    let cipher = ring.field_cipher()?;
    let (licences, templates) = (licences.clone(), templates.clone().with_cipher(cipher));
    Ok(AfterRelease(Box::new(move |tx, ctx, released| {
        let (licences, templates) = (licences.clone(), templates.clone());
        Box::pin(async move {
            let account = released.account;
            licences.leave(tx, account, &released.id_number).await?;
            let mut told = vec![(TAKEN, account, &released.person)];
            told.extend(
                released
                    .waiting
                    .iter()
                    .map(|(account, p)| (FREE, *account, p)),
            );
            let number = released.person.masked_id_number().unwrap_or_default();
            let data = json!({ "proof": { "id_number": number } });
            for (event, account, person) in told {
                let subject = Subject {
                    kind: "account",
                    id: account.to_string(),
                    link: "/me/real-name".into(),
                };
                let to = recipient(account, person);
                tongban_messages::send(tx, &ctx, &templates, event, &to, &subject, &data).await?;
            }
            Ok(())
        })
    })))
}

fn recipient(account: tongban_base::Uuid, person: &Person) -> Recipient {
    Recipient {
        account,
        name: person.display_name().to_owned(),
        mobile: Some(person.mobile.clone()),
    }
}
