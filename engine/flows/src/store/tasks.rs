//! `flow_task`: what a work queue shows. A task that is opened again after a return is a new row.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Problem, Result, Timestamp};
use tongban_store::{Key, KeyPage, List, Marked, Order, Row, Tx, Value, params};

use super::{LIST, places};
use crate::definition::Decision;
use crate::model::{GroupQuery, InstanceId, Task, TaskId};
use crate::net::{Assignment, Closed, Person, TokenNo};

pub(crate) static TASKS: Marked = Marked::new(
    "flow_task",
    &[
        "id",
        "instance_id",
        "token",
        "subject",
        "stage",
        "element",
        "name",
        "role",
        "organisation",
        "division",
        "limit_days",
        "opened_at",
        "decisions",
        "due_on",
        "assignee",
        "assignee_name",
        "owner",
        "owner_name",
        "by_order",
        "closed_at",
        "closed_how",
        "closed_by",
        "version",
    ],
    &[],
)
.terse();

/// So many columns stay as they were when the task was opened.
const FIXED: usize = 12;

static ONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {} FROM flow_task t WHERE t.id = $1",
        TASKS.select("t")
    )
});

/// What can change of an open task.
const SAVE: &str = "UPDATE flow_task SET decisions = $3, due_on = $4, assignee = $5, assignee_name = $6, owner = $7,
     owner_name = $8, by_order = $9, closed_at = $10, closed_how = $11, closed_by = $12, version = $13, mark = $14
     WHERE id = $1 AND version = $2 AND closed_at IS NULL";

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
    let row = tx.query_marked(&TASKS, &ONE, params![id]).await?;
    read(&row.ok_or_else(Problem::not_found)?)
}

pub(crate) async fn open_of(tx: &mut Tx, id: InstanceId) -> Result<Vec<Task>> {
    let sql = "SELECT * FROM flow_task WHERE instance_id = $1 AND closed_at IS NULL ORDER BY id";
    all_genuine(tx, sql, params![id]).await
}

async fn all_genuine(tx: &mut Tx, sql: &str, params: &[Value]) -> Result<Vec<Task>> {
    let rows = tx.query(sql, params).await?;
    let genuine = |row: &Row| tx.genuine(&TASKS, row).and_then(|()| read(row));
    rows.iter().map(genuine).collect()
}

/// Of a list: a task that was changed beside the program is left out, it hides no other.
pub(super) fn genuine(tx: &Tx, row: &Row) -> Result<Option<Task>> {
    match tx.fits_at(&TASKS, row, 0)? {
        true => read(row).map(Some),
        false => Ok(None),
    }
}

/// The task that was completed last.
pub(crate) async fn last_done(tx: &mut Tx, id: InstanceId) -> Result<Option<Task>> {
    let sql = "SELECT * FROM flow_task WHERE instance_id = $1 AND closed_how = 'done'
        ORDER BY closed_at DESC, id DESC LIMIT 1";
    let row = tx.query_marked(&TASKS, sql, params![id]).await?;
    row.as_ref().map(read).transpose()
}

pub(crate) fn insert(tx: &mut Tx, tasks: &[Task]) -> Result<()> {
    for task in tasks {
        tx.insert_marked(&TASKS, &values(task)?)?;
    }
    Ok(())
}

/// In the order of the declaration.
fn values(task: &Task) -> Result<Vec<Value>> {
    let (assignee, owner) = (
        task.assignment.assignee.as_ref(),
        task.assignment.owner.as_ref(),
    );
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
        Value::from(task.opened_at),
        Value::from(serde_json::to_value(&task.decisions)?),
        Value::from(task.due_on.map(|day| day.to_string())),
        Value::from(assignee.map(|person| person.account.clone())),
        Value::from(assignee.map(|person| person.name.clone())),
        Value::from(owner.map(|person| person.account.clone())),
        Value::from(owner.map(|person| person.name.clone())),
        Value::from(task.assignment.by_order),
        Value::from(task.closed_at),
        Value::from(task.closed_how.map(Closed::write)),
        Value::from(&task.closed_by),
        Value::from(task.version),
    ])
}

/// For `SAVE`, with the next version.
fn saved(tx: &Tx, mut task: Task) -> Result<Vec<Value>> {
    let found = task.version;
    task.version += 1;
    let row = values(&task)?;
    let mark = tx.mark(&TASKS, &row)?;
    let mut given = params![task.id, found].to_vec();
    given.extend(row.into_iter().skip(FIXED));
    given.push(Value::from(mark));
    Ok(given)
}

/// `known` is a task of these that was read for this.
pub(crate) async fn close(
    tx: &mut Tx,
    id: InstanceId,
    closed: &[(TokenNo, Closed)],
    known: Option<Task>,
    (by, at): (&str, Timestamp),
) -> Result<()> {
    let how: BTreeMap<TokenNo, Closed> = closed.iter().copied().collect();
    let known = known.filter(|task| how.contains_key(&task.token));
    let known_token = known.as_ref().map(|task| task.token);
    let unknown = how.keys().copied().filter(|no| Some(*no) != known_token);
    let mut tasks = open_at(tx, id, &unknown.collect::<Vec<_>>()).await?;
    tasks.extend(known);
    for mut task in tasks {
        task.closed_at = Some(at);
        task.closed_how = how.get(&task.token).copied();
        task.closed_by = Some(by.to_owned());
        let given = saved(tx, task)?;
        tx.guard(SAVE, &given);
    }
    Ok(())
}

/// The open tasks of some tokens.
async fn open_at(tx: &mut Tx, id: InstanceId, tokens: &[TokenNo]) -> Result<Vec<Task>> {
    let mut found = Vec::new();
    for portion in tokens.chunks(LIST) {
        let mut sql =
            "SELECT * FROM flow_task WHERE instance_id = $1 AND closed_at IS NULL AND token IN ("
                .to_owned();
        places(&mut sql, &mut 2, portion.len());
        sql.push(')');
        let mut given = vec![Value::from(id)];
        given.extend(portion.iter().map(|token| Value::from(token.0)));
        found.extend(all_genuine(tx, &sql, &given).await?);
    }
    Ok(found)
}

/// Moves the limits of the open tasks of a flow that stood still, by the working days of that time.
pub(crate) async fn put_off(
    tx: &mut Tx,
    id: InstanceId,
    calendar: &WorkCalendar,
    (from, to): (Date, Date),
) -> Result<()> {
    let days = calendar.workdays_between(from, to);
    for mut task in open_of(tx, id).await? {
        let Some(due) = task.due_on else {
            continue;
        };
        let due = calendar.last_day(due, days);
        task.due_on = due.is_known().then_some(due.on);
        let given = saved(tx, task)?;
        tx.guard(SAVE, &given);
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
        "SELECT * FROM flow_task WHERE instance_id = $1 AND assignee IS NOT NULL AND token IN ("
            .to_owned();
    places(&mut sql, &mut 2, tokens.len());
    sql.push_str(") ORDER BY id");
    let mut given = vec![Value::from(id)];
    given.extend(tokens.iter().map(|token| Value::from(token.0)));
    let mut found = BTreeMap::new();
    for task in all_genuine(tx, &sql, &given).await? {
        if let Some(person) = task.assignment.assignee {
            let again = Assignment::named(person, task.assignment.by_order);
            found.insert(task.token, again);
        }
    }
    Ok(found)
}

/// Refused when the task was changed since it was read.
pub(crate) async fn assign(tx: &mut Tx, task: &Task, assignment: &Assignment) -> Result<()> {
    let mut task = task.clone();
    task.assignment = assignment.clone();
    let given = saved(tx, task)?;
    let touched = tx.execute(SAVE, &given).await?;
    if touched == 1 {
        return Ok(());
    }
    Err(Problem::conflict(
        "flow.task_changed",
        "这一步刚有变化，请刷新后再试",
    ))
}

/// The oldest first.
const BY_AGE: Order = Order {
    keys: &[Key::Text("waiting.id")],
    falling: false,
};

/// Of the tasks that `ids` selects; its values are given to the list.
pub(super) async fn page(
    tx: &mut Tx,
    query: &GroupQuery,
    ids: impl FnOnce(&mut List) -> String,
) -> Result<KeyPage<Task>> {
    let mut list = List::new(TASKS.select("waiting"), "flow_task waiting", BY_AGE);
    let ids = ids(&mut list);
    list.only(format!("waiting.id IN ({ids})"));
    list.page(tx, (query.at.as_ref(), query.limit), genuine)
        .await
}
