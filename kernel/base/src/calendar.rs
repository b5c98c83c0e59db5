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
    /// A day of a year whose table is not published: by its weekday and the holidays that never move it would be a
    /// working day, or not.
    Unknown {
        year: i32,
        likely_workday: bool,
        /// Of the regulation, on the same date every year.
        holiday: Option<&'static str>,
    },
}

impl DayKind {
    /// Of a day that is not known: whether it is likely to be one.
    pub fn is_workday(&self) -> bool {
        match self {
            DayKind::Workday | DayKind::AdjustedWorkday(_) => true,
            DayKind::Weekend | DayKind::Holiday(_) => false,
            DayKind::Unknown { likely_workday, .. } => *likely_workday,
        }
    }

    /// Why the day counts or does not, in words.
    pub fn reason(&self) -> String {
        match self {
            DayKind::Workday => "工作日".into(),
            DayKind::AdjustedWorkday(name) => format!("{name}调休上班"),
            DayKind::Weekend => "周末".into(),
            DayKind::Holiday(name) => format!("{name}放假"),
            DayKind::Unknown {
                year,
                likely_workday,
                holiday,
            } => {
                let likely = match (holiday, likely_workday) {
                    (Some(name), _) => format!("{name}放假"),
                    (None, true) => "工作日".into(),
                    (None, false) => "周末".into(),
                };
                format!("{}，暂按{likely}", not_published(*year))
            }
        }
    }
}

/// So many days before the end of the tables whoever keeps them is told.
const WARNING_DAYS: u64 = 60;

/// The holidays for everybody that lie on the same date every year (全国年节及纪念日放假办法, article 2); those of the moon
/// and of the sun's course, and the days off beside each, only a notice tells.
fn fixed_holiday(date: Date) -> Option<&'static str> {
    match (date.month(), date.day()) {
        (1, 1) => Some("元旦"),
        (5, 1 | 2) => Some("劳动节"),
        (10, 1..=3) => Some("国庆节"),
        _ => None,
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Why a day or a date is not certain.
pub fn not_published(year: i32) -> String {
    format!("{year}年放假安排尚未公布")
}

/// The last day of a period, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LastDay {
    pub on: Date,
    /// The year whose table is missing; the true day may be another one.
    pub unknown_year: Option<i32>,
}

impl LastDay {
    pub fn is_known(&self) -> bool {
        self.unknown_year.is_none()
    }

    /// `2026年12月14日`, or what is likely with the reason why it is not certain, as a word in a sentence.
    pub fn words(&self) -> String {
        let day = crate::date_words(self.on);
        match self.unknown_year {
            None => day,
            Some(year) => format!("{day}（预计，{}）", not_published(year)),
        }
    }

    /// The same within brackets.
    pub fn bracket_words(&self) -> String {
        let day = crate::date_words(self.on);
        match self.unknown_year {
            None => day,
            Some(year) => format!("预计{day}，{}", not_published(year)),
        }
    }

    /// `12月14日`, for the end of a line that has little room.
    pub fn short_words(&self) -> String {
        let day = self.short_day();
        match self.unknown_year {
            None => day,
            Some(year) => format!("{day}，日期为预计，{}", not_published(year)),
        }
    }

    /// `12月14日（含当日）前`, with what is to be done behind it.
    pub fn short_before(&self) -> String {
        let day = self.short_day();
        match self.unknown_year {
            None => format!("{day}（含当日）前"),
            Some(year) => format!("{day}（含当日；日期为预计，{}）前", not_published(year)),
        }
    }

    fn short_day(&self) -> String {
        self.on.format("%-m月%-d日").to_string()
    }

    /// `2026年12月14日前（含当日）`; a day that is not known is not promised.
    pub fn promise(&self) -> String {
        match self.unknown_year {
            None => format!("{}前（含当日）", crate::date_words(self.on)),
            Some(year) => format!("截止日期以国家公布的{year}年放假安排为准"),
        }
    }
}

/// A day of a year without a table is not known: it is counted by its weekday and the holidays that never move for the
/// time being, and every date that needs it says so.
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

    pub fn is_known(&self, date: Date) -> bool {
        self.is_published(date.year()) || self.exceptions.contains_key(&date)
    }

    /// The last day of the last year of the tables; none without a table.
    pub fn known_until(&self) -> Option<Date> {
        let last = self.years.iter().max()?;
        Date::from_ymd_opt(*last, 12, 31)
    }

    /// The end of the tables is near, or there are none: the days after it are not known.
    pub fn ends_soon(&self, today: Date) -> bool {
        let warned_from = |end: Date| end.checked_sub_days(Days::new(WARNING_DAYS));
        self.known_until()
            .and_then(warned_from)
            .is_none_or(|day| day <= today)
    }

    /// Everything the tables say in one text: another text, and dates have to be worked out again.
    pub fn content(&self) -> String {
        let mut years = self.years.clone();
        years.sort_unstable();
        format!("{years:?}{:?}", self.exceptions)
    }

    pub fn kind(&self, date: Date) -> DayKind {
        if let Some(kind) = self.exceptions.get(&date) {
            return kind.clone();
        }
        match (self.is_published(date.year()), is_weekend(date)) {
            (true, true) => DayKind::Weekend,
            (true, false) => DayKind::Workday,
            (false, weekend) => DayKind::Unknown {
                year: date.year(),
                likely_workday: !weekend && fixed_holiday(date).is_none(),
                holiday: fixed_holiday(date),
            },
        }
    }

    pub fn is_workday(&self, date: Date) -> bool {
        match self.exceptions.get(&date) {
            Some(kind) => kind.is_workday(),
            None if is_weekend(date) => false,
            None => self.is_published(date.year()) || fixed_holiday(date).is_none(),
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

    /// The `days`-th working day after `start`, and whether every day on the way to it is known.
    pub fn last_day(&self, start: Date, days: u32) -> LastDay {
        let on = self.add_workdays(start, days);
        LastDay {
            on,
            unknown_year: self.unknown_between(start, on),
        }
    }

    /// The first year without a table among the days of `(from, to]`.
    pub fn unknown_between(&self, from: Date, to: Date) -> Option<i32> {
        let first = from.checked_add_days(Days::new(1))?;
        if first > to {
            return None;
        }
        (first.year()..=to.year()).find(|year| !self.is_published(*year))
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
    fn a_day_of_a_year_without_a_table_is_not_known_and_a_date_that_needs_it_says_so() {
        let mut calendar = WorkCalendar::new();
        calendar.publish_year(2026);
        assert_eq!(
            calendar.kind(day("2027-01-04")).reason(),
            "2027年放假安排尚未公布，暂按工作日"
        );
        assert_eq!(calendar.kind(day("2026-12-31")).reason(), "工作日");
        assert!(calendar.last_day(day("2026-12-21"), 8).is_known());
        let unknown = calendar.last_day(day("2026-12-21"), 20);
        assert_eq!(unknown.unknown_year, Some(2027));
        assert_eq!(calendar.known_until(), Some(day("2026-12-31")));
        assert!(!calendar.ends_soon(day("2026-10-31")) && calendar.ends_soon(day("2026-11-01")));

        calendar.publish_year(2027);
        calendar.set_holiday(day("2027-01-01"), "元旦");
        calendar.set_holiday(day("2027-01-04"), "元旦");
        let known = calendar.last_day(day("2026-12-21"), 20);
        assert_eq!((known.on, known.unknown_year), (day("2027-01-20"), None));
        assert!(known.on > unknown.on, "here the notice moves it by a day");
    }

    #[test]
    fn holidays_that_never_move_are_days_off_before_the_notice_of_their_year() {
        let calendar = WorkCalendar::new();
        for fixed in [
            "2027-01-01",
            "2028-05-01",
            "2028-05-02",
            "2027-10-01",
            "2029-10-02",
            "2029-10-03",
        ] {
            let kind = calendar.kind(day(fixed));
            assert!(
                !kind.is_workday() && !calendar.is_workday(day(fixed)),
                "{fixed}"
            );
            assert!(!calendar.is_known(day(fixed)), "still an estimate");
        }
        assert_eq!(
            calendar.kind(day("2027-01-01")).reason(),
            "2027年放假安排尚未公布，暂按元旦放假"
        );
        assert!(calendar.is_workday(day("2027-01-04")) && calendar.is_workday(day("2027-10-04")));
        let last = calendar.last_day(day("2026-12-31"), 1);
        assert_eq!(
            (last.on, last.unknown_year),
            (day("2027-01-04"), Some(2027))
        );
    }

    #[test]
    fn a_day_that_is_likely_stands_in_a_sentence_that_can_be_read() {
        let likely = LastDay {
            on: day("2027-01-06"),
            unknown_year: Some(2027),
        };
        assert_eq!(
            format!("应于 {}答复", likely.short_before()),
            "应于 1月6日（含当日；日期为预计，2027年放假安排尚未公布）前答复"
        );
        assert_eq!(
            format!("到{}为止", likely.words()),
            "到2027年1月6日（预计，2027年放假安排尚未公布）为止"
        );
        let known = LastDay {
            unknown_year: None,
            ..likely
        };
        assert_eq!(known.short_before(), "1月6日（含当日）前");
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
