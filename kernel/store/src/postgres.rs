//! PostgreSQL: a pool, reads on a snapshot, writes at SERIALIZABLE, many to a commit, run again when they must.

mod address;
mod connections;
mod encryption;
mod tx;
mod value;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use tongban_base::Result;

use crate::db::Fut;
use crate::jobs::Bells;
use crate::mark::Known;
use crate::task::call;
use crate::tx::Inner;
use crate::upkeep::without_panic;
use crate::{Tx, Upkeep, error};

pub use address::libpq_address;
use connections::Connections;
pub(crate) use tx::PostgresTx;

/// How long PostgreSQL is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// A read that lasts longer is cut off.
    pub read: Duration,
    /// A connection that rested longer is asked whether it is still there before it is used,
    pub rest: Duration,
    /// and has to say so within this time.
    pub reply: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(10),
            rest: Duration::from_secs(5),
            reply: Duration::from_secs(2),
        }
    }
}

pub(crate) struct Postgres {
    patience: Patience,
    connections: Connections,
    writes: writer::Queue,
    marks: Known,
}

impl Postgres {
    pub(crate) async fn connect(
        url: &str,
        patience: Patience,
        (bells, upkeep): (Bells, Upkeep),
        marks: Known,
    ) -> Result<Self> {
        let connections = Connections::open(url, patience)?;
        connections.try_one().await?;
        let watched = (bells, upkeep);
        let writes = writer::spawn(connections.clone(), watched, Arc::clone(&marks));
        Ok(Self {
            patience,
            connections,
            writes,
            marks,
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
        // What is cut off leaves its connection half used; it is given up with it.
        let survey = self.survey(input, body);
        match tokio::time::timeout(self.patience.read, survey).await {
            Ok(outcome) => outcome,
            Err(elapsed) => {
                self.connections.suspect();
                Err(error::unanswered(elapsed))
            }
        }
    }

    /// A read without a limit.
    pub(crate) async fn survey<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T>,
    {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let client = self.connections.get().await?;
        let inner = Inner::Postgres(PostgresTx::new(client, begin));
        let mut tx = Tx::new(inner, Arc::clone(&self.marks));
        let outcome = without_panic(async { body(&mut tx, &input).await }).await;
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
