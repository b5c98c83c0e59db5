//! Writes that wait at the same moment share a transaction and its commit, as on SQLite. When anything goes wrong in
//! a shared one, each of its members runs again alone, so that one cause fails only its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tongban_base::{Problem, Result};

use super::PostgresTx;
use super::connections::Connections;
use crate::jobs::Bells;
use crate::mark::Known;
use crate::task::Task;
use crate::tx::Inner;
use crate::{Tx, Upkeep, error};

const GROUP_SIZE: usize = 32;
/// A group that takes longer is left to itself, and the next begins beside it.
const PATIENCE: Duration = Duration::from_millis(20);
/// A write that lasts longer than this is cut off.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// With the waits between them about two seconds: longer than any crowd on one row was seen to last.
const ATTEMPTS: u32 = 20;

/// From this attempt on a write runs every other time while no other does, on any node: PostgreSQL watches pages and small
/// tables as a whole, so that writes which have nothing to do with each other can make one fail again and again.
const ALONE_FROM: u32 = 4;

/// How a transaction begins. All take a lock of the table of migrations, which nothing else waits for, before they see
/// anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// A group does not wait long for a row that another group holds: that would mostly end in a serialization failure.
    Group,
    Beside,
    /// Waits until the others are done, and they wait for it. Not for long: where one of them hangs, this attempt fails,
    /// and between two of its kind the others go on.
    Alone,
}

impl Turn {
    fn begin(self, has_table: bool) -> &'static str {
        match (self, has_table) {
            (_, false) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            (Self::Group, true) => {
                "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE migration IN ROW SHARE MODE;
                 SET LOCAL lock_timeout = '100ms'"
            }
            (Self::Beside, true) => {
                "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE migration IN ROW SHARE MODE"
            }
            (Self::Alone, true) => {
                "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL lock_timeout = '500ms';
                 LOCK TABLE migration IN EXCLUSIVE MODE; SET LOCAL lock_timeout = DEFAULT"
            }
        }
    }
}

pub(super) type Queue = mpsc::UnboundedSender<Box<dyn Task>>;
type Tasks = mpsc::UnboundedReceiver<Box<dyn Task>>;

/// One group after another: writes of a node that ran beside each other would mostly make each other fail, because
/// PostgreSQL watches pages of an index and new rows stand side by side. Ends when nobody can ask any more.
pub(super) fn spawn(
    connections: Connections,
    (bells, upkeep): (Bells, Upkeep),
    marks: Known,
) -> Queue {
    let (queue, tasks) = mpsc::unbounded_channel();
    let writer = Writer {
        connections,
        bells,
        marks,
        has_table: Arc::default(),
    };
    let tasks = Mutex::new(tasks);
    tokio::spawn(async move {
        upkeep
            .keep("store-write", || serve_all(&writer, &tasks))
            .await;
    });
    queue
}

async fn serve_all(writer: &Writer, tasks: &Mutex<Tasks>) {
    let mut tasks = tasks.lock().await;
    while let Some(group) = next_group(&mut tasks).await {
        let writer = writer.clone();
        let served = tokio::spawn(async move { writer.serve(group).await });
        // Later it goes on by itself.
        let _ = tokio::time::timeout(PATIENCE, served).await;
    }
}

async fn next_group(tasks: &mut Tasks) -> Option<Vec<Box<dyn Task>>> {
    let mut group = Vec::new();
    (tasks.recv_many(&mut group, GROUP_SIZE).await > 0).then_some(group)
}

#[derive(Clone)]
struct Writer {
    connections: Connections,
    bells: Bells,
    marks: Known,
    /// Whether the table of migrations is there; a new database has none yet.
    has_table: Arc<AtomicBool>,
}

impl Writer {
    async fn serve(&self, mut group: Vec<Box<dyn Task>>) {
        if group.len() > 1 {
            let outcome = self.once(Turn::Group, &mut group).await;
            let in_doubt = outcome.as_ref().is_err_and(|failure| failure.in_doubt);
            // What may have been kept is not run again.
            if outcome.is_ok() || in_doubt {
                for task in group {
                    task.answer(if in_doubt {
                        Err(error::in_doubt())
                    } else {
                        Ok(())
                    });
                }
                return;
            }
        }
        for task in group {
            self.alone(task).await;
        }
    }

    async fn alone(&self, task: Box<dyn Task>) {
        let mut task = [task];
        let mut attempt = 1;
        let outcome = loop {
            let turn = match attempt {
                ALONE_FROM.. if attempt % 2 == 0 => Turn::Alone,
                _ => Turn::Beside,
            };
            match self.once(turn, &mut task).await {
                Err(Failure { again: true, .. }) if attempt < ATTEMPTS => {}
                Err(Failure { twin: true, .. }) if attempt == 1 => {}
                outcome => break outcome.map_err(|failure| failure.problem),
            }
            tokio::time::sleep(backoff(attempt)).await;
            attempt += 1;
        };
        let [task] = task;
        task.answer(outcome);
    }

    /// Runs the tasks in one transaction, once.
    async fn once(
        &self,
        turn: Turn,
        tasks: &mut [Box<dyn Task>],
    ) -> std::result::Result<(), Failure> {
        let client = self.connections.get().await.map_err(Failure::last)?;
        if !self.has_table.load(Ordering::Relaxed) {
            let there = "SELECT to_regclass('migration') IS NOT NULL";
            let found = client.query_one(there, &[]).await;
            let found = found.and_then(|row| row.try_get::<_, bool>(0));
            self.has_table
                .store(found.unwrap_or(false), Ordering::Relaxed);
        }
        let begin = turn.begin(self.has_table.load(Ordering::Relaxed));
        let inner = Inner::Postgres(PostgresTx::new(client, begin));
        let mut tx = Tx::new(inner, Arc::clone(&self.marks));
        let outcome = tokio::time::timeout(WRITE_LIMIT, run(&mut tx, tasks)).await;
        let (rings, writer) = (std::mem::take(&mut tx.rings), tx.writer.take());
        let inner = tx.into_postgres().map_err(Failure::last)?;
        // Of a commit in doubt nobody knows whether the note was kept: its writer is not used any more.
        let rest = |committed| {
            if let (Some(writer), Some(marks)) = (writer, self.marks.get()) {
                marks.sums.rest(writer, committed);
            }
        };
        match outcome {
            Ok(Ok(())) => {
                rest(true);
                self.bells.ring(&rings);
                Ok(())
            }
            Ok(Err(problem)) if inner.is_in_doubt() => {
                tracing::error!(%problem, "the connection broke during a commit");
                inner.abandon();
                Err(Failure::in_doubt())
            }
            Ok(Err(problem)) => {
                rest(false);
                let (again, twin) = (inner.is_transient(), inner.is_twin());
                if inner.is_read_only() {
                    inner.abandon();
                    self.connections.suspect();
                } else {
                    inner.leave("ROLLBACK");
                }
                Err(Failure {
                    again,
                    twin,
                    ..Failure::last(problem)
                })
            }
            Err(elapsed) => {
                let in_doubt = inner.is_in_doubt();
                inner.abandon();
                self.connections.suspect();
                tracing::error!("a write lasted too long and was cut off");
                Err(if in_doubt {
                    Failure::in_doubt()
                } else {
                    Failure::last(error::unavailable(elapsed))
                })
            }
        }
    }
}

async fn run(tx: &mut Tx, tasks: &mut [Box<dyn Task>]) -> Result<()> {
    for task in tasks {
        task.run(tx).await?;
    }
    let before = tx.before(&[])?;
    let mut before = tx.telling(before)?;
    // What has to be heard is heard before the commit.
    if before.iter().any(|w| w.guard || w.touch.is_some()) {
        tx.postgres()?.run_all(&before).await?;
        tx.hear()?;
        before.clear();
    }
    let note = tx.marks.get().map(|m| m.sums.note(&mut tx.deltas));
    if let Some((writer, note)) = note.transpose()?.flatten() {
        tx.writer = Some(writer);
        before.push(note);
    }
    tx.postgres()?.commit(&before).await
}

struct Failure {
    problem: Problem,
    again: bool,
    /// Something that may be there once is there already.
    twin: bool,
    /// The commit was sent, and nobody can tell whether it was kept.
    in_doubt: bool,
}

impl Failure {
    fn last(problem: Problem) -> Self {
        Self {
            problem,
            again: false,
            twin: false,
            in_doubt: false,
        }
    }

    fn in_doubt() -> Self {
        Self {
            in_doubt: true,
            ..Self::last(error::in_doubt())
        }
    }
}

/// A little longer each time, spread by the clock's own noise so that rivals do not meet again.
fn backoff(attempt: u32) -> Duration {
    let noise = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.subsec_nanos() % 1000);
    Duration::from_micros(u64::from(500 * attempt * attempt + noise * attempt))
}
