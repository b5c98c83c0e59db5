//! Jobs are the outbox: written in the transaction of the change, run after its commit, at least once,
//! in order per key, on one node at a time (lease).

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result, Timestamp, Uuid};

use crate::{Db, Row, Tx, params};

/// A lease that is not renewed is taken over after this time.
const LEASE_MILLIS: i64 = 60_000;
const CLAIM: i64 = 32;
/// A job that failed this often rests as dead until someone looks.
const ATTEMPTS: i64 = 12;

/// A piece of work as data. Running it twice must do no harm.
pub trait Job: Serialize + DeserializeOwned + Send + Sync {
    const NAME: &'static str;

    /// Jobs of one key run one after another, in the order of their writing.
    fn ordering_key(&self) -> Option<String> {
        None
    }
}

type Run = dyn Fn(Ctx, Json) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync;

/// The code behind a job's name; modules list theirs.
#[derive(Clone)]
pub struct JobHandler {
    pub name: &'static str,
    run: Arc<Run>,
}

impl JobHandler {
    pub fn new<J, F, R>(run: F) -> Self
    where
        J: Job,
        F: Fn(Ctx, J) -> R + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        let run = move |ctx: Ctx, payload: Json| match serde_json::from_value::<J>(payload) {
            Ok(job) => Box::pin(run(ctx, job)) as Pin<Box<dyn Future<Output = Result<()>> + Send>>,
            Err(cause) => Box::pin(async move { Err(Problem::internal(cause)) }),
        };
        Self {
            name: J::NAME,
            run: Arc::new(run),
        }
    }
}

/// A job as it waits.
#[derive(Clone, Debug)]
pub struct StoredJob {
    pub id: String,
    pub name: String,
    pub payload: Json,
    pub attempts: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStatus {
    pub waiting: i64,
    pub dead: i64,
}

pub(crate) fn insert(
    tx: &mut Tx,
    name: &str,
    key: Option<&str>,
    payload: &Json,
    run_at: Timestamp,
) {
    tx.insert(
        "INSERT INTO job (id, name, ordering_key, payload, run_at)",
        params![Uuid::now_v7(), name, key, payload, run_at],
    );
}

/// Has the jobs of a key run now, from their first attempt: those that wait after a failure, rest as dead or run right
/// now. Gives how many there are.
pub(crate) async fn hasten(tx: &mut Tx, key: &str, now: Timestamp) -> Result<u64> {
    tx.execute(
        "UPDATE job SET run_at = $2, lease_until = 0, attempts = 0, dead = 0 WHERE ordering_key = $1",
        params![key, now],
    )
    .await
}

/// Has what rests for more than two days, or is leased for more than an hour, run now: no job does so by itself.
pub async fn bring_forward(tx: &mut Tx, now: Timestamp) -> Result<()> {
    let (rests, leased) = (now.plus_minutes(2 * 24 * 60), now.plus_minutes(60));
    let sql = "UPDATE job SET run_at = $1, lease_until = 0 WHERE run_at > $2 OR lease_until > $3";
    tx.execute(sql, params![now, rests, leased]).await?;
    Ok(())
}

/// Runs the jobs of one node.
pub struct Dispatcher {
    db: Db,
    handlers: HashMap<&'static str, JobHandler>,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Dispatcher {
    pub fn new(
        db: Db,
        handlers: Vec<JobHandler>,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        Self {
            db,
            handlers: handlers.into_iter().map(|h| (h.name, h)).collect(),
            now: Box::new(now),
        }
    }

    /// Serves until `stop` resolves. Woken by commits, and once a second for what is due by time.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            match self.run_due().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(problem) => tracing::error!(%problem, "claiming jobs failed"),
            }
            tokio::select! {
                () = &mut stop => return,
                () = self.db.bell.notified() => {}
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    /// Runs everything that is due now; gives the number of jobs tried.
    pub async fn run_due(&self) -> Result<usize> {
        let now = (self.now)();
        let jobs = self
            .db
            .write(now, |tx, now| Box::pin(claim(tx, *now)))
            .await?;
        let count = jobs.len();
        for job in jobs {
            self.run(job).await?;
        }
        Ok(count)
    }

    /// Runs until nothing is due any more; for tests and for the command line.
    pub async fn drain(&self) -> Result<usize> {
        let mut total = 0;
        loop {
            match self.run_due().await? {
                0 => return Ok(total),
                count => total += count,
            }
        }
    }

    async fn run(&self, job: StoredJob) -> Result<()> {
        let now = (self.now)();
        let outcome = match self.handlers.get(job.name.as_str()) {
            Some(handler) => (handler.run)(Ctx::system(now), job.payload.clone()).await,
            None => Err(Problem::internal(format!(
                "no handler for job {}",
                job.name
            ))),
        };
        if let Err(problem) = &outcome {
            tracing::error!(job = %job.name, id = %job.id, attempts = job.attempts, %problem, "job failed");
        }
        let failure = outcome.err().map(|problem| problem.to_string());
        self.db
            .write((job, failure, now), |tx, (job, failure, now)| {
                Box::pin(settle(tx, job, failure.as_deref(), *now))
            })
            .await
    }

    pub async fn status(&self) -> Result<JobStatus> {
        self.db.jobs().await
    }
}

pub(crate) async fn count(tx: &mut Tx) -> Result<JobStatus> {
    let row = tx
        .query_one(
            "SELECT COUNT(*) FILTER (WHERE dead = 0) AS waiting,
                    COUNT(*) FILTER (WHERE dead = 1) AS dead FROM job",
            params![],
        )
        .await?;
    Ok(JobStatus {
        waiting: row.get("waiting")?,
        dead: row.get("dead")?,
    })
}

async fn claim(tx: &mut Tx, now: Timestamp) -> Result<Vec<StoredJob>> {
    let due = tx
        .query(
            "SELECT j.id FROM job j
             WHERE j.dead = 0 AND j.run_at <= $1 AND j.lease_until < $1
               AND NOT EXISTS (SELECT 1 FROM job e
                   WHERE e.ordering_key = j.ordering_key AND e.id < j.id AND e.dead = 0)
             ORDER BY j.run_at, j.id LIMIT $2",
            params![now, CLAIM],
        )
        .await?;
    let mut jobs = Vec::with_capacity(due.len());
    for row in due {
        let id: String = row.at(0)?;
        let claimed = tx
            .query_opt(
                "UPDATE job SET lease_until = $2, attempts = attempts + 1
                 WHERE id = $1 AND lease_until < $3 RETURNING id, name, payload, attempts",
                params![id, now.plus_millis(LEASE_MILLIS), now],
            )
            .await?;
        jobs.extend(claimed.map(|row| stored(&row)).transpose()?);
    }
    Ok(jobs)
}

fn stored(row: &Row) -> Result<StoredJob> {
    Ok(StoredJob {
        id: row.get("id")?,
        name: row.get("name")?,
        payload: row.get("payload")?,
        attempts: row.get("attempts")?,
    })
}

async fn settle(tx: &mut Tx, job: &StoredJob, failure: Option<&str>, now: Timestamp) -> Result<()> {
    match failure {
        None => {
            // One that was asked for anew while it ran is run again.
            let sql = "DELETE FROM job WHERE id = $1 AND attempts = $2";
            tx.execute(sql, params![&job.id, job.attempts]).await?
        }
        Some(failure) => {
            let wait = 1000_i64 << job.attempts.clamp(0, 12);
            tx.execute(
                "UPDATE job SET lease_until = 0, run_at = $2, error = $3, dead = $4
                 WHERE id = $1 AND attempts = $5",
                params![
                    &job.id,
                    now.plus_millis(wait),
                    failure,
                    job.attempts >= ATTEMPTS,
                    job.attempts
                ],
            )
            .await?
        }
    };
    Ok(())
}
