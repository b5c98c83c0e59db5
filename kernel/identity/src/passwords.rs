//! Hashing passwords off the threads that serve requests, a few at a time. Knows no account and no rule.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;
use tongban_base::{Kind, Problem, Result};
use tongban_crypto::{PasswordHasher, PasswordStrength, random_token};

/// More waiting than this would wait for longer than a person does.
const MOST_WAITING: usize = 256;
/// Of one address: the others must not wait for its people alone.
const SHARE: usize = 32;

pub(crate) struct Passwords {
    hasher: PasswordHasher,
    /// One hash fills a core and 19 MiB: more at once would only take turns and memory.
    gate: Semaphore,
    /// By where they come from.
    waiting: Mutex<HashMap<String, usize>>,
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
            nobody,
        })
    }

    /// `address` is where whoever waits comes from.
    pub async fn hash(&self, password: &str, address: &str) -> Result<String> {
        let password = password.to_owned();
        self.work(address, move |hasher| hasher.hash(&password))
            .await
    }

    /// Takes the same time whether there is a stored hash or not.
    pub async fn verify(
        &self,
        password: &str,
        stored: Option<&str>,
        address: &str,
    ) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let password = password.to_owned();
        let right = self
            .work(address, move |hasher| hasher.verify(&password, &stored))
            .await?;
        Ok(right && known)
    }

    async fn work<T: Send + 'static>(
        &self,
        address: &str,
        job: impl FnOnce(&PasswordHasher) -> tongban_crypto::Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = Place::take(&self.waiting, address)?;
        let _turn = self.gate.acquire().await.map_err(Problem::internal)?;
        let hasher = self.hasher.clone();
        let done = tokio::task::spawn_blocking(move || job(&hasher)).await;
        Ok(done.map_err(Problem::internal)??)
    }
}

/// A place in the line, given back when the visitor leaves.
struct Place<'a> {
    waiting: &'a Mutex<HashMap<String, usize>>,
    address: String,
}

impl<'a> Place<'a> {
    fn take(waiting: &'a Mutex<HashMap<String, usize>>, address: &str) -> Result<Self> {
        let mut line = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = line.values().sum();
        let beside = line.get(address).copied().unwrap_or_default();
        if all >= MOST_WAITING || beside >= SHARE {
            return Err(Problem::new(
                Kind::TooMany,
                "login.crowded",
                "现在登录的人较多，请过一会儿再试",
            )
            .with_retry_after(5));
        }
        line.insert(address.to_owned(), beside + 1);
        Ok(Self {
            waiting,
            address: address.to_owned(),
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(beside) = line.get_mut(&self.address) {
            *beside -= 1;
            if *beside == 0 {
                line.remove(&self.address);
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
        let line = Mutex::default();
        let crowd: Vec<Place> = (0..SHARE)
            .map(|_| Place::take(&line, "a").unwrap())
            .collect();
        let refused = Place::take(&line, "a").err().unwrap();
        assert_eq!(refused.code(), "login.crowded");
        drop(Place::take(&line, "b").unwrap());
        drop(crowd);
        assert!(line.lock().unwrap().is_empty());
        assert!(Place::take(&line, "a").is_ok());
    }
}
