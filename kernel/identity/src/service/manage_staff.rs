//! Who manages the officers of an office sees them, ends their logins, and switches them off and on. Nobody switches
//! himself off.

use std::collections::BTreeSet;

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{
    ActorKind, Ctx, Kind, Problem, Result, Timestamp, Uuid, authorize, division_prefix, typed,
};
use tongban_store::{Cursor, KeyPage, Tx};

use crate::Identity;
use crate::audit::{SESSIONS_ENDED, STAFF_SWITCHED_OFF, STAFF_SWITCHED_ON};
use crate::model::StaffRecord;
use crate::permissions::MANAGE_STAFF;
use crate::service::keep_managers::somebody_manages;
use crate::store::session;
use crate::store::staff::{self, Search};

/// An officer in the list.
#[derive(Clone, Debug)]
pub struct Officer {
    pub id: Uuid,
    pub login: String,
    pub name: String,
    pub roles: Vec<String>,
    pub active: bool,
    /// The record is what the program wrote.
    pub genuine: bool,
    /// Whoever asks.
    pub is_own: bool,
    /// Logins that last.
    pub logins: usize,
}

/// An officer with every role of the installation: which he has, and which whoever asks may give.
#[derive(Clone, Debug)]
pub struct OfficerRoles {
    pub login: String,
    pub name: String,
    pub is_own: bool,
    pub has: BTreeSet<String>,
    /// Code, title, and whether it may be given.
    pub all: Vec<(String, String, bool)>,
}

/// Errors: no such officer in sight; no right; a record that was changed beside the program.
pub async fn roles_of_officer(
    identity: &Identity,
    ctx: &Ctx,
    officer: Uuid,
) -> Result<OfficerRoles> {
    let input = (ctx.clone(), officer);
    let record = identity.db.read(input, |tx, (ctx, officer)| {
        Box::pin(found(tx, ctx, *officer))
    });
    let record = record.await?;
    let roles = identity.roles();
    let own = ctx.actor.staff.as_ref();
    let told = roles.iter().map(|role| {
        let may_give = own.is_some_and(|own| roles.may_give(own, &role.code));
        (role.code.clone(), role.title.clone(), may_give)
    });
    Ok(OfficerRoles {
        all: told.collect(),
        is_own: ctx.actor.account == Some(record.id),
        login: record.login,
        name: record.name,
        has: record.roles,
    })
}

/// Which page of the list: what is searched for, beside which login name it begins, and in which direction.
#[derive(Clone, Debug, Default)]
pub struct OfficerQuery {
    pub words: String,
    pub at: Option<Cursor>,
    pub limit: usize,
}

/// By login name. Errors: no right.
pub async fn list_officers(
    identity: &Identity,
    ctx: &Ctx,
    query: &OfficerQuery,
) -> Result<KeyPage<Officer>> {
    let idle_since = ctx.now.plus_millis(-identity.sessions().idle_millis());
    let wish = search_of(ctx, query, idle_since)?;
    let page = (query.at.clone(), query.limit);
    let found = identity
        .db
        .read((wish, page), |tx, (wish, (at, limit))| {
            Box::pin(staff::search(tx, wish, (at.as_ref(), *limit)))
        })
        .await?;
    let roles = identity.roles();
    Ok(found.map(|(found, logins)| {
        let record = found.staff;
        let titles = record.roles.iter().map(|code| roles.title(code));
        Officer {
            id: record.id,
            roles: titles.map(str::to_owned).collect(),
            login: record.login,
            name: record.name,
            active: record.active,
            genuine: found.genuine,
            is_own: ctx.actor.account == Some(record.id),
            logins: usize::try_from(logins).unwrap_or(0),
        }
    }))
}

fn search_of(ctx: &Ctx, query: &OfficerQuery, idle_since: Timestamp) -> Result<Search> {
    let scope = match (ctx.actor.kind, &ctx.actor.staff) {
        (ActorKind::Anonymous, _) => return Err(Problem::unauthenticated()),
        (ActorKind::Staff, Some(scope)) if scope.permissions.contains(MANAGE_STAFF.0) => scope,
        _ => return Err(Problem::forbidden()),
    };
    Ok(Search {
        organisation: scope.organisation.clone(),
        division_prefix: division_prefix(&scope.division).to_owned(),
        words: typed::line(&query.words).to_lowercase(),
        now: ctx.now,
        idle_since,
    })
}

/// Ends every login of an officer. Errors: no such officer in sight; no right.
pub async fn end_officers_sessions(identity: &Identity, ctx: &Ctx, officer: Uuid) -> Result<()> {
    let input = (identity.clone(), ctx.clone(), officer);
    identity
        .db
        .write(input, |tx, (identity, ctx, officer)| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                found(tx, ctx, *officer).await?;
                end_all(tx, identity, ctx, ("staff", *officer)).await
            })
        })
        .await?;
    identity.cache.forget(officer);
    Ok(())
}

/// Ends every login of an account, and puts it on record.
pub(crate) async fn end_all(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (kind, account): (&'static str, Uuid),
) -> Result<()> {
    let ended = session::end_of(tx, account, ctx.now).await?;
    let detail = json!({ "ended": ended });
    let entry = Entry::done(SESSIONS_ENDED, kind, account).with_detail(detail);
    record(tx, ctx, identity.audit_key(), entry).await
}

/// An officer who is switched off is logged in nowhere any more, and logs in no more until switched on.
/// Errors: no such officer in sight; no right; oneself; a record that was changed beside the program.
pub async fn switch_officer(
    identity: &Identity,
    ctx: &Ctx,
    officer: Uuid,
    active: bool,
) -> Result<()> {
    let input = (identity.clone(), ctx.clone(), (officer, active));
    identity
        .db
        .write(input, |tx, (identity, ctx, (officer, active))| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                let record_of = found(tx, ctx, *officer).await?;
                if ctx.actor.account == Some(*officer) {
                    let words = "不能停用自己的账号，请由另一位管理员办理";
                    return Err(Problem::new(Kind::Forbidden, "staff.oneself", words));
                }
                if record_of.active == *active {
                    return Ok(());
                }
                staff::set_active(tx, *officer, *active).await?;
                somebody_manages(tx, identity, &record_of).await?;
                let event = match active {
                    true => STAFF_SWITCHED_ON,
                    false => STAFF_SWITCHED_OFF,
                };
                let entry = Entry::done(event, "staff", officer);
                record(tx, ctx, identity.audit_key(), entry).await?;
                match active {
                    true => Ok(()),
                    false => end_all(tx, identity, ctx, ("staff", *officer)).await,
                }
            })
        })
        .await?;
    identity.cache.forget(officer);
    Ok(())
}

async fn found(tx: &mut Tx, ctx: &Ctx, officer: Uuid) -> Result<StaffRecord> {
    let found = staff::by_id(tx, officer).await?;
    let marked = found.ok_or_else(Problem::not_found)?;
    authorize(ctx, MANAGE_STAFF, &marked.staff)?;
    match marked.genuine {
        true => Ok(marked.staff),
        false => Err(Problem::conflict(
            "staff.tampered",
            "这条授权记录被系统之外的操作改动过，请先核查",
        )),
    }
}
