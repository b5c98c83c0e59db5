//! `flow_instance`, and putting a state together from the tables.

use std::collections::BTreeMap;

use tongban_base::{Problem, Result};
use tongban_store::{Row, Tx, params};

use super::{firings, tokens};
use crate::definition::Definition;
use crate::model::{InstanceId, InstanceView};
use crate::net::{Instance, Plan, Status, Token};

const COLUMNS: &str = "i.id AS instance_id, i.release_hash, i.subject, i.organisation, i.division, i.status,
    i.held_since, i.last_firing, i.last_token, i.plans, i.started_at, i.ended_at, i.version AS instance_version";

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
    let sql = format!(
        "SELECT {COLUMNS}, {} FROM flow_instance i
         LEFT JOIN flow_token k ON k.instance_id = i.id AND k.consumed_by IS NULL AND k.undone = 0
         WHERE i.id = $1 ORDER BY k.no",
        tokens::COLUMNS
    );
    let rows = tx.query(&sql, params![id]).await?;
    let first = rows.first().ok_or_else(Problem::not_found)?;
    let live = rows
        .iter()
        .filter_map(|row| tokens::read(row, definition).transpose());
    let live: Vec<Token> = live.collect::<Result<_>>()?;
    let mut loaded = read(first)?;
    loaded.state.whole = false;
    loaded.state.put_tokens(live);
    Ok(loaded)
}

/// The instance with everything that ever happened.
pub(crate) async fn load_whole(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
) -> Result<Loaded> {
    let sql = format!("SELECT {COLUMNS} FROM flow_instance i WHERE i.id = $1");
    let row = tx.query_one(&sql, params![id]).await?;
    let mut loaded = read(&row)?;
    let firings = firings::all(tx, id, definition).await?;
    loaded.state.firings = firings
        .into_iter()
        .map(|firing| (firing.no, firing))
        .collect();
    loaded
        .state
        .put_tokens(tokens::all(tx, id, definition).await?);
    Ok(loaded)
}

pub(crate) async fn view(tx: &mut Tx, id: InstanceId) -> Result<InstanceView> {
    let sql = format!("SELECT {COLUMNS} FROM flow_instance i WHERE i.id = $1");
    let row = tx.query_one(&sql, params![id]).await?;
    Ok(read(&row)?.view)
}

fn read(row: &Row) -> Result<Loaded> {
    let status: String = row.get("status")?;
    let status = Status::read(&status)
        .ok_or_else(|| Problem::internal(format!("flow of unknown status {status}")))?;
    let plans: Vec<Plan> = serde_json::from_value(row.get("plans")?)?;
    Ok(Loaded {
        view: InstanceView {
            id: row.get("instance_id")?,
            release: row.get("release_hash")?,
            subject: row.get("subject")?,
            organisation: row.get("organisation")?,
            division: row.get("division")?,
            status,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            version: row.get("instance_version")?,
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
    tx.insert(
        "INSERT INTO flow_instance (id, release_hash, subject, organisation, division, status, held_since,
         last_firing, last_token, plans, started_at, ended_at, version)",
        params![
            view.id,
            &view.release,
            &view.subject,
            &view.organisation,
            &view.division,
            state.status.write(),
            state.held_since,
            state.last_firing,
            state.last_token,
            serde_json::to_value(&state.plans)?,
            view.started_at,
            view.ended_at,
            1,
        ],
    );
    Ok(())
}

/// Refused when someone else changed the instance since it was read.
pub(crate) async fn update(tx: &mut Tx, view: &InstanceView, state: &Instance) -> Result<()> {
    let touched = tx
        .execute(
            "UPDATE flow_instance SET status = $3, held_since = $4, last_firing = $5, last_token = $6,
             plans = $7, ended_at = $8, version = version + 1 WHERE id = $1 AND version = $2",
            params![
                view.id,
                view.version,
                state.status.write(),
                state.held_since,
                state.last_firing,
                state.last_token,
                serde_json::to_value(&state.plans)?,
                view.ended_at,
            ],
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
