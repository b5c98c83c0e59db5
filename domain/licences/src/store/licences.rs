//! Rows of `licence`. Personal data arrives and leaves encrypted.

use tongban_base::{Date, Problem, Result, Uuid};
use tongban_store::{Row, Tx, Value, params};

use crate::model::{Ended, Licence, LicenceId, Status};

pub(super) const COLUMNS: &str =
    "l.id, l.kind, l.type_code, l.title, l.number, l.verify_code, l.holder_account,
    l.holder_name_masked, l.holder_number_masked, l.holder_digest, l.organisation, l.issuer_name, l.division,
    l.status, l.issued_on, l.valid_from, l.valid_to, l.version, l.replaces, l.case_id,
    l.ended_on, l.ended_by, l.ended_basis, l.ended_reason, l.created_at, l.making";

/// The holder's name and number as they lie.
#[derive(Clone, Debug)]
pub(crate) struct SealedHolder {
    pub name: String,
    pub number: String,
}

pub(crate) async fn insert(tx: &mut Tx, licence: &Licence, holder: &SealedHolder) -> Result<()> {
    let ended = licence.ended.as_ref();
    tx.execute(
        "INSERT INTO licence (id, kind, type_code, title, number, verify_code, holder_account, holder_name,
             holder_name_masked, holder_number, holder_number_masked, holder_digest, organisation, issuer_name,
             division, status, issued_on, valid_from, valid_to, version, replaces, case_id,
             ended_on, ended_by, ended_basis, ended_reason, created_at, making)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
             $21, $22, $23, $24, $25, $26, $27, $28)",
        params![
            licence.id,
            &licence.kind,
            &licence.type_code,
            &licence.title,
            &licence.number,
            &licence.verify_code,
            licence.holder_account,
            &holder.name,
            &licence.holder_name_masked,
            &holder.number,
            &licence.holder_number_masked,
            &licence.holder_digest,
            &licence.organisation,
            &licence.issuer_name,
            &licence.division,
            licence.status.code(),
            licence.issued_on.to_string(),
            licence.valid_from.to_string(),
            licence.valid_to.map(|d| d.to_string()),
            licence.version,
            licence.replaces,
            licence.case_id.clone(),
            ended.map(|e| e.on.to_string()),
            ended.map(|e| e.by.clone()),
            ended.map(|e| e.basis.clone()),
            ended.map(|e| e.reason.clone()),
            licence.created_at,
            licence.making
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_id(tx: &mut Tx, id: LicenceId) -> Result<Option<Licence>> {
    one(tx, "l.id = $1", params![id]).await
}

pub(crate) async fn by_verify_code(tx: &mut Tx, code: &str) -> Result<Option<Licence>> {
    one(tx, "l.verify_code = $1", params![code]).await
}

/// The licence of a kind that counts for a person: the one in force, else the latest that ended.
pub(crate) async fn current(tx: &mut Tx, digest: &str, kind: &str) -> Result<Option<Licence>> {
    let condition = "l.holder_digest = $1 AND l.kind = $2 AND l.status NOT IN ('replaced', 'void')
        ORDER BY CASE WHEN l.status = 'valid' THEN 0 ELSE 1 END, l.issued_on DESC, l.id DESC LIMIT 1";
    one(tx, condition, params![digest, kind]).await
}

pub(crate) async fn of_account(tx: &mut Tx, account: Uuid, most: i64) -> Result<Vec<Licence>> {
    let condition = "l.holder_account = $1 AND l.status <> 'void'
        ORDER BY CASE WHEN l.status = 'valid' THEN 0 ELSE 1 END, l.issued_on DESC, l.id DESC LIMIT $2";
    many(tx, condition, params![account, most]).await
}

pub(crate) async fn holder(tx: &mut Tx, id: LicenceId) -> Result<SealedHolder> {
    let row = tx
        .query_one(
            "SELECT holder_name, holder_number FROM licence WHERE id = $1",
            params![id],
        )
        .await?;
    Ok(SealedHolder {
        name: row.get("holder_name")?,
        number: row.get("holder_number")?,
    })
}

/// Changes the status if it still is `from`; tells whether it was.
pub(crate) async fn set_status(
    tx: &mut Tx,
    id: LicenceId,
    from: Status,
    to: Status,
    ended: Option<&Ended>,
) -> Result<bool> {
    let rows = tx
        .execute(
            "UPDATE licence SET status = $3, ended_on = $4, ended_by = $5, ended_basis = $6, ended_reason = $7
             WHERE id = $1 AND status = $2",
            params![
                id,
                from.code(),
                to.code(),
                ended.map(|e| e.on.to_string()),
                ended.map(|e| e.by.clone()),
                ended.map(|e| e.basis.clone()),
                ended.map(|e| e.reason.clone())
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Brings a licence into force that was being made; tells whether it was.
pub(crate) async fn begin(tx: &mut Tx, id: LicenceId) -> Result<bool> {
    let sql = "UPDATE licence SET status = 'valid', making = 0 WHERE id = $1 AND making = 1";
    Ok(tx.execute(sql, params![id]).await? == 1)
}

/// A licence that was being made is not made any more; tells whether it was.
pub(crate) async fn give_up(tx: &mut Tx, id: LicenceId) -> Result<bool> {
    let sql = "UPDATE licence SET making = 0 WHERE id = $1 AND making = 1";
    Ok(tx.execute(sql, params![id]).await? == 1)
}

/// Moves a licence to another version if nobody else did.
pub(crate) async fn set_version(tx: &mut Tx, id: LicenceId, from: i64, to: i64) -> Result<bool> {
    let rows = tx
        .execute(
            "UPDATE licence SET version = $3 WHERE id = $1 AND version = $2 AND status = 'valid'",
            params![id, from, to],
        )
        .await?;
    Ok(rows == 1)
}

/// Gives licences that have no account yet to the account of the person they are made out to.
pub(crate) async fn claim(tx: &mut Tx, digest: &str, account: Uuid) -> Result<u64> {
    tx.execute(
        "UPDATE licence SET holder_account = $2 WHERE holder_digest = $1 AND holder_account IS NULL",
        params![digest, account],
    )
    .await
}

async fn one(tx: &mut Tx, condition: &str, given: &[Value]) -> Result<Option<Licence>> {
    Ok(many(tx, condition, given).await?.into_iter().next())
}

pub(super) async fn many(tx: &mut Tx, condition: &str, given: &[Value]) -> Result<Vec<Licence>> {
    let sql = format!("SELECT {COLUMNS} FROM licence l WHERE {condition}");
    tx.query(&sql, given).await?.iter().map(read).collect()
}

pub(super) fn read(row: &Row) -> Result<Licence> {
    let ended_on: Option<String> = row.get("ended_on")?;
    let ended = match ended_on {
        Some(on) => Some(Ended {
            on: date(&on)?,
            by: row.get::<Option<String>>("ended_by")?.unwrap_or_default(),
            basis: row
                .get::<Option<String>>("ended_basis")?
                .unwrap_or_default(),
            reason: row
                .get::<Option<String>>("ended_reason")?
                .unwrap_or_default(),
        }),
        None => None,
    };
    let valid_to: Option<String> = row.get("valid_to")?;
    Ok(Licence {
        id: row.get("id")?,
        kind: row.get("kind")?,
        type_code: row.get("type_code")?,
        title: row.get("title")?,
        number: row.get("number")?,
        verify_code: row.get("verify_code")?,
        holder_account: row.get("holder_account")?,
        holder_name_masked: row.get("holder_name_masked")?,
        holder_number_masked: row.get("holder_number_masked")?,
        holder_digest: row.get("holder_digest")?,
        organisation: row.get("organisation")?,
        issuer_name: row.get("issuer_name")?,
        division: row.get("division")?,
        status: Status::parse(&row.get::<String>("status")?)?,
        issued_on: date(&row.get::<String>("issued_on")?)?,
        valid_from: date(&row.get::<String>("valid_from")?)?,
        valid_to: valid_to.map(|d| date(&d)).transpose()?,
        version: row.get("version")?,
        replaces: row.get("replaces")?,
        case_id: row.get("case_id")?,
        ended,
        created_at: row.get("created_at")?,
        making: row.get("making")?,
    })
}

fn date(text: &str) -> Result<Date> {
    text.parse().map_err(Problem::internal)
}
