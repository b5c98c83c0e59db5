//! The hours in which nobody is woken by an SMS. Whole hours of Asia/Shanghai. Knows no table.

use std::collections::BTreeMap;

use chrono::Timelike;
use serde_json::Value as Json;
use tongban_base::Timestamp;

/// From `from` o'clock until `until` o'clock, past midnight when `from` is the later; equal means none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    pub from: u32,
    pub until: u32,
}

/// The codes of the settings.
pub(crate) const FROM: &str = "sms_quiet_from";
pub(crate) const UNTIL: &str = "sms_quiet_until";

impl Default for QuietHours {
    fn default() -> Self {
        Self { from: 21, until: 8 }
    }
}

impl QuietHours {
    /// These, with what an office has changed; a value that is no hour is passed over.
    pub fn changed_by(self, settings: &BTreeMap<String, Json>) -> Self {
        let hour = |code: &str| {
            let number = settings.get(code)?.as_u64()?;
            u32::try_from(number).ok().filter(|hour| *hour <= 24)
        };
        Self {
            from: hour(FROM).unwrap_or(self.from) % 24,
            until: hour(UNTIL).unwrap_or(self.until) % 24,
        }
    }

    /// `now`, or the end of the quiet hours that it lies in.
    pub fn next_allowed(self, now: Timestamp) -> Timestamp {
        let hour = now.local().hour();
        let past_midnight = self.from > self.until;
        let quiet = if past_midnight {
            hour >= self.from || hour < self.until
        } else {
            (self.from..self.until).contains(&hour)
        };
        if !quiet {
            return now;
        }
        let midnight = Timestamp::start_of(now.date());
        let tomorrow = past_midnight && hour >= self.from;
        let hours = self.until + if tomorrow { 24 } else { 0 };
        midnight.plus_minutes(i64::from(hours) * 60)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// A moment of 22 November 2026.
    fn at(hour: i64, minute: i64) -> Timestamp {
        Timestamp::start_of("2026-11-22".parse().unwrap()).plus_minutes(hour * 60 + minute)
    }

    #[test]
    fn at_night_an_sms_waits_until_eight() {
        let quiet = QuietHours::default();
        assert_eq!(quiet.next_allowed(at(7, 59)), at(8, 0));
        assert_eq!(quiet.next_allowed(at(8, 0)), at(8, 0));
        assert_eq!(quiet.next_allowed(at(20, 59)), at(20, 59));
        assert_eq!(quiet.next_allowed(at(21, 0)), at(32, 0));
        assert_eq!(quiet.next_allowed(at(23, 59)), at(32, 0));
    }

    #[test]
    fn quiet_hours_may_lie_within_a_day_or_be_none() {
        let noon = QuietHours {
            from: 12,
            until: 14,
        };
        assert_eq!(noon.next_allowed(at(12, 30)), at(14, 0));
        assert_eq!(noon.next_allowed(at(14, 0)), at(14, 0));
        let none = QuietHours { from: 0, until: 0 };
        assert_eq!(none.next_allowed(at(3, 0)), at(3, 0));
    }

    #[test]
    fn an_office_changes_the_hours_and_nonsense_is_passed_over() {
        let changed = |from: Json| {
            QuietHours::default().changed_by(&BTreeMap::from([(FROM.to_owned(), from)]))
        };
        assert_eq!(changed(Json::from(22)).from, 22);
        assert_eq!(changed(Json::from("x")).from, 21);
        assert_eq!(changed(Json::from(99)).from, 21);
    }
}
