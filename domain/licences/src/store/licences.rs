//! Rows of `licence`. Personal data arrives and leaves encrypted.

use tongban_base::{Date, Problem, Result, Uuid};
use tongban_store::{Changes, Marked, Row, Tx, Value, params};

use crate::model::{Ended, Licence, LicenceId, Status};

/// All that a licence is, with the number of its last event.
pub(crate) static LICENCES: Marked = Marked::new(
    "licence",
    &[
        "id",
        "kind",
        "type_code",
        "title",
        "number",
        "verify_code",
        "holder_account",
        "holder_name",
        "holder_name_masked",
        "holder_number",
        "holder_number_masked",
        "holder_digest",
        "organisation",
        "issuer_name",
        "division",
        "status",
        "issued_on",
        "valid_from",
        "valid_to",
        "version",
        "replaces",
        "case_id",
        "ended_on",
        "ended_by",
        "ended_basis",
        "ended_reason",
        "created_at",
        "making",
        "event_seq",
    ],
    &[],
);

/// The holder's name and number as they lie.
#[derive(Clone, Debug)]
pub(crate) struct SealedHolder {
    pub name: String,
    pub number: String,
}

pub(crate) async fn insert(tx: &mut Tx, licence: &Licence, holder: &SealedHolder) -> Result<()> {
    let ended = licence.ended.as_ref();
    tx.insert_marked(
        &LICENCES,
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
            licence.making,
            0
        ],
    )?;
    // A number that is taken is told now.
    tx.flush().await
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

/// In force, of an account or made out to its holder before he had one.
pub(crate) async fn held(
    tx: &mut Tx,
    account: Uuid,
    digest: &str,
    most: i64,
) -> Result<Vec<Licence>> {
    let condition = "l.status = 'valid'
        AND (l.holder_account = $1 OR (l.holder_digest = $2 AND l.holder_account IS NULL))
        ORDER BY l.valid_to, l.id LIMIT $3";
    many(tx, condition, params![account, digest, most]).await
}

pub(crate) async fn holder(tx: &mut Tx, id: LicenceId) -> Result<SealedHolder> {
    let rows = rows(tx, "l.id = $1", params![id]).await?;
    let row = rows.first().ok_or_else(Problem::not_found)?;
    Ok(SealedHolder {
        name: row.get("holder_name")?,
        number: row.get("holder_number")?,
    })
}

/// Changes the licence if the column still says this; tells whether it did.
async fn change(
    tx: &mut Tx,
    id: LicenceId,
    (column, wanted): (&str, Value),
    changes: Changes,
) -> Result<bool> {
    let changes = |row: &Row| Ok((*row.value(column)? == wanted).then(|| changes.clone()));
    let found = tx.change(&LICENCES, &[("id", id.into())], changes).await?;
    Ok(found.is_some())
}

/// Changes the status if it still is `from`; tells whether it was.
pub(crate) async fn set_status(
    tx: &mut Tx,
    id: LicenceId,
    from: Status,
    to: Status,
    ended: Option<&Ended>,
) -> Result<bool> {
    let changes = vec![
        ("status", to.code().into()),
        ("ended_on", ended.map(|e| e.on.to_string()).into()),
        ("ended_by", ended.map(|e| e.by.clone()).into()),
        ("ended_basis", ended.map(|e| e.basis.clone()).into()),
        ("ended_reason", ended.map(|e| e.reason.clone()).into()),
    ];
    change(tx, id, ("status", from.code().into()), changes).await
}

/// Brings a licence into force that was being made; tells whether it was.
pub(crate) async fn begin(tx: &mut Tx, id: LicenceId) -> Result<bool> {
    let status = ("status", Status::Valid.code().into());
    let changes = vec![status, ("making", false.into())];
    change(tx, id, ("making", true.into()), changes).await
}

/// A licence that was being made is not made any more; tells whether it was.
pub(crate) async fn give_up(tx: &mut Tx, id: LicenceId) -> Result<bool> {
    let changes = vec![("making", false.into())];
    change(tx, id, ("making", true.into()), changes).await
}

/// Moves a licence to another version if nobody else did.
pub(crate) async fn set_version(tx: &mut Tx, id: LicenceId, from: i64, to: i64) -> Result<bool> {
    let moved = |row: &Row| {
        let valid = row.get::<String>("status")? == Status::Valid.code();
        let as_seen = valid && row.get::<i64>("version")? == from;
        Ok(as_seen.then(|| vec![("version", to.into())]))
    };
    let found = tx.change(&LICENCES, &[("id", id.into())], moved).await?;
    Ok(found.is_some())
}

/// Something happened to the licence; gives the number of the event.
pub(super) async fn count_event(tx: &mut Tx, id: LicenceId) -> Result<i64> {
    let next = |row: &Row| Ok(row.get::<i64>("event_seq")? + 1);
    let counted = |row: &Row| Ok(Some(vec![("event_seq", next(row)?.into())]));
    let found = tx.change(&LICENCES, &[("id", id.into())], counted).await?;
    next(&found.ok_or_else(Problem::not_found)?)
}

/// The number of the last event.
pub(super) async fn last_event(tx: &mut Tx, id: LicenceId) -> Result<i64> {
    let rows = rows(tx, "l.id = $1", params![id]).await?;
    rows.first()
        .ok_or_else(Problem::not_found)?
        .get("event_seq")
}

/// Gives licences that have no account yet to the account of the person they are made out to.
pub(crate) async fn claim(tx: &mut Tx, digest: &str, account: Uuid) -> Result<u64> {
    let condition = "l.holder_digest = $1 AND l.holder_account IS NULL";
    let unclaimed = rows(tx, condition, params![digest]).await?;
    let count = unclaimed.len() as u64;
    for row in unclaimed {
        let changes = vec![("holder_account", account.into())];
        change(tx, row.get("id")?, ("holder_account", Value::Null), changes).await?;
    }
    Ok(count)
}

/// Takes licences that are made out to this number from an account.
pub(crate) async fn leave(tx: &mut Tx, digest: &str, account: Uuid) -> Result<u64> {
    let condition = "l.holder_digest = $1 AND l.holder_account = $2";
    let held = rows(tx, condition, params![digest, account]).await?;
    let count = held.len() as u64;
    for row in held {
        let changes = vec![("holder_account", Value::Null)];
        change(
            tx,
            row.get("id")?,
            ("holder_account", account.into()),
            changes,
        )
        .await?;
    }
    Ok(count)
}

/// One that was changed beside the program is an error where it is asked for alone, and is left out of a list.
async fn rows(tx: &mut Tx, condition: &str, given: &[Value]) -> Result<Vec<Row>> {
    let columns = LICENCES.select("l");
    let sql = format!("SELECT {columns} FROM licence l WHERE {condition}");
    let rows = tx.query(&sql, given).await?;
    match rows.as_slice() {
        [row] => tx.genuine(&LICENCES, row).map(|()| rows),
        _ => tx.only_genuine(&LICENCES, rows),
    }
}

async fn one(tx: &mut Tx, condition: &str, given: &[Value]) -> Result<Option<Licence>> {
    Ok(many(tx, condition, given).await?.into_iter().next())
}

pub(super) async fn many(tx: &mut Tx, condition: &str, given: &[Value]) -> Result<Vec<Licence>> {
    let rows = rows(tx, condition, given).await?;
    rows.iter().map(read).collect()
}

/// Of a page of a list.
pub(super) fn genuine(tx: &Tx, row: &Row) -> Result<Option<Licence>> {
    match tx.fits_at(&LICENCES, row, 0)? {
        true => read(row).map(Some),
        false => Ok(None),
    }
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
