//! The clock: a pure function of limits, journal and calendar. It gives the reason for every day.
//!
//! Three periods follow each other: the answer whether the application is accepted (Administrative Licensing Law,
//! article 32), the decision (article 42), the delivery (article 44). The day on which a period begins is not counted
//! (Civil Code 201); days are working days (article 82); days of a special procedure do not count (article 45).
//! What was used stays used: an acceptance that is taken back and given again goes on counting, an extension is
//! granted once for the whole matter.

mod course;

use serde::{Deserialize, Serialize};
use tongban_base::calendar::{LastDay, WorkCalendar};
use tongban_base::{Date, Timestamp};

use crate::model::Event;
use course::{Count, Course};

/// What the office has to do within a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Say whether the application is accepted.
    Acceptance,
    #[default]
    Decision,
    /// Hand out what was granted.
    Delivery,
}

impl Period {
    /// What the limit of the period is called.
    pub fn title(self) -> &'static str {
        match self {
            Period::Acceptance => "受理期限",
            Period::Decision => "办理期限",
            Period::Delivery => "送达期限",
        }
    }

    /// What has to be done by its last day.
    pub fn duty(self) -> &'static str {
        match self {
            Period::Acceptance => "答复是否受理",
            Period::Decision => "作出决定",
            Period::Delivery => "送达",
        }
    }
}

/// Working days of each period.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub acceptance: u32,
    pub decision: u32,
    pub delivery: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    Running,
    /// For the reason of the days that do not count.
    Paused,
    Stopped,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockDay {
    pub date: Date,
    pub counts: bool,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// The period under way, or the last one of a matter that is over.
    pub period: Period,
    pub state: ClockState,
    /// Working days allowed, with an extension if one was granted.
    pub limit: u32,
    pub used: u32,
    /// The last day of the period while it runs; what stands still has none.
    pub due_on: Option<Date>,
    /// The year whose days off are not published, when the last day needs it: then the day is only likely.
    pub unknown_year: Option<i32>,
    pub extended: bool,
    /// Nobody answered in time, so the application counts as accepted since its receipt.
    pub deemed: bool,
    /// The day of the acceptance from which the decision is counted.
    pub began: Option<Date>,
    /// Days of the decision that were used before the acceptance was taken back.
    pub used_before: Option<u32>,
    pub days: Vec<ClockDay>,
}

impl Clock {
    pub fn left(&self) -> i64 {
        i64::from(self.limit) - i64::from(self.used)
    }

    /// What stands still is not late.
    pub fn is_overdue(&self) -> bool {
        self.state == ClockState::Running && self.used > self.limit
    }

    pub fn due(&self) -> Option<LastDay> {
        let unknown_year = self.unknown_year;
        self.due_on.map(|on| LastDay { on, unknown_year })
    }
}

/// Reads the journal and counts until `now`.
pub fn clock(limits: Limits, events: &[Event], calendar: &WorkCalendar, now: Timestamp) -> Clock {
    let course = Course::of(events);
    let (period, count) = course.current();
    let limit = match period {
        Period::Acceptance => limits.acceptance,
        Period::Decision => limits.decision + course.extension,
        Period::Delivery => limits.delivery,
    };
    let days = count.days(calendar, now);
    let used = counted(&days);
    let state = match (count.ended.is_some() || course.over, count.is_paused()) {
        (true, _) => ClockState::Stopped,
        (false, true) => ClockState::Paused,
        (false, false) => ClockState::Running,
    };
    let due = (state == ClockState::Running)
        .then(|| last_day(count, &days, limit, used, calendar, now.date()))
        .flatten();
    Clock {
        period,
        state,
        limit,
        used,
        due_on: due.map(|due| due.on),
        unknown_year: due.and_then(|due| due.unknown_year),
        extended: course.extension > 0,
        deemed: course.deemed,
        began: course.decision.as_ref().map(|count| count.from.date()),
        used_before: match (period, &course.decision) {
            (Period::Acceptance, Some(before)) => Some(counted(&before.days(calendar, now))),
            (Period::Acceptance | Period::Decision | Period::Delivery, _) => None,
        },
        days,
    }
}

fn counted(days: &[ClockDay]) -> u32 {
    u32::try_from(days.iter().filter(|day| day.counts).count()).unwrap_or(u32::MAX)
}

fn last_day(
    count: &Count,
    days: &[ClockDay],
    limit: u32,
    used: u32,
    calendar: &WorkCalendar,
    today: Date,
) -> Option<LastDay> {
    let began = count.from.date();
    let on = match limit.checked_sub(1) {
        None => began,
        Some(_) if used < limit => calendar.add_workdays(today.max(began), limit - used),
        Some(nth) => {
            let nth = usize::try_from(nth).ok()?;
            days.iter().filter(|day| day.counts).nth(nth)?.date
        }
    };
    Some(LastDay {
        on,
        unknown_year: calendar.unknown_between(began, on),
    })
}

#[cfg(test)]
mod tests;
