//! Who read whose data, and why: noted when it is read, written a moment later and many at once, so that a reader does
//! not wait. The same reader and object within an hour are one entry.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tongban_base::{ActorKind, Ctx, Result, Timestamp, Uuid};
use tongban_store::Db;

use crate::key::AuditKey;
use crate::model::{AuditEvent, Entry};
use crate::service::record::record;

const FOLD_MINUTES: i64 = 60;
/// When so many wait, whoever reads next waits until they are written.
const MOST_WAITING: usize = 1000;
/// When so many are remembered, those of an hour ago are forgotten.
const MOST_KNOWN: usize = 50_000;
const PAUSE: Duration = Duration::from_secs(1);

/// Cheap to clone; one for a house.
#[derive(Clone)]
pub struct ReadLog(Arc<Inner>);

struct Inner {
    db: Db,
    key: AuditKey,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: HashMap<(Uuid, &'static str, String), Timestamp>,
    waiting: Vec<(Ctx, Entry)>,
}

impl ReadLog {
    pub fn new(db: Db, key: AuditKey) -> Self {
        Self(Arc::new(Inner {
            db,
            key,
            state: Mutex::default(),
        }))
    }

    /// The key of the house, for whoever writes other entries.
    pub fn key(&self) -> &AuditKey {
        &self.0.key
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An officer reads this, for this purpose; what people read of their own is not noted.
    /// Errors: many entries wait and cannot be written. Then nothing is to be shown.
    pub async fn note(
        &self,
        ctx: &Ctx,
        event: AuditEvent,
        (kind, id): (&'static str, String),
        purpose: &str,
    ) -> Result<()> {
        let (ActorKind::Staff, Some(reader)) = (ctx.actor.kind, ctx.actor.account) else {
            return Ok(());
        };
        let waiting = {
            let mut state = self.state();
            let what = (reader, event.name, format!("{kind} {id}"));
            let known = state.known.get(&what);
            if known.is_some_and(|at| ctx.now.0 < at.plus_minutes(FOLD_MINUTES).0) {
                return Ok(());
            }
            if state.known.len() >= MOST_KNOWN {
                let hour_ago = ctx.now.plus_minutes(-FOLD_MINUTES);
                state.known.retain(|_, at| at.0 > hour_ago.0);
            }
            state.known.insert(what, ctx.now);
            let entry = Entry::done(event, kind, id).with_detail(json!({ "purpose": purpose }));
            state.waiting.push((ctx.clone(), entry));
            state.waiting.len()
        };
        if waiting >= MOST_WAITING {
            self.flush().await?;
        }
        Ok(())
    }

    /// Writes what waits. What could not be written waits on.
    pub async fn flush(&self) -> Result<()> {
        let waiting = Arc::new(std::mem::take(&mut self.state().waiting));
        if waiting.is_empty() {
            return Ok(());
        }
        let input = (Arc::clone(&waiting), self.0.key.clone());
        let written = self.0.db.write(input, |tx, (waiting, key)| {
            Box::pin(async move {
                for (ctx, entry) in waiting.iter() {
                    record(tx, ctx, key, entry.clone()).await?;
                }
                Ok(())
            })
        });
        let outcome = written.await;
        if outcome.is_err() {
            let mut state = self.state();
            let later = std::mem::take(&mut state.waiting);
            state.waiting = waiting.iter().cloned().chain(later).collect();
        }
        outcome
    }

    /// Writes once a second until `stop` resolves, and once more then.
    pub async fn keep_written(self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let stopped = tokio::select! {
                () = &mut stop => true,
                () = tokio::time::sleep(PAUSE) => false,
            };
            if let Err(problem) = self.flush().await {
                tracing::error!(alarm = true, %problem, "entries about what was read wait to be written");
            }
            if stopped {
                return;
            }
        }
    }
}
