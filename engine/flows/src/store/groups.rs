//! `flow_task` by who can do it: open tasks of a role in an office, or of one person.

use tongban_base::Result;
use tongban_store::{KeyPage, List, Row, Tx, Value};

use super::tasks;
use crate::model::{GroupQuery, Task, TaskGroup, Where};

pub(crate) async fn open(tx: &mut Tx, place: &Where) -> Result<Vec<TaskGroup>> {
    let (condition, values) = within(place);
    let sql = format!(
        "SELECT DISTINCT t.organisation, t.division, t.role, t.assignee, t.assignee_name, t.owner, t.owner_name,
             t.by_order FROM flow_task t WHERE {condition}"
    );
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(group).collect()
}

fn group(row: &Row) -> Result<TaskGroup> {
    Ok(TaskGroup {
        organisation: row.get("organisation")?,
        division: row.get("division")?,
        role: row.get("role")?,
        assignment: tasks::assignment(row)?,
    })
}

/// The oldest first.
pub(crate) async fn joint(tx: &mut Tx, place: &Where, limit: i64) -> Result<Vec<Task>> {
    let (condition, mut values) = within(place);
    values.push(Value::from(limit));
    let sql = format!(
        "SELECT {} FROM flow_task t JOIN flow_token own ON own.instance_id = t.instance_id AND own.no = t.token
         WHERE {condition} AND t.assignee IS NULL AND EXISTS (SELECT 1 FROM flow_token other
             WHERE other.instance_id = own.instance_id AND other.net = own.net AND other.signed_by IS NOT NULL
             AND other.consumed_by IS NULL AND other.undone = 0)
         ORDER BY t.id LIMIT ${}",
        tasks::TASKS.select("t"),
        values.len()
    );
    let rows = tx.query(&sql, &values).await?;
    let genuine = rows
        .iter()
        .filter_map(|row| tasks::genuine(tx, row).transpose());
    genuine.collect()
}

/// Each group is found by the index that fits it.
pub(crate) async fn tasks(tx: &mut Tx, query: &GroupQuery) -> Result<KeyPage<Task>> {
    tasks::page(tx, query, |list| {
        let mut parts: Vec<String> = query
            .groups
            .iter()
            .map(|group| of_group(group, list))
            .collect();
        if !query.tasks.is_empty() {
            parts.push(format!("id IN ({})", list.any_of(&query.tasks)));
        }
        // Of nothing there is nothing.
        if parts.is_empty() {
            parts.push("1 = 0".to_owned());
        }
        let open =
            |part: &String| format!("SELECT id FROM flow_task WHERE closed_at IS NULL AND {part}");
        let found: Vec<String> = parts.iter().map(open).collect();
        found.join(" UNION ALL ")
    })
    .await
}

fn of_group(group: &TaskGroup, list: &mut List) -> String {
    let mut is = |column: &str, text: &String| format!("{column} = {}", list.given(text));
    let mut parts = vec![
        is("role", &group.role),
        is("organisation", &group.organisation),
        is("division", &group.division),
    ];
    parts.push(match &group.assignment.assignee {
        Some(person) => is("assignee", &person.account),
        None => "assignee IS NULL".to_owned(),
    });
    let by_order = i32::from(group.assignment.by_order);
    parts.push(format!("by_order = {by_order}"));
    parts.join(" AND ")
}

fn within(place: &Where) -> (String, Vec<Value>) {
    let mut values = vec![Value::from(&place.but)];
    let mut condition = "t.closed_at IS NULL AND t.role <> $1".to_owned();
    if let Some((organisation, prefix)) = &place.office {
        values.push(Value::from(organisation));
        values.push(Value::from(prefix));
        values.push(Value::from(format!("{prefix}:")));
        condition.push_str(" AND t.organisation = $2 AND t.division >= $3 AND t.division < $4");
    }
    (condition, values)
}
