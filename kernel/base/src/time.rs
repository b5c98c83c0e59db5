//! Time: UTC milliseconds in storage, Asia/Shanghai on pages. China has kept UTC+8 without summer time since 1991.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// A calendar day in Asia/Shanghai.
pub type Date = NaiveDate;

const SHANGHAI_SECONDS: i32 = 8 * 3600;
/// By so much the clocks are ahead of UTC, all year.
pub const AHEAD_MILLIS: i64 = SHANGHAI_SECONDS as i64 * 1000;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The clock. Read it only at the edge (a request, a job, a command) and pass it down in `Ctx`.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_millis())
    }

    /// Midnight in Asia/Shanghai at the start of `date`.
    pub fn start_of(date: Date) -> Self {
        let local = date.and_time(NaiveTime::MIN);
        Self(local.and_utc().timestamp_millis() - i64::from(SHANGHAI_SECONDS) * 1000)
    }

    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    pub fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_millis(minutes.saturating_mul(60_000))
    }

    /// The day in Asia/Shanghai.
    pub fn date(self) -> Date {
        self.local().date_naive()
    }

    /// `2026年11月22日`
    pub fn date_words(self) -> String {
        date_words(self.date())
    }

    /// `2026年11月22日 14:05`
    pub fn words(self) -> String {
        format!("{} {}", self.date_words(), self.local().format("%H:%M"))
    }

    /// `14:05`
    pub fn clock(self) -> String {
        self.local().format("%H:%M").to_string()
    }

    /// RFC 3339 with the offset of Asia/Shanghai.
    pub fn rfc3339(self) -> String {
        self.local().to_rfc3339()
    }

    pub fn local(self) -> DateTime<FixedOffset> {
        let utc = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        match FixedOffset::east_opt(SHANGHAI_SECONDS) {
            Some(offset) => offset.from_utc_datetime(&utc.naive_utc()),
            None => utc.fixed_offset(),
        }
    }
}

/// `2026年11月22日`
pub fn date_words(date: Date) -> String {
    date.format("%Y年%-m月%-d日").to_string()
}
