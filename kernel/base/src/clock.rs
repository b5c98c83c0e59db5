//! The one clock of a house: the program's own runs with the machine's, a test's begins at a moment of its choice.
//! Whoever serves, runs jobs or seeds asks it; everything below gets the moment in `Ctx`.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Timestamp;

/// So far the machine's clock may be moved while the program runs, and is obeyed: forward, as after a machine has stood
/// still; and back, as a time server does it.
const FORWARD: Duration = Duration::from_secs(3_600);
const BACK: Duration = Duration::from_secs(60);

/// Time that never runs backwards. A clock that leaps is not obeyed: time goes on from where it was, at its own pace,
/// and [`Clock::leap`] tells. Copies are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    latest: Arc<AtomicI64>,
}

#[derive(Clone, Debug)]
enum Source {
    /// The last moment that was believed.
    Machine(Arc<Mutex<Moment>>),
    Given(Moment),
}

/// A moment, and what the stop watch said then.
#[derive(Clone, Copy, Debug)]
struct Moment {
    told: Timestamp,
    watch: Instant,
}

impl Clock {
    /// What the machine says it is.
    pub fn machine() -> Self {
        let moment = Moment::begins(Timestamp::now());
        Self::of(Source::Machine(Arc::new(Mutex::new(moment))))
    }

    /// Begins at `start` and goes on as time passes, whatever the machine's clock says.
    pub fn given(start: Timestamp) -> Self {
        Self::of(Source::Given(Moment::begins(start)))
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
        self.at_least(match &self.source {
            Source::Machine(last) => believed(last, Timestamp::now(), Instant::now()),
            Source::Given(start) => start.after(Instant::now()),
        })
    }

    /// By how many milliseconds the machine's clock is ahead (or, below zero, behind) since it leapt; none while it is
    /// believed.
    pub fn leap(&self) -> Option<i64> {
        let Source::Machine(last) = &self.source else {
            return None;
        };
        let (told, watch) = (Timestamp::now(), Instant::now());
        let expected = believed(last, told, watch);
        (expected != told).then(|| told.0 - expected.0)
    }

    /// The later of `told` and everything told before.
    fn at_least(&self, told: Timestamp) -> Timestamp {
        let before = self.latest.fetch_max(told.0, Ordering::Relaxed);
        Timestamp(before.max(told.0))
    }
}

/// What the machine says, or what the stop watch says where the two do not agree.
fn believed(last: &Mutex<Moment>, told: Timestamp, watch: Instant) -> Timestamp {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let expected = last.after(watch);
    let ahead = told.0 - expected.0;
    if (-millis(BACK)..=millis(FORWARD)).contains(&ahead) {
        *last = Moment { told, watch };
        return told;
    }
    expected
}

impl Moment {
    fn begins(told: Timestamp) -> Self {
        let watch = Instant::now();
        Self { told, watch }
    }

    fn after(&self, watch: Instant) -> Timestamp {
        let passed = watch.saturating_duration_since(self.watch);
        self.told.plus_millis(millis(passed))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn time_never_runs_backwards() {
        let clock = Clock::machine();
        clock.not_before(Timestamp(5_000));
        assert_eq!(clock.at_least(Timestamp(1_000)), Timestamp(5_000));
        assert_eq!(clock.at_least(Timestamp(6_000)), Timestamp(6_000));
        assert_eq!(clock.at_least(Timestamp(5_500)), Timestamp(6_000));
    }

    #[test]
    fn a_machine_that_leaps_is_not_obeyed_and_is_believed_again_when_it_is_back() {
        let begun = Moment::begins(Timestamp(10 * DAY));
        let last = Mutex::new(begun);
        let ask = |told: i64, seconds: u64| {
            let watch = begun.watch + Duration::from_secs(seconds);
            believed(&last, Timestamp(told), watch).0
        };
        assert_eq!(ask(10 * DAY + 1_200, 1), 10 * DAY + 1_200, "a little off");
        assert_eq!(ask(375 * DAY, 2), 10 * DAY + 2_200, "a year ahead");
        assert_eq!(ask(375 * DAY, 3), 10 * DAY + 3_200, "time goes on");
        assert_eq!(ask(DAY, 4), 10 * DAY + 4_200, "days behind");
        assert_eq!(ask(10 * DAY + 5_000, 5), 10 * DAY + 5_000, "back again");
        let half_an_hour = 1_800_000;
        assert_eq!(ask(10 * DAY + half_an_hour, 6), 10 * DAY + half_an_hour);
    }

    #[test]
    fn only_a_machine_leaps() {
        assert_eq!(Clock::machine().leap(), None);
        assert_eq!(Clock::given(Timestamp(5_000)).leap(), None);
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
