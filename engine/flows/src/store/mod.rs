//! The tables of flows. Knows rows and statements; decides nothing.

pub(crate) mod firings;
pub(crate) mod groups;
pub(crate) mod instances;
pub(crate) mod queue;
pub(crate) mod tasks;
pub(crate) mod timers;
pub(crate) mod tokens;

use std::fmt::Write as _;

use tongban_store::Marked;

/// Numbers of one list; more would come near the limit of parameters.
const LIST: usize = 200;

/// `$n, $n+1, …`
pub(crate) fn places(sql: &mut String, next: &mut usize, count: usize) {
    for index in 0..count {
        let _ = write!(sql, "{}${next}", if index == 0 { "" } else { ", " });
        *next += 1;
    }
}

/// Where a flow stands, who has its steps, and what happened.
pub(crate) static MARKED: [&Marked; 5] = [
    &firings::FIRINGS,
    &instances::INSTANCES,
    &tokens::TOKENS,
    &tasks::TASKS,
    &timers::TIMERS,
];
