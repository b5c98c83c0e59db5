//! Timers that a flow draws. The program looks for those that have gone off; each goes off in a transaction of its own
//! that takes its row away, so of two nodes one rings it, and after a crash it rings again from the start. One that
//! fails becomes a job of its own: tried again, seen among the failed jobs at last, and stopping none of the others.

use serde::{Deserialize, Serialize};
use tongban_audit::Entry;
use tongban_base::{Ctx, Problem, Result};
use tongban_flows::DueTimer;
use tongban_store::{Job, Lane, Tx};

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::CaseId;
use crate::service::ending::follow_end;
use crate::service::operations::CaseOperations;
use crate::service::variables::variables;
use crate::service::work::{drop_correction, follow_phase};
use crate::work::Work;

const PAGE: i64 = 100;

/// Asked for by the server when a timer has gone off.
#[derive(Debug, Serialize, Deserialize)]
pub struct RingTimers {}

impl Job for RingTimers {
    const NAME: &'static str = "cases.ring_timers";
    const TITLE: &'static str = "查找到期的流程定时";
    const LANE: Lane = Lane::Looks;
    fn ordering_key(&self) -> Option<String> {
        Some(Self::NAME.into())
    }
}

/// A timer that failed, until it has rung.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RingTimer(DueTimer);

impl Job for RingTimer {
    const NAME: &'static str = "cases.ring_timer";
    const TITLE: &'static str = "执行流程定时";
    const LANE: Lane = Lane::Short;

    fn ordering_key(&self) -> Option<String> {
        Some(format!("timer:{}:{}", self.0.instance, self.0.token.0))
    }
}

/// Asks for the timers to be rung, when one has gone off; the server calls this again and again.
pub async fn ask_for_timers(desk: &Desk, ctx: &Ctx) -> Result<()> {
    if page(desk, ctx, None, 1).await?.is_empty() {
        return Ok(());
    }
    let now = ctx.now;
    desk.db
        .write(now, |tx, now| {
            Box::pin(async move { tx.enqueue_once(&RingTimers {}, *now).await })
        })
        .await
}

/// Rings every timer that has gone off; gives how many.
pub async fn ring_timers(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    let (mut after, mut rung) = (None, 0);
    loop {
        let found = page(desk, ctx, after, PAGE).await?;
        let Some(last) = found.last() else {
            return Ok(rung);
        };
        after = Some(last.clone());
        for timer in found {
            let input = (desk.clone(), ctx.clone(), timer.clone());
            let outcome = desk.db.write(input, |tx, (desk, ctx, timer)| {
                Box::pin(async move {
                    match tx.is_asked_for(&RingTimer(timer.clone())).await? {
                        true => Ok(false),
                        false => ring(tx, desk, ctx, timer).await,
                    }
                })
            });
            match outcome.await {
                Ok(done) => rung += usize::from(done),
                Err(problem) if is_over(&problem) => {}
                Err(problem) => {
                    tracing::error!(element = %timer.element, %problem, "a timer failed and will be tried again");
                    set_aside(desk, ctx, &timer).await?;
                }
            }
        }
    }
}

/// Rings one that has failed before.
pub async fn ring_timer(desk: &Desk, ctx: &Ctx, job: RingTimer) -> Result<()> {
    let input = (desk.clone(), ctx.clone(), job.0);
    let outcome = desk.db.write(input, |tx, (desk, ctx, timer)| {
        Box::pin(ring(tx, desk, ctx, timer))
    });
    match outcome.await {
        Err(problem) if !is_over(&problem) => Err(problem),
        // While a special procedure is under way it waits among the others.
        _ => Ok(()),
    }
}

/// Another node came first, or what it stood at is over.
fn is_over(problem: &Problem) -> bool {
    problem.code() == "flow.timer_gone"
}

async fn set_aside(desk: &Desk, ctx: &Ctx, timer: &DueTimer) -> Result<()> {
    let input = (RingTimer(timer.clone()), ctx.now);
    desk.db
        .write(input, |tx, (job, now)| {
            Box::pin(async move {
                match tx.is_asked_for(job).await? {
                    true => Ok(()),
                    false => tx.enqueue(job, *now).await,
                }
            })
        })
        .await
}

async fn page(
    desk: &Desk,
    ctx: &Ctx,
    after: Option<DueTimer>,
    limit: i64,
) -> Result<Vec<DueTimer>> {
    desk.db
        .read((ctx.now, after), move |tx, (now, after)| {
            Box::pin(tongban_flows::due_timers(tx, *now, after.as_ref(), limit))
        })
        .await
}

/// False while a special procedure is under way (the flow stands still, and its timers with it), and when it is too
/// early by the calendar as it is now.
async fn ring(tx: &mut Tx, desk: &Desk, ctx: &Ctx, timer: &DueTimer) -> Result<bool> {
    let case: CaseId = timer.subject.parse()?;
    let mut work = Work::load(tx, desk, case).await?;
    if work.case.paused.is_some() {
        return Ok(false);
    }
    let release = work.release.clone();
    let node = release.flow().find(&timer.element);
    let name = node.map(|ix| release.flow().node(ix).name.clone());
    let name = name.unwrap_or_default();
    work.happened(
        desk,
        ctx,
        CaseEvent::TimerRang {
            element: timer.element.clone(),
            name: name.clone(),
        },
    );
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let outcome = tongban_flows::fire_timer(tx, ctx, &engine, timer, &variables).await?;
    let Some(outcome) = outcome else {
        return Ok(false);
    };
    let mut work = runner.work_after(&outcome);
    follow_end(tx, desk, ctx, &mut work, &outcome).await?;
    drop_correction(tx, desk, ctx, &mut work).await?;
    follow_phase(tx, desk, ctx, &mut work).await?;
    work.save(tx, desk).await?;
    let entry = Entry::done(audit::TIMER_RANG, "case", case)
        .with_detail(serde_json::json!({ "timer": name }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    Ok(true)
}
