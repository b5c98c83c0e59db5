//! The clock: a pure function of limits, journal and calendar. It gives the reason for every day.
//!
//! The day of acceptance is not counted (Civil Code 201); days are working days (Administrative Licensing
//! Law, article 82); days of a special procedure do not count (article 45); the head of the office may
//! extend once (article 42).

use serde::Serialize;
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Timestamp};

use crate::event::CaseEvent;
use crate::model::Event;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    NotStarted,
    Running,
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
    pub state: ClockState,
    /// Working days allowed, with an extension if one was granted.
    pub limit: u32,
    pub used: u32,
    /// The last day, as far as the calendar is known; moves while the clock is paused.
    pub due_on: Option<Date>,
    pub days: Vec<ClockDay>,
}

impl Clock {
    pub fn left(&self) -> i64 {
        i64::from(self.limit) - i64::from(self.used)
    }

    pub fn is_overdue(&self) -> bool {
        self.used > self.limit
    }
}

/// A stretch of days that do not count, with the reason.
struct Pause {
    from: Timestamp,
    to: Option<Timestamp>,
    reason: String,
}

struct Course {
    started: Timestamp,
    ended: Option<Timestamp>,
    extension: u32,
    pauses: Vec<Pause>,
}

/// Reads the journal and counts until `now`.
pub fn clock(limit: u32, events: &[Event], calendar: &WorkCalendar, now: Timestamp) -> Clock {
    let Some(course) = course(events) else {
        return Clock {
            state: ClockState::NotStarted,
            limit,
            used: 0,
            due_on: None,
            days: Vec::new(),
        };
    };
    let limit = limit + course.extension;
    let until = course.ended.unwrap_or(now).date();
    let days = days(&course, calendar, until);
    let used = u32::try_from(days.iter().filter(|d| d.counts).count()).unwrap_or(u32::MAX);
    let paused = course.pauses.iter().any(|p| p.to.is_none());
    Clock {
        state: match (course.ended, paused) {
            (Some(_), _) => ClockState::Stopped,
            (None, true) => ClockState::Paused,
            (None, false) => ClockState::Running,
        },
        limit,
        used,
        due_on: due_on(&days, limit, used, calendar, until),
        days,
    }
}

fn course(events: &[Event]) -> Option<Course> {
    let mut course: Option<Course> = None;
    for event in events {
        // A record that this program does not know is told where the case is shown.
        let Some(what) = &event.what else { continue };
        if matches!(what, CaseEvent::Accepted {}) {
            // Accepted again after a return: the first acceptance was undone, the clock begins anew.
            course = Some(Course {
                started: event.at,
                ended: None,
                extension: 0,
                pauses: Vec::new(),
            });
        }
        if let Some(course) = &mut course {
            follow(course, what, event.at);
        }
    }
    course
}

fn follow(course: &mut Course, what: &CaseEvent, at: Timestamp) {
    let mut pause = |reason: String| {
        course.pauses.push(Pause {
            from: at,
            to: None,
            reason,
        });
    };
    match what {
        CaseEvent::Paused { name, .. } => pause(format!("特别程序：{name}")),
        CaseEvent::CorrectionAsked { .. } => pause("等待申请人补正".into()),
        CaseEvent::Resumed { .. } | CaseEvent::Corrected { .. } => {
            if let Some(pause) = course.pauses.iter_mut().rev().find(|p| p.to.is_none()) {
                pause.to = Some(at);
            }
        }
        CaseEvent::Extended { days, .. } => course.extension += days,
        CaseEvent::Closed { .. } | CaseEvent::Withdrawn { .. } | CaseEvent::Lapsed { .. } => {
            course.ended = Some(at);
        }
        CaseEvent::Reopened {} => course.ended = None,
        CaseEvent::Submitted { .. }
        | CaseEvent::Accepted {}
        | CaseEvent::AcceptanceUndone {}
        | CaseEvent::Refused { .. }
        | CaseEvent::Delivered {}
        | CaseEvent::Returned { .. }
        | CaseEvent::DueSoon { .. }
        | CaseEvent::Overdue { .. }
        | CaseEvent::Escalated { .. }
        | CaseEvent::TaskCompleted { .. }
        | CaseEvent::DocumentMade(_)
        | CaseEvent::DocumentVoid(_)
        | CaseEvent::LicenceIssued { .. }
        | CaseEvent::LicenceUpdated { .. }
        | CaseEvent::LicenceCancelled { .. }
        | CaseEvent::LicenceUndone { .. } => {}
    }
}

fn days(course: &Course, calendar: &WorkCalendar, until: Date) -> Vec<ClockDay> {
    let mut days = Vec::new();
    let mut date = course.started.date();
    while date < until {
        let Some(next) = date.succ_opt() else { break };
        date = next;
        let kind = calendar.kind(date);
        let pause = course.pauses.iter().find(|p| p.covers(date));
        days.push(match pause {
            Some(pause) if kind.is_workday() => ClockDay {
                date,
                counts: false,
                reason: pause.reason.clone(),
            },
            _ => ClockDay {
                date,
                counts: kind.is_workday(),
                reason: kind.reason(),
            },
        });
    }
    days
}

impl Pause {
    /// The day on which a pause begins still counts; the day on which it ends does not.
    fn covers(&self, date: Date) -> bool {
        date > self.from.date() && self.to.is_none_or(|to| date <= to.date())
    }
}

fn due_on(
    days: &[ClockDay],
    limit: u32,
    used: u32,
    calendar: &WorkCalendar,
    until: Date,
) -> Option<Date> {
    if used >= limit {
        let nth = usize::try_from(limit).ok()?.checked_sub(1)?;
        return days.iter().filter(|d| d.counts).nth(nth).map(|d| d.date);
    }
    Some(calendar.add_workdays(until, limit - used))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn event(what: CaseEvent, day: &str) -> Event {
        let date: Date = day.parse().unwrap();
        let (kind, data) = what.stored();
        Event {
            seq: 0,
            at: Timestamp::start_of(date).plus_minutes(600),
            kind,
            actor_kind: "staff".into(),
            actor_id: None,
            actor_name: "测试".into(),
            data,
            hash: String::new(),
            what: Some(what),
        }
    }

    fn accepted(day: &str) -> Event {
        event(CaseEvent::Accepted {}, day)
    }

    fn paused(name: &str, day: &str) -> Event {
        let (name, reason) = (name.into(), "需要核实".into());
        event(CaseEvent::Paused { name, reason }, day)
    }

    fn at(day: &str) -> Timestamp {
        Timestamp::start_of(day.parse().unwrap()).plus_minutes(900)
    }

    fn calendar() -> WorkCalendar {
        let mut calendar = WorkCalendar::new();
        calendar.set_holiday("2026-10-01".parse().unwrap(), "国庆节");
        calendar.set_holiday("2026-10-02".parse().unwrap(), "国庆节");
        calendar
    }

    #[test]
    fn the_day_of_acceptance_is_not_counted_and_holidays_are_skipped_with_their_reason() {
        let events = [accepted("2026-09-30")];
        let clock = clock(3, &events, &calendar(), at("2026-10-06"));
        assert_eq!(clock.used, 2);
        assert_eq!(clock.due_on, Some("2026-10-07".parse().unwrap()));
        assert_eq!(clock.days[0].reason, "国庆节放假");
        assert_eq!(clock.days[2].reason, "周末");
        assert!(!clock.is_overdue());
    }

    #[test]
    fn a_special_procedure_stops_the_clock_and_an_extension_moves_the_end() {
        let events = [
            accepted("2026-11-02"),
            paused("专家评审", "2026-11-03"),
            event(
                CaseEvent::Resumed {
                    name: "专家评审".into(),
                },
                "2026-11-05",
            ),
            event(
                CaseEvent::Extended {
                    days: 2,
                    reason: "案情复杂".into(),
                },
                "2026-11-06",
            ),
        ];
        let clock = clock(3, &events, &calendar(), at("2026-11-06"));
        assert_eq!((clock.used, clock.limit), (2, 5));
        assert_eq!(clock.days[1].reason, "特别程序：专家评审");
        assert_eq!(clock.due_on, Some("2026-11-11".parse().unwrap()));
    }

    #[test]
    fn it_is_overdue_only_after_the_last_day() {
        let events = [accepted("2026-11-02")];
        assert!(!clock(2, &events, &calendar(), at("2026-11-04")).is_overdue());
        let late = clock(2, &events, &calendar(), at("2026-11-05"));
        assert!(late.is_overdue());
        assert_eq!(late.due_on, Some("2026-11-04".parse().unwrap()));
    }

    #[test]
    fn counting_never_goes_back_as_time_passes() {
        let events = [accepted("2026-11-02"), paused("听证", "2026-11-09")];
        proptest::proptest!(|(a in 0u64..60, b in 0u64..60)| {
            let day = |n| Timestamp::start_of("2026-11-02".parse::<Date>().unwrap() + chrono::Days::new(n));
            let (early, late) = (a.min(b), a.max(b));
            let first = clock(20, &events, &calendar(), day(early));
            let second = clock(20, &events, &calendar(), day(late));
            proptest::prop_assert!(first.used <= second.used);
        });
    }
}
