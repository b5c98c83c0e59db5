//! The clock on its own: journals of a few events, a calendar, a day.

#![expect(clippy::unwrap_used, reason = "tests")]

use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Timestamp};

use super::*;
use crate::event::CaseEvent;
use crate::model::{Correction, Event};

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

fn submitted(day: &str) -> Event {
    let release = tongban_packs::ReleaseHash("0".into());
    let item = "示例事项".into();
    event(
        CaseEvent::Submitted {
            item,
            release,
            filed: None,
            agent: None,
        },
        day,
    )
}

fn accepted(day: &str) -> Event {
    event(CaseEvent::Accepted {}, day)
}

fn taken_back(day: &str) -> Event {
    event(CaseEvent::AcceptanceUndone {}, day)
}

fn paused(name: &str, day: &str) -> Event {
    let paused = CaseEvent::Paused {
        name: name.into(),
        reason: "需要核实".into(),
        expected_days: Some(5),
    };
    event(paused, day)
}

fn resumed(day: &str) -> Event {
    let name = "专家评审".into();
    event(CaseEvent::Resumed { name }, day)
}

fn extended(days: u32, day: &str) -> Event {
    let reason = "案情复杂".into();
    event(CaseEvent::Extended { days, reason }, day)
}

fn asked(day: &str) -> Event {
    let correction = Correction::default();
    event(CaseEvent::CorrectionAsked { correction }, day)
}

fn corrected(day: &str) -> Event {
    let changed = Vec::new();
    event(
        CaseEvent::Corrected {
            changed,
            filed: None,
            kept: Vec::new(),
        },
        day,
    )
}

fn at(day: &str) -> Timestamp {
    Timestamp::start_of(day.parse().unwrap()).plus_minutes(900)
}

fn calendar() -> WorkCalendar {
    let mut calendar = WorkCalendar::new();
    calendar.publish_year(2026);
    for (day, name) in [
        ("2026-02-16", "春节"),
        ("2026-02-17", "春节"),
        ("2026-02-18", "春节"),
        ("2026-02-19", "春节"),
        ("2026-02-20", "春节"),
        ("2026-02-23", "春节"),
        ("2026-10-01", "国庆节"),
        ("2026-10-02", "国庆节"),
    ] {
        calendar.set_holiday(day.parse().unwrap(), name);
    }
    for day in ["2026-02-14", "2026-02-28"] {
        calendar.set_workday(day.parse().unwrap(), "春节");
    }
    calendar
}

fn limits(decision: u32) -> Limits {
    Limits {
        acceptance: 5,
        decision,
        delivery: 10,
    }
}

fn read(decision: u32, events: &[Event], day: &str) -> Clock {
    clock(limits(decision), events, &calendar(), at(day))
}

fn day(text: &str) -> Option<Date> {
    Some(text.parse().unwrap())
}

#[test]
fn the_day_of_acceptance_is_not_counted_and_holidays_are_skipped_with_their_reason() {
    let clock = read(3, &[accepted("2026-09-30")], "2026-10-06");
    assert_eq!(clock.used, 2);
    assert_eq!(clock.due_on, day("2026-10-07"));
    assert_eq!(clock.days[0].reason, "国庆节放假");
    assert_eq!(clock.days[2].reason, "周末");
    assert!(!clock.is_overdue());
}

#[test]
fn a_special_procedure_stops_the_clock_and_an_extension_moves_the_end() {
    let events = [
        accepted("2026-11-02"),
        paused("专家评审", "2026-11-03"),
        resumed("2026-11-05"),
        extended(2, "2026-11-06"),
    ];
    let clock = read(3, &events, "2026-11-06");
    assert_eq!((clock.used, clock.limit), (2, 5));
    assert_eq!(clock.days[1].reason, "特别程序：专家评审");
    assert_eq!(clock.due_on, day("2026-11-11"));
    assert!(clock.extended);
}

#[test]
fn it_is_overdue_only_after_the_last_day() {
    let events = [accepted("2026-11-02")];
    assert!(!read(2, &events, "2026-11-04").is_overdue());
    let late = read(2, &events, "2026-11-05");
    assert!(late.is_overdue());
    assert_eq!(late.due_on, day("2026-11-04"));
}

#[test]
fn days_used_stay_used_when_an_acceptance_is_taken_back_and_given_again() {
    let mut events = vec![
        submitted("2026-02-10"),
        accepted("2026-02-11"),
        taken_back("2026-03-10"),
    ];
    let before = read(20, &events, "2026-03-10");
    assert_eq!(
        (before.period, before.used_before),
        (Period::Acceptance, Some(15))
    );
    events.push(accepted("2026-03-10"));
    let again = read(20, &events, "2026-03-10");
    assert_eq!((again.used, again.due_on), (15, day("2026-03-17")));
    assert_eq!(again.began, day("2026-02-11"), "no second promise");
}

#[test]
fn what_was_taken_back_stands_still_and_the_answer_is_watched_until_it_is_given() {
    let events = [
        submitted("2026-11-02"),
        accepted("2026-11-03"),
        taken_back("2026-11-05"),
    ];
    let clock = read(20, &events, "2026-11-09");
    assert_eq!(
        (clock.period, clock.state),
        (Period::Acceptance, ClockState::Running)
    );
    // One day before the acceptance, two since: three of five, and the decision stands at two.
    assert_eq!((clock.used, clock.used_before), (3, Some(2)));
    assert_eq!(clock.due_on, day("2026-11-11"));
}

#[test]
fn an_extension_outlives_a_return_and_is_not_granted_anew_by_it() {
    let events = [
        submitted("2026-11-02"),
        accepted("2026-11-02"),
        extended(5, "2026-11-04"),
        taken_back("2026-11-05"),
        accepted("2026-11-05"),
    ];
    let clock = read(3, &events, "2026-11-05");
    assert_eq!((clock.limit, clock.used, clock.extended), (8, 3, true));
}

#[test]
fn a_correction_after_acceptance_stands_still_and_goes_on_where_it_stopped() {
    let mut events = vec![
        submitted("2026-11-02"),
        accepted("2026-11-02"),
        asked("2026-11-04"),
    ];
    let waiting = read(20, &events, "2026-11-10");
    assert_eq!((waiting.state, waiting.used), (ClockState::Paused, 2));
    assert_eq!(waiting.due_on, None, "what stands still has no last day");
    events.push(corrected("2026-11-10"));
    let on = read(20, &events, "2026-11-11");
    assert_eq!(
        (on.period, on.state, on.used),
        (Period::Decision, ClockState::Running, 3)
    );
}

#[test]
fn the_days_before_acceptance_are_counted_and_begin_anew_with_what_is_handed_in() {
    let mut events = vec![submitted("2026-11-12")];
    let clock = read(20, &events, "2026-11-27");
    assert_eq!((clock.period, clock.used), (Period::Acceptance, 11));
    assert_eq!(clock.due_on, day("2026-11-19"));
    assert!(clock.is_overdue());
    events.extend([asked("2026-11-13"), corrected("2026-11-25")]);
    let anew = read(20, &events, "2026-11-27");
    assert_eq!((anew.used, anew.due_on), (2, day("2026-12-02")));
}

#[test]
fn silence_makes_the_decision_run_since_the_receipt() {
    let received_on = "2026-11-12".parse().unwrap();
    let last_day = "2026-11-19".parse().unwrap();
    let deemed = CaseEvent::DeemedAccepted {
        received_on,
        last_day,
    };
    let mut events = vec![submitted("2026-11-12"), event(deemed, "2026-11-20")];
    let clock = read(20, &events, "2026-11-20");
    assert!(clock.deemed);
    assert_eq!((clock.period, clock.used), (Period::Decision, 6));
    // Neither the late step of the office nor its undoing changes that.
    events.extend([accepted("2026-11-23"), taken_back("2026-11-24")]);
    let later = read(20, &events, "2026-11-24");
    assert_eq!((later.period, later.used), (Period::Decision, 8));
}

#[test]
fn the_delivery_is_counted_from_the_decision_and_the_decision_no_longer() {
    let mut events = vec![
        submitted("2026-11-02"),
        accepted("2026-11-02"),
        event(CaseEvent::Granted {}, "2026-11-04"),
    ];
    let clock = read(20, &events, "2026-11-06");
    assert_eq!((clock.period, clock.used), (Period::Delivery, 2));
    assert_eq!(clock.due_on, day("2026-11-18"));
    assert!(read(20, &events, "2026-11-19").is_overdue());
    events.push(event(CaseEvent::GrantUndone {}, "2026-11-06"));
    let back = read(20, &events, "2026-11-09");
    assert_eq!((back.period, back.used), (Period::Decision, 3));
    events.push(event(CaseEvent::Granted {}, "2026-11-09"));
    events.push(event(CaseEvent::Delivered {}, "2026-11-10"));
    let over = read(20, &events, "2026-11-30");
    assert_eq!(
        (over.state, over.used, over.due_on),
        (ClockState::Stopped, 3, None)
    );
}

#[test]
fn a_case_that_stands_still_is_not_late() {
    let events = [accepted("2026-11-02"), paused("听证", "2026-11-06")];
    let clock = read(2, &events, "2026-11-20");
    assert!(!clock.is_overdue());
    assert_eq!(clock.due_on, None);
}

#[test]
fn a_last_day_in_a_year_without_a_calendar_says_why_it_is_not_certain() {
    let events = [accepted("2026-12-21")];
    let clock = read(20, &events, "2026-12-21");
    assert_eq!(clock.unknown_year, Some(2027));
    let words = clock.due().unwrap().words();
    assert_eq!(words, "2027年1月19日（预计，2027年放假安排尚未公布）");

    let mut published = calendar();
    published.publish_year(2027);
    published.set_holiday("2027-01-01".parse().unwrap(), "元旦");
    let known = clock_of_year(&events, &published);
    assert_eq!(
        (known.due_on, known.unknown_year),
        (day("2027-01-19"), None)
    );
}

fn clock_of_year(events: &[Event], calendar: &WorkCalendar) -> Clock {
    clock(limits(20), events, calendar, at("2026-12-21"))
}

#[test]
fn counting_never_goes_back_as_time_passes() {
    let events = [accepted("2026-11-02"), paused("听证", "2026-11-09")];
    proptest::proptest!(|(a in 0u64..60, b in 0u64..60)| {
        let day = |n| Timestamp::start_of("2026-11-02".parse::<Date>().unwrap() + chrono::Days::new(n));
        let (early, late) = (a.min(b), a.max(b));
        let first = clock(limits(20), &events, &calendar(), day(early));
        let second = clock(limits(20), &events, &calendar(), day(late));
        proptest::prop_assert!(first.used <= second.used);
    });
}

/// What the decision has used, whichever period is under way.
fn spent(clock: &Clock) -> u32 {
    match clock.period {
        Period::Acceptance => clock.used_before.unwrap_or_default(),
        Period::Decision => clock.used,
        Period::Delivery => u32::MAX,
    }
}

#[test]
fn whatever_an_office_does_the_days_of_the_decision_never_become_fewer() {
    let start: Date = "2026-11-02".parse().unwrap();
    proptest::proptest!(|(steps in proptest::collection::vec((0u8..6, 0u64..6), 1..40))| {
        let mut events = vec![submitted("2026-11-02")];
        let (mut date, mut spent_before) = (start, 0);
        for (step, days) in steps {
            date = date + chrono::Days::new(days);
            let day = date.to_string();
            events.push(match step {
                0 => accepted(&day),
                1 => taken_back(&day),
                2 => paused("听证", &day),
                3 => resumed(&day),
                4 => asked(&day),
                _ => corrected(&day),
            });
            let clock = read(20, &events, &day);
            proptest::prop_assert!(spent(&clock) >= spent_before);
            spent_before = spent(&clock);
            if clock.due_on.is_none() {
                proptest::prop_assert!(clock.state == ClockState::Paused);
            }
        }
    });
}
