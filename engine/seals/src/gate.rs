//! How many files are verified at once: strangers send them, and each costs a core and some megabytes for a moment.
//! Knows nothing of files.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tongban_base::{Kind, Problem, Result};

/// So many run beside each other at most, however many cores there are.
const MOST_AT_ONCE: usize = 4;
/// So many wait for their turn.
const MOST_WAITING: usize = 16;
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Counts who is inside and who waits.
pub struct Gate {
    inside: Arc<Semaphore>,
    waiting: Semaphore,
    longest: Duration,
}

/// Given back when it is dropped.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Default for Gate {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores.min(MOST_AT_ONCE), MOST_WAITING, LONGEST_WAIT)
    }
}

impl Gate {
    fn new(at_once: usize, waiting: usize, longest: Duration) -> Self {
        Self {
            inside: Arc::new(Semaphore::new(at_once)),
            waiting: Semaphore::new(waiting),
            longest,
        }
    }

    /// Errors: too many wait already, or the turn did not come in time.
    pub async fn enter(&self) -> Result<Turn> {
        let _place = self.waiting.try_acquire().map_err(|_| busy())?;
        match timeout(self.longest, self.inside.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn(permit)),
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }
}

fn busy() -> Problem {
    let words = "现在核验的人较多，请稍后再试";
    Problem::new(Kind::Unavailable, "licence.verify_busy", words)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_comes_when_all_places_are_taken_is_told_to_come_again() {
        let gate = Arc::new(Gate::new(1, 1, Duration::from_secs(3600)));
        let first = gate.enter().await.unwrap();
        let second = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await }
        });
        while gate.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            gate.enter().await.unwrap_err().code(),
            "licence.verify_busy"
        );
        drop(first);
        assert!(second.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_so() {
        let gate = Gate::new(1, 1, Duration::ZERO);
        let _first = gate.enter().await.unwrap();
        assert_eq!(
            gate.enter().await.unwrap_err().code(),
            "licence.verify_busy"
        );
    }
}
