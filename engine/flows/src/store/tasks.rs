//! `flow_task`: what a work queue shows. A task that is opened again after a return is a new row.

use std::collections::BTreeMap;

use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Problem, Result, Timestamp};
use tongban_store::{Row, Tx, Value, params};

use super::{each_in, places};
use crate::definition::Decision;
use crate::model::{InstanceId, Task, TaskId, TaskQuery};
use crate::net::{Assignment, Closed, Person, TokenNo};

pub(crate) fn read(row: &Row) -> Result<Task> {
    let decisions: Vec<Decision> = serde_json::from_value(row.get("decisions")?)?;
    Ok(Task {
        id: row.get("id")?,
        instance: row.get("instance_id")?,
        token: TokenNo(row.get("token")?),
        subject: row.get("subject")?,
        stage: row.get("stage")?,
        element: row.get("element")?,
        name: row.get("name")?,
        role: row.get("role")?,
        organisation: row.get("organisation")?,
        division: row.get("division")?,
        limit: row.get("limit_days")?,
        due_on: day(row)?,
        decisions,
        assignment: assignment(row)?,
        opened_at: row.get("opened_at")?,
        closed_at: row.get("closed_at")?,
        closed_how: row
            .get::<Option<String>>("closed_how")?
            .as_deref()
            .and_then(Closed::read),
        closed_by: row.get("closed_by")?,
        version: row.get("version")?,
    })
}

fn day(row: &Row) -> Result<Option<Date>> {
    let due: Option<String> = row.get("due_on")?;
    let day = |text: String| {
        let day = text.parse();
        day.map_err(|_| Problem::internal(format!("a limit ends on no day: {text}")))
    };
    due.map(day).transpose()
}

pub(super) fn assignment(row: &Row) -> Result<Assignment> {
    Ok(Assignment {
        assignee: person(row, "assignee", "assignee_name")?,
        owner: person(row, "owner", "owner_name")?,
        by_order: row.get("by_order")?,
    })
}

fn person(row: &Row, account: &str, name: &str) -> Result<Option<Person>> {
    let Some(account) = row.get::<Option<String>>(account)? else {
        return Ok(None);
    };
    Ok(Some(Person {
        account,
        name: row.get::<Option<String>>(name)?.unwrap_or_default(),
    }))
}

pub(crate) async fn one(tx: &mut Tx, id: TaskId) -> Result<Task> {
    let row = tx
        .query_one("SELECT * FROM flow_task WHERE id = $1", params![id])
        .await?;
    read(&row)
}

pub(crate) async fn open_of(tx: &mut Tx, id: InstanceId) -> Result<Vec<Task>> {
    let rows = tx
        .query(
            "SELECT * FROM flow_task WHERE instance_id = $1 AND closed_at IS NULL ORDER BY id",
            params![id],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The task that was completed last.
pub(crate) async fn last_done(tx: &mut Tx, id: InstanceId) -> Result<Option<Task>> {
    let sql = "SELECT * FROM flow_task WHERE instance_id = $1 AND closed_how = 'done'
        ORDER BY closed_at DESC, id DESC LIMIT 1";
    let row = tx.query_opt(sql, params![id]).await?;
    row.as_ref().map(read).transpose()
}

pub(crate) fn insert(tx: &mut Tx, tasks: &[Task]) -> Result<()> {
    for task in tasks {
        tx.insert(
            "INSERT INTO flow_task (id, instance_id, token, subject, stage, element, name, role, organisation,
             division, limit_days, due_on, decisions, assignee, assignee_name, by_order, opened_at, version)",
            &row(task)?,
        );
    }
    Ok(())
}

fn row(task: &Task) -> Result<Vec<Value>> {
    let assignee = task.assignment.assignee.as_ref();
    Ok(vec![
        Value::from(task.id),
        Value::from(task.instance),
        Value::from(task.token.0),
        Value::from(&task.subject),
        Value::from(&task.stage),
        Value::from(&task.element),
        Value::from(&task.name),
        Value::from(&task.role),
        Value::from(&task.organisation),
        Value::from(&task.division),
        Value::from(task.limit),
        Value::from(task.due_on.map(|day| day.to_string())),
        Value::from(serde_json::to_value(&task.decisions)?),
        Value::from(assignee.map(|person| person.account.clone())),
        Value::from(assignee.map(|person| person.name.clone())),
        Value::from(task.assignment.by_order),
        Value::from(task.opened_at),
        Value::from(task.version),
    ])
}

pub(crate) async fn close(
    tx: &mut Tx,
    id: InstanceId,
    closed: &[(TokenNo, Closed)],
    by: &str,
    at: Timestamp,
) -> Result<()> {
    let mut kinds: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (token, how) in closed {
        kinds.entry(how.write()).or_default().push(token.0);
    }
    for (how, tokens) in kinds {
        let first = params![id, at, how, by].to_vec();
        each_in(
            tx,
            "UPDATE flow_task SET closed_at = $2, closed_how = $3, closed_by = $4, version = version + 1
             WHERE instance_id = $1 AND closed_at IS NULL AND token",
            &first,
            &tokens,
            "",
        )
        .await?;
    }
    Ok(())
}

/// Moves the limits of the open tasks of a flow that stood still, by the working days of that time.
pub(crate) async fn put_off(
    tx: &mut Tx,
    id: InstanceId,
    calendar: &WorkCalendar,
    (from, to): (Date, Date),
) -> Result<()> {
    let days = calendar.workdays_between(from, to);
    for task in open_of(tx, id).await? {
        let Some(due) = task.due_on else {
            continue;
        };
        let due = calendar.last_day(due, days);
        let due = due.is_known().then(|| due.on.to_string());
        let sql = "UPDATE flow_task SET due_on = $2, version = version + 1 WHERE id = $1";
        tx.execute(sql, params![task.id, due]).await?;
    }
    Ok(())
}

/// Who had the tasks of these tokens before they were opened again.
pub(crate) async fn former_assignees(
    tx: &mut Tx,
    id: InstanceId,
    tokens: &[TokenNo],
) -> Result<BTreeMap<TokenNo, Assignment>> {
    if tokens.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut sql =
        "SELECT token, assignee, assignee_name, owner, owner_name, by_order FROM flow_task
        WHERE instance_id = $1 AND assignee IS NOT NULL AND token IN ("
            .to_owned();
    places(&mut sql, &mut 2, tokens.len());
    sql.push_str(") ORDER BY id");
    let mut values = vec![Value::from(id)];
    values.extend(tokens.iter().map(|token| Value::from(token.0)));
    let mut found = BTreeMap::new();
    for row in tx.query(&sql, &values).await? {
        let had = assignment(&row)?;
        if let Some(person) = had.assignee {
            let again = Assignment::named(person, had.by_order);
            found.insert(TokenNo(row.get("token")?), again);
        }
    }
    Ok(found)
}

/// Refused when the task was changed since it was read.
pub(crate) async fn assign(tx: &mut Tx, task: &Task, assignment: &Assignment) -> Result<()> {
    let (assignee, owner) = (assignment.assignee.as_ref(), assignment.owner.as_ref());
    let touched = tx
        .execute(
            "UPDATE flow_task SET assignee = $3, assignee_name = $4, owner = $5, owner_name = $6, by_order = $7,
             version = version + 1 WHERE id = $1 AND version = $2 AND closed_at IS NULL",
            params![
                task.id,
                task.version,
                assignee.map(|person| person.account.clone()),
                assignee.map(|person| person.name.clone()),
                owner.map(|person| person.account.clone()),
                owner.map(|person| person.name.clone()),
                assignment.by_order,
            ],
        )
        .await?;
    if touched == 1 {
        return Ok(());
    }
    Err(Problem::conflict(
        "flow.task_changed",
        "这一步刚有变化，请刷新后再试",
    ))
}

pub(crate) async fn queue(tx: &mut Tx, query: &TaskQuery) -> Result<Vec<Task>> {
    let (mine, mut values) = mine(query);
    let mut sql = format!("SELECT * FROM {mine}");
    page(
        &mut sql,
        &mut values,
        query.after,
        query.backward,
        query.limit,
    );
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(read).collect()
}

/// Beside a task, onward or back towards the oldest.
pub(super) fn page(
    sql: &mut String,
    values: &mut Vec<Value>,
    after: Option<TaskId>,
    backward: bool,
    limit: i64,
) {
    if let Some(after) = after {
        values.push(Value::from(after));
        let comparison = if backward { "<" } else { ">" };
        sql.push_str(&format!(" AND id {comparison} ${}", values.len()));
    }
    values.push(Value::from(limit));
    let order = if backward { "DESC" } else { "ASC" };
    sql.push_str(&format!(" ORDER BY id {order} LIMIT ${}", values.len()));
}

pub(crate) async fn count(tx: &mut Tx, query: &TaskQuery) -> Result<u64> {
    let (mine, values) = mine(query);
    let sql = format!("SELECT COUNT(*) AS number FROM {mine}");
    let number: i64 = tx.query_one(&sql, &values).await?.get("number")?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// The other places of the joint signs in which somebody has signed: they want other people.
const SIGNED: &str = "SELECT other.id FROM flow_token mine
     JOIN flow_token place ON place.instance_id = mine.instance_id AND place.net = mine.net
     JOIN flow_task other ON other.instance_id = place.instance_id AND other.token = place.no
     WHERE mine.signed_by = $4 AND mine.consumed_by IS NULL AND mine.undone = 0 AND other.closed_at IS NULL";

/// What the person asking may complete: by role, and by order. Two parts, so that each is found by its own index; a range
/// instead of LIKE for the same reason, on both databases.
fn mine(query: &TaskQuery) -> (String, Vec<Value>) {
    let mut next = 5;
    let mut roles = String::new();
    places(&mut roles, &mut next, query.roles.len());
    if roles.is_empty() {
        roles.push_str("''");
    }
    let prefix = &query.division_prefix;
    let mut values = vec![
        Value::from(&query.organisation),
        Value::from(prefix),
        Value::from(format!("{prefix}:")),
        Value::from(&query.account),
    ];
    values.extend(query.roles.iter().map(Value::from));
    let here = "closed_at IS NULL AND organisation = $1 AND division >= $2 AND division < $3";
    let tasks = format!(
        "(SELECT * FROM flow_task WHERE {here} AND role IN ({roles}) AND (assignee IS NULL OR assignee = $4)
         UNION ALL
         SELECT * FROM flow_task WHERE {here} AND assignee = $4 AND by_order = 1 AND role NOT IN ({roles})) waiting
         WHERE id NOT IN ({SIGNED})"
    );
    (tasks, values)
}
