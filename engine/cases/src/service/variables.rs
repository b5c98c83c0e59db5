//! What conditions of a flow may look at.

use serde_json::{Value as Json, json};
use tongban_base::{Result, Timestamp};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::model::Case;

/// A person as every later step knows it.
pub(crate) fn plain(person: &Json) -> Json {
    let mut person = person.clone();
    if let Some(known) = person.as_object_mut() {
        known.remove("open_cases");
    }
    person
}

/// Of a case as it stands.
pub(crate) async fn variables(
    tx: &mut Tx,
    desk: &Desk,
    case: &Case,
    now: Timestamp,
) -> Result<Json> {
    let person = desk.person_in(tx, case.account).await?;
    let record = desk.record_in(tx, case.about.as_ref()).await?;
    Ok(named(desk, case, (person, record), now))
}

pub(crate) fn named(
    desk: &Desk,
    case: &Case,
    (person, record): (Json, Json),
    now: Timestamp,
) -> Json {
    json!({
        "form": case.form,
        "answers": case.answers,
        "person": person,
        "record": record,
        "case": { "number": case.number, "item": case.item_code, "status": case.status },
        "settings": desk.catalog.settings(),
        "today": now.date().to_string(),
    })
}
