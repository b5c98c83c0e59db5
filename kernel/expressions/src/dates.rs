//! Dates are ISO texts (`2026-11-22`), comparable as texts; these functions count with them.

use chrono::{Datelike, Days, Months};
use serde_json::Value;
use tongban_base::{Date, date_words};

use crate::functions::{Arguments, number, text};
use crate::{Environment, Type};

pub(crate) fn declare(environment: &mut Environment) {
    let two = || [Type::String, Type::String];
    let dated = || [Type::String, Type::Int];
    environment
        .function("years_between", two(), Type::Int, years_between)
        .function("days_between", two(), Type::Int, |a| {
            let days = parse(text(a, 1)?)? - parse(text(a, 0)?)?;
            Ok(Value::from(days.num_days()))
        })
        .function("add_days", dated(), Type::String, |a| {
            let days = number(a, 1)?;
            let amount = Days::new(days.unsigned_abs());
            let date = parse(text(a, 0)?)?;
            iso(match days < 0 {
                true => date.checked_sub_days(amount),
                false => date.checked_add_days(amount),
            })
        })
        .function("add_months", dated(), Type::String, |a| {
            add_months(text(a, 0)?, number(a, 1)?)
        })
        .function("add_years", dated(), Type::String, |a| {
            add_months(text(a, 0)?, number(a, 1)?.saturating_mul(12))
        })
        .function("date_words", [Type::String], Type::String, |a| {
            Ok(Value::from(date_words(parse(text(a, 0)?)?)))
        });
}

/// `date('20261122')`, `date('2026-11-22T08:00:00+08:00')` and `date('2026-11-22')` all give `2026-11-22`.
pub(crate) fn date(a: Arguments<'_>) -> Result<Value, String> {
    iso(Some(parse(text(a, 0)?)?))
}

fn parse(words: &str) -> Result<Date, String> {
    let day = words
        .get(..10)
        .filter(|_| words.len() > 10)
        .unwrap_or(words);
    let parsed = match day.len() {
        8 => Date::parse_from_str(day, "%Y%m%d"),
        _ => day.parse(),
    };
    parsed.map_err(|_| format!("“{words}”不是日期，日期应写作 2026-11-22"))
}

fn iso(date: Option<Date>) -> Result<Value, String> {
    date.filter(|d| (1..=9999).contains(&d.year()))
        .map(|d| Value::from(d.to_string()))
        .ok_or_else(|| "算出的日期超出范围".to_owned())
}

fn add_months(date: &str, months: i64) -> Result<Value, String> {
    let date = parse(date)?;
    let amount = u32::try_from(months.unsigned_abs()).map(Months::new);
    iso(match (amount, months < 0) {
        (Ok(amount), true) => date.checked_sub_months(amount),
        (Ok(amount), false) => date.checked_add_months(amount),
        (Err(_), _) => None,
    })
}

/// Whole years from the first to the second day; negative when the second is earlier.
fn years_between(a: Arguments<'_>) -> Result<Value, String> {
    let (from, to) = (parse(text(a, 0)?)?, parse(text(a, 1)?)?);
    let years = match to.years_since(from) {
        Some(years) => i64::from(years),
        None => -i64::from(from.years_since(to).unwrap_or(0)),
    };
    Ok(Value::from(years))
}
