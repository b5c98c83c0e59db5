//! The clock of a case, read from its journal.

use tongban_base::Timestamp;

use crate::clock::{Clock, clock};
use crate::desk::Desk;
use crate::model::Event;
use tongban_items::ItemRelease;

/// The promised limit is the one the office is held to; it never exceeds the statutory one.
pub fn clock_of(desk: &Desk, release: &ItemRelease, events: &[Event], now: Timestamp) -> Clock {
    let limits = &release.item().limits;
    let limit = limits.promised.min(limits.statutory);
    clock(limit, events, desk.catalog.calendar(), now)
}
