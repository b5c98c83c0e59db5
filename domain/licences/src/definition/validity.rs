//! From when to when a licence is valid. A term of years ends on the day of the same date: the first day is not
//! counted (Civil Code, articles 201 and 202). Knows no calendar of working days.

use chrono::{Days, Months};
use serde::{Deserialize, Serialize};
use tongban_base::{Date, Problem, Result};

use crate::error;

/// What an item does to the term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// A full term from today.
    New,
    /// A full term after the old one; from today when that has passed.
    Extend,
    /// The old term goes on.
    Keep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: Date,
    /// None: for good.
    pub to: Option<Date>,
}

impl Validity {
    /// The term of a licence that is issued today. `old` is the term of the licence that it goes on from; there is
    /// none without a basis, so that what has ended never becomes a new term.
    pub fn period(self, today: Date, years: Option<u32>, old: Option<Period>) -> Result<Period> {
        let full = |from: Date, start: Date| {
            let to = years.map(|years| after_years(start, years)).transpose()?;
            Ok(Period { from, to })
        };
        match (self, old) {
            (Validity::New, _) => full(today, today),
            (Validity::Keep | Validity::Extend, None) => Err(error::no_basis()),
            (Validity::Keep, Some(old)) => match old.to {
                Some(end) if end < today => Err(error::basis_expired(end)),
                _ => Ok(old),
            },
            (Validity::Extend, Some(Period { to: Some(end), .. })) if end >= today => {
                let from = end.checked_add_days(Days::new(1)).unwrap_or(end);
                full(from, end)
            }
            (Validity::Extend, Some(_)) => full(today, today),
        }
    }

    /// Whether it goes on from a licence that must be in force.
    pub(crate) fn needs_basis(self) -> bool {
        match self {
            Validity::New => false,
            Validity::Keep | Validity::Extend => true,
        }
    }
}

fn after_years(start: Date, years: u32) -> Result<Date> {
    start
        .checked_add_months(Months::new(years.saturating_mul(12)))
        .ok_or_else(|| Problem::internal("a term beyond the calendar"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period {
            from: day(from),
            to: Some(day(to)),
        }
    }

    #[test]
    fn a_term_is_new_extended_or_kept() {
        let today = day("2026-11-23");
        let old = Some(period("2021-01-10", "2027-01-10"));
        let given = |validity: Validity, old| validity.period(today, Some(6), old).unwrap();
        assert_eq!(
            given(Validity::New, old),
            period("2026-11-23", "2032-11-23")
        );
        assert_eq!(
            given(Validity::Extend, old),
            period("2027-01-11", "2033-01-10")
        );
        assert_eq!(
            given(Validity::Keep, old),
            period("2021-01-10", "2027-01-10")
        );
        let past = Some(period("2020-10-01", "2026-10-01"));
        assert_eq!(
            given(Validity::Extend, past),
            period("2026-11-23", "2032-11-23")
        );
    }

    #[test]
    fn what_has_ended_never_becomes_a_new_term() {
        let today = day("2026-11-23");
        let refused = |validity: Validity, old| {
            let given = validity.period(today, Some(6), old);
            given.unwrap_err().code().to_owned()
        };
        assert_eq!(refused(Validity::Keep, None), "licence.no_basis");
        assert_eq!(refused(Validity::Extend, None), "licence.no_basis");
        let past = Some(period("2020-10-01", "2026-11-22"));
        assert_eq!(refused(Validity::Keep, past), "licence.basis_expired");
        let last_day = Some(period("2020-10-01", "2026-11-23"));
        assert!(Validity::Keep.period(today, Some(6), last_day).is_ok());
    }

    #[test]
    fn a_leap_day_ends_on_the_last_of_february_and_a_term_may_be_for_good() {
        let leap = Validity::New
            .period(day("2028-02-29"), Some(1), None)
            .unwrap();
        assert_eq!(leap, period("2028-02-29", "2029-02-28"));
        let good = Validity::New.period(day("2028-02-29"), None, None).unwrap();
        assert_eq!(good.to, None);
    }
}
