//! `flow_task` as the queue of somebody: what he may complete, the most pressing first.

use tongban_base::{Date, Result};
use tongban_store::{Cursor, Key, KeyPage, List, Order, Row, Tx, params};

use super::tasks::{TASKS, genuine};
use crate::model::{InstanceId, Task, TaskOrder, TaskQuery};

/// Stands where no limit runs: behind every day.
const NEVER: &str = "9999-12-31";

/// The order of open tasks of a flow follows from the last day of what it is about and from their own; while it stands
/// still, none of them presses.
pub(crate) async fn rank(
    tx: &mut Tx,
    id: InstanceId,
    due: Option<Date>,
    halted: bool,
) -> Result<()> {
    let day = due
        .filter(|_| !halted)
        .map_or_else(|| NEVER.to_owned(), |day| day.to_string());
    let sql =
        "UPDATE flow_task SET danger = CASE WHEN due_on < $2 AND $3 = 0 THEN due_on ELSE $2 END
         WHERE instance_id = $1 AND closed_at IS NULL";
    tx.execute(sql, params![id, day, i64::from(halted)]).await?;
    Ok(())
}

impl TaskOrder {
    fn keys(self) -> &'static [Key] {
        match self {
            TaskOrder::Danger => &[Key::Text("waiting.danger"), Key::Text("waiting.id")],
            TaskOrder::Arrival => &[Key::Text("waiting.id")],
            TaskOrder::Step => &[
                Key::Text("waiting.element"),
                Key::Text("waiting.danger"),
                Key::Text("waiting.id"),
            ],
        }
    }
}

/// Open tasks of somebody, each with what `read` makes of the columns of its subject.
pub(crate) async fn page<S>(
    tx: &mut Tx,
    query: &TaskQuery,
    at: (Option<&Cursor>, usize),
    read_subject: impl Fn(&Tx, &Row) -> Result<Option<S>> + Send + Sync,
) -> Result<KeyPage<(Task, S)>> {
    let mut list = mine(query);
    if let Some(subjects) = &query.subjects {
        let columns = format!("{}, {}", TASKS.select("page"), subjects.columns);
        list = list.beside(columns, subjects.join);
    }
    let behind = TASKS.columns.len() + 1;
    list.page(tx, at, |tx, row| {
        let Some(task) = genuine(tx, row)? else {
            return Ok(None);
        };
        let subject = read_subject(tx, &row.from_column(behind))?;
        Ok(subject.map(|subject| (task, subject)))
    })
    .await
}

/// The tasks before it in the queue, the last first, and those behind; `read` is asked as for a page.
pub(crate) async fn beside<S: Send>(
    tx: &mut Tx,
    query: &TaskQuery,
    task: &Task,
    read_subject: impl Fn(&Tx, &Row) -> Result<Option<S>> + Send + Sync,
    limit: usize,
) -> Result<[Vec<(Task, S)>; 2]> {
    let sql = "SELECT danger FROM flow_task WHERE id = $1";
    let danger: String = tx.query_one(sql, params![task.id]).await?.get("danger")?;
    let keys = match query.filter.order {
        TaskOrder::Danger => vec![danger, task.id.to_string()],
        TaskOrder::Arrival => vec![task.id.to_string()],
        TaskOrder::Step => vec![task.element.clone(), danger, task.id.to_string()],
    };
    let keys: Vec<serde_json::Value> = keys.into_iter().map(Into::into).collect();
    let before = Cursor::before(keys.clone());
    let mut before = page(tx, query, (Some(&before), limit), &read_subject)
        .await?
        .rows;
    before.reverse();
    let behind = Cursor::after(keys);
    let behind = page(tx, query, (Some(&behind), limit), &read_subject)
        .await?
        .rows;
    Ok([before, behind])
}

pub(crate) async fn count(tx: &mut Tx, query: &TaskQuery, most: usize) -> Result<u64> {
    mine(query).count(tx, most).await
}

/// How many of the first tasks have the same columns `by`, of `page` or of what the subjects join.
pub(crate) async fn counted_by(
    tx: &mut Tx,
    query: &TaskQuery,
    by: &str,
    most: usize,
) -> Result<Vec<Row>> {
    let mut list = mine(query);
    if let Some(subjects) = &query.subjects {
        list = list.beside("", subjects.join);
    }
    list.counted_by(tx, by, most).await
}

/// The other places of the joint signs in which somebody has signed: they want other people.
const SIGNED: &str = "SELECT other.id FROM flow_token mine
     JOIN flow_token place ON place.instance_id = mine.instance_id AND place.net = mine.net
     JOIN flow_task other ON other.instance_id = place.instance_id AND other.token = place.no
     WHERE mine.signed_by = ? AND mine.consumed_by IS NULL AND mine.undone = 0 AND other.closed_at IS NULL";

/// What the person asking may complete: by each role, and by order. A range instead of LIKE, so that the same index serves
/// on both databases.
fn mine(query: &TaskQuery) -> List {
    let filter = &query.filter;
    let order = Order {
        keys: filter.order.keys(),
        falling: filter.falling,
    };
    let mut list = List::new(TASKS.select("waiting"), "flow_task waiting", order);
    let account = list.given(&query.account);
    by_role_and_by_order(&mut list, query, &account);
    let signed = format!("waiting.id NOT IN ({SIGNED})");
    list.only_with(&signed, params![&query.account]);
    if let Some(element) = &filter.element {
        list.equal("waiting.element", element);
    }
    if let Some((from, to)) = filter.due {
        let (from, to) = (list.given(from.to_string()), list.given(to.to_string()));
        list.only(format!(
            "waiting.danger >= {from} AND waiting.danger <= {to}"
        ));
    }
    if filter.claimed {
        list.only(format!("waiting.assignee = {account}"));
    }
    if let Some(subjects) = &query.subjects {
        list.only(format!(
            "waiting.subject NOT IN ({} {account})",
            subjects.own
        ));
        for (condition, values) in &subjects.only {
            list.only_with(condition, values);
        }
    }
    list
}

fn by_role_and_by_order(list: &mut List, query: &TaskQuery, account: &str) {
    let prefix = &query.division_prefix;
    let organisation = list.given(&query.organisation);
    let (first, last) = (list.given(prefix), list.given(format!("{prefix}:")));
    let here = format!(
        "waiting.closed_at IS NULL AND waiting.organisation = {organisation}
         AND waiting.division >= {first} AND waiting.division < {last}"
    );
    let roles: Vec<String> = query.roles.iter().map(|role| list.given(role)).collect();
    let free = format!("(waiting.assignee IS NULL OR waiting.assignee = {account})");
    let of_role = |role: &String| format!("{here} AND waiting.role = {role} AND {free}");
    let mut parts: Vec<String> = roles.iter().map(of_role).collect();
    let others = match roles.is_empty() {
        true => String::new(),
        false => format!("AND waiting.role NOT IN ({})", roles.join(", ")),
    };
    parts.push(format!(
        "{here} AND waiting.assignee = {account} AND waiting.by_order = 1 {others}"
    ));
    list.in_parts(parts);
}
