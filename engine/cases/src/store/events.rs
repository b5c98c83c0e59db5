//! Table `case_event`: the journal. Rows are only added.

use serde_json::Value as Json;
use tongban_base::Result;
use tongban_store::{Row, Tx, params};

use crate::event::CaseEvent;
use crate::model::{CaseId, Event};

/// The head of the chain is moved by `cases::save` in the same transaction.
pub fn insert(tx: &mut Tx, case: CaseId, event: &Event) {
    tx.insert(
        "INSERT INTO case_event (case_id, seq, at, kind, actor_kind, actor_id, actor_name, data, hash)",
        params![
            case,
            event.seq,
            event.at,
            &event.kind,
            &event.actor_kind,
            &event.actor_id,
            &event.actor_name,
            &event.data,
            &event.hash
        ],
    );
}

pub async fn of_case(tx: &mut Tx, case: CaseId) -> Result<Vec<Event>> {
    tx.query(
        "SELECT seq, at, kind, actor_kind, actor_id, actor_name, data, hash FROM case_event
         WHERE case_id = $1 ORDER BY seq",
        params![case],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<Event> {
    let (kind, data): (String, Json) = (row.get("kind")?, row.get("data")?);
    Ok(Event {
        what: CaseEvent::read(&kind, &data),
        seq: row.get("seq")?,
        at: row.get("at")?,
        kind,
        actor_kind: row.get("actor_kind")?,
        actor_id: row.get("actor_id")?,
        actor_name: row.get("actor_name")?,
        data,
        hash: row.get("hash")?,
    })
}
