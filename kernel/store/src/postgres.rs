//! PostgreSQL: a pool, reads on a snapshot, writes at SERIALIZABLE, many to a commit, run again when they must.

mod tx;
mod value;
mod writer;

use std::sync::Arc;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::sync::Notify;
use tokio_postgres::NoTls;
use tongban_base::{Problem, Result};

use crate::db::Fut;
use crate::task::call;
use crate::tx::Inner;
use crate::{Tx, error};

pub(crate) use tx::PostgresTx;

const POOL: usize = 16;

pub(crate) struct Postgres {
    connections: Connections,
    writes: writer::Queue,
}

#[derive(Clone)]
struct Connections(Pool);

impl Connections {
    async fn get(&self) -> Result<Object> {
        self.0.get().await.map_err(error::unavailable)
    }
}

impl Postgres {
    pub(crate) async fn connect(url: &str, bell: Arc<Notify>) -> Result<Self> {
        let config: tokio_postgres::Config = url.parse().map_err(Problem::internal)?;
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(POOL)
            .build()
            .map_err(Problem::internal)?;
        let connections = Connections(pool);
        drop(connections.get().await?);
        let writes = writer::spawn(connections.clone(), bell);
        Ok(Self {
            connections,
            writes,
        })
    }

    pub(crate) async fn execute_outside(&self, sql: &str) -> Result<()> {
        let client = self.connections.get().await?;
        client.batch_execute(sql).await.map_err(tx::problem)
    }

    pub(crate) async fn read<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T>,
    {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let client = self.connections.get().await?;
        let mut tx = Tx::new(Inner::Postgres(PostgresTx::new(client, begin)));
        let outcome = body(&mut tx, &input).await;
        tx.into_postgres()?.leave("COMMIT");
        outcome
    }

    pub(crate) async fn write<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
    {
        let (task, answer) = call(input, body);
        self.writes.send(task).map_err(|_| error::stopped())?;
        answer.await.map_err(|_| error::stopped())?
    }
}
