//! Thousands of people who press at the same moment, each on a connection of their own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tongban_base::{Problem, Result};

use crate::client::Connection;

/// What one person asks for.
pub struct Press {
    pub what: &'static str,
    pub request: Vec<u8>,
    /// The status that shows that it was done.
    pub expected: u16,
}

/// How it went, counted from the moment of pressing; connecting is part of it.
#[derive(Default)]
pub struct Outcome {
    pub answered: usize,
    /// Not answered, or not as expected; by what was asked and how it failed.
    pub failures: BTreeMap<String, usize>,
    times: Vec<Duration>,
    slowest: BTreeMap<&'static str, Duration>,
}

impl Outcome {
    pub fn last(&self) -> f64 {
        self.part(1.0)
    }

    /// The last answer of each kind, in seconds.
    pub fn slowest(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let kinds = self.slowest.iter();
        kinds.map(|(what, took)| (*what, took.as_secs_f64()))
    }

    /// The time in which this part of all had their answers.
    pub fn part(&self, part: f64) -> f64 {
        let count = self.times.len();
        let index = ((count as f64 * part).ceil() as usize).clamp(1, count.max(1)) - 1;
        self.times.get(index).map_or(0.0, Duration::as_secs_f64)
    }
}

pub async fn press(server: SocketAddr, presses: Vec<Press>) -> Result<Outcome> {
    let (gate, opened) = watch::channel(None::<Instant>);
    let mut tasks = JoinSet::new();
    for press in presses {
        let mut opened = opened.clone();
        tasks.spawn(async move {
            let moment = opened.wait_for(Option::is_some).await;
            let begun = moment.ok().and_then(|moment| *moment);
            let answer = ask(server, &press.request).await;
            let took = begun.map(|begun| begun.elapsed()).unwrap_or_default();
            let fault = match answer {
                Ok(status) if status == press.expected => None,
                Ok(status) => Some(format!("{}: status {status}", press.what)),
                Err(problem) => Some(format!("{}: {problem}", press.what)),
            };
            (press.what, took, fault)
        });
    }
    // Everybody stands at the gate before it opens.
    tokio::task::yield_now().await;
    gate.send(Some(Instant::now())).map_err(Problem::internal)?;
    let mut outcome = Outcome::default();
    while let Some(ended) = tasks.join_next().await {
        let (what, took, fault) = ended.map_err(Problem::internal)?;
        outcome.times.push(took);
        let slowest = outcome.slowest.entry(what).or_default();
        *slowest = took.max(*slowest);
        match fault {
            None => outcome.answered += 1,
            Some(words) => *outcome.failures.entry(words).or_default() += 1,
        }
    }
    outcome.times.sort();
    Ok(outcome)
}

async fn ask(server: SocketAddr, request: &[u8]) -> Result<u16> {
    Ok(Connection::open(server).await?.ask(request).await?.status)
}
