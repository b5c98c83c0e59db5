//! The tables of flows. Knows rows and statements; decides nothing.

pub(crate) mod firings;
pub(crate) mod groups;
pub(crate) mod instances;
pub(crate) mod tasks;
pub(crate) mod timers;
pub(crate) mod tokens;

use std::fmt::Write as _;

use tongban_base::Result;
use tongban_store::{Marked, Tx, Value};

/// Numbers of one list; more would come near the limit of parameters.
const LIST: usize = 200;

/// `$n, $n+1, …`
pub(crate) fn places(sql: &mut String, next: &mut usize, count: usize) {
    for index in 0..count {
        let _ = write!(sql, "{}${next}", if index == 0 { "" } else { ", " });
        *next += 1;
    }
}

/// Runs `head IN (…) tail` for each portion of `list`; `first` are the parameters before the list.
pub(crate) async fn each_in(
    tx: &mut Tx,
    head: &str,
    first: &[Value],
    list: &[i64],
    tail: &str,
) -> Result<()> {
    for portion in list.chunks(LIST) {
        let mut sql = format!("{head} IN (");
        let mut next = first.len() + 1;
        places(&mut sql, &mut next, portion.len());
        let _ = write!(sql, ") {tail}");
        let mut values = first.to_vec();
        values.extend(portion.iter().map(|number| Value::from(*number)));
        tx.execute(&sql, &values).await?;
    }
    Ok(())
}

/// Where a flow stands and who has its steps.
pub(crate) static MARKED: [&Marked; 4] = [
    &instances::INSTANCES,
    &tokens::TOKENS,
    &tasks::TASKS,
    &timers::TIMERS,
];
