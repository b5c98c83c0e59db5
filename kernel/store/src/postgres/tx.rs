//! Statements on one connection. What needs no answer travels with the next statement that does, `BEGIN` with the
//! first, `COMMIT` with the last rows: each awaited statement is one round trip.

use std::task::{Context, Waker};

use deadpool_postgres::Object;
use futures::TryStreamExt as _;
use futures::future::{join, join_all};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Statement};
use tongban_base::{Problem, Result};

use super::value::read;
use crate::pending::Written;
use crate::{Marked, Row, Value, error};

pub(crate) struct PostgresTx {
    /// None when it was given up.
    client: Option<Object>,
    /// Still to be sent, with the first statement.
    begin: Option<&'static str>,
    ended: bool,
    /// The state of the first failed statement: tells whether the whole write is worth another run.
    failed: Option<SqlState>,
    /// Whether a guard met no row.
    changed: bool,
    /// How many rows the last statement touched.
    met: u64,
    /// Marks before and after, as statements told them.
    told: Vec<Told>,
}

pub(crate) type Told = (&'static Marked, String, String);

impl PostgresTx {
    pub(super) fn new(client: Object, begin: &'static str) -> Self {
        Self {
            client: Some(client),
            begin: Some(begin),
            ended: false,
            failed: None,
            changed: false,
            met: 0,
            told: Vec::new(),
        }
    }

    pub(super) fn is_transient(&self) -> bool {
        self.failed.as_ref().is_some_and(is_transient)
    }

    /// A row that another transaction has just written: this one did not see it when it looked. Run again it does.
    pub(super) fn is_twin(&self) -> bool {
        self.failed == Some(SqlState::UNIQUE_VIOLATION)
    }

    /// The server takes no writes on this connection, and may on a new one: what it is set to begins with the session.
    pub(super) fn is_read_only(&self) -> bool {
        self.failed == Some(SqlState::READ_ONLY_SQL_TRANSACTION)
    }

    fn client(&self) -> Result<&Object> {
        self.client.as_ref().ok_or_else(error::stopped)
    }

    /// Whether nobody can tell if the commit was kept: it was sent, and no answer came, or only that the server goes.
    pub(super) fn is_in_doubt(&self) -> bool {
        let says_nothing = |state: &SqlState| state.code().starts_with("57");
        self.ended && self.failed.as_ref().is_none_or(says_nothing)
    }

    async fn prepare(&mut self, sql: &str) -> Result<Statement> {
        let prepared = self.client()?.prepare_cached(sql).await;
        prepared.map_err(|cause| self.failure(cause))
    }

    async fn prepare_all(&mut self, statements: &[Written]) -> Result<Vec<Statement>> {
        let mut prepared = Vec::with_capacity(statements.len());
        for statement in statements {
            prepared.push(self.prepare(&statement.sql).await?);
        }
        Ok(prepared)
    }

    fn failure(&mut self, cause: Error) -> Problem {
        if self.failed.is_none() {
            self.failed = cause.code().cloned();
        }
        problem(cause)
    }

    /// Sends `BEGIN` if it is due, the statements, and then whatever `last` sends, without waiting in between.
    /// The first failure in that order is the one that is told.
    async fn together<T>(
        &mut self,
        before: &[Written],
        last: impl AsyncFnOnce(&Object) -> std::result::Result<T, Error>,
    ) -> Result<T> {
        let prepared = self.prepare_all(before).await?;
        let begin = self.begin.take();
        let client = self.client()?;
        let begin = async {
            match begin {
                Some(sql) => client.batch_execute(sql).await,
                None => Ok(()),
            }
        };
        let sent = prepared
            .iter()
            .zip(before)
            .map(|(statement, written)| send(client, statement, written));
        // Each future sends when it is first polled, and they are polled in this order.
        let (begun, (done, last)) = join(begin, join(join_all(sent), last(client))).await;
        if let Err(cause) = begun {
            return Err(self.failure(cause));
        }
        for (met, written) in done.into_iter().zip(before) {
            match met {
                Ok((rows, _)) if written.guard && rows != 1 => {
                    self.changed = true;
                    return Err(error::changed());
                }
                Ok((rows, told)) => {
                    self.met = rows;
                    self.told.extend(told);
                }
                Err(cause) => return Err(self.failure(cause)),
            }
        }
        last.map_err(|cause| self.failure(cause))
    }

    /// Gives the number of rows that the last of them touched.
    pub(crate) async fn run_all(&mut self, statements: &[Written]) -> Result<u64> {
        if statements.is_empty() {
            return Ok(0);
        }
        self.together(statements, async |_| Ok(())).await?;
        Ok(self.met)
    }

    pub(crate) fn told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    pub(crate) async fn batch(&mut self, sql: &str) -> Result<()> {
        self.together(&[], async |client| client.batch_execute(sql).await)
            .await
    }

    pub(crate) async fn execute(
        &mut self,
        before: &[Written],
        sql: &str,
        params: &[Value],
    ) -> Result<u64> {
        let statement = self.prepare(sql).await?;
        self.together(before, async |client| {
            client.execute_raw(&statement, params).await
        })
        .await
    }

    pub(crate) async fn query(
        &mut self,
        before: &[Written],
        sql: &str,
        params: &[Value],
    ) -> Result<Vec<Row>> {
        let statement = self.prepare(sql).await?;
        let references: Vec<&(dyn ToSql + Sync)> =
            params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let found = self
            .together(before, async |client| {
                client.query(&statement, &references).await
            })
            .await?;
        let columns = statement
            .columns()
            .iter()
            .map(|c| c.name().to_owned())
            .collect::<std::sync::Arc<[String]>>();
        found
            .iter()
            .map(|row| {
                let values = (0..columns.len())
                    .map(|index| read(row, index))
                    .collect::<Result<Vec<_>>>()?;
                Ok(Row {
                    columns: std::sync::Arc::clone(&columns),
                    values,
                })
            })
            .collect()
    }

    /// Writes what still waits and commits, in one round trip. A transaction that never began
    /// has nothing to commit.
    pub(super) async fn commit(&mut self, before: &[Written]) -> Result<()> {
        if self.begin.is_some() && before.is_empty() {
            return Ok(());
        }
        // PostgreSQL would take the commit and keep nothing.
        if let Some(state) = &self.failed {
            return Err(error::failed_before(state.code()));
        }
        if self.changed {
            return Err(error::changed());
        }
        self.prepare_all(before).await?;
        // Kept or not, after this there is no transaction any more.
        self.ended = true;
        self.together(before, async |client| client.batch_execute("COMMIT").await)
            .await
    }

    /// Ends the transaction without waiting for the answer: whoever gets the connection next is served after it.
    pub(super) fn leave(mut self, how: &str) {
        self.end(how);
    }

    fn end(&mut self, how: &str) {
        if let Some(client) = &self.client
            && self.begin.is_none()
            && !self.ended
        {
            let end = std::pin::pin!(client.batch_execute(how));
            // The first poll sends it; a connection that is gone has nothing to end.
            let _ = end.poll(&mut Context::from_waker(Waker::noop()));
        }
        self.ended = true;
    }

    /// Gives the connection up in the middle of a statement: the server ends its transaction.
    pub(super) fn abandon(mut self) {
        drop(self.client.take().map(Object::take));
    }
}

/// Whoever asked may have gone in the middle, perhaps because nothing answers: nobody else gets the connection.
impl Drop for PostgresTx {
    fn drop(&mut self) {
        if self.begin.is_none() && !self.ended {
            drop(self.client.take().map(Object::take));
        }
    }
}

/// One that tells its marks is asked for them.
async fn send(
    client: &Object,
    statement: &Statement,
    written: &Written,
) -> std::result::Result<(u64, Vec<Told>), Error> {
    let Some(touch) = &written.touch else {
        let met = client.execute_raw(statement, &written.params).await?;
        return Ok((met, Vec::new()));
    };
    let rows = client.query_raw(statement, &written.params).await?;
    let rows: Vec<tokio_postgres::Row> = rows.try_collect().await?;
    let mark = |row: &tokio_postgres::Row, at| {
        let mark = row.try_get::<_, Option<String>>(at)?;
        Ok::<_, Error>(mark.unwrap_or_default())
    };
    let told = rows
        .iter()
        .map(|row| Ok((touch.marked, mark(row, 0)?, mark(row, 1)?)));
    Ok((
        rows.len() as u64,
        told.collect::<std::result::Result<_, Error>>()?,
    ))
}

/// Worth another run: nothing is wrong with the write but the moment.
fn is_transient(state: &SqlState) -> bool {
    *state == SqlState::T_R_SERIALIZATION_FAILURE
        || *state == SqlState::T_R_DEADLOCK_DETECTED
        || *state == SqlState::LOCK_NOT_AVAILABLE
}

pub(super) fn problem(cause: tokio_postgres::Error) -> Problem {
    match cause.code() {
        Some(state) if *state == SqlState::UNIQUE_VIOLATION => error::unique(cause),
        Some(state) if state.code().starts_with("23") => error::constraint(cause),
        Some(state) if *state == SqlState::DISK_FULL => error::full(cause),
        Some(state) if is_transient(state) => error::unavailable(cause),
        // Data or an index on the disk is damaged.
        Some(state) if state.code().starts_with("XX00") && state.code() != "XX000" => {
            error::broken(cause)
        }
        // A standby, or a server that somebody has set so.
        Some(state) if *state == SqlState::READ_ONLY_SQL_TRANSACTION => error::unavailable(cause),
        Some(state) if state.code().starts_with("57") || state.code().starts_with("53") => {
            error::unavailable(cause)
        }
        None => error::unavailable(cause),
        _ => Problem::internal(cause),
    }
}
