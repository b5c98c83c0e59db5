//! Who holds a token? From the cache of this node for a few seconds, else from the database. A transaction that writes
//! asks the database.

use tongban_base::{Actor, Ctx, Problem, Result, Timestamp};
use tongban_store::Tx;

use crate::Identity;
use crate::model::SessionKind;
use crate::service::guard_login::Subject;
use crate::service::log_in::alarm;
use crate::session_cache::CachedSession;
use crate::store::session::SessionRow;
use crate::store::{account, session, staff};

/// None when the token names no session, or one that ended by time, by logout or by being revoked.
pub(crate) async fn authenticate(
    identity: &Identity,
    token: &str,
    now: Timestamp,
) -> Result<Option<Actor>> {
    let digest = identity.keys.session_digest(token);
    if let Some(actor) = identity.cache.get(&digest, now) {
        return Ok(Some(actor));
    }
    let ticket = identity.cache.ticket();
    let idle_since = now.plus_millis(-identity.sessions().idle_millis());
    let input = (identity.clone(), digest.clone(), now, idle_since);
    let found = identity
        .db
        .read(input, |tx, (identity, digest, now, idle_since)| {
            Box::pin(async move {
                let Some(row) = session::living(tx, digest, *now, *idle_since).await? else {
                    return Ok(None);
                };
                let holder = holder(tx, identity, &row).await?;
                Ok(Some((row, holder)))
            })
        })
        .await?;
    let Some((row, holder)) = found else {
        return Ok(None);
    };
    let actor = match holder {
        Holder::Known(actor) => actor,
        Holder::Gone => return Ok(None),
        Holder::Tampered => return end_tampered(identity, &row, now).await.map(|()| None),
    };
    touch(identity, &row, now).await;
    let fresh_until = now.plus_millis(identity.sessions().cache_millis);
    let kept = CachedSession {
        actor: actor.clone(),
        fresh_until: fresh_until.min(row.expires_at),
    };
    identity.cache.put(ticket, digest, kept, now);
    Ok(Some(actor))
}

/// Whoever asks, as the database knows them in the transaction that writes for them.
/// Errors: the session has ended.
pub(crate) async fn as_of(identity: &Identity, tx: &mut Tx, ctx: &Ctx) -> Result<Ctx> {
    let Some(digest) = &ctx.session else {
        return Ok(ctx.clone());
    };
    let idle_since = ctx.now.plus_millis(-identity.sessions().idle_millis());
    let row = session::living(tx, &digest.0, ctx.now, idle_since).await?;
    let row = row.ok_or_else(Problem::unauthenticated)?;
    if row.kind == SessionKind::Citizen {
        // A session can go over to another account: what was asked before that is asked again.
        return match ctx.actor.account == Some(row.account) {
            true => Ok(ctx.clone()),
            false => Err(Problem::unauthenticated()),
        };
    }
    match holder(tx, identity, &row).await? {
        Holder::Known(actor) => Ok(Ctx {
            actor,
            ..ctx.clone()
        }),
        Holder::Gone | Holder::Tampered => Err(Problem::unauthenticated()),
    }
}

/// Who stands behind a session.
pub(crate) enum Holder {
    Known(Actor),
    Gone,
    Tampered,
}

pub(crate) async fn holder(tx: &mut Tx, identity: &Identity, row: &SessionRow) -> Result<Holder> {
    match row.kind {
        SessionKind::Citizen => {
            let name = account::display_name(tx, &identity.keys, row.account).await;
            let name = match name {
                // The alarm has been raised; nobody stands behind such a row.
                Err(problem) if problem.code() == "store.row_changed" => None,
                other => other?,
            };
            Ok(name.map_or(Holder::Gone, |name| {
                Holder::Known(Actor::citizen(row.account, name))
            }))
        }
        SessionKind::Staff => {
            let found = staff::by_id(tx, row.account).await?;
            Ok(match found {
                Some(marked) if !marked.genuine => Holder::Tampered,
                Some(marked) if marked.staff.active => {
                    let scope = marked.staff.scope(&identity.roles());
                    Holder::Known(Actor::staff(row.account, marked.staff.name, scope))
                }
                _ => Holder::Gone,
            })
        }
    }
}

/// Noting the use must never be the reason why a page is not shown.
async fn touch(identity: &Identity, row: &SessionRow, now: Timestamp) {
    if now.0 - row.seen_at.0 < identity.sessions().touch_millis() {
        return;
    }
    let noted = identity
        .db
        .write((row.id, now), |tx, (id, now)| {
            Box::pin(session::touch(tx, *id, *now))
        })
        .await;
    if let Err(problem) = noted {
        tracing::warn!(%problem, "the use of a session was not noted");
    }
}

/// An officer whose record was changed beside the application loses the session at once.
async fn end_tampered(identity: &Identity, row: &SessionRow, now: Timestamp) -> Result<()> {
    let subject = Subject {
        kind: "staff",
        id: row.account.to_string(),
    };
    alarm(identity, &Ctx::system(now), &subject).await?;
    identity
        .db
        .write((row.digest.clone(), now), |tx, (digest, now)| {
            Box::pin(async move { session::end(tx, digest, *now).await.map(|_| ()) })
        })
        .await
}
