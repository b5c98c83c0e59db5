//! Who read whose data, and why: noted when it is read, written a moment later and many at once, so that a reader does
//! not wait. The same reader and object within an hour are one entry.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tongban_base::{ActorKind, Ctx, Result, Timestamp, Uuid, typed};
use tongban_store::Db;

use crate::key::AuditKey;
use crate::model::{AuditEvent, Entry, SOUGHT, SOUGHT_KIND};
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

    /// An officer looks for somebody by these words, in what is called so. Kept are a digest by which the entry is found and
    /// the words with most of them hidden.
    pub async fn note_sought(&self, ctx: &Ctx, what: &str, words: &str) -> Result<()> {
        let words = typed::line(words);
        if words.is_empty() {
            return Ok(());
        }
        let subject = (SOUGHT_KIND, self.key().sought(&words));
        let purpose = format!("{what}：{}", masked(&words));
        self.note(ctx, SOUGHT, subject, &purpose).await
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
        self.note_by(ctx, reader, (event, kind, id), purpose).await
    }

    /// The same for whoever else reads, an application for example: `reader` is by whom its entries are folded.
    pub async fn note_by(
        &self,
        ctx: &Ctx,
        reader: Uuid,
        (event, kind, id): (AuditEvent, &'static str, String),
        purpose: &str,
    ) -> Result<()> {
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

/// The first character, and of a number the last two: enough to recognise one's own search by.
fn masked(words: &str) -> String {
    let letters: Vec<char> = words.chars().collect();
    let shown = if letters.len() > 6 { 2 } else { 0 };
    let hidden = letters.len().saturating_sub(1 + shown);
    let masked = letters.iter().enumerate().map(|(place, letter)| {
        let is_hidden = (1..=hidden).contains(&place);
        if is_hidden { '*' } else { *letter }
    });
    masked.collect()
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn of_what_was_sought_little_is_shown() {
        assert_eq!(masked("测试一"), "测**");
        assert_eq!(masked("测"), "测");
        assert_eq!(masked("31000019690207901X"), "3***************1X");
    }
}
