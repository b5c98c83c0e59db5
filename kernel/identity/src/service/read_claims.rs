//! What an access token tells an application of the person who logged in.

use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Result};

use crate::Identity;
use crate::audit::OPENID_READ;
use crate::model::Person;
use crate::openid::{Scope, Scopes};
use crate::store::{account, openid_token};

/// None when the token is none, is over, was ended, or the person has logged out.
pub(crate) async fn read_claims(
    identity: &Identity,
    ctx: &Ctx,
    token: &str,
) -> Result<Option<Json>> {
    let input = (
        identity.clone(),
        identity.openid.token_digest(token),
        ctx.now,
    );
    let found = identity
        .db
        .read(input, |tx, (identity, digest, now)| {
            Box::pin(async move {
                let Some(access) = openid_token::living(tx, digest, *now).await? else {
                    return Ok(None);
                };
                // An application that was taken off the list learns nothing more.
                if identity.openid.client(&access.client).is_none() {
                    return Ok(None);
                }
                let person = account::person(tx, &identity.keys, access.account).await?;
                Ok(Some((access, person)))
            })
        })
        .await?;
    let Some((access, person)) = found else {
        return Ok(None);
    };
    if let Some(reads) = &identity.reads {
        let what = (OPENID_READ, "account", access.account.to_string());
        let purpose = format!("{}：{}", access.client, access.scopes);
        // Folded by person, application and hour.
        reads.note_by(ctx, access.account, what, &purpose).await?;
    }
    let subject = identity.openid.subject(&access.client, access.account);
    Ok(Some(claims(&subject, &person, &access.scopes)))
}

/// Never a number, an address or a mobile.
fn claims(subject: &str, person: &Person, scopes: &Scopes) -> Json {
    let mut claims = json!({ "sub": subject });
    if scopes.has(Scope::Profile) {
        claims["real_name_level"] = person.assurance.code().into();
        let name = match scopes.has(Scope::RealName) {
            true => person.name.clone(),
            false => person.masked_name(),
        };
        if let Some(name) = name {
            claims["name"] = name.into();
        }
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Assurance;

    fn person(proven: bool) -> Person {
        let level = if proven { Assurance::L2 } else { Assurance::L1 };
        let mut person = Person::new("ceshi1".into(), "19900000001".into(), level);
        if proven {
            person.prove("测试一".into(), "31000019690207901X".into());
        }
        person
    }

    #[test]
    fn each_scope_tells_what_it_is_for_and_no_more() {
        let told = |scopes: &str| claims("s", &person(true), &Scopes::read(scopes));
        assert_eq!(told("openid"), json!({"sub": "s"}));
        assert_eq!(
            told("openid profile"),
            json!({"sub": "s", "real_name_level": "L2", "name": "测*一"})
        );
        assert_eq!(told("openid profile real_name")["name"], "测试一");
        assert_eq!(told("openid real_name"), json!({"sub": "s"}));
    }

    #[test]
    fn whoever_has_proven_no_name_has_none() {
        let all = Scopes::read("openid profile real_name");
        let told = claims("s", &person(false), &all);
        assert_eq!(told, json!({"sub": "s", "real_name_level": "L1"}));
    }
}
