//! Table `mandate`.

use tongban_base::{Date, Problem, Result, Timestamp, Uuid};
use tongban_crypto::FieldCipher;
use tongban_store::{Changes, Marked, Row, Tx, Value, params};

use crate::model::{EndedBy, Mandate, MandateId, State};

const PRINCIPAL_NAME: &str = "mandate.principal_name";
const AGENT_NAME: &str = "mandate.agent_name";
const AGENT_NUMBER: &str = "mandate.agent_number";

/// All that a mandate is.
pub(crate) static MANDATES: Marked = Marked::new(
    "mandate",
    &[
        "id",
        "principal",
        "principal_digest",
        "principal_name",
        "agent_digest",
        "agent_name",
        "agent_number",
        "items",
        "last_day",
        "invited_at",
        "state",
        "agent",
        "answered_at",
        "ended_at",
        "ended_by",
    ],
    &[],
);

/// Nobody reads more of them on one page.
const MOST: i64 = 100;

pub(crate) fn insert(tx: &mut Tx, cipher: &FieldCipher, mandate: &Mandate) -> Result<()> {
    let id = mandate.id;
    let items = mandate.items.as_ref().map(serde_json::to_string);
    tx.insert_marked(
        &MANDATES,
        params![
            id,
            mandate.principal,
            &mandate.principal_digest,
            cipher.encrypt_in(&mandate.principal_name, PRINCIPAL_NAME, id)?,
            &mandate.agent_digest,
            cipher.encrypt_in(&mandate.agent_name, AGENT_NAME, id)?,
            cipher.encrypt_in(&mandate.agent_number, AGENT_NUMBER, id)?,
            items.transpose()?,
            mandate.last_day.to_string(),
            mandate.invited_at,
            mandate.state.code(),
            mandate.agent,
            mandate.answered_at,
            mandate.ended_at,
            mandate.ended_by.map(EndedBy::code)
        ],
    )
}

/// Errors: it was changed beside the program.
pub(crate) async fn load(
    tx: &mut Tx,
    cipher: &FieldCipher,
    id: MandateId,
) -> Result<Option<Mandate>> {
    one(tx, cipher, "m.id = $1", params![id]).await
}

/// The one that is not over; what is over by time may be among them.
pub(crate) async fn open_between(
    tx: &mut Tx,
    cipher: &FieldCipher,
    principal: Uuid,
    agent_digest: &str,
) -> Result<Option<Mandate>> {
    let by = "m.principal = $1 AND m.agent_digest = $2 AND m.ended_at IS NULL";
    one(tx, cipher, by, params![principal, agent_digest]).await
}

async fn one(
    tx: &mut Tx,
    cipher: &FieldCipher,
    by: &str,
    given: &[Value],
) -> Result<Option<Mandate>> {
    let columns = MANDATES.select("m");
    let sql = format!("SELECT {columns} FROM mandate m WHERE {by}");
    let row = tx.query_marked(&MANDATES, &sql, given).await?;
    row.map(|row| read(&row, cipher)).transpose()
}

/// Those that somebody has given, the latest first.
pub(crate) async fn of_principal(
    tx: &mut Tx,
    cipher: &FieldCipher,
    principal: Uuid,
) -> Result<Vec<Mandate>> {
    all(tx, cipher, "m.principal = $1", params![principal]).await
}

/// Those that name somebody by his number, the latest first.
pub(crate) async fn naming(
    tx: &mut Tx,
    cipher: &FieldCipher,
    agent_digest: &str,
) -> Result<Vec<Mandate>> {
    all(tx, cipher, "m.agent_digest = $1", params![agent_digest]).await
}

pub(crate) async fn in_force(
    tx: &mut Tx,
    cipher: &FieldCipher,
    agent: Uuid,
    on: Date,
) -> Result<Vec<Mandate>> {
    let by = "m.agent = $1 AND m.state = $2 AND m.last_day >= $3 AND m.ended_at IS NULL";
    let given = params![agent, State::Confirmed.code(), on.to_string()];
    all(tx, cipher, by, given).await
}

async fn all(tx: &mut Tx, cipher: &FieldCipher, by: &str, given: &[Value]) -> Result<Vec<Mandate>> {
    let columns = MANDATES.select("m");
    let sql = format!(
        "SELECT {columns} FROM mandate m WHERE {by} ORDER BY m.invited_at DESC, m.id DESC LIMIT {MOST}"
    );
    let rows = tx.query(&sql, given).await?;
    let rows = tx.only_genuine(&MANDATES, rows)?;
    rows.iter().map(|row| read(row, cipher)).collect()
}

/// How many are open, and how many were begun since a moment.
pub(crate) async fn counts(tx: &mut Tx, principal: Uuid, since: Timestamp) -> Result<[i64; 2]> {
    let sql = "SELECT COUNT(*) FILTER (WHERE ended_at IS NULL) AS open,
                      COUNT(*) FILTER (WHERE invited_at > $2) AS begun
               FROM mandate WHERE principal = $1";
    let row = tx.query_one(sql, params![principal, since]).await?;
    Ok([row.get("open")?, row.get("begun")?])
}

/// From the state that was read, so that of two who act at once one wins. Whether it was.
pub(crate) async fn change(
    tx: &mut Tx,
    (id, from): (MandateId, State),
    changes: Changes,
) -> Result<bool> {
    let by = [("id", id.into()), ("state", from.code().into())];
    let changes = |_: &Row| Ok(Some(changes.clone()));
    let found = tx.change(&MANDATES, &by, changes).await?;
    Ok(found.is_some())
}

fn read(row: &Row, cipher: &FieldCipher) -> Result<Mandate> {
    let unknown = |what: &str| Problem::internal(format!("a mandate's {what} is unknown"));
    let id: MandateId = row.get("id")?;
    let open = |column: &str, place: &str| -> Result<String> {
        let stored: String = row.get(column)?;
        Ok(cipher.decrypt_in(&stored, place, id)?)
    };
    let items: Option<String> = row.get("items")?;
    let items = items.map(|text| serde_json::from_str(&text)).transpose()?;
    let last_day: String = row.get("last_day")?;
    let ended_by: Option<String> = row.get("ended_by")?;
    let ended_by = ended_by.map(|code| EndedBy::of(&code).ok_or_else(|| unknown("ending")));
    Ok(Mandate {
        id,
        principal: row.get("principal")?,
        principal_digest: row.get("principal_digest")?,
        principal_name: open("principal_name", PRINCIPAL_NAME)?,
        agent_digest: row.get("agent_digest")?,
        agent_name: open("agent_name", AGENT_NAME)?,
        agent_number: open("agent_number", AGENT_NUMBER)?,
        agent: row.get("agent")?,
        items,
        last_day: last_day.parse().map_err(Problem::internal)?,
        state: State::of(&row.get::<String>("state")?).ok_or_else(|| unknown("state"))?,
        invited_at: row.get("invited_at")?,
        answered_at: row.get("answered_at")?,
        ended_at: row.get("ended_at")?,
        ended_by: ended_by.transpose()?,
    })
}
