//! Counts of cases in sight for whoever supervises: what came in, was accepted and closed in a span of days, and what is
//! open now. Opens no case.

use tongban_base::{AHEAD_MILLIS, Date, Result, Scope, Timestamp};
use tongban_store::{Key, List, Order, Row, Tx};

use super::case_filter::{DECIDED, OPEN, Span, in_span, on_days};
use super::cases::IN_SIGHT;

/// By what cases are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Item,
    Office,
    Day,
}

/// One count of one line.
#[derive(Clone, Debug)]
pub struct Count {
    /// Code of the item or office, or the number of the day; empty for a sum without lines.
    pub key: String,
    pub name: String,
    /// All, and those of them that the second question asks for.
    pub number: i64,
    pub of_them: i64,
    pub others: i64,
}

const DAY: i64 = 86_400_000;

/// No page of it: the order only has to be one.
const ANY: Order = Order {
    keys: &[Key::Text("c.id")],
    falling: false,
};

impl By {
    /// Key and name of a line, where a day is that of `column`.
    fn columns(self, column: &str) -> (String, &'static str) {
        match self {
            By::Item => ("c.item_code".to_owned(), "MAX(c.item_name)"),
            By::Office => ("c.organisation".to_owned(), "''"),
            By::Day => (format!("(({column} + {AHEAD_MILLIS}) / {DAY})"), "''"),
        }
    }
}

/// What happened in the days of a span; beside it, of what was closed, how much was late.
pub async fn happened(
    tx: &mut Tx,
    scope: &Scope,
    by: By,
    (what, from, to): (Span, Date, Date),
) -> Result<Vec<Count>> {
    let (key, name) = by.columns(what.column());
    let columns = format!("{key}, {name}, COUNT(*), CAST(COALESCE(SUM(c.late), 0) AS BIGINT), 0");
    let mut list = List::new(columns, "case_record c", ANY);
    list.within(scope, IN_SIGHT);
    in_span(&mut list, (what, from, to));
    counts(list.grouped(tx, &key).await?)
}

/// What is open now; beside it what is late today, and what will be by the last day.
pub async fn open(
    tx: &mut Tx,
    scope: &Scope,
    by: By,
    (today, last): (Date, Date),
) -> Result<Vec<Count>> {
    let (key, name) = by.columns("c.submitted_at");
    let mut list = List::new("", "case_record c", ANY);
    let (today, last) = (list.given(today.to_string()), list.given(last.to_string()));
    list.columns(format!(
        "{key}, {name}, COUNT(*), CAST(COALESCE(SUM(CASE WHEN c.due_on < {today} THEN 1 ELSE 0 END), 0) AS BIGINT),
         CAST(COALESCE(SUM(CASE WHEN c.due_on >= {today} AND c.due_on <= {last} THEN 1 ELSE 0 END), 0) AS BIGINT)"
    ));
    list.within(scope, IN_SIGHT);
    list.only(OPEN);
    counts(list.grouped(tx, &key).await?)
}

/// Steps that officers decided in a span of days, of cases in sight.
pub async fn decided(tx: &mut Tx, scope: &Scope, days: (Date, Date)) -> Result<Vec<Count>> {
    let tables = "case_event e JOIN case_record c ON c.id = e.case_id";
    let columns = "e.actor_id, MAX(e.actor_name), COUNT(*), COUNT(DISTINCT e.case_id), 0";
    let mut list = List::new(columns, tables, ANY);
    list.within(scope, IN_SIGHT);
    list.only(format!("{DECIDED} AND e.actor_id IS NOT NULL"));
    on_days(&mut list, "e.at", days);
    counts(list.grouped(tx, "e.actor_id").await?)
}

fn counts(rows: Vec<Row>) -> Result<Vec<Count>> {
    let count = |row: &Row| {
        Ok(Count {
            key: match row.values().first() {
                Some(tongban_store::Value::Integer(day)) => day.to_string(),
                _ => row.at(0)?,
            },
            name: row.at::<Option<String>>(1)?.unwrap_or_default(),
            number: row.at(2)?,
            of_them: row.at(3)?,
            others: row.at(4)?,
        })
    };
    rows.iter().map(count).collect()
}

/// The day of a line by day.
pub fn day_of(key: &str) -> Option<Date> {
    let number: i64 = key.parse().ok()?;
    Some(Timestamp(number * DAY - AHEAD_MILLIS).date())
}
