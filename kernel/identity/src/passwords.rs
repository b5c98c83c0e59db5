//! Hashing passwords off the threads that serve requests, a few at a time. Knows no account and no rule.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tongban_base::{Ctx, Kind, Problem, Result, neighbourhood};
use tongban_crypto::{PasswordHasher, PasswordStrength, random_token};

/// More waiting than this would wait for longer than a person does.
const MOST_WAITING: usize = 256;
/// Of one address: the others must not wait for its people alone.
const SHARE: usize = 32;
/// Where strangers take turns, a wrong password keeps the turn for so long.
const PAUSE: Duration = Duration::from_millis(250);

pub(crate) struct Passwords {
    hasher: PasswordHasher,
    /// One hash fills a core and 19 MiB: more at once would only take turns and memory.
    gate: Semaphore,
    /// By where they come from.
    waiting: Mutex<Lines>,
    pause: Duration,
    /// Compared with when there is no account, so that its absence cannot be told by time.
    nobody: String,
}

impl Passwords {
    pub fn new(strength: PasswordStrength) -> Result<Self> {
        let hasher = PasswordHasher::new(strength)?;
        let nobody = hasher.hash(&random_token()?)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self {
            hasher,
            gate: Semaphore::new(cores.clamp(1, 8)),
            waiting: Mutex::default(),
            pause: match strength {
                PasswordStrength::Normal => PAUSE,
                PasswordStrength::ForTestsOnly => Duration::ZERO,
            },
            nobody,
        })
    }

    /// `address` is where whoever waits comes from.
    pub async fn hash(&self, password: &str, address: &str) -> Result<String> {
        let password = password.to_owned();
        let _place = Place::take(&self.waiting, &line(address, false))?;
        self.work(move |hasher| hasher.hash(&password)).await
    }

    /// Takes the same time whether there is a stored hash or not. Where many have failed, strangers take turns in a line
    /// of their own: who guesses there is slow, and who knows a password waits, but comes in.
    pub async fn verify(
        &self,
        password: &str,
        stored: Option<&str>,
        (ctx, is_known): (&Ctx, bool),
    ) -> Result<bool> {
        let takes_turns = ctx.is_crowded && !is_known;
        let place = Place::take(&self.waiting, &line(&ctx.address, takes_turns))?;
        let turn = Arc::clone(&place.turn);
        let _turn = match takes_turns {
            true => Some(turn.acquire().await.map_err(Problem::internal)?),
            false => None,
        };
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let password = password.to_owned();
        let right = self.work(move |hasher| hasher.verify(&password, &stored));
        let right = right.await? && known;
        if takes_turns && !right {
            tokio::time::sleep(self.pause).await;
        }
        Ok(right)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&PasswordHasher) -> tongban_crypto::Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self.gate.acquire().await.map_err(Problem::internal)?;
        let hasher = self.hasher.clone();
        let done = tokio::task::spawn_blocking(move || job(&hasher)).await;
        Ok(done.map_err(Problem::internal)??)
    }
}

fn line(address: &str, takes_turns: bool) -> String {
    let place = match address.parse() {
        Ok(address) => neighbourhood(address).to_string(),
        Err(_) => address.to_owned(),
    };
    match takes_turns {
        true => format!("{place} strangers"),
        false => place,
    }
}

type Lines = HashMap<String, Line>;

struct Line {
    waiting: usize,
    turn: Arc<Semaphore>,
}

/// A place in a line, given back when the visitor leaves.
struct Place<'a> {
    lines: &'a Mutex<Lines>,
    name: String,
    turn: Arc<Semaphore>,
}

impl<'a> Place<'a> {
    fn take(lines: &'a Mutex<Lines>, name: &str) -> Result<Self> {
        let mut all = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting: usize = all.values().map(|line| line.waiting).sum();
        let beside = all.get(name).map_or(0, |line| line.waiting);
        if waiting >= MOST_WAITING || beside >= SHARE {
            return Err(Problem::new(
                Kind::TooMany,
                "login.crowded",
                "现在登录的人较多，请过一会儿再试",
            )
            .with_retry_after(5));
        }
        let line = all.entry(name.to_owned()).or_insert_with(|| Line {
            waiting: 0,
            turn: Arc::new(Semaphore::new(1)),
        });
        line.waiting += 1;
        Ok(Self {
            lines,
            name: name.to_owned(),
            turn: Arc::clone(&line.turn),
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = all.get_mut(&self.name) {
            line.waiting -= 1;
            if line.waiting == 0 {
                all.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn people_of_one_address_leave_room_in_the_line_for_others() {
        let lines = Mutex::default();
        let crowd: Vec<Place> = (0..SHARE)
            .map(|_| Place::take(&lines, "a").unwrap())
            .collect();
        let refused = Place::take(&lines, "a").err().unwrap();
        assert_eq!(refused.code(), "login.crowded");
        drop(Place::take(&lines, "b").unwrap());
        drop(crowd);
        assert!(lines.lock().unwrap().is_empty());
        assert!(Place::take(&lines, "a").is_ok());
    }

    #[tokio::test]
    async fn where_many_failed_strangers_take_turns_and_a_known_device_does_not() {
        let passwords = Passwords::new(PasswordStrength::ForTestsOnly).unwrap();
        let stored = passwords.hash("right", "").await.unwrap();
        let mut ctx = Ctx::system(tongban_base::Timestamp(0));
        ctx.address = "192.0.2.1".into();
        ctx.is_crowded = true;
        let turn = Place::take(&passwords.waiting, &line(&ctx.address, true)).unwrap();
        let held = turn.turn.acquire().await.unwrap();
        let known = passwords.verify("right", Some(&stored), (&ctx, true));
        assert!(known.await.unwrap());
        let stranger = passwords.verify("right", Some(&stored), (&ctx, false));
        tokio::pin!(stranger);
        let waits = polled_once(stranger.as_mut()).await;
        assert!(waits.is_none());
        drop(held);
        assert!(stranger.await.unwrap());
    }

    /// Looked at once.
    async fn polled_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        let mut future = Some(future);
        std::future::poll_fn(|context| {
            let polled = future.take().map(|f| f.poll(context));
            std::task::Poll::Ready(match polled {
                Some(std::task::Poll::Ready(done)) => Some(done),
                _ => None,
            })
        })
        .await
    }
}
