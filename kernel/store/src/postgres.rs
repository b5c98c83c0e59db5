//! PostgreSQL: a pool, writes at SERIALIZABLE with automatic re-run.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use futures::future::try_join_all;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{NoTls, Statement};
use tongban_base::{Problem, Result};

use crate::db::Fut;
use crate::tx::Inner;
use crate::{Row, Tx, Value, error};

/// With the waits between them about two seconds: longer than any crowd on one row was seen to last.
const ATTEMPTS: u32 = 20;

pub(crate) struct Postgres {
    pool: Pool,
}

pub(crate) struct PostgresTx {
    client: Object,
    /// The state of the first failed statement: tells whether the whole write is worth another run.
    failed: Option<SqlState>,
}

impl Postgres {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let config: tokio_postgres::Config = url.parse().map_err(Problem::internal)?;
        let manager = Manager::from_config(
            config,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(16)
            .build()
            .map_err(Problem::internal)?;
        let postgres = Self { pool };
        drop(postgres.client().await?);
        Ok(postgres)
    }

    pub(crate) async fn execute_outside(&self, sql: &str) -> Result<()> {
        let client = self.client().await?;
        client.batch_execute(sql).await.map_err(problem)
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(error::unavailable)
    }

    pub(crate) async fn read<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T>,
    {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let (outcome, mut tx) = self.run(begin, &input, &body).await?;
        end(&mut tx, "COMMIT").await?;
        outcome
    }

    pub(crate) async fn write<I, T, F>(&self, input: I, body: F) -> Result<(T, bool)>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T>,
    {
        let mut attempt = 1;
        loop {
            let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
            let (outcome, mut tx) = self.run(begin, &input, &body).await?;
            let again = match outcome {
                Ok(value) => match commit(&mut tx).await {
                    Ok(()) => return Ok((value, tx.enqueued)),
                    Err(failure) => failure,
                },
                Err(problem) => {
                    end(&mut tx, "ROLLBACK").await?;
                    if !is_transient(failed_state(&tx)) {
                        return Err(problem);
                    }
                    problem
                }
            };
            drop(tx);
            if attempt == ATTEMPTS || again.kind() == tongban_base::Kind::Internal {
                return Err(again);
            }
            tokio::time::sleep(backoff(attempt)).await;
            attempt += 1;
        }
    }

    async fn run<I, T, F>(&self, begin: &str, input: &I, body: &F) -> Result<(Result<T>, Tx)>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T>,
    {
        let client = self.client().await?;
        client
            .batch_execute(begin)
            .await
            .map_err(error::unavailable)?;
        let mut tx = Tx::new(Inner::Postgres(PostgresTx {
            client,
            failed: None,
        }));
        let outcome = body(&mut tx, input).await;
        Ok((outcome, tx))
    }
}

/// A little longer each time, spread by the clock's own noise so that rivals do not meet again.
fn backoff(attempt: u32) -> Duration {
    let noise = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.subsec_nanos() % 1000);
    Duration::from_micros(u64::from(500 * attempt * attempt + noise * attempt))
}

fn is_transient(state: Option<&SqlState>) -> bool {
    state == Some(&SqlState::T_R_SERIALIZATION_FAILURE)
        || state == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

fn failed_state(tx: &Tx) -> Option<&SqlState> {
    match &tx.inner {
        Inner::Postgres(tx) => tx.failed.as_ref(),
        Inner::Sqlite(_) => None,
    }
}

async fn commit(tx: &mut Tx) -> Result<()> {
    let Inner::Postgres(inner) = &mut tx.inner else {
        return Err(error::foreign_await());
    };
    inner
        .client
        .batch_execute("COMMIT")
        .await
        .map_err(|cause| match cause.code() {
            state if is_transient(state) => error::unavailable(cause),
            _ => problem(cause),
        })
}

async fn end(tx: &mut Tx, sql: &str) -> Result<()> {
    match &mut tx.inner {
        Inner::Postgres(tx) => tx.client.batch_execute(sql).await.map_err(problem),
        Inner::Sqlite(_) => Err(error::foreign_await()),
    }
}

impl PostgresTx {
    fn failure(&mut self, cause: tokio_postgres::Error) -> Problem {
        if self.failed.is_none() {
            self.failed = cause.code().cloned();
        }
        problem(cause)
    }

    async fn prepare(&mut self, sql: &str) -> Result<Statement> {
        match self.client.prepare_cached(sql).await {
            Ok(statement) => Ok(statement),
            Err(cause) => Err(self.failure(cause)),
        }
    }

    pub(crate) async fn batch(&mut self, sql: &str) -> Result<()> {
        let done = self.client.batch_execute(sql).await;
        done.map_err(|cause| self.failure(cause))
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let statement = self.prepare(sql).await?;
        let done = self.client.execute_raw(&statement, params).await;
        done.map_err(|cause| self.failure(cause))
    }

    pub(crate) async fn execute_all(&mut self, statements: &[(&str, Vec<Value>)]) -> Result<()> {
        let mut prepared = Vec::with_capacity(statements.len());
        for (sql, _) in statements {
            prepared.push(self.prepare(sql).await?);
        }
        let client = &self.client;
        let sent = prepared
            .iter()
            .zip(statements)
            .map(|(statement, (_, params))| client.execute_raw(statement, params));
        let done = try_join_all(sent).await;
        done.map(|_| ()).map_err(|cause| self.failure(cause))
    }

    pub(crate) async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let statement = self.prepare(sql).await?;
        let references: Vec<&(dyn ToSql + Sync)> =
            params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let found = match self.client.query(&statement, &references).await {
            Ok(found) => found,
            Err(cause) => return Err(self.failure(cause)),
        };
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
}

fn read(row: &tokio_postgres::Row, index: usize) -> Result<Value> {
    let kind = row.columns()[index].type_();
    let value = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(Value::from),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map(Value::from),
        Type::INT2 => row.try_get::<_, Option<i16>>(index).map(Value::from),
        Type::BOOL => row.try_get::<_, Option<bool>>(index).map(Value::from),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(index).map(Value::from),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index).map(Value::from),
        Type::JSON | Type::JSONB => row
            .try_get::<_, Option<serde_json::Value>>(index)
            .map(Value::from),
        _ => row.try_get::<_, Option<String>>(index).map(Value::from),
    };
    value.map_err(Problem::internal)
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(v) => match *kind {
                Type::INT4 => i32::try_from(*v)?.to_sql(kind, out),
                Type::INT2 => i16::try_from(*v)?.to_sql(kind, out),
                Type::BOOL => (*v != 0).to_sql(kind, out),
                #[expect(clippy::cast_precision_loss, reason = "asked for by the statement")]
                Type::FLOAT8 => (*v as f64).to_sql(kind, out),
                Type::TEXT => v.to_string().to_sql(kind, out),
                _ => v.to_sql(kind, out),
            },
            Value::Real(v) => v.to_sql(kind, out),
            Value::Text(v) => match *kind {
                Type::JSON | Type::JSONB => {
                    serde_json::from_str::<serde_json::Value>(v)?.to_sql(kind, out)
                }
                _ => v.to_sql(kind, out),
            },
            Value::Bytes(v) => v.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn problem(cause: tokio_postgres::Error) -> Problem {
    match cause.code() {
        Some(state) if *state == SqlState::UNIQUE_VIOLATION => error::unique(cause),
        Some(state) if state.code().starts_with("23") => error::constraint(cause),
        Some(state) if *state == SqlState::DISK_FULL => error::full(cause),
        Some(state) if is_transient(Some(state)) => error::unavailable(cause),
        Some(state) if state.code().starts_with("57") || state.code().starts_with("53") => {
            error::unavailable(cause)
        }
        None => error::unavailable(cause),
        _ => Problem::internal(cause),
    }
}
