//! Jobs are the outbox: written in the transaction of the change, run after its commit, at least once,
//! in order per key, on one node at a time (lease), each kind of waiting in a lane of its own.

mod dispatcher;
mod lane;
mod list;
mod table;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result, Timestamp};

pub use dispatcher::Dispatcher;
pub(crate) use lane::Bells;
pub use lane::{Lane, LaneLimits, LaneSettings};
pub use list::{DeadJob, JobStatus, LaneStatus, dead_jobs, repeat_job, repeat_jobs};
pub(crate) use list::{count, lanes};
pub use table::{StoredJob, bring_forward};
pub(crate) use table::{hasten, insert, is_there, waits};

/// A piece of work as data. Running it twice must do no harm.
pub trait Job: Serialize + DeserializeOwned + Send + Sync {
    const NAME: &'static str;
    /// What it does, for whoever finds it among the failed ones.
    const TITLE: &'static str;
    const LANE: Lane;

    /// Jobs of one key run one after another, in the order of their writing.
    fn ordering_key(&self) -> Option<String> {
        None
    }
}

/// What came of a job that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Nothing is left to be done, though the counterpart did not answer.
    GivenUp,
    /// The same once more at this moment, or as soon as the counterpart answers others if it is a failure for which
    /// `why` has words.
    Again {
        at: Timestamp,
        why: Option<String>,
    },
    /// The counterpart takes no more at present. It does not count as an attempt, and whoever stands in the same lane
    /// waits too, until this moment.
    Busy {
        until: Timestamp,
        why: String,
    },
    /// It failed too often by its own count, and rests as dead until somebody has it run once more.
    Rests {
        why: String,
    },
}

impl From<()> for Outcome {
    fn from((): ()) -> Self {
        Outcome::Done
    }
}

type Attempt = Pin<Box<dyn Future<Output = Result<Outcome>> + Send>>;

/// The code behind a job's name; modules list theirs.
#[derive(Clone)]
pub struct JobHandler {
    pub name: &'static str,
    pub title: &'static str,
    pub lane: Lane,
    run: Arc<dyn Fn(Ctx, Json) -> Attempt + Send + Sync>,
}

impl JobHandler {
    pub fn new<J, F, R, O>(run: F) -> Self
    where
        J: Job,
        F: Fn(Ctx, J) -> R + Send + Sync + 'static,
        R: Future<Output = Result<O>> + Send + 'static,
        O: Into<Outcome>,
    {
        let run = move |ctx: Ctx, payload: Json| -> Attempt {
            match serde_json::from_value::<J>(payload) {
                Ok(job) => {
                    let running = run(ctx, job);
                    Box::pin(async move { running.await.map(Into::into) })
                }
                Err(cause) => Box::pin(async move { Err(Problem::internal(cause)) }),
            }
        };
        Self {
            name: J::NAME,
            title: J::TITLE,
            lane: J::LANE,
            run: Arc::new(run),
        }
    }
}
