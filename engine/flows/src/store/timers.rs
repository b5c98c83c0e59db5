//! `flow_timer`: which timers run, and when each is due.

use std::fmt::Write as _;

use tongban_base::{Result, Timestamp};
use tongban_store::{Marked, Row, Tx, Value, params};

use super::instances::INSTANCES;
use crate::definition::{Definition, NodeIx};
use crate::model::{DueTimer, InstanceId};
use crate::net::{Change, TokenNo};

pub(crate) static TIMERS: Marked = Marked::keyed(
    "flow_timer",
    3,
    &["instance_id", "token", "element", "due", "started"],
    &[],
)
.terse();

pub(crate) async fn save(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    change: &Change,
) -> Result<()> {
    for portion in change.disarmed.chunks(100) {
        let mut sql =
            "DELETE FROM flow_timer WHERE instance_id = $1 AND (token, element) IN (".to_owned();
        let mut values = vec![Value::from(id)];
        for (index, (token, node)) in portion.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let next = values.len() + 1;
            let _ = write!(sql, "{comma}(${next}, ${})", next + 1);
            values.push(Value::from(token.0));
            values.push(Value::from(&definition.node(*node).id));
        }
        sql.push(')');
        tx.execute(&sql, &values).await?;
    }
    if let Some(pause) = change.timers_shifted {
        shift(tx, id, pause).await?;
    }
    for timer in &change.armed {
        let element = &definition.node(timer.node).id;
        let row = params![id, timer.token.0, element, timer.due, timer.since].to_vec();
        tx.insert_marked(&TIMERS, &row)?;
    }
    Ok(())
}

/// All timers of a flow that stood still run on by that time.
async fn shift(tx: &mut Tx, id: InstanceId, pause: i64) -> Result<()> {
    let sql = "SELECT * FROM flow_timer WHERE instance_id = $1";
    for row in tx.query(sql, params![id]).await? {
        tx.genuine(&TIMERS, &row)?;
        let (due, started): (Timestamp, Option<Timestamp>) = (row.get("due")?, row.get("started")?);
        let (token, element): (i64, String) = (row.get("token")?, row.get("element")?);
        let started = started.map(|at| at.plus_millis(pause));
        let after = params![id, token, element, due.plus_millis(pause), started].to_vec();
        tx.insert_marked_or(
            &TIMERS,
            &after,
            "ON CONFLICT (instance_id, token, element) DO UPDATE
             SET due = excluded.due, started = excluded.started, mark = excluded.mark",
        )?;
    }
    Ok(())
}

/// When a timer is due, and when it began; none when it does not run any more.
pub(crate) async fn running(
    tx: &mut Tx,
    timer: &DueTimer,
) -> Result<Option<(Timestamp, Option<Timestamp>)>> {
    let sql = "SELECT * FROM flow_timer WHERE instance_id = $1 AND token = $2 AND element = $3";
    let key = params![timer.instance, timer.token.0, &timer.element];
    let row = tx.query_marked(&TIMERS, sql, key).await?;
    row.map(|row| Ok((row.get("due")?, row.get("started")?)))
        .transpose()
}

pub(crate) async fn put_off(tx: &mut Tx, timer: &DueTimer, due: Timestamp) -> Result<()> {
    let key = [
        ("instance_id", timer.instance.into()),
        ("token", timer.token.0.into()),
        ("element", Value::from(&timer.element)),
    ];
    let later = |_: &Row| Ok(Some(vec![("due", due.into())]));
    tx.change(&TIMERS, &key, later).await.map(drop)
}

/// The timers that run for a token.
pub(crate) async fn of_token(
    tx: &mut Tx,
    id: InstanceId,
    token: TokenNo,
    definition: &Definition,
) -> Result<Vec<(NodeIx, Timestamp)>> {
    let sql = "SELECT * FROM flow_timer WHERE instance_id = $1 AND token = $2";
    let rows = tx.query(sql, params![id, token.0]).await?;
    let mut found = Vec::new();
    for row in &rows {
        tx.genuine(&TIMERS, row)?;
        let element: String = row.get("element")?;
        if let Some(node) = definition.find(&element) {
            found.push((node, row.get("due")?));
        }
    }
    Ok(found)
}

/// The timers that have gone off, the oldest first, behind a known one; those of held flows stand still. What was changed
/// beside the program is left out, and others from behind it are given for it.
pub(crate) async fn gone_off(
    tx: &mut Tx,
    now: Timestamp,
    after: Option<&DueTimer>,
    limit: i64,
) -> Result<Vec<DueTimer>> {
    let mut after = after.cloned();
    loop {
        let rows = next_gone_off(tx, now, after.as_ref(), limit).await?;
        let Some(last) = rows.last() else {
            return Ok(Vec::new());
        };
        after = Some(due(last)?);
        let mut found = Vec::with_capacity(rows.len());
        let behind = TIMERS.columns.len() + 1;
        for row in &rows {
            if tx.fits(&TIMERS, row)? && tx.fits_at(&INSTANCES, row, behind)? {
                found.push(due(row)?);
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
}

async fn next_gone_off(
    tx: &mut Tx,
    now: Timestamp,
    after: Option<&DueTimer>,
    limit: i64,
) -> Result<Vec<Row>> {
    let mut values = params![now, limit].to_vec();
    let mut behind = "";
    if let Some(after) = after {
        behind = "AND (t.due, t.instance_id, t.token, t.element) > ($3, $4, $5, $6)";
        values.push(Value::from(after.due));
        values.push(Value::from(after.instance));
        values.push(Value::from(after.token.0));
        values.push(Value::from(&after.element));
    }
    let sql = format!(
        "SELECT {}, {} FROM flow_timer t JOIN flow_instance i ON i.id = t.instance_id
         WHERE t.due <= $1 AND i.status = 'running' {behind}
         ORDER BY t.due, t.instance_id, t.token, t.element LIMIT $2",
        TIMERS.select("t"),
        INSTANCES.select("i")
    );
    tx.query(&sql, &values).await
}

fn due(row: &Row) -> Result<DueTimer> {
    Ok(DueTimer {
        due: row.get("due")?,
        instance: row.get("instance_id")?,
        token: TokenNo(row.get("token")?),
        element: row.get("element")?,
        subject: row.get("subject")?,
        release: row.get("release_hash")?,
    })
}
