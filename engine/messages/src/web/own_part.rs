//! Messages that were not read, beside the menu entries, at the bell, and where a citizen begins.

use tongban_store::{Db, Fut};
use tongban_ui::view::Link;
use tongban_ui::{MenuCount, OwnKind, OwnPart, OwnThing};

use super::pages::{MINE, STAFF};
use crate::service::inbox::unread_count;

/// For the wiring: of citizens, and of officers.
pub fn own_counts(db: &Db) -> [MenuCount; 2] {
    [MINE, STAFF].map(|path| own_count(db, path))
}

fn own_count(db: &Db, path: &'static str) -> MenuCount {
    let db = db.clone();
    MenuCount {
        path,
        count: Box::new(move |ctx| -> Fut<'static, u64> {
            let (db, ctx) = (db.clone(), ctx.clone());
            Box::pin(async move { unread_count(&db, &ctx).await })
        }),
    }
}

/// For the wiring.
pub fn own_part(db: &Db) -> OwnPart {
    let db = db.clone();
    OwnPart(Box::new(move |ctx| {
        let (db, ctx) = (db.clone(), ctx.clone());
        Box::pin(async move {
            let unread = unread_count(&db, &ctx).await?;
            Ok((unread > 0).then(|| to_read(unread)).into_iter().collect())
        })
    }))
}

fn to_read(unread: u64) -> OwnThing {
    OwnThing {
        kind: OwnKind::ToDo,
        title: format!("{unread} 条消息没有看"),
        badge: None,
        note: String::new(),
        last_day: None,
        ways: vec![Link::new("看消息", MINE)],
    }
}
