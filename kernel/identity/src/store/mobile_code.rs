//! Table `mobile_code`: what waits for the code that was sent to a mobile number.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Marked, Row, Tx, Value, params};

use crate::keys::{Field, Keys};
use crate::model::CodePurpose;

pub(crate) static MOBILE_CODES: Marked = Marked::new(
    "mobile_code",
    &[
        "id",
        "purpose",
        "account_id",
        "login",
        "password",
        "mobile",
        "mobile_digest",
        "place",
        "code",
        "old_code",
        "tries",
        "made_at",
        "expires_at",
        "used_at",
    ],
    &[],
);

#[derive(Clone)]
pub(crate) struct CodeRow {
    pub id: Uuid,
    pub purpose: CodePurpose,
    /// Whose it is, or will be; none where nobody can be meant, so that no code fits.
    pub account: Option<Uuid>,
    /// What was wished at a registration.
    pub login: String,
    pub password: String,
    pub mobile: String,
    /// A digest of where it was asked for.
    pub place: String,
    /// A digest; empty where no code was sent.
    pub code: String,
    /// The same for the number that is to be left; empty where none is.
    pub old_code: String,
    pub tries: i64,
    pub made_at: Timestamp,
    pub expires_at: Timestamp,
    pub used: bool,
}

pub(crate) fn insert(tx: &mut Tx, keys: &Keys, row: &CodeRow) -> Result<()> {
    tx.insert_marked(
        &MOBILE_CODES,
        params![
            row.id,
            row.purpose.code(),
            row.account,
            &row.login,
            &row.password,
            keys.encrypt(&row.mobile, Field::CodeMobile, row.id)?,
            keys.digest(&row.mobile),
            &row.place,
            &row.code,
            &row.old_code,
            row.tries,
            row.made_at,
            row.expires_at,
            Value::Null
        ],
    )
}

pub(crate) async fn find(tx: &mut Tx, keys: &Keys, id: Uuid) -> Result<Option<CodeRow>> {
    let columns = MOBILE_CODES.select("c");
    let sql = format!("SELECT {columns} FROM mobile_code c WHERE c.id = $1");
    let row = tx.query_marked(&MOBILE_CODES, &sql, params![id]).await?;
    row.map(|row| found(keys, &row)).transpose()
}

fn found(keys: &Keys, row: &Row) -> Result<CodeRow> {
    let id: Uuid = row.get("id")?;
    let mobile: String = row.get("mobile")?;
    Ok(CodeRow {
        id,
        purpose: CodePurpose::read(&row.get::<String>("purpose")?)?,
        account: row.get("account_id")?,
        login: row.get("login")?,
        password: row.get("password")?,
        mobile: keys.decrypt(&mobile, Field::CodeMobile, id)?,
        place: row.get("place")?,
        code: row.get("code")?,
        old_code: row.get("old_code")?,
        tries: row.get("tries")?,
        made_at: row.get("made_at")?,
        expires_at: row.get("expires_at")?,
        used: row.get::<Option<Timestamp>>("used_at")?.is_some(),
    })
}

/// Counts a try.
pub(crate) async fn take_try(tx: &mut Tx, id: Uuid) -> Result<()> {
    let by = [("id", id.into())];
    let change = |row: &Row| {
        let tries: i64 = row.get("tries")?;
        Ok(Some(vec![("tries", (tries + 1).into())]))
    };
    tx.change(&MOBILE_CODES, &by, change).await.map(drop)
}

pub(crate) async fn use_up(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<()> {
    let by = [("id", id.into())];
    let used = |_: &Row| Ok(Some(vec![("used_at", now.into())]));
    tx.change(&MOBILE_CODES, &by, used).await.map(drop)
}

/// When codes were asked for a number since a moment, and whether from this place; the newest first.
pub(crate) async fn asked_since(
    tx: &mut Tx,
    keys: &Keys,
    (mobile, place): (&str, &str),
    since: Timestamp,
) -> Result<Vec<(Timestamp, bool)>> {
    let sql = "SELECT made_at, place FROM mobile_code WHERE mobile_digest = $1 AND made_at > $2 ORDER BY made_at DESC";
    let rows = tx.query(sql, params![keys.digest(mobile), since]).await?;
    rows.iter()
        .map(|row| Ok((row.get("made_at")?, row.get::<String>("place")? == place)))
        .collect()
}

/// Whether another code was asked for later in the same place, for the same number and purpose.
pub(crate) async fn is_overtaken(tx: &mut Tx, keys: &Keys, row: &CodeRow) -> Result<bool> {
    let sql = "SELECT 1 FROM mobile_code WHERE mobile_digest = $1 AND purpose = $2 AND place = $3 AND made_at > $4 LIMIT 1";
    let given = params![
        keys.digest(&row.mobile),
        row.purpose.code(),
        &row.place,
        row.made_at
    ];
    Ok(tx.query_opt(sql, given).await?.is_some())
}

/// Whatever waits for a code of this account waits no more: its number or password is another one now.
pub(crate) async fn drop_of(tx: &mut Tx, account: Uuid) -> Result<()> {
    let sql = "DELETE FROM mobile_code WHERE account_id = $1 AND used_at IS NULL";
    tx.execute(sql, params![account]).await?;
    Ok(())
}

pub(crate) async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<()> {
    let sql = "DELETE FROM mobile_code WHERE made_at < $1";
    tx.execute(sql, params![before]).await?;
    Ok(())
}
