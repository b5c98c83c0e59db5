//! `flow_timer`: which timers run, and when each is due.

use std::fmt::Write as _;

use tongban_base::{Result, Timestamp};
use tongban_store::{Row, Tx, Value, params};

use crate::definition::{Definition, NodeIx};
use crate::model::{DueTimer, InstanceId};
use crate::net::{Change, TokenNo};

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
        let sql =
            "UPDATE flow_timer SET due = due + $2, started = started + $2 WHERE instance_id = $1";
        tx.execute(sql, params![id, pause]).await?;
    }
    for timer in &change.armed {
        tx.insert(
            "INSERT INTO flow_timer (instance_id, token, element, due, started)",
            params![
                id,
                timer.token.0,
                &definition.node(timer.node).id,
                timer.due,
                timer.since,
            ],
        );
    }
    Ok(())
}

/// When a timer is due, and when it began; none when it does not run any more.
pub(crate) async fn running(
    tx: &mut Tx,
    timer: &DueTimer,
) -> Result<Option<(Timestamp, Option<Timestamp>)>> {
    let row = tx
        .query_opt(
            "SELECT due, started FROM flow_timer WHERE instance_id = $1 AND token = $2 AND element = $3",
            params![timer.instance, timer.token.0, &timer.element],
        )
        .await?;
    row.map(|row| Ok((row.get("due")?, row.get("started")?)))
        .transpose()
}

pub(crate) async fn put_off(tx: &mut Tx, timer: &DueTimer, due: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE flow_timer SET due = $4 WHERE instance_id = $1 AND token = $2 AND element = $3",
        params![timer.instance, timer.token.0, &timer.element, due],
    )
    .await
    .map(drop)
}

/// The timers that run for a token.
pub(crate) async fn of_token(
    tx: &mut Tx,
    id: InstanceId,
    token: TokenNo,
    definition: &Definition,
) -> Result<Vec<(NodeIx, Timestamp)>> {
    let rows = tx
        .query(
            "SELECT element, due FROM flow_timer WHERE instance_id = $1 AND token = $2",
            params![id, token.0],
        )
        .await?;
    let mut found = Vec::new();
    for row in &rows {
        let element: String = row.get("element")?;
        if let Some(node) = definition.find(&element) {
            found.push((node, row.get("due")?));
        }
    }
    Ok(found)
}

/// The timers that have gone off, the oldest first, behind a known one; those of held flows stand still.
pub(crate) async fn gone_off(
    tx: &mut Tx,
    now: Timestamp,
    after: Option<&DueTimer>,
    limit: i64,
) -> Result<Vec<DueTimer>> {
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
        "SELECT t.due, t.instance_id, t.token, t.element, i.subject, i.release_hash
         FROM flow_timer t JOIN flow_instance i ON i.id = t.instance_id
         WHERE t.due <= $1 AND i.status = 'running' {behind}
         ORDER BY t.due, t.instance_id, t.token, t.element LIMIT $2"
    );
    let rows = tx.query(&sql, &values).await?;
    let read = |row: &Row| -> Result<DueTimer> {
        Ok(DueTimer {
            due: row.get("due")?,
            instance: row.get("instance_id")?,
            token: TokenNo(row.get("token")?),
            element: row.get("element")?,
            subject: row.get("subject")?,
            release: row.get("release_hash")?,
        })
    };
    rows.iter().map(read).collect()
}
