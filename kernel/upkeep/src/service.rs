//! Seeing failed jobs and having them run once more, by whoever has the right. Each repetition is an audit entry.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use tongban_audit::{AuditKey, Entry, record};
use tongban_base::{ActorKind, Ctx, Problem, Result};
use tongban_store::{Cursor, Db, DeadJob, JobHandler, KeyPage, dead_jobs, repeat_job, repeat_jobs};

use crate::REPEAT;
use crate::module::REPEATED;

pub struct FailedJobs {
    db: Db,
    audit_key: AuditKey,
    titles: OnceLock<BTreeMap<&'static str, &'static str>>,
}

impl FailedJobs {
    pub fn new(db: Db, audit_key: AuditKey) -> Self {
        Self {
            db,
            audit_key,
            titles: OnceLock::new(),
        }
    }

    /// Handlers are made from a house that has this service already.
    pub fn name_after(&self, handlers: &[JobHandler]) {
        let titles = handlers.iter().map(|h| (h.name, h.title)).collect();
        let _ = self.titles.set(titles);
    }

    /// A job that this program does not know any more is shown by its name.
    pub(crate) fn title(&self, name: &str) -> String {
        let title = self.titles.get().and_then(|titles| titles.get(name));
        title.map_or_else(|| name.to_owned(), |title| (*title).to_owned())
    }
}

fn allowed(ctx: &Ctx) -> Result<()> {
    let staff = ctx.actor.staff.as_ref();
    let may = ctx.actor.kind == ActorKind::System
        || staff.is_some_and(|staff| staff.permissions.contains(REPEAT.0));
    may.then_some(()).ok_or_else(Problem::forbidden)
}

pub(crate) async fn count(failed: &FailedJobs, ctx: &Ctx) -> Result<u64> {
    match allowed(ctx) {
        Ok(()) => Ok(u64::try_from(failed.db.jobs().await?.dead).unwrap_or(0)),
        Err(_) => Ok(0),
    }
}

pub(crate) async fn list(
    failed: &FailedJobs,
    ctx: &Ctx,
    at: (Option<Cursor>, usize),
) -> Result<KeyPage<DeadJob>> {
    allowed(ctx)?;
    failed
        .db
        .read(at, |tx, (at, limit)| {
            Box::pin(dead_jobs(tx, (at.as_ref(), *limit)))
        })
        .await
}

/// Has a failed job run now.
pub async fn repeat_one(failed: &FailedJobs, ctx: &Ctx, id: &str) -> Result<()> {
    allowed(ctx)?;
    let input = (failed.audit_key.clone(), ctx.clone(), id.to_owned());
    failed
        .db
        .write(input, |tx, (key, ctx, id)| {
            Box::pin(async move {
                let name = repeat_job(tx, id, ctx.now).await?;
                let entry = Entry::done(REPEATED, "job", id);
                record(tx, ctx, key, entry.with_detail(name.into())).await
            })
        })
        .await
}

/// Has all failed jobs of a kind run now; gives how many there were.
pub async fn repeat_all(failed: &FailedJobs, ctx: &Ctx, name: &str) -> Result<usize> {
    allowed(ctx)?;
    let input = (failed.audit_key.clone(), ctx.clone(), name.to_owned());
    failed
        .db
        .write(input, |tx, (key, ctx, name)| {
            Box::pin(async move {
                let count = repeat_jobs(tx, name, ctx.now).await?;
                let entry = Entry::done(REPEATED, "job_kind", name);
                record(tx, ctx, key, entry.with_detail(count.into())).await?;
                Ok(count)
            })
        })
        .await
}
