//! A transaction as services see it. One SQL text serves both databases.

use serde_json::Value as Json;
use tongban_base::{Problem, Result, Timestamp};

use crate::jobs::{self, Job};
use crate::postgres::PostgresTx;
use crate::sqlite::SqliteTx;
use crate::{Row, Value};

/// An open transaction. It is handed to closures of `Db::read` and `Db::write` and ends with them.
pub struct Tx {
    pub(crate) inner: Inner,
    /// Set when a job was enqueued, so that the dispatcher is woken after the commit.
    pub(crate) enqueued: bool,
}

pub(crate) enum Inner {
    Sqlite(SqliteTx),
    Postgres(PostgresTx),
}

impl Tx {
    pub(crate) fn new(inner: Inner) -> Self {
        Self {
            inner,
            enqueued: false,
        }
    }

    /// Runs a statement and gives the number of rows it touched.
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        match &mut self.inner {
            Inner::Sqlite(tx) => tx.execute(sql, params),
            Inner::Postgres(tx) => tx.execute(sql, params).await,
        }
    }

    /// Runs several statements; over a network they travel together in one round trip.
    pub async fn execute_all(&mut self, statements: &[(&str, Vec<Value>)]) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                for (sql, params) in statements {
                    tx.execute(sql, params)?;
                }
                Ok(())
            }
            Inner::Postgres(tx) => tx.execute_all(statements).await,
        }
    }

    pub async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        match &mut self.inner {
            Inner::Sqlite(tx) => tx.query(sql, params),
            Inner::Postgres(tx) => tx.query(sql, params).await,
        }
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
        jobs::insert(
            self,
            J::NAME,
            job.ordering_key().as_deref(),
            &payload,
            run_at,
        )
        .await?;
        self.enqueued = true;
        Ok(())
    }

    /// True on PostgreSQL; only for the few statements that have no common form.
    pub fn is_postgres(&self) -> bool {
        matches!(self.inner, Inner::Postgres(_))
    }
}
