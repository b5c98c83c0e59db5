//! `flow_token`: the live ones are the state, the others are its history.

use tongban_base::{Problem, Result};
use tongban_store::{Row, Tx, params};

use crate::definition::Definition;
use crate::model::{InstanceId, SignerPlaceView};
use crate::net::{Change, FiringNo, Instance, Note, Place, Signer, Token, TokenNo};

pub(crate) const COLUMNS: &str =
    "k.no AS token_no, k.place, k.net, k.produced_by, k.consumed_by, k.undone, k.note";

pub(crate) fn read(row: &Row, definition: &Definition) -> Result<Option<Token>> {
    let Some(no) = row.get::<Option<i64>>("token_no")? else {
        return Ok(None);
    };
    let place: String = row.get("place")?;
    let place = Place::read(&place, definition)
        .ok_or_else(|| Problem::internal(format!("token at unknown place {place}")))?;
    let note: String = row.get::<serde_json::Value>("note")?.to_string();
    Ok(Some(Token {
        no: TokenNo(no),
        place,
        net: FiringNo(row.get("net")?),
        by: FiringNo(row.get("produced_by")?),
        consumed_by: row.get::<Option<i64>>("consumed_by")?.map(FiringNo),
        undone: row.get("undone")?,
        note: serde_json::from_str::<Note>(&note)?,
    }))
}

/// All tokens that ever were.
pub(crate) async fn all(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
) -> Result<Vec<Token>> {
    let sql = format!("SELECT {COLUMNS} FROM flow_token k WHERE k.instance_id = $1 ORDER BY k.no");
    let rows = tx.query(&sql, params![id]).await?;
    let tokens = rows
        .iter()
        .filter_map(|row| read(row, definition).transpose());
    tokens.collect()
}

/// Writes new tokens, and of known ones what became of them.
pub(crate) fn save(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    state: &Instance,
    change: &Change,
) -> Result<()> {
    for token in change.tokens.iter().filter_map(|no| state.token(*no)) {
        tx.insert_or(
            "INSERT INTO flow_token (instance_id, no, place, net, produced_by, consumed_by, undone, note, signed_by)",
            params![
                id,
                token.no.0,
                token.place.write(definition),
                token.net.0,
                token.by.0,
                token.consumed_by.map(|by| by.0),
                token.undone,
                serde_json::to_value(&token.note)?,
                token.note.signed.as_ref().map(|signed| signed.account.clone()),
            ],
            "ON CONFLICT (instance_id, no) DO UPDATE
             SET consumed_by = excluded.consumed_by, undone = excluded.undone",
        );
    }
    Ok(())
}

/// What a live token carries from now on.
pub(crate) async fn rewrite(tx: &mut Tx, id: InstanceId, no: TokenNo, note: &Note) -> Result<()> {
    let sql = "UPDATE flow_token SET note = $3 WHERE instance_id = $1 AND no = $2";
    let note = serde_json::to_value(note)?;
    tx.execute(sql, params![id, no.0, note]).await.map(drop)
}

/// The places of joint signs that are going on.
pub(crate) async fn places(tx: &mut Tx, id: InstanceId) -> Result<Vec<SignerPlaceView>> {
    let rows = tx
        .query(
            "SELECT no, net, note, place FROM flow_token WHERE instance_id = $1 AND consumed_by IS NULL AND undone = 0
             AND (place LIKE 'signer:%' OR place LIKE 'signed:%') ORDER BY no",
            params![id],
        )
        .await?;
    rows.iter().map(place).collect()
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
