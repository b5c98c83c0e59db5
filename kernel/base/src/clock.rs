//! The one clock of a house: the program's own runs with the machine's, a test's begins at a moment of its choice.
//! Whoever serves, runs jobs or seeds asks it; everything below gets the moment in `Ctx`.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use crate::Timestamp;

/// Time that never runs backwards: a clock set back stands still until it has caught up. Copies are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    latest: Arc<AtomicI64>,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Machine,
    Given { start: Timestamp, since: Instant },
}

impl Clock {
    /// What the machine says it is.
    pub fn machine() -> Self {
        Self::of(Source::Machine)
    }

    /// Begins at `start` and goes on as time passes, whatever the machine's clock says.
    pub fn given(start: Timestamp) -> Self {
        let since = Instant::now();
        Self::of(Source::Given { start, since })
    }

    fn of(source: Source) -> Self {
        let latest = Arc::new(AtomicI64::new(i64::MIN));
        Self { source, latest }
    }

    /// Never again earlier than this moment, which is already on record.
    pub fn not_before(&self, recorded: Timestamp) {
        self.latest.fetch_max(recorded.0, Ordering::Relaxed);
    }

    pub fn now(&self) -> Timestamp {
        self.at_least(self.source.now())
    }

    /// The later of `told` and everything told before.
    fn at_least(&self, told: Timestamp) -> Timestamp {
        let before = self.latest.fetch_max(told.0, Ordering::Relaxed);
        Timestamp(before.max(told.0))
    }
}

impl Source {
    fn now(self) -> Timestamp {
        match self {
            Self::Machine => Timestamp::now(),
            Self::Given { start, since } => {
                let passed = i64::try_from(since.elapsed().as_millis());
                start.plus_millis(passed.unwrap_or(i64::MAX))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_stands_still_until_it_has_caught_up() {
        let clock = Clock::machine();
        clock.not_before(Timestamp(5_000));
        assert_eq!(clock.at_least(Timestamp(1_000)), Timestamp(5_000));
        assert_eq!(clock.at_least(Timestamp(6_000)), Timestamp(6_000));
        assert_eq!(clock.at_least(Timestamp(5_500)), Timestamp(6_000));
    }

    #[test]
    fn a_given_clock_begins_where_it_is_told_and_its_copies_are_the_same_clock() {
        let clock = Clock::given(Timestamp(5_000));
        let first = clock.now();
        assert!(first.0 >= 5_000 && first.0 < 5_000 + 60_000);
        clock.clone().not_before(Timestamp(90_000_000));
        assert!(clock.now().0 >= 90_000_000);
    }
}
