//! Moments and spans as a scenario writes them, and where the clock is moved to. Moves no clock.

use chrono::{Days, NaiveDate, NaiveDateTime};
use tongban_base::Timestamp;
use tongban_base::calendar::WorkCalendar;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Whoever waits for years does not look at every day of them.
const MOST_LOOKS: i64 = 400;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    At(Timestamp),
    Workdays(u32),
    Minutes(i64),
}

/// `2026-11-23 09:00`, local time.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok()?;
    let midnight = Timestamp::start_of(local.date());
    let passed = local - local.date().and_hms_opt(0, 0, 0)?;
    Some(midnight.plus_millis(passed.num_milliseconds()))
}

/// `3 workdays`, `2 days`, `5 hours`, `30 minutes`; one of them without the s.
pub(crate) fn wait(text: &str) -> Option<When> {
    let (count, unit) = text.trim().split_once(' ')?;
    let count: u32 = count.parse().ok().filter(|count| *count > 0)?;
    let minutes = |each: i64| Some(When::Minutes(i64::from(count) * each));
    match unit.trim().trim_end_matches('s') {
        "workday" => Some(When::Workdays(count)),
        "day" => minutes(24 * 60),
        "hour" => minutes(60),
        "minute" => minutes(1),
        _ => None,
    }
}

impl When {
    pub fn from(self, now: Timestamp, calendar: &WorkCalendar) -> Timestamp {
        match self {
            When::At(moment) => moment,
            When::Minutes(minutes) => now.plus_minutes(minutes),
            When::Workdays(days) => {
                let today = now.date();
                let day = calendar.add_workdays(today, days);
                now.plus_millis(Timestamp::start_of(day).0 - Timestamp::start_of(today).0)
            }
        }
    }
}

/// The moments on the way at which a server would have looked: early on each day, and the last.
pub(crate) fn looks(from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let mut looks = Vec::new();
    let mut day = from.date();
    let apart = (to.0.saturating_sub(from.0) / DAY / MOST_LOOKS).max(1);
    let apart = Days::new(apart.unsigned_abs());
    while let Some(next) = day.checked_add_days(apart) {
        day = next;
        let early = Timestamp::start_of(day).plus_minutes(30);
        if early.0 >= to.0 {
            break;
        }
        looks.push(early);
    }
    looks.push(to);
    looks
}

/// Today, or so many days from it: `today`, `today+3`, `today-1`.
pub(crate) fn day(name: &str, today: NaiveDate) -> Option<NaiveDate> {
    let apart = name.strip_prefix("today")?;
    if apart.is_empty() {
        return Some(today);
    }
    let days: i64 = apart.parse().ok()?;
    today.checked_add_signed(chrono::TimeDelta::days(days))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_local_time() {
        let at = moment("2026-11-23 09:30").unwrap();
        assert_eq!(at.rfc3339(), "2026-11-23T09:30:00+08:00");
        assert_eq!(moment("2026-11-23"), None);
    }

    #[test]
    fn who_waits_keeps_the_time_of_day_and_workdays_skip_the_weekend() {
        let friday = moment("2026-11-27 09:00").unwrap();
        let calendar = WorkCalendar::new();
        let after = |text: &str| wait(text).unwrap().from(friday, &calendar).rfc3339();
        assert_eq!(after("1 workday"), "2026-11-30T09:00:00+08:00");
        assert_eq!(after("2 days"), "2026-11-29T09:00:00+08:00");
        assert_eq!(after("30 minutes"), "2026-11-27T09:30:00+08:00");
        assert_eq!(
            (wait("soon"), wait("0 days"), wait("3 weeks")),
            (None, None, None)
        );
    }

    #[test]
    fn somebody_looks_early_on_each_day_and_at_the_end() {
        let from = moment("2026-11-23 09:00").unwrap();
        let at = |to: &str| looks(from, moment(to).unwrap());
        assert_eq!(at("2026-11-23 17:00").len(), 1);
        let days: Vec<String> = at("2026-11-25 09:00").iter().map(|t| t.words()).collect();
        assert_eq!(days.len(), 3, "{days:?}");
        assert!(at("2036-11-23 09:00").len() < 500);
    }

    #[test]
    fn days_are_counted_from_today() {
        let today = "2026-03-01".parse().unwrap();
        let told = |name| day(name, today).map(|day| day.to_string());
        assert_eq!(told("today-1").as_deref(), Some("2026-02-28"));
        assert_eq!(told("today+30").as_deref(), Some("2026-03-31"));
        assert_eq!(told("tomorrow"), None);
    }
}
