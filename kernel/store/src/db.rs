//! The handle that everything holds: reads on a snapshot, writes that may be run again.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tongban_base::{Result, Timestamp};

use crate::jobs::Bells;
use crate::mark::{BrokenRow, Known, Marks};
use crate::postgres::{Patience, Postgres};
use crate::sqlite::Sqlite;
use crate::{LaneStatus, Marked, Tx, Upkeep};

pub type Fut<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

#[derive(Clone)]
pub struct Db {
    backend: Arc<Backend>,
    pub(crate) bells: Bells,
    upkeep: Upkeep,
    marks: Known,
    /// By how many milliseconds the clock of this machine was ahead of the database's when they were last compared.
    ahead: Arc<AtomicI64>,
    /// What of the database was not as the migrations make it when they were last compared.
    schema_faults: Arc<Mutex<Vec<String>>>,
}

/// Two that differ from the database's clock by no more than this never take a lease of each other's for ended.
const CLOCKS_DIFFER_MILLIS: u64 = 10_000;

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Db {
    /// Opens (and creates) the embedded database file.
    pub fn open_sqlite(path: &Path) -> Result<Self> {
        let (bells, upkeep, marks) = (Bells::default(), Upkeep::default(), Known::default());
        let sqlite = Sqlite::open(path, bells.clone(), &upkeep, &marks)?;
        Ok(Self::with(Backend::Sqlite(sqlite), bells, upkeep, marks))
    }

    /// Connects to PostgreSQL or what speaks its protocol.
    pub async fn open_postgres(url: &str) -> Result<Self> {
        Self::open_postgres_with(url, Patience::default()).await
    }

    pub async fn open_postgres_with(url: &str, patience: Patience) -> Result<Self> {
        let (bells, upkeep, marks) = (Bells::default(), Upkeep::default(), Known::default());
        let watched = (bells.clone(), upkeep.clone());
        let postgres = Postgres::connect(url, patience, watched, Arc::clone(&marks)).await?;
        Ok(Self::with(
            Backend::Postgres(postgres),
            bells,
            upkeep,
            marks,
        ))
    }

    fn with(backend: Backend, bells: Bells, upkeep: Upkeep, marks: Known) -> Self {
        Self {
            backend: Arc::new(backend),
            bells,
            upkeep,
            marks,
            ahead: Arc::default(),
            schema_faults: Arc::default(),
        }
    }

    /// Watches over what has to run as long as the program.
    pub fn upkeep(&self) -> &Upkeep {
        &self.upkeep
    }

    /// Brings the key of the marks: without it no marked table can be read or written.
    #[must_use]
    pub fn with_marks(self, marks: Marks) -> Self {
        // Whoever opened the database has one ring; the first key stays.
        let _ = self.marks.set(marks);
        self
    }

    pub(crate) fn marks(&self) -> Option<&Marks> {
        self.marks.get()
    }

    /// The same tables for what was opened without naming them.
    pub(crate) fn sum_over(&self, tables: &[&'static Marked]) {
        if let Some(marks) = self.marks.get().filter(|marks| marks.key.is_some()) {
            marks.sums.over(tables);
        }
    }

    pub(crate) fn is_summed(&self) -> bool {
        let marks = self.marks.get();
        marks.is_some_and(|marks| marks.sums.tables().is_some())
    }

    /// Rows that were changed beside the program, as far as they were read.
    pub fn broken_rows(&self) -> Vec<BrokenRow> {
        self.marks.get().map(Marks::broken).unwrap_or_default()
    }

    /// Of these, what was not asked for before.
    pub fn newly_broken_rows(&self) -> Vec<BrokenRow> {
        self.marks
            .get()
            .map(Marks::newly_broken)
            .unwrap_or_default()
    }

    /// What was found when the database was last compared with its migrations.
    pub fn schema_faults(&self) -> Vec<String> {
        let faults = self.schema_faults.lock();
        faults.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn keep_schema_faults(&self, faults: Vec<String>) {
        let mut kept = self.schema_faults.lock();
        *kept.as_deref_mut().unwrap_or(&mut Vec::new()) = faults;
    }

    pub fn is_postgres(&self) -> bool {
        matches!(*self.backend, Backend::Postgres(_))
    }

    /// Runs `body` on a snapshot. It sees only what is committed. On PostgreSQL it is cut off after ten seconds.
    pub async fn read<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(input, body).await,
            Backend::Postgres(postgres) => postgres.read(input, body).await,
        }
    }

    /// The same for what looks through whole tables and may take as long as it must.
    pub async fn survey<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(input, body).await,
            Backend::Postgres(postgres) => postgres.survey(input, body).await,
        }
    }

    /// What is wrong with the pages of the database file, indexes among them, which no query reads that goes another way.
    /// A server looks after its own.
    pub async fn file_faults(&self) -> Result<Vec<String>> {
        if self.is_postgres() {
            return Ok(Vec::new());
        }
        let looked = self.survey((), |tx, ()| {
            Box::pin(tx.query("PRAGMA integrity_check(20)", &[]))
        });
        let rows = match looked.await {
            Err(problem) if problem.code() == "store.broken" => {
                return Ok(vec![problem.to_string()]);
            }
            rows => rows?,
        };
        let said = rows.iter().map(|row| row.at::<String>(0));
        let said: Vec<String> = said.collect::<Result<_>>()?;
        let faults: Vec<String> = said.into_iter().filter(|line| line != "ok").collect();
        if !faults.is_empty() {
            crate::error::note_broken();
        }
        Ok(faults)
    }

    /// Runs `body` in a serializable transaction and answers after its durable commit.
    /// `body` may be run again, so it must have no effect but on the database, and it may await
    /// nothing but its `Tx`.
    pub async fn write<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
    {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.write(input, body).await,
            Backend::Postgres(postgres) => postgres.write(input, body).await,
        }
    }

    /// By how many milliseconds `now` is ahead of the clock of the database, which may be another machine's.
    pub async fn compare_clock(&self, now: Timestamp) -> Result<i64> {
        if self.is_postgres() {
            let there = self.read((), |tx, ()| {
                Box::pin(async move {
                    let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
                    tx.query_one(sql, &[]).await?.at::<i64>(0)
                })
            });
            self.ahead.store(now.0 - there.await?, Ordering::Relaxed);
        }
        Ok(self.clock_ahead().unwrap_or(0))
    }

    /// The same as it was found last, where it is too much for the leases of jobs.
    pub fn clock_ahead(&self) -> Option<i64> {
        let ahead = self.ahead.load(Ordering::Relaxed);
        (ahead.unsigned_abs() > CLOCKS_DIFFER_MILLIS).then_some(ahead)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read((), |tx, ()| {
            Box::pin(async move { tx.query("SELECT 1 AS one", &[]).await.map(|_| ()) })
        })
        .await
    }

    /// A small write, to find out whether writes go through.
    pub async fn beat(&self, now: Timestamp) -> Result<()> {
        self.write(now, |tx, now| {
            Box::pin(async move {
                let sql = "INSERT INTO heartbeat (id, at) VALUES ('readyz', $1)
                           ON CONFLICT (id) DO UPDATE SET at = excluded.at";
                tx.execute(sql, crate::params![*now]).await.map(drop)
            })
        })
        .await
    }

    /// How many jobs wait and how many were given up.
    pub async fn jobs(&self) -> Result<crate::JobStatus> {
        self.read((), |tx, ()| Box::pin(crate::jobs::count(tx)))
            .await
    }

    /// The same lane by lane.
    pub async fn lanes(&self, now: Timestamp) -> Result<Vec<LaneStatus>> {
        self.read(now, |tx, now| Box::pin(crate::jobs::lanes(tx, *now)))
            .await
    }

    /// Runs a command that PostgreSQL takes only outside a transaction (`CREATE DATABASE`, `VACUUM`).
    pub async fn execute_outside(&self, sql: &str) -> Result<()> {
        match &*self.backend {
            Backend::Sqlite(_) => Err(tongban_base::Problem::internal(
                "SQLite has no commands outside transactions",
            )),
            Backend::Postgres(postgres) => postgres.execute_outside(sql).await,
        }
    }

    /// The embedded database lets go of its files; nothing happens while others still hold it, or on PostgreSQL.
    pub async fn close(self) -> Result<()> {
        match Arc::into_inner(self.backend) {
            Some(Backend::Sqlite(sqlite)) => sqlite.close().await,
            _ => Ok(()),
        }
    }

    /// Copies the embedded database to `target` while it serves; on PostgreSQL backups are `pg_dump`'s.
    pub async fn backup_sqlite(&self, target: &Path) -> Result<bool> {
        match &*self.backend {
            Backend::Sqlite(sqlite) => sqlite.backup(target).await.map(|()| true),
            Backend::Postgres(_) => Ok(false),
        }
    }
}
