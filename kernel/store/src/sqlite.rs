//! SQLite: one writer thread with group commit, several reader threads, WAL, synchronous=FULL.

mod files;
mod reader;
mod tx;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tongban_base::{Problem, Result};

use crate::db::Fut;
use crate::jobs::Bells;
use crate::mark::Known;
use crate::task::{Task, call};
use crate::{Tx, Upkeep, error};

pub(crate) use tx::{SqliteTx, problem};

/// Runs a task on the thread that owns the connection. Statements on SQLite are ready at once; whatever is not
/// awaits something else.
fn run(task: &mut dyn Task, tx: &mut Tx) -> Result<()> {
    tx.pending.clear();
    let outcome = now(task.run(tx)).and_then(|()| now(Box::pin(tx.flush())));
    if outcome.is_err() {
        tx.pending.clear();
    }
    outcome
}

fn now(mut future: Fut<'_, ()>) -> Result<()> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(result) => result,
        std::task::Poll::Pending => Err(error::foreign_await()),
    }
}

pub(crate) struct Sqlite {
    path: PathBuf,
    writes: writer::Queue,
    reads: reader::Readers,
    writer: JoinHandle<()>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, bells: Bells, upkeep: &Upkeep, marks: &Known) -> Result<Self> {
        let connection = connect(path, false)?;
        let opened = (connection, files::OpenFiles::of(path));
        let (writes, writer) = writer::spawn(opened, bells, upkeep.clone(), Arc::clone(marks))?;
        let reads = reader::Readers::spawn(path, upkeep, marks)?;
        Ok(Self {
            path: path.to_owned(),
            writes,
            reads,
            writer,
        })
    }

    /// Waits until all connections are closed, the writer's last: it takes along what stands beside the file.
    pub(crate) async fn close(self) -> Result<()> {
        tokio::task::spawn_blocking(move || {
            self.reads.close();
            drop(self.writes);
            // A thread that fell has let go of its connection too.
            let _ = self.writer.join();
        })
        .await
        .map_err(Problem::internal)
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

    pub(crate) async fn read<I, T, F>(&self, input: I, body: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
    {
        let (task, answer) = call(input, body);
        self.reads.send(task)?;
        answer.await.map_err(|_| error::stopped())?
    }

    /// An online copy: pages are copied in steps while writers go on.
    pub(crate) async fn backup(&self, target: &Path) -> Result<()> {
        let (source, target) = (self.path.clone(), target.to_owned());
        tokio::task::spawn_blocking(move || copy(&source, &target))
            .await
            .map_err(Problem::internal)?
    }
}

fn copy(source: &Path, target: &Path) -> Result<()> {
    let source = connect(source, true)?;
    let mut target = Connection::open(target).map_err(tx::problem)?;
    let backup = rusqlite::backup::Backup::new(&source, &mut target).map_err(tx::problem)?;
    backup
        .run_to_completion(4096, std::time::Duration::ZERO, None)
        .map_err(tx::problem)
}

pub(crate) fn connect(path: &Path, read_only: bool) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    flags |= if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let connection = Connection::open_with_flags(path, flags).map_err(tx::problem)?;
    connection.set_prepared_statement_cache_capacity(512);
    // Else SQLite prepares many statements anew each time they are given other values.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(tx::problem)?;
    let pragmas = if read_only {
        "PRAGMA busy_timeout=10000; PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456;"
    } else {
        "PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         PRAGMA foreign_keys=ON; PRAGMA cache_size=-64000; PRAGMA temp_store=MEMORY;
         PRAGMA wal_autocheckpoint=4000;"
    };
    connection.execute_batch(pragmas).map_err(tx::problem)?;
    Ok(connection)
}
