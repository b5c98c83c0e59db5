//! Hashing passwords off the threads that serve requests, a few at a time. Knows no account and no rule.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;
use tongban_base::{Kind, Problem, Result};
use tongban_crypto::{PasswordHasher, PasswordStrength, random_token};

/// More waiting than this would wait for longer than a person does.
const MOST_WAITING: usize = 256;

pub(crate) struct Passwords {
    hasher: PasswordHasher,
    /// One hash fills a core and 19 MiB: more at once would only take turns and memory.
    gate: Semaphore,
    waiting: AtomicUsize,
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
            waiting: AtomicUsize::new(0),
            nobody,
        })
    }

    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.work(move |hasher| hasher.hash(&password)).await
    }

    /// Takes the same time whether there is a stored hash or not.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let password = password.to_owned();
        let right = self
            .work(move |hasher| hasher.verify(&password, &stored))
            .await?;
        Ok(right && known)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&PasswordHasher) -> tongban_crypto::Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = Place::take(&self.waiting)?;
        let _turn = self.gate.acquire().await.map_err(Problem::internal)?;
        let hasher = self.hasher.clone();
        let done = tokio::task::spawn_blocking(move || job(&hasher)).await;
        Ok(done.map_err(Problem::internal)??)
    }
}

/// A place in the line, given back when the visitor leaves.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        if before >= MOST_WAITING {
            return Err(Problem::new(
                Kind::TooMany,
                "login.crowded",
                "现在登录的人较多，请过一会儿再试",
            ));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
