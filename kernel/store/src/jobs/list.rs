//! What can be known of the jobs: how many wait in which lane, which rest as dead, and having those run once more.

use tongban_base::{Problem, Result, Timestamp};

use crate::{Cursor, Key, KeyPage, List, Order, Row, Tx, params};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobStatus {
    pub waiting: i64,
    pub dead: i64,
}

/// A lane as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStatus {
    pub lane: String,
    pub waiting: i64,
    pub dead: i64,
    /// Since when the job waits that should have begun first.
    pub due_since: Option<Timestamp>,
    /// How many wait after a failure, and since when the first of them fails.
    pub failing: i64,
    pub failing_since: Option<Timestamp>,
}

impl LaneStatus {
    /// What runs there, for people.
    pub fn title(&self) -> String {
        match self.lane.as_str() {
            "papers" => "制作文书和证照".to_owned(),
            "looks" => "到期检查和提醒".to_owned(),
            lane => match lane.strip_prefix("counterpart:") {
                Some(name) => format!("与外部系统往来（{name}）"),
                None => "日常任务".to_owned(),
            },
        }
    }
}

/// A job that failed so often that it is not tried any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadJob {
    pub id: String,
    pub name: String,
    /// In words for people, and in those of the log.
    pub cause: String,
    pub error: String,
    pub since: Timestamp,
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

pub(crate) async fn lanes(tx: &mut Tx, now: Timestamp) -> Result<Vec<LaneStatus>> {
    let rows = tx
        .query(
            "SELECT lane, COUNT(*) FILTER (WHERE dead = 0) AS waiting, COUNT(*) FILTER (WHERE dead = 1) AS dead,
                    MIN(run_at) FILTER (WHERE dead = 0 AND run_at <= $1 AND lease_until < $1) AS due_since,
                    COUNT(*) FILTER (WHERE dead = 0 AND error IS NOT NULL) AS failing,
                    MIN(failing_since) FILTER (WHERE dead = 0 AND error IS NOT NULL) AS failing_since
             FROM job GROUP BY lane ORDER BY lane",
            params![now],
        )
        .await?;
    let status = |row: &Row| {
        Ok(LaneStatus {
            lane: row.get("lane")?,
            waiting: row.get("waiting")?,
            dead: row.get("dead")?,
            due_since: row.get("due_since")?,
            failing: row.get("failing")?,
            failing_since: row.get("failing_since")?,
        })
    };
    rows.iter().map(status).collect()
}

const LONGEST_FIRST: Order = Order {
    keys: &[Key::Number("failed.since"), Key::Text("failed.id")],
    falling: false,
};

/// A page of those that have failed, for longest first.
pub async fn dead_jobs(tx: &mut Tx, at: (Option<&Cursor>, usize)) -> Result<KeyPage<DeadJob>> {
    let failed = "(SELECT id, name, COALESCE(cause, '') AS cause, COALESCE(error, '') AS error,
                    COALESCE(failing_since, run_at) AS since FROM job WHERE dead = 1) AS failed";
    let columns = "failed.id, failed.name, failed.cause, failed.error, failed.since";
    let list = List::new(columns, failed, LONGEST_FIRST);
    list.page(tx, at, |_, row| dead(row).map(Some)).await
}

fn dead(row: &Row) -> Result<DeadJob> {
    Ok(DeadJob {
        id: row.get("id")?,
        name: row.get("name")?,
        cause: row.get("cause")?,
        error: row.get("error")?,
        since: row.get("since")?,
    })
}

const REVIVE: &str =
    "UPDATE job SET dead = 0, attempts = 0, cut_short = 0, lease_until = 0, run_at = $2";

/// Has a dead job run now, from its first attempt. What it failed with stays on record until it is done.
pub async fn repeat_job(tx: &mut Tx, id: &str, now: Timestamp) -> Result<String> {
    let sql = format!("{REVIVE} WHERE id = $1 AND dead = 1 RETURNING name, lane");
    let found = tx.query_opt(&sql, params![id, now]).await?;
    let row = found.ok_or_else(|| {
        Problem::conflict("jobs.not_failed", "这项任务已经重新执行，或者已经完成")
    })?;
    tx.ring(row.get("lane")?);
    row.get("name")
}

/// The same of all dead jobs of a kind; gives how many there were.
pub async fn repeat_jobs(tx: &mut Tx, name: &str, now: Timestamp) -> Result<usize> {
    let sql = format!("{REVIVE} WHERE name = $1 AND dead = 1 RETURNING lane");
    let found = tx.query(&sql, params![name, now]).await?;
    if let Some(row) = found.first() {
        tx.ring(row.get("lane")?);
    }
    Ok(found.len())
}
