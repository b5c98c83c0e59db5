//! Whoever has not proven who he is finds that where he begins: without it he can file nothing.

use tongban_ui::view::Link;
use tongban_ui::{OwnKind, OwnPart, OwnThing};

use crate::Identity;

/// For the wiring.
pub fn own_part(identity: &Identity) -> OwnPart {
    let identity = identity.clone();
    OwnPart(Box::new(move |ctx| {
        let (identity, account) = (identity.clone(), ctx.actor.account);
        Box::pin(async move {
            let Some(account) = account else {
                return Ok(Vec::new());
            };
            let person = identity.person_of(account).await?;
            Ok(match person.assurance.is_real_name() {
                true => Vec::new(),
                false => vec![to_prove()],
            })
        })
    }))
}

fn to_prove() -> OwnThing {
    OwnThing {
        kind: OwnKind::ToDo,
        title: "实名认证".to_owned(),
        badge: None,
        note: "实名以后才能在线申请，一般几秒钟就有结果".to_owned(),
        last_day: None,
        ways: vec![Link::new("去实名", "/me/real-name")],
    }
}
