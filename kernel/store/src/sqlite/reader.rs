//! Reader threads: each owns a read-only connection and runs one snapshot at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use tongban_base::{Problem, Result};

use super::tx::SqliteTx;
use super::{connect, run};
use crate::mark::Known;
use crate::task::Task;
use crate::tx::Inner;
use crate::{Tx, Upkeep, error};

const READERS: usize = 4;

pub(crate) struct Readers {
    queue: mpsc::Sender<Box<dyn Task>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn spawn(path: &Path, upkeep: &Upkeep, marks: &Known) -> Result<Self> {
        let (queue, tasks) = mpsc::channel::<Box<dyn Task>>();
        let tasks = Arc::new(Mutex::new(tasks));
        let mut threads = Vec::new();
        for number in 0..READERS {
            let connection = connect(path, true)?;
            let (tasks, upkeep) = (Arc::clone(&tasks), upkeep.clone());
            let mut tx = Tx::new(Inner::Sqlite(SqliteTx { connection }), Arc::clone(marks));
            let name = format!("store-read-{number}");
            let thread = std::thread::Builder::new()
                .name(name.clone())
                .spawn(move || upkeep.keep_thread(&name, || serve(&mut tx, &tasks)))
                .map_err(Problem::internal)?;
            threads.push(thread);
        }
        Ok(Self { queue, threads })
    }

    pub(crate) fn close(self) {
        drop(self.queue);
        for thread in self.threads {
            let _ = thread.join();
        }
    }

    pub(crate) fn send(&self, task: Box<dyn Task>) -> Result<()> {
        self.queue.send(task).map_err(|_| error::stopped())
    }
}

/// Serves one task; false when nobody can ask any more.
fn serve(tx: &mut Tx, tasks: &Mutex<mpsc::Receiver<Box<dyn Task>>>) -> bool {
    let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let Ok(mut task) = next else { return false };
    let outcome = snapshot(tx, task.as_mut());
    if outcome.is_err() {
        // Mostly nothing is open; a snapshot that stayed open would hide from the next what was written since.
        let _ = batch(tx, "ROLLBACK");
    }
    task.answer(outcome);
    true
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
