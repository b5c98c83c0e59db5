//! `flow_token`: the live ones are the state, the others are its history.

use tongban_base::{Problem, Result};
use tongban_store::{History, Marked, Row, Tx, Value, params};

use crate::definition::Definition;
use crate::model::{InstanceId, SignerPlaceView};
use crate::net::{Change, FiringNo, Instance, Note, Place, Signer, Token, TokenNo};

pub(crate) static TOKENS: Marked = Marked::history(
    "flow_token",
    &[
        "instance_id",
        "no",
        "place",
        "net",
        "produced_by",
        "consumed_by",
        "undone",
        "note",
        "signed_by",
    ],
    History {
        table: "flow_instance",
        key: "id",
        last: "last_token",
    },
)
.terse();

pub(crate) fn read(row: &Row, definition: &Definition) -> Result<Token> {
    let place: String = row.get("place")?;
    let place = Place::read(&place, definition)
        .ok_or_else(|| Problem::internal(format!("token at unknown place {place}")))?;
    let note: String = row.get::<serde_json::Value>("note")?.to_string();
    Ok(Token {
        no: TokenNo(row.get("no")?),
        place,
        net: FiringNo(row.get("net")?),
        by: FiringNo(row.get("produced_by")?),
        consumed_by: row.get::<Option<i64>>("consumed_by")?.map(FiringNo),
        undone: row.get("undone")?,
        note: serde_json::from_str::<Note>(&note)?,
    })
}

/// All tokens that ever were, up to the `last`.
pub(crate) async fn all(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    last: i64,
) -> Result<Vec<Token>> {
    let sql = format!(
        "SELECT {} FROM flow_token k WHERE k.instance_id = $1 ORDER BY k.no DESC",
        TOKENS.select("k")
    );
    let rows = tx.query(&sql, params![id]).await?;
    tx.whole(&TOKENS, &rows, last, i64::MAX)?;
    rows.iter().map(|row| read(row, definition)).collect()
}

/// Writes new tokens, and of known ones what became of them.
pub(crate) fn save(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    state: &Instance,
    change: &Change,
) -> Result<()> {
    let changed = change.tokens.iter().filter_map(|no| state.token(*no));
    for token in changed {
        write(tx, id, definition, token)?;
    }
    Ok(())
}

/// The whole row, whether it is new or was read before.
pub(crate) fn write(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    token: &Token,
) -> Result<()> {
    let signed = token.note.signed.as_ref();
    let row = vec![
        Value::from(id),
        Value::from(token.no.0),
        Value::from(token.place.write(definition)),
        Value::from(token.net.0),
        Value::from(token.by.0),
        Value::from(token.consumed_by.map(|by| by.0)),
        Value::from(token.undone),
        Value::from(serde_json::to_value(&token.note)?),
        Value::from(signed.map(|signed| signed.account.clone())),
    ];
    tx.insert_marked_or(
        &TOKENS,
        &row,
        "ON CONFLICT (instance_id, no) DO UPDATE SET consumed_by = excluded.consumed_by, undone = excluded.undone,
             note = excluded.note, signed_by = excluded.signed_by, mark = excluded.mark",
    )
}

/// The places of joint signs that are going on.
pub(crate) async fn places(tx: &mut Tx, id: InstanceId) -> Result<Vec<SignerPlaceView>> {
    let sql = format!(
        "SELECT {} FROM flow_token k WHERE k.instance_id = $1 AND k.consumed_by IS NULL AND k.undone = 0
         AND (k.place LIKE 'signer:%' OR k.place LIKE 'signed:%') ORDER BY k.no",
        TOKENS.select("k")
    );
    let rows = tx.query(&sql, params![id]).await?;
    let genuine = |row: &Row| tx.genuine(&TOKENS, row).and_then(|()| place(row));
    rows.iter().map(genuine).collect()
}

fn place(row: &Row) -> Result<SignerPlaceView> {
    let note: Note = serde_json::from_value(row.get("note")?)?;
    let signed = row.get::<String>("place")?.starts_with("signed:");
    let account = |signer: &String| Signer::read(signer).account().map(str::to_owned);
    Ok(SignerPlaceView {
        token: TokenNo(row.get("no")?),
        net: FiringNo(row.get("net")?),
        account: match &note.signed {
            Some(signature) => Some(signature.account.clone()),
            None => account(&note.signer),
        },
        to_come: note.rest.iter().filter_map(account).collect(),
        signed,
        removed: note.removed,
    })
}
