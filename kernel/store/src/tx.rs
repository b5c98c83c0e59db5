//! A transaction as services see it. One SQL text serves both databases.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use serde_json::Value as Json;
use tongban_base::{Problem, Result, Timestamp};

use crate::jobs::{self, Job};
use crate::mark::Known;
use crate::pending::{Pending, Written};
use crate::postgres::PostgresTx;
use crate::sqlite::SqliteTx;
use crate::sums::touch::{Touch, touch};
use crate::sums::{Deltas, Writer};
use crate::{Row, Value, error};

static ASKED: AtomicU64 = AtomicU64::new(0);

/// How many queries this process has asked so far: what a page costs is told by the difference.
pub fn queries_asked() -> u64 {
    ASKED.load(Relaxed)
}

/// An open transaction. It is handed to closures of `Db::read` and `Db::write` and ends with them.
pub struct Tx {
    pub(crate) inner: Inner,
    pub(crate) pending: Pending,
    /// The lanes into which a job was put, so that they are woken after the commit.
    pub(crate) rings: Vec<String>,
    pub(crate) marks: Known,
    /// What was changed so far in the sums of marked tables.
    pub(crate) deltas: Deltas,
    /// Whoever writes the note of it.
    pub(crate) writer: Option<Writer>,
}

pub(crate) enum Inner {
    Sqlite(SqliteTx),
    Postgres(PostgresTx),
}

impl Tx {
    pub(crate) fn new(inner: Inner, marks: Known) -> Self {
        Self {
            inner,
            pending: Pending::default(),
            rings: Vec::new(),
            marks,
            deltas: Deltas::default(),
            writer: None,
        }
    }

    /// Adds a row whose answer nobody needs: `INSERT INTO t (…)` and its values. It is written, together with other
    /// rows of the table, before the next statement and at the latest with the commit; what is wrong with it is told then.
    pub fn insert(&mut self, head: &'static str, row: &[Value]) {
        self.insert_or(head, row, "");
    }

    /// The same with what follows the values (`ON CONFLICT …`).
    pub fn insert_or(&mut self, head: &'static str, row: &[Value], tail: &'static str) {
        self.pending.add(head, row.to_vec(), tail);
    }

    /// A statement that has to meet exactly one row. It waits as rows do; when it meets none the write fails with
    /// `store.changed`.
    pub fn guard(&mut self, sql: &'static str, params: &[Value]) {
        self.pending.add_guard(sql, params.to_vec());
    }

    fn sqlite(&mut self) -> Result<&mut SqliteTx> {
        match &mut self.inner {
            Inner::Sqlite(tx) => Ok(tx),
            Inner::Postgres(_) => Err(error::foreign_await()),
        }
    }

    pub(crate) fn postgres(&mut self) -> Result<&mut PostgresTx> {
        match &mut self.inner {
            Inner::Postgres(tx) => Ok(tx),
            Inner::Sqlite(_) => Err(error::foreign_await()),
        }
    }

    pub(crate) fn into_postgres(self) -> Result<PostgresTx> {
        match self.inner {
            Inner::Postgres(tx) => Ok(tx),
            Inner::Sqlite(_) => Err(error::foreign_await()),
        }
    }

    /// Runs a statement and gives the number of rows it touched.
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let mut before = self.before(params)?;
        if let Some(touch) = self.touch(sql)? {
            let touch = Some(touch);
            before.push(Written {
                touch,
                ..Written::plain(sql, params.to_vec())
            });
            return self.run(before).await;
        }
        match self.inner {
            Inner::Sqlite(_) => {
                self.run(before).await?;
                self.sqlite()?.execute(sql, params)
            }
            Inner::Postgres(_) => {
                let before = self.telling(before)?;
                let outcome = self.postgres()?.execute(&before, sql, params).await;
                self.hear()?;
                outcome
            }
        }
    }

    /// Runs several statements; over a network they travel together in one round trip.
    pub async fn execute_all(&mut self, statements: &[(&str, Vec<Value>)]) -> Result<()> {
        statements.iter().try_for_each(|(_, p)| storable(p))?;
        let mut all = self.before(&[])?;
        for (sql, params) in statements {
            let touch = self.touch(sql)?;
            all.push(Written {
                touch,
                ..Written::plain(sql, params.clone())
            });
        }
        self.run(all).await.map(drop)
    }

    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        ASKED.fetch_add(1, Relaxed);
        let before = self.before(params)?;
        if let Some(touch) = self.touch(sql)? {
            return Err(error::unsummed(touch.marked.table));
        }
        match self.inner {
            Inner::Sqlite(_) => {
                self.run(before).await?;
                self.sqlite()?.query(sql, params)
            }
            Inner::Postgres(_) => {
                let before = self.telling(before)?;
                let outcome = self.postgres()?.query(&before, sql, params).await;
                self.hear()?;
                outcome
            }
        }
    }

    /// The rows that still wait, now that a statement with these parameters comes. Nothing of them is sent when one
    /// cannot be stored.
    pub(crate) fn before(&mut self, params: &[Value]) -> Result<Vec<Written>> {
        storable(params)?;
        let mut before = self.pending.take();
        for written in &mut before {
            storable(&written.params)?;
            written.touch = self.touch(&written.sql)?;
        }
        Ok(before)
    }

    /// Writes the rows that still wait: what is wrong with them is told now.
    pub async fn flush(&mut self) -> Result<()> {
        let before = self.before(&[])?;
        self.run(before).await.map(drop)
    }

    fn touch(&self, sql: &str) -> Result<Option<Touch>> {
        let tables = self.marks.get().and_then(|marks| marks.sums.tables());
        tables.map_or(Ok(None), |tables| touch(tables, sql))
    }

    pub async fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The first row; none at all is told as "not found".
    pub async fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Row> {
        self.query_opt(sql, params)
            .await?
            .ok_or_else(Problem::not_found)
    }

    /// Puts a job into the outbox: it runs after this transaction has committed, at least once.
    pub async fn enqueue<J: Job>(&mut self, job: &J, run_at: Timestamp) -> Result<()> {
        let payload: Json = serde_json::to_value(job)?;
        let kind = (J::NAME, J::LANE);
        jobs::insert(self, kind, job.ordering_key().as_deref(), &payload, run_at);
        Ok(())
    }

    /// The same for work that need not be done twice: nothing is added while one of its name and key waits. One that runs
    /// already does not count, because it may have looked before what is asked for now.
    pub async fn enqueue_once<J: Job>(&mut self, job: &J, run_at: Timestamp) -> Result<()> {
        let key = job.ordering_key();
        match jobs::waits(self, (J::NAME, J::LANE), key.as_deref()).await? {
            true => Ok(()),
            false => self.enqueue(job, run_at).await,
        }
    }

    /// Whether a job of the same key is there: waiting, running or dead.
    pub async fn is_asked_for<J: Job>(&mut self, job: &J) -> Result<bool> {
        let key = job.ordering_key().unwrap_or_default();
        jobs::is_there(self, &key).await
    }

    /// Has a job with an ordering key run now: one that is there from its first attempt, else a new one.
    pub async fn run_again<J: Job>(&mut self, job: &J, now: Timestamp) -> Result<()> {
        let key = job.ordering_key().unwrap_or_default();
        if jobs::hasten(self, &key, now).await? == 0 {
            return self.enqueue(job, now).await;
        }
        self.ring(J::LANE.to_string());
        Ok(())
    }

    pub(crate) fn ring(&mut self, lane: String) {
        if !self.rings.contains(&lane) {
            self.rings.push(lane);
        }
    }

    /// True on PostgreSQL; only for the few statements that have no common form.
    pub fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::Postgres(_))
    }
}

/// PostgreSQL keeps no text with a zero byte. Both databases refuse it alike, as what the visitor sent.
fn storable(params: &[Value]) -> Result<()> {
    let zero = |value: &Value| matches!(value, Value::Text(text) if text.contains('\0'));
    match params.iter().any(zero) {
        true => Err(error::zero_byte()),
        false => Ok(()),
    }
}
