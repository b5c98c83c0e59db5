//! The writer thread and its group commit: each write is a savepoint inside one outer transaction,
//! and every caller is answered only after the outer commit.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tongban_base::{Problem, Result};

use super::files::OpenFiles;
use super::run;
use super::tx::{SqliteTx, problem};
use crate::jobs::Bells;
use crate::mark::Known;
use crate::sums::Deltas;
use crate::task::Task;
use crate::tx::Inner;
use crate::{Tx, Upkeep, error};

/// A group is closed after so many writes, or so long after it began.
const GROUP_SIZE: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(8);
/// A write that computes longer than this is cut off.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

pub(super) type Queue = mpsc::Sender<Box<dyn Task>>;

pub(super) fn spawn(
    (connection, files): (Connection, OpenFiles),
    bells: Bells,
    upkeep: Upkeep,
    marks: Known,
) -> Result<(Queue, JoinHandle<()>)> {
    let deadline = Arc::new(AtomicI64::new(i64::MAX));
    watch(&connection, Arc::clone(&deadline)).map_err(problem)?;
    let (queue, tasks) = mpsc::channel::<Box<dyn Task>>();
    let mut writer = Writer {
        tx: Tx::new(Inner::Sqlite(SqliteTx { connection }), marks),
        files,
        tasks,
        bells,
        changed: Deltas::default(),
        deadline,
        started: Instant::now(),
    };
    let thread = std::thread::Builder::new()
        .name("store-write".into())
        .spawn(move || upkeep.keep_thread("store-write", || writer.group()))
        .map_err(Problem::internal)?;
    Ok((queue, thread))
}

/// Interrupts a statement that runs past the deadline (milliseconds since the thread began).
fn watch(connection: &Connection, deadline: Arc<AtomicI64>) -> rusqlite::Result<()> {
    let started = Instant::now();
    connection.progress_handler(
        10_000,
        Some(move || millis(started) > deadline.load(Ordering::Relaxed)),
    )
}

fn millis(started: Instant) -> i64 {
    i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX)
}

struct Writer {
    tx: Tx,
    files: OpenFiles,
    tasks: mpsc::Receiver<Box<dyn Task>>,
    bells: Bells,
    /// What the members so far have changed in the sums.
    changed: Deltas,
    deadline: Arc<AtomicI64>,
    started: Instant,
}

impl Writer {
    /// Serves one group; false when nobody can ask any more.
    fn group(&mut self) -> bool {
        let Ok(first) = self.tasks.recv() else {
            return false;
        };
        if !self.outer_is_gone() {
            // The group before fell, and all who asked in it were told so.
            let _ = self.batch("ROLLBACK");
        }
        if let Err(problem) = self.begin() {
            // Whoever else waits has waited for the same; one after the other they would wait for minutes.
            for other in self.tasks.try_iter() {
                let told =
                    Problem::new(problem.kind(), problem.code().to_owned(), problem.message());
                other.answer(Err(told));
            }
            first.answer(Err(problem));
            return true;
        }
        self.tx.rings.clear();
        self.changed.clear();
        let mut members = Vec::new();
        let begun = Instant::now();
        let mut next = Some(first);
        while let Some(task) = next.take() {
            if let Some(member) = self.member(task) {
                members.push(member);
            }
            if self.outer_is_gone() {
                self.rerun(members);
                return true;
            }
            if members.len() < GROUP_SIZE && begun.elapsed() < GROUP_TIME {
                next = self.tasks.try_recv().ok();
            }
        }
        self.commit(members);
        true
    }

    /// Runs one write inside its savepoint. A failed one is answered at once and disturbs nobody.
    fn member(&mut self, mut task: Box<dyn Task>) -> Option<Box<dyn Task>> {
        let outcome = self.savepoint(task.as_mut());
        match outcome {
            Ok(()) => Some(task),
            Err(problem) => {
                task.answer(Err(problem));
                None
            }
        }
    }

    fn savepoint(&mut self, task: &mut dyn Task) -> Result<()> {
        self.batch("SAVEPOINT member")?;
        let limit = millis(self.started).saturating_add(WRITE_LIMIT.as_millis() as i64);
        self.deadline.store(limit, Ordering::Relaxed);
        self.tx.deltas.clear();
        let outcome = run(task, &mut self.tx);
        self.deadline.store(i64::MAX, Ordering::Relaxed);
        match outcome {
            Ok(()) => {
                self.changed.join(&mut self.tx.deltas);
                self.batch("RELEASE member")
            }
            Err(problem) => {
                if !self.outer_is_gone() {
                    self.batch("ROLLBACK TO member; RELEASE member")?;
                }
                Err(problem)
            }
        }
    }

    /// SQLite rolls the whole transaction back by itself on a full disk or an I/O error.
    fn outer_is_gone(&self) -> bool {
        match &self.tx.inner {
            Inner::Sqlite(tx) => tx.connection.is_autocommit(),
            Inner::Postgres(_) => true,
        }
    }

    fn commit(&mut self, members: Vec<Box<dyn Task>>) {
        match self.end() {
            Ok(()) => {
                self.bells.ring(&self.tx.rings);
                for member in members {
                    member.answer(Ok(()));
                }
            }
            Err(problem) => {
                tracing::error!(%problem, "group commit failed");
                if !self.outer_is_gone() {
                    // A rollback that fails leaves nothing open either.
                    let _ = self.batch("ROLLBACK");
                }
                self.rerun(members);
            }
        }
    }

    /// The note of what changed goes with it. After a failure its writer is not used any more: nobody need know
    /// whether it was kept.
    fn note_and_commit(&mut self) -> Result<()> {
        let marks = self.tx.marks.get().cloned();
        let note = marks.as_ref().map(|m| m.sums.note(&mut self.changed));
        let Some((writer, note)) = note.transpose()?.flatten() else {
            return self.batch("COMMIT");
        };
        if let Inner::Sqlite(tx) = &mut self.tx.inner {
            tx.execute(&note.sql, &note.params)?;
        }
        self.batch("COMMIT")?;
        if let Some(marks) = marks {
            marks.sums.rest(writer, true);
        }
        Ok(())
    }

    /// After a lost group each member gets a transaction of its own, so that one cause fails only its own.
    fn rerun(&mut self, members: Vec<Box<dyn Task>>) {
        for mut task in members {
            let outcome = self.alone(task.as_mut());
            if outcome.is_ok() {
                self.bells.ring(&self.tx.rings);
            }
            task.answer(outcome);
        }
    }

    fn alone(&mut self, task: &mut dyn Task) -> Result<()> {
        self.begin()?;
        self.changed.clear();
        self.tx.deltas.clear();
        let outcome = run(task, &mut self.tx).and_then(|()| {
            self.changed.join(&mut self.tx.deltas);
            self.end()
        });
        if outcome.is_err() && !self.outer_is_gone() {
            let _ = self.batch("ROLLBACK");
        }
        outcome
    }

    fn begin(&mut self) -> Result<()> {
        self.files.are_in_place()?;
        self.batch("BEGIN IMMEDIATE")
    }

    /// What went into a file that was taken away meanwhile is not told as kept.
    fn end(&mut self) -> Result<()> {
        self.note_and_commit()?;
        self.files.are_in_place()
    }

    fn batch(&mut self, sql: &str) -> Result<()> {
        match &mut self.tx.inner {
            Inner::Sqlite(tx) => tx.batch(sql),
            Inner::Postgres(_) => Err(error::foreign_await()),
        }
    }
}
