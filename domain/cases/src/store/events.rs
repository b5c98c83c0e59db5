//! Table `case_event`: the journal. Rows are only added.

use tongban_base::Result;
use tongban_store::{Row, Tx, params};

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
    Ok(Event {
        seq: row.get("seq")?,
        at: row.get("at")?,
        kind: row.get("kind")?,
        actor_kind: row.get("actor_kind")?,
        actor_id: row.get("actor_id")?,
        actor_name: row.get("actor_name")?,
        data: row.get("data")?,
        hash: row.get("hash")?,
    })
}
