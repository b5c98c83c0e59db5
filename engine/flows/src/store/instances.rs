//! `flow_instance`, and putting a state together from the tables.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tongban_base::{Problem, Result};
use tongban_store::{Marked, Row, Tx, Value, params};

use super::{firings, tokens};
use crate::definition::Definition;
use crate::model::{InstanceId, InstanceView};
use crate::net::{Instance, Plan, Status, Token};

pub(crate) static INSTANCES: Marked = Marked::new(
    "flow_instance",
    &[
        "id",
        "release_hash",
        "subject",
        "organisation",
        "division",
        "status",
        "held_since",
        "last_firing",
        "last_token",
        "live",
        "plans",
        "started_at",
        "ended_at",
        "version",
    ],
    &[],
)
.terse();

/// So many columns stay as they were when the flow was started.
const FIXED: usize = 5;

static LIVE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, {} FROM flow_instance i
         LEFT JOIN flow_token k ON k.instance_id = i.id AND k.consumed_by IS NULL AND k.undone = 0
         WHERE i.id = $1 ORDER BY k.no",
        INSTANCES.select("i"),
        tokens::TOKENS.select("k")
    )
});

pub(crate) struct Loaded {
    pub view: InstanceView,
    pub state: Instance,
}

/// The instance with its live tokens: all that a verb needs which undoes nothing. One statement.
pub(crate) async fn load_live(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
) -> Result<Loaded> {
    let rows = tx.query(&LIVE, params![id]).await?;
    let first = rows.first().ok_or_else(Problem::not_found)?;
    tx.genuine(&INSTANCES, first)?;
    let behind = INSTANCES.columns.len() + 1;
    let mut live: Vec<Token> = Vec::with_capacity(rows.len());
    for row in &rows {
        if row.get::<Option<i64>>("no")?.is_some() {
            tx.genuine_at(&tokens::TOKENS, row, behind)?;
            live.push(tokens::read(row, definition)?);
        }
    }
    let mut loaded = read(first)?;
    loaded.state.whole = false;
    loaded.state.put_tokens(live);
    stands(first, &loaded.state)?;
    Ok(loaded)
}

/// The instance with everything that ever happened.
pub(crate) async fn load_whole(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
) -> Result<Loaded> {
    let row = one(tx, id).await?;
    let mut loaded = read(&row)?;
    let firings = firings::all(tx, id, definition, loaded.state.last_firing).await?;
    loaded.state.firings = firings
        .into_iter()
        .map(|firing| (firing.no, firing))
        .collect();
    let tokens = tokens::all(tx, id, definition, loaded.state.last_token).await?;
    loaded.state.put_tokens(tokens);
    stands(&row, &loaded.state)?;
    Ok(loaded)
}

/// Refused when other tokens are live than the instance says: one was taken away, or an earlier one was put back.
fn stands(row: &Row, state: &Instance) -> Result<()> {
    match row.get::<Option<serde_json::Value>>("live")? {
        Some(said) if said != live(state) => Err(tokens::TOKENS.not_whole(state.last_token)),
        _ => Ok(()),
    }
}

fn live(state: &Instance) -> serde_json::Value {
    state.live().map(|token| token.no.0).collect()
}

pub(crate) async fn view(tx: &mut Tx, id: InstanceId) -> Result<InstanceView> {
    Ok(read(&one(tx, id).await?)?.view)
}

async fn one(tx: &mut Tx, id: InstanceId) -> Result<Row> {
    let sql = format!(
        "SELECT {} FROM flow_instance i WHERE i.id = $1",
        INSTANCES.select("i")
    );
    let row = tx.query_marked(&INSTANCES, &sql, params![id]).await?;
    row.ok_or_else(Problem::not_found)
}

fn read(row: &Row) -> Result<Loaded> {
    let status: String = row.get("status")?;
    let status = Status::read(&status)
        .ok_or_else(|| Problem::internal(format!("flow of unknown status {status}")))?;
    let plans: Vec<Plan> = serde_json::from_value(row.get("plans")?)?;
    Ok(Loaded {
        view: InstanceView {
            id: row.get("id")?,
            release: row.get("release_hash")?,
            subject: row.get("subject")?,
            organisation: row.get("organisation")?,
            division: row.get("division")?,
            status,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            version: row.get("version")?,
        },
        state: Instance {
            status,
            held_since: row.get("held_since")?,
            last_firing: row.get("last_firing")?,
            last_token: row.get("last_token")?,
            plans,
            tokens: BTreeMap::new(),
            ..Instance::default()
        },
    })
}

pub(crate) fn insert(tx: &mut Tx, view: &InstanceView, state: &Instance) -> Result<()> {
    tx.insert_marked(&INSTANCES, &values(view, state)?)
}

/// In the order of the declaration, with the next version.
fn values(view: &InstanceView, state: &Instance) -> Result<Vec<Value>> {
    Ok(vec![
        Value::from(view.id),
        Value::from(&view.release),
        Value::from(&view.subject),
        Value::from(&view.organisation),
        Value::from(&view.division),
        Value::from(state.status.write()),
        Value::from(state.held_since),
        Value::from(state.last_firing),
        Value::from(state.last_token),
        Value::from(live(state)),
        Value::from(serde_json::to_value(&state.plans)?),
        Value::from(view.started_at),
        Value::from(view.ended_at),
        Value::from(view.version + 1),
    ])
}

/// Refused when someone else changed the instance since it was read.
pub(crate) async fn update(tx: &mut Tx, view: &InstanceView, state: &Instance) -> Result<()> {
    let row = values(view, state)?;
    let mark = tx.mark(&INSTANCES, &row)?;
    let mut given = params![view.id, view.version].to_vec();
    given.extend(row.into_iter().skip(FIXED));
    given.push(Value::from(mark));
    let touched = tx
        .execute(
            "UPDATE flow_instance SET status = $3, held_since = $4, last_firing = $5, last_token = $6, live = $7,
             plans = $8, started_at = $9, ended_at = $10, version = $11, mark = $12 WHERE id = $1 AND version = $2",
            &given,
        )
        .await?;
    if touched == 1 {
        return Ok(());
    }
    Err(Problem::conflict(
        "flow.changed",
        "这件事刚被别人办理过，请刷新后再试",
    ))
}
