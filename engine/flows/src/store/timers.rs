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
        let sql = "UPDATE flow_timer SET due = due + $2 WHERE instance_id = $1";
        tx.execute(sql, params![id, pause]).await?;
    }
    for timer in &change.armed {
        tx.insert(
            "INSERT INTO flow_timer (instance_id, token, element, due)",
            params![
                id,
                timer.token.0,
                &definition.node(timer.node).id,
                timer.due
            ],
        );
    }
    Ok(())
}

/// When a timer is due; none when it does not run any more.
pub(crate) async fn due(tx: &mut Tx, timer: &DueTimer) -> Result<Option<Timestamp>> {
    let row = tx
        .query_opt(
            "SELECT due FROM flow_timer WHERE instance_id = $1 AND token = $2 AND element = $3",
            params![timer.instance, timer.token.0, &timer.element],
        )
        .await?;
    row.map(|row| row.get("due")).transpose()
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

/// The timers that have gone off, the oldest first; those of held flows stand still.
pub(crate) async fn gone_off(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<DueTimer>> {
    let rows = tx
        .query(
            "SELECT t.instance_id, t.token, t.element, i.subject, i.release_hash
             FROM flow_timer t JOIN flow_instance i ON i.id = t.instance_id
             WHERE t.due <= $1 AND i.status = 'running' ORDER BY t.due, t.instance_id LIMIT $2",
            params![now, limit],
        )
        .await?;
    let read = |row: &Row| -> Result<DueTimer> {
        Ok(DueTimer {
            instance: row.get("instance_id")?,
            token: TokenNo(row.get("token")?),
            element: row.get("element")?,
            subject: row.get("subject")?,
            release: row.get("release_hash")?,
        })
    };
    rows.iter().map(read).collect()
}
