//! The clock of a case, read from its journal.

use tongban_base::calendar::LastDay;
use tongban_base::{Date, Timestamp};
use tongban_procedures::ProcedureRelease;

use crate::clock::{Clock, Limits, clock};
use crate::desk::Desk;
use crate::model::Event;

/// The promised limit is the one the office is held to; it never exceeds the statutory one.
pub fn clock_of(
    desk: &Desk,
    release: &ProcedureRelease,
    events: &[Event],
    now: Timestamp,
) -> Clock {
    let limits = &release.procedure().limits;
    let limits = Limits {
        acceptance: limits.acceptance,
        decision: limits.promised.min(limits.statutory),
        delivery: limits.delivery,
    };
    clock(limits, events, &desk.catalog.calendar(), now)
}

/// The last day that a case keeps, and whether it is certain.
pub fn due_of(desk: &Desk, (due_on, submitted_at): (Option<Date>, Timestamp)) -> Option<LastDay> {
    let calendar = desk.catalog.calendar();
    due_on.map(|on| LastDay {
        on,
        unknown_year: calendar.unknown_between(submitted_at.date(), on),
    })
}
