//! When a timer is due: ISO 8601 durations and moments, and working days. Reads no clock.

use chrono::{DateTime, Days, Months};
use tongban_base::{Timestamp, calendar::WorkCalendar};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerSpec {
    After {
        months: u32,
        days: u64,
        millis: i64,
    },
    At(Timestamp),
    /// Due when the n-th working day after the start has ended.
    Workdays(u32),
}

impl TimerSpec {
    /// `P1Y2M3W4DT5H6M7S`, any part left out.
    pub fn duration(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (rest, None),
        };
        let (mut months, mut days, mut millis) = (0u32, 0u64, 0i64);
        let date_parts = parts(date)?;
        let time_parts = parts(time.unwrap_or(""))?;
        if date_parts.is_empty() && time_parts.is_empty() {
            return None;
        }
        for (number, unit) in date_parts {
            match unit {
                'Y' => months = months.checked_add(u32::try_from(number).ok()?.checked_mul(12)?)?,
                'M' => months = months.checked_add(u32::try_from(number).ok()?)?,
                'W' => days = days.checked_add(number.checked_mul(7)?)?,
                'D' => days = days.checked_add(number)?,
                _ => return None,
            }
        }
        for (number, unit) in time_parts {
            let factor = match unit {
                'H' => 3_600_000,
                'M' => 60_000,
                'S' => 1_000,
                _ => return None,
            };
            millis = millis.checked_add(i64::try_from(number).ok()?.checked_mul(factor)?)?;
        }
        // A century is more than any office waits; beyond it calendars overflow.
        (months <= 1200 && days <= 36_500 && millis <= 3_153_600_000_000).then_some(Self::After {
            months,
            days,
            millis,
        })
    }

    /// RFC 3339.
    pub fn moment(text: &str) -> Option<Self> {
        let moment = DateTime::parse_from_rfc3339(text.trim()).ok()?;
        Some(Self::At(Timestamp(moment.timestamp_millis())))
    }

    pub fn due(&self, from: Timestamp, calendar: &WorkCalendar) -> Timestamp {
        match *self {
            Self::At(moment) => moment,
            Self::After {
                months,
                days,
                millis,
            } => {
                let local = from.local();
                let shifted = local
                    .checked_add_months(Months::new(months))
                    .and_then(|m| m.checked_add_days(Days::new(days)))
                    .unwrap_or(local);
                Timestamp(shifted.timestamp_millis()).plus_millis(millis)
            }
            Self::Workdays(days) => {
                let last = calendar.add_workdays(from.date(), days);
                let next = last.checked_add_days(Days::new(1)).unwrap_or(last);
                Timestamp::start_of(next)
            }
        }
    }
}

impl TimerSpec {
    /// When a timer that ran since then goes off at the earliest, where that is not yet: working days follow the
    /// calendar as it is now, and what needs a day that nobody knows yet is looked at again tomorrow.
    pub fn not_before(
        &self,
        since: Timestamp,
        now: Timestamp,
        calendar: &WorkCalendar,
    ) -> Option<Timestamp> {
        let Self::Workdays(days) = *self else {
            return None;
        };
        let due = self.due(since, calendar);
        if due > now {
            return Some(due);
        }
        let known = calendar.last_day(since.date(), days).is_known();
        let tomorrow = now.date().checked_add_days(Days::new(1));
        tomorrow.filter(|_| !known).map(Timestamp::start_of)
    }
}

fn parts(text: &str) -> Option<Vec<(u64, char)>> {
    let mut found = Vec::new();
    let mut digits = String::new();
    for character in text.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
        } else {
            found.push((digits.parse().ok()?, character));
            digits.clear();
        }
    }
    digits.is_empty().then_some(found)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn working_days_follow_the_calendar_as_it_is_when_the_timer_goes_off() {
        let day = |text: &str| Timestamp::start_of(text.parse().unwrap());
        let (since, spec) = (day("2026-01-30"), TimerSpec::Workdays(1));
        let mut calendar = WorkCalendar::new();
        let unknown = spec.not_before(since, day("2026-02-03"), &calendar);
        assert_eq!(unknown, Some(day("2026-02-04")));
        calendar.publish_year(2026);
        assert_eq!(spec.not_before(since, day("2026-02-03"), &calendar), None);
        let early = spec.not_before(since, day("2026-02-02"), &calendar);
        assert_eq!(early, Some(day("2026-02-03")));
    }

    #[test]
    fn durations_add_calendar_and_clock_parts() {
        let calendar = WorkCalendar::new();
        let friday = Timestamp::start_of("2026-01-30".parse().unwrap());
        let due = |text: &str| TimerSpec::duration(text).unwrap().due(friday, &calendar);
        assert_eq!(due("PT90M").clock(), "01:30");
        assert_eq!(due("P1M").date_words(), "2026年2月28日");
        assert_eq!(due("P1W1DT12H").words(), "2026年2月7日 12:00");
        let workdays = TimerSpec::Workdays(1).due(friday, &calendar);
        assert_eq!(workdays.words(), "2026年2月3日 00:00");
        for wrong in [
            "",
            "P",
            "PT",
            "3D",
            "P3",
            "PD",
            "P1H",
            "P99999999999999999999D",
            "P200Y",
        ] {
            assert_eq!(TimerSpec::duration(wrong), None, "{wrong}");
        }
    }
}
