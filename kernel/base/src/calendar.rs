//! Working days. The tables are data (State Council notices, loaded from a pack); the rules are here.
//! The day on which a period starts is not counted; a period ends on a working day (Civil Code 201–203).

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Weekday};
use serde::Serialize;

use crate::Date;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "name")]
pub enum DayKind {
    Workday,
    /// A weekend day made a working day by a notice.
    AdjustedWorkday(String),
    Weekend,
    Holiday(String),
}

impl DayKind {
    pub fn is_workday(&self) -> bool {
        matches!(self, DayKind::Workday | DayKind::AdjustedWorkday(_))
    }

    /// Why the day counts or does not, in words.
    pub fn reason(&self) -> String {
        match self {
            DayKind::Workday => "工作日".into(),
            DayKind::AdjustedWorkday(name) => format!("{name}调休上班"),
            DayKind::Weekend => "周末".into(),
            DayKind::Holiday(name) => format!("{name}放假"),
        }
    }
}

/// Published years only: a day of a year without a table is answered by the weekday and `is_published` says so.
#[derive(Clone, Debug, Default)]
pub struct WorkCalendar {
    exceptions: BTreeMap<Date, DayKind>,
    years: Vec<i32>,
}

impl WorkCalendar {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn publish_year(&mut self, year: i32) {
        if !self.years.contains(&year) {
            self.years.push(year);
        }
    }

    pub fn set_holiday(&mut self, date: Date, name: impl Into<String>) {
        self.exceptions.insert(date, DayKind::Holiday(name.into()));
    }

    pub fn set_workday(&mut self, date: Date, name: impl Into<String>) {
        self.exceptions
            .insert(date, DayKind::AdjustedWorkday(name.into()));
    }

    pub fn is_published(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    pub fn kind(&self, date: Date) -> DayKind {
        if let Some(kind) = self.exceptions.get(&date) {
            return kind.clone();
        }
        match date.weekday() {
            Weekday::Sat | Weekday::Sun => DayKind::Weekend,
            _ => DayKind::Workday,
        }
    }

    pub fn is_workday(&self, date: Date) -> bool {
        match self.exceptions.get(&date) {
            Some(kind) => kind.is_workday(),
            None => !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
        }
    }

    /// The `days`-th working day after `start` (which is not counted); zero gives `start` itself.
    pub fn add_workdays(&self, start: Date, days: u32) -> Date {
        let mut date = start;
        let mut left = days;
        while left > 0 {
            let Some(next) = date.checked_add_days(Days::new(1)) else {
                return date;
            };
            date = next;
            if self.is_workday(date) {
                left -= 1;
            }
        }
        date
    }

    /// Working days in `(from, to]`; zero when `to` is not after `from`.
    pub fn workdays_between(&self, from: Date, to: Date) -> u32 {
        let mut count = 0;
        let mut date = from;
        while date < to {
            let Some(next) = date.checked_add_days(Days::new(1)) else {
                return count;
            };
            date = next;
            if self.is_workday(date) {
                count += 1;
            }
        }
        count
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_holiday_is_skipped_and_an_adjusted_weekend_counts() {
        let mut calendar = WorkCalendar::new();
        calendar.set_holiday(day("2026-10-01"), "国庆节");
        calendar.set_holiday(day("2026-10-02"), "国庆节");
        calendar.set_workday(day("2026-10-10"), "国庆节");
        assert_eq!(
            calendar.add_workdays(day("2026-09-30"), 1),
            day("2026-10-05")
        );
        assert_eq!(
            calendar.workdays_between(day("2026-10-09"), day("2026-10-12")),
            2
        );
        assert_eq!(calendar.kind(day("2026-10-01")).reason(), "国庆节放假");
    }

    #[test]
    fn adding_and_counting_working_days_agree() {
        proptest::proptest!(|(start in 0u64..3000, n in 0u32..80)| {
            let calendar = WorkCalendar::new();
            let from = day("2020-01-01") + Days::new(start);
            let to = calendar.add_workdays(from, n);
            proptest::prop_assert_eq!(calendar.workdays_between(from, to), n);
        });
    }
}
