//! The table of jobs: entering, taking, settling, giving back.

use serde_json::Value as Json;
use tongban_base::{Problem, Result, Timestamp, Uuid};

use super::{Lane, Outcome};
use crate::{Row, Tx, Value, params};

/// A lease that is not renewed is taken over after this time.
pub(super) const LEASE_MILLIS: i64 = 60_000;
/// A job that failed this often rests as dead until someone looks.
const ATTEMPTS: i64 = 12;
/// One in whose hands the program ended this often, and that never came to an answer in between, rests too.
const MOST_CUT_SHORT: i64 = 3 * ATTEMPTS;

/// A job as it waits.
#[derive(Clone, Debug)]
pub struct StoredJob {
    pub id: String,
    pub name: String,
    pub payload: Json,
    pub attempts: i64,
    run_at: i64,
}

/// A job that was tried, and what came of it.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub job: StoredJob,
    pub outcome: std::result::Result<Outcome, Problem>,
}

/// One step of a lane: what was tried is settled, and what is due is taken, by one holder.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub lane: Lane,
    pub holder: String,
    pub tried: Vec<Tried>,
    /// Jobs whose lease is to be renewed.
    pub held: Vec<String>,
    pub room: usize,
    pub now: Timestamp,
}

pub(crate) fn insert(
    tx: &mut Tx,
    (name, lane): (&str, Lane),
    key: Option<&str>,
    payload: &Json,
    run_at: Timestamp,
) {
    tx.insert(
        "INSERT INTO job (id, name, lane, ordering_key, payload, run_at)",
        params![Uuid::now_v7(), name, lane.to_string(), key, payload, run_at],
    );
    tx.ring(lane.to_string());
}

/// Has the jobs of a key run now, from their first attempt: those that wait after a failure or rest as dead; one that
/// runs right now runs once more afterwards. Gives how many there are.
pub(crate) async fn hasten(tx: &mut Tx, key: &str, now: Timestamp) -> Result<u64> {
    tx.execute(
        "UPDATE job SET run_at = $2, attempts = 0, cut_short = 0, dead = 0, error = NULL, cause = NULL, failing_since = NULL
         WHERE ordering_key = $1",
        params![key, now],
    )
    .await
}

/// Has what rests for more than two days, or is leased for more than an hour, run now: no job does so by itself.
pub async fn bring_forward(tx: &mut Tx, now: Timestamp) -> Result<()> {
    let (rests, leased) = (now.plus_minutes(2 * 24 * 60), now.plus_minutes(60));
    let sql = "UPDATE job SET run_at = $1, lease_until = 0, holder = NULL WHERE run_at > $2 OR lease_until > $3";
    tx.execute(sql, params![now, rests, leased]).await?;
    Ok(())
}

/// Whether one waits that nobody has taken yet.
pub(crate) async fn waits(
    tx: &mut Tx,
    (name, lane): (&str, Lane),
    key: Option<&str>,
) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM job WHERE lane = $1 AND dead = 0 AND name = $2 AND COALESCE(ordering_key, '') = $3
            AND holder IS NULL LIMIT 1";
    let given = params![lane.to_string(), name, key.unwrap_or_default()];
    Ok(tx.query_opt(sql, given).await?.is_some())
}

pub(crate) async fn is_there(tx: &mut Tx, key: &str) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM job WHERE ordering_key = $1 LIMIT 1";
    Ok(tx.query_opt(sql, params![key]).await?.is_some())
}

/// Gives back what a holder has in hand and will not finish; that it began does not count.
pub(super) async fn give_back(tx: &mut Tx, holder: &str) -> Result<u64> {
    let sql =
        "UPDATE job SET lease_until = 0, holder = NULL, attempts = attempts - 1 WHERE holder = $1";
    tx.execute(sql, params![holder]).await
}

/// Takes over what a program had in hand that ended without a word. That is no attempt, because mostly another cause
/// ended it; but a job that ends the program again and again rests at last.
pub(super) async fn inherit(tx: &mut Tx, holders: &[String], now: Timestamp) -> Result<u64> {
    let mut inherited = 0;
    for holder in holders {
        let sql = "UPDATE job SET lease_until = 0, holder = NULL, attempts = attempts - 1, cut_short = cut_short + 1,
                    dead = CASE WHEN cut_short + 1 >= $2 THEN 1 ELSE 0 END,
                    error = 'the program ended while the job ran', cause = '程序在处理过程中意外停止',
                    failing_since = COALESCE(failing_since, $3)
                 WHERE holder = $1";
        inherited += tx
            .execute(sql, params![holder, MOST_CUT_SHORT, now])
            .await?;
    }
    Ok(inherited)
}

/// Jobs stand in the lane that the program names today, also those from before there were lanes.
pub(super) async fn sort(tx: &mut Tx, lanes: &[(&'static str, Lane)]) -> Result<()> {
    for (name, lane) in lanes {
        let sql = "UPDATE job SET lane = $2 WHERE name = $1 AND lane <> $2";
        tx.execute(sql, params![*name, lane.to_string()]).await?;
    }
    Ok(())
}

pub(super) async fn take_turn(tx: &mut Tx, turn: &Turn) -> Result<Vec<StoredJob>> {
    settle(tx, turn).await?;
    if !turn.held.is_empty() {
        let lease = turn.now.plus_millis(LEASE_MILLIS);
        let (sql, values) = hold(turn, Some(lease), turn.held.iter());
        tx.execute(&sql, &values).await?;
    }
    match turn.room {
        0 => Ok(Vec::new()),
        _ => claim(tx, turn).await,
    }
}

/// In the order in which they are due; of those with one key only the first that was written.
async fn claim(tx: &mut Tx, turn: &Turn) -> Result<Vec<StoredJob>> {
    let lease = turn.now.plus_millis(LEASE_MILLIS);
    let claimed = tx
        .query(
            "UPDATE job SET lease_until = $4, holder = $5, attempts = attempts + 1
             WHERE lease_until < $2 AND id IN (
                SELECT j.id FROM job j
                WHERE j.lane = $1 AND j.dead = 0 AND j.run_at <= $2 AND j.lease_until < $2
                  AND NOT EXISTS (SELECT 1 FROM job e
                      WHERE e.ordering_key = j.ordering_key AND e.id < j.id AND e.dead = 0)
                ORDER BY j.run_at, j.id LIMIT $3)
             RETURNING id, name, payload, attempts, run_at",
            params![
                turn.lane.to_string(),
                turn.now,
                turn.room,
                lease,
                &turn.holder
            ],
        )
        .await?;
    let mut jobs = claimed.iter().map(stored).collect::<Result<Vec<_>>>()?;
    jobs.sort_by(|a, b| (a.run_at, &a.id).cmp(&(b.run_at, &b.id)));
    Ok(jobs)
}

fn stored(row: &Row) -> Result<StoredJob> {
    Ok(StoredJob {
        id: row.get("id")?,
        name: row.get("name")?,
        payload: row.get("payload")?,
        attempts: row.get("attempts")?,
        run_at: row.get("run_at")?,
    })
}

/// Only whoever still holds a job settles it. One that was asked for anew while it ran counts its attempts afresh: it is
/// let go, and runs again.
async fn settle(tx: &mut Tx, turn: &Turn) -> Result<()> {
    if turn.tried.is_empty() {
        return Ok(());
    }
    let mut statements: Vec<(&str, Vec<Value>)> = turn
        .tried
        .iter()
        .map(|tried| settled(turn, tried))
        .collect();
    let woken = woken(turn);
    if woken > 0 {
        statements.push((
            "UPDATE job SET run_at = $2 WHERE id IN (
                SELECT id FROM job WHERE lane = $1 AND dead = 0 AND run_at > $2 AND error IS NOT NULL
                ORDER BY run_at, id LIMIT $3)",
            params![turn.lane.to_string(), turn.now, woken].to_vec(),
        ));
    }
    let ids = turn.tried.iter().map(|tried| &tried.job.id);
    let (let_go, values) = hold(turn, None, ids);
    statements.push((&let_go, values));
    tx.execute_all(&statements).await
}

/// A counterpart that answers again need not be waited for any longer by what failed there. Each that it took wakes two,
/// so that one which takes few is not run down by all at once; none while it says that it takes no more.
fn woken(turn: &Turn) -> usize {
    let tried = || turn.tried.iter().map(|tried| &tried.outcome);
    let is_busy = tried().any(|outcome| matches!(outcome, Ok(Outcome::Busy { .. })));
    match turn.lane {
        Lane::Counterpart(_) if !is_busy => {
            2 * tried().filter(|o| matches!(o, Ok(Outcome::Done))).count()
        }
        _ => 0,
    }
}

/// Holds these jobs until a moment, or lets them go, as far as they are still held.
fn hold<'a>(
    turn: &Turn,
    until: Option<Timestamp>,
    ids: impl Iterator<Item = &'a String>,
) -> (String, Vec<Value>) {
    let lease = until.unwrap_or(Timestamp(0));
    let holder = until.map(|_| turn.holder.clone());
    let mut values = params![&turn.holder, lease, holder].to_vec();
    let first = values.len() + 1;
    values.extend(ids.map(Value::from));
    let places: Vec<String> = (first..=values.len()).map(|n| format!("${n}")).collect();
    let places = places.join(", ");
    let sql = format!(
        "UPDATE job SET lease_until = $2, holder = $3 WHERE holder = $1 AND id IN ({places})"
    );
    (sql, values)
}

fn settled(turn: &Turn, tried: &Tried) -> (&'static str, Vec<Value>) {
    let job = &tried.job;
    let words = |why: &str| (Some(why.to_owned()), Some(why.to_owned()));
    let (at, (error, cause)) = match &tried.outcome {
        Ok(Outcome::Done | Outcome::GivenUp) => {
            let sql = "DELETE FROM job WHERE id = $1 AND holder = $2 AND attempts = $3";
            return (sql, params![&job.id, &turn.holder, job.attempts].to_vec());
        }
        Ok(Outcome::Again { at, why }) => (*at, (why.clone(), why.clone())),
        Ok(Outcome::Busy { until, why }) => (*until, words(why)),
        Ok(Outcome::Rests { why }) => (turn.now, words(why)),
        Err(problem) => {
            let wait = 1000_i64 << job.attempts.clamp(0, ATTEMPTS);
            let cause = problem.message().to_owned();
            (
                turn.now.plus_millis(wait),
                (Some(problem.to_string()), Some(cause)),
            )
        }
    };
    let (is_dead, attempts) = match &tried.outcome {
        Ok(Outcome::Rests { .. }) => (true, job.attempts),
        Ok(Outcome::Busy { .. }) => (false, job.attempts - 1),
        outcome => (outcome.is_err() && job.attempts >= ATTEMPTS, job.attempts),
    };
    let sql = "UPDATE job SET lease_until = 0, holder = NULL, run_at = $4, error = $5, cause = $6, dead = $7,
                failing_since = CASE WHEN $8 = 1 THEN COALESCE(failing_since, $9) ELSE NULL END, attempts = $10, cut_short = 0
             WHERE id = $1 AND holder = $2 AND attempts = $3";
    let failed = error.is_some();
    let values = params![
        &job.id,
        &turn.holder,
        job.attempts,
        at,
        error,
        cause,
        is_dead,
        failed,
        turn.now,
        attempts
    ];
    (sql, values.to_vec())
}
