//! The filters of our templates: `use tongban_ui::filters;` beside the template struct, then `{{ fee|money }}`.
//! Thin covers over `markup`, which take values and references of any depth alike.

use std::fmt::Display;

use askama::filters::Safe;
use askama::{Result, Values};
use tongban_base::{Date, Timestamp};

use crate::markup::{self, Icon};

/// A whole number, or a reference to one.
pub trait Number {
    fn whole(&self) -> i64;
}

/// A day or a moment, or a reference to one.
pub trait Day {
    fn day(&self) -> Date;
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Number for $number {
            fn whole(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )+};
}

numbers!(i64, u64, usize, i32, u32, u16, u8);

impl<T: Number + ?Sized> Number for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

impl Day for Date {
    fn day(&self) -> Date {
        *self
    }
}

impl Day for Timestamp {
    fn day(&self) -> Date {
        self.date()
    }
}

impl<T: Day + ?Sized> Day for &T {
    fn day(&self) -> Date {
        (**self).day()
    }
}

/// Fen as `¥1,234.00`.
#[askama::filter_fn]
pub fn money(fen: impl Number, _: &dyn Values) -> Result<String> {
    Ok(markup::money(fen.whole()))
}

/// `1,234`
#[askama::filter_fn]
pub fn thousands(number: impl Number, _: &dyn Values) -> Result<String> {
    Ok(markup::count(number.whole().unsigned_abs()))
}

/// `2026年11月22日`, of a day or a moment.
#[askama::filter_fn]
pub fn date(day: impl Day, _: &dyn Values) -> Result<String> {
    Ok(tongban_base::date_words(day.day()))
}

/// `12月3日`, of a day or a moment.
#[askama::filter_fn]
pub fn month_day(day: impl Day, _: &dyn Values) -> Result<String> {
    Ok(markup::month_day(day.day()))
}

/// `2026年11月22日 14:05`
#[askama::filter_fn]
pub fn moment(time: &Timestamp, _: &dyn Values) -> Result<String> {
    Ok(time.words())
}

/// `14:05`
#[askama::filter_fn]
pub fn clock(time: &Timestamp, _: &dyn Values) -> Result<String> {
    Ok(time.clock())
}

/// `{{ left|workdays(due) }}`: `还剩 6 个工作日（截至 12月3日）`
#[askama::filter_fn]
pub fn workdays<D: Day>(left: impl Number, _: &dyn Values, due: D) -> Result<String> {
    Ok(markup::workdays_left(left.whole(), due.day()))
}

/// A number in groups: `110105 19491231 002X`.
#[askama::filter_fn]
pub fn grouped(number: impl Display, _: &dyn Values) -> Result<String> {
    Ok(markup::grouped(&number.to_string()))
}

/// `{{ office.phone|phone }}`: a number that can be tapped.
#[askama::filter_fn]
pub fn phone(number: impl Display, _: &dyn Values) -> Result<Safe<String>> {
    Ok(Safe(markup::phone(&number.to_string())))
}

/// `1.5 MB`
#[askama::filter_fn]
pub fn file_size(bytes: impl Number, _: &dyn Values) -> Result<String> {
    Ok(markup::file_size(bytes.whole().unsigned_abs()))
}

/// `{{ "check"|icon }}`
#[askama::filter_fn]
pub fn icon(name: impl Display, _: &dyn Values) -> Result<Safe<String>> {
    Ok(Safe(Icon(&name.to_string()).to_string()))
}
