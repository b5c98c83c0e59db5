//! Reader threads: each owns a read-only connection and runs one snapshot at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use tongban_base::{Problem, Result};

use super::tx::SqliteTx;
use super::{connect, run};
use crate::task::Task;
use crate::tx::Inner;
use crate::{Tx, error};

const READERS: usize = 4;

pub(crate) struct Readers {
    queue: mpsc::Sender<Box<dyn Task>>,
}

impl Readers {
    pub(crate) fn spawn(path: &Path) -> Result<Self> {
        let (queue, tasks) = mpsc::channel::<Box<dyn Task>>();
        let tasks = Arc::new(Mutex::new(tasks));
        for number in 0..READERS {
            let connection = connect(path, true)?;
            let tasks = Arc::clone(&tasks);
            std::thread::Builder::new()
                .name(format!("store-read-{number}"))
                .spawn(move || serve(connection, &tasks))
                .map_err(Problem::internal)?;
        }
        Ok(Self { queue })
    }

    pub(crate) fn send(&self, task: Box<dyn Task>) -> Result<()> {
        self.queue.send(task).map_err(|_| error::stopped())
    }
}

fn serve(connection: rusqlite::Connection, tasks: &Mutex<mpsc::Receiver<Box<dyn Task>>>) {
    let mut tx = Tx::new(Inner::Sqlite(SqliteTx { connection }));
    loop {
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut task) = next else { return };
        let outcome = snapshot(&mut tx, task.as_mut());
        task.answer(outcome);
    }
}

fn snapshot(tx: &mut Tx, task: &mut dyn Task) -> Result<()> {
    batch(tx, "BEGIN")?;
    let outcome = run(task, tx);
    let ended = batch(tx, "COMMIT");
    outcome.and(ended)
}

fn batch(tx: &mut Tx, sql: &str) -> Result<()> {
    match &mut tx.inner {
        Inner::Sqlite(tx) => tx.batch(sql),
        Inner::Postgres(_) => Err(error::foreign_await()),
    }
}
