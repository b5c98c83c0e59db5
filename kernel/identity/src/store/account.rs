//! Tables `account` and `assurance_change`.

use tongban_base::{Problem, Result, Timestamp, Uuid};
use tongban_store::{Changes, Marked, Row, Tx, Value, params};

use crate::keys::{Field, Keys};
use crate::model::{Assurance, AssuranceChange, Person};

/// All that an account is.
pub(crate) static ACCOUNTS: Marked = Marked::new(
    "account",
    &[
        "id",
        "login",
        "password",
        "mobile",
        "mobile_digest",
        "assurance",
        "created_at",
        "name",
        "id_number",
        "id_number_digest",
        "address",
    ],
    &[],
);

pub(crate) static CHANGES: Marked = Marked::new(
    "assurance_change",
    &["id", "account_id", "before", "after", "reason", "at"],
    &[],
);

/// A new account in the form in which it is stored.
pub(crate) struct AccountRow {
    pub id: Uuid,
    pub login: String,
    pub password: String,
    pub mobile: String,
    pub created_at: Timestamp,
}

pub(crate) fn insert(tx: &mut Tx, keys: &Keys, account: &AccountRow) -> Result<()> {
    insert_with(tx, keys, account, &account.mobile)
}

/// The mobile number is told things and opens nothing: it may be anybody's, and stays free for whoever owns it.
pub(crate) fn insert_unclaimed(tx: &mut Tx, keys: &Keys, account: &AccountRow) -> Result<()> {
    insert_with(tx, keys, account, &account.id.to_string())
}

fn insert_with(tx: &mut Tx, keys: &Keys, account: &AccountRow, claimed: &str) -> Result<()> {
    tx.insert_marked(
        &ACCOUNTS,
        params![
            account.id,
            &account.login,
            &account.password,
            keys.encrypt(&account.mobile, Field::Mobile, account.id)?,
            keys.digest(claimed),
            Assurance::L1.level(),
            account.created_at,
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null
        ],
    )
}

pub(crate) async fn login_taken(tx: &mut Tx, login: &str) -> Result<bool> {
    let found = tx
        .query_opt("SELECT 1 FROM account WHERE login = $1", params![login])
        .await?;
    Ok(found.is_some())
}

/// By anyone but `except`.
pub(crate) async fn mobile_taken(
    tx: &mut Tx,
    keys: &Keys,
    mobile: &str,
    except: Option<Uuid>,
) -> Result<bool> {
    let row = tx
        .query_opt(
            "SELECT id FROM account WHERE mobile_digest = $1",
            params![keys.digest(mobile)],
        )
        .await?;
    taken_by_other(row, except)
}

/// Whose number it is.
pub(crate) async fn by_mobile(tx: &mut Tx, keys: &Keys, mobile: &str) -> Result<Option<Uuid>> {
    let given = params![keys.digest(mobile)];
    let row = one(tx, "a.mobile_digest = $1", given).await?;
    row.map(|row| row.get("id")).transpose()
}

fn taken_by_other(row: Option<Row>, except: Option<Uuid>) -> Result<bool> {
    match row {
        None => Ok(false),
        Some(row) => Ok(Some(row.get::<Uuid>("id")?) != except),
    }
}

/// Id and password hash of the account of a login name or a mobile number.
/// Errors: the account was changed beside the program.
pub(crate) async fn credentials(
    tx: &mut Tx,
    keys: &Keys,
    login: &str,
) -> Result<Option<(Uuid, String)>> {
    let given = params![login, keys.digest(login)];
    let row = one(tx, "a.login = $1 OR a.mobile_digest = $2", given).await?;
    row.map(|row| Ok((row.get("id")?, row.get("password")?)))
        .transpose()
}

async fn one(tx: &mut Tx, by: &str, given: &[Value]) -> Result<Option<Row>> {
    let columns = ACCOUNTS.select("a");
    let sql = format!("SELECT {columns} FROM account a WHERE {by}");
    tx.query_marked(&ACCOUNTS, &sql, given).await
}

pub(crate) async fn person(tx: &mut Tx, keys: &Keys, account: Uuid) -> Result<Person> {
    let row = one(tx, "a.id = $1", params![account]).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let mobile: String = row.get("mobile")?;
    let mut person = Person::new(
        row.get("login")?,
        keys.decrypt(&mobile, Field::Mobile, account)?,
        assurance(row.get("assurance")?)?,
    );
    person.address = keys.decrypt_opt(row.get("address")?, Field::Address, account)?;
    let name = keys.decrypt_opt(row.get("name")?, Field::Name, account)?;
    let number = keys.decrypt_opt(row.get("id_number")?, Field::IdNumber, account)?;
    if let (Some(name), Some(number)) = (name, number) {
        person.prove(name, number);
    }
    Ok(person)
}

/// Login name and, if proven, real name.
pub(crate) async fn display_name(
    tx: &mut Tx,
    keys: &Keys,
    account: Uuid,
) -> Result<Option<String>> {
    let row = one(tx, "a.id = $1", params![account]).await?;
    let Some(row) = row else { return Ok(None) };
    match keys.decrypt_opt(row.get("name")?, Field::Name, account)? {
        Some(name) => Ok(Some(name)),
        None => Ok(Some(row.get("login")?)),
    }
}

async fn change(tx: &mut Tx, account: Uuid, changes: Changes) -> Result<()> {
    let by = [("id", Value::from(account))];
    let changes = |_: &Row| Ok(Some(changes.clone()));
    let found = tx.change(&ACCOUNTS, &by, changes).await?;
    found.map(drop).ok_or_else(Problem::not_found)
}

/// The password hash of an account.
pub(crate) async fn password(tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
    let row = one(tx, "a.id = $1", params![account]).await?;
    row.map(|row| row.get("password")).transpose()
}

pub(crate) async fn set_password(tx: &mut Tx, account: Uuid, hash: &str) -> Result<()> {
    change(tx, account, vec![("password", hash.into())]).await
}

/// The account that has proven this number.
pub(crate) async fn by_id_number(
    tx: &mut Tx,
    keys: &Keys,
    id_number: &str,
) -> Result<Option<Uuid>> {
    let given = params![keys.digest(id_number)];
    let row = one(tx, "a.id_number_digest = $1", given).await?;
    row.map(|row| row.get("id")).transpose()
}

/// Login name, password and mobile number go from one account to another; the first opens nothing any more.
pub(crate) async fn hand_over(tx: &mut Tx, keys: &Keys, (from, to): (Uuid, Uuid)) -> Result<()> {
    let row = one(tx, "a.id = $1", params![from]).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let (login, password): (String, String) = (row.get("login")?, row.get("password")?);
    let mobile = keys.decrypt(&row.get::<String>("mobile")?, Field::Mobile, from)?;
    let gone = vec![
        ("login", format!("joined-{from}").into()),
        ("password", "".into()),
        ("mobile_digest", keys.digest(&from.to_string()).into()),
    ];
    change(tx, from, gone).await?;
    let come = vec![
        ("login", login.into()),
        ("password", password.into()),
        ("mobile", keys.encrypt(&mobile, Field::Mobile, to)?.into()),
        ("mobile_digest", keys.digest(&mobile).into()),
    ];
    change(tx, to, come).await
}

/// The proven name and number leave the account.
pub(crate) async fn release(tx: &mut Tx, account: Uuid) -> Result<()> {
    let changes = vec![
        ("name", Value::Null),
        ("id_number", Value::Null),
        ("id_number_digest", Value::Null),
        ("assurance", Assurance::L1.level().into()),
    ];
    change(tx, account, changes).await
}

/// Enters a proven name and number.
pub(crate) async fn prove(
    tx: &mut Tx,
    keys: &Keys,
    account: Uuid,
    name: &str,
    id_number: &str,
    level: Assurance,
) -> Result<()> {
    let changes = vec![
        ("name", keys.encrypt(name, Field::Name, account)?.into()),
        (
            "id_number",
            keys.encrypt(id_number, Field::IdNumber, account)?.into(),
        ),
        ("id_number_digest", keys.digest(id_number).into()),
        ("assurance", level.level().into()),
    ];
    change(tx, account, changes).await
}

pub(crate) async fn set_contact(
    tx: &mut Tx,
    keys: &Keys,
    account: Uuid,
    mobile: &str,
    address: Option<&str>,
) -> Result<()> {
    let address = address.map(|text| keys.encrypt(text, Field::Address, account));
    let changes = vec![
        (
            "mobile",
            keys.encrypt(mobile, Field::Mobile, account)?.into(),
        ),
        ("mobile_digest", keys.digest(mobile).into()),
        ("address", address.transpose()?.into()),
    ];
    change(tx, account, changes).await
}

pub(crate) fn note_assurance(tx: &mut Tx, account: Uuid, change: &AssuranceChange) -> Result<()> {
    tx.insert_marked(
        &CHANGES,
        params![
            Uuid::now_v7(),
            account,
            change.before.level(),
            change.after.level(),
            &change.reason,
            change.at
        ],
    )
}

/// Oldest first.
pub(crate) async fn assurance_history(tx: &mut Tx, account: Uuid) -> Result<Vec<AssuranceChange>> {
    let sql = format!(
        "SELECT {} FROM assurance_change c WHERE c.account_id = $1 ORDER BY c.id",
        CHANGES.select("c")
    );
    let rows = tx.query(&sql, params![account]).await?;
    let rows = tx.only_genuine(&CHANGES, rows)?;
    rows.iter()
        .map(|row| {
            Ok(AssuranceChange {
                before: assurance(row.get("before")?)?,
                after: assurance(row.get("after")?)?,
                reason: row.get("reason")?,
                at: row.get("at")?,
            })
        })
        .collect()
}

fn assurance(level: i64) -> Result<Assurance> {
    Assurance::of(level).ok_or_else(|| Problem::internal(format!("assurance level {level}")))
}
