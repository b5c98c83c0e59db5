//! Tables `account` and `assurance_change`.

use tongban_base::{Problem, Result, Timestamp, Uuid};
use tongban_store::{Row, Tx, params};

use crate::keys::{Field, Keys};
use crate::model::{Assurance, AssuranceChange, Person};

/// A new account in the form in which it is stored.
pub(crate) struct AccountRow {
    pub id: Uuid,
    pub login: String,
    pub password: String,
    pub mobile: String,
    pub created_at: Timestamp,
}

pub(crate) async fn insert(tx: &mut Tx, keys: &Keys, account: &AccountRow) -> Result<()> {
    tx.execute(
        "INSERT INTO account (id, login, password, mobile, mobile_digest, assurance, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            account.id,
            &account.login,
            &account.password,
            keys.encrypt(&account.mobile, Field::Mobile)?,
            keys.digest(&account.mobile),
            Assurance::L1.level(),
            account.created_at
        ],
    )
    .await?;
    Ok(())
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

/// Whether another account has proven this number.
pub(crate) async fn id_number_taken(
    tx: &mut Tx,
    keys: &Keys,
    id_number: &str,
    except: Uuid,
) -> Result<bool> {
    let row = tx
        .query_opt(
            "SELECT id FROM account WHERE id_number_digest = $1",
            params![keys.digest(id_number)],
        )
        .await?;
    taken_by_other(row, Some(except))
}

fn taken_by_other(row: Option<Row>, except: Option<Uuid>) -> Result<bool> {
    match row {
        None => Ok(false),
        Some(row) => Ok(Some(row.get::<Uuid>("id")?) != except),
    }
}

/// Id and password hash of the account of a login name or a mobile number.
pub(crate) async fn credentials(
    tx: &mut Tx,
    keys: &Keys,
    login: &str,
) -> Result<Option<(Uuid, String)>> {
    let row = tx
        .query_opt(
            "SELECT id, password FROM account WHERE login = $1 OR mobile_digest = $2",
            params![login, keys.digest(login)],
        )
        .await?;
    row.map(|row| Ok((row.get("id")?, row.get("password")?)))
        .transpose()
}

pub(crate) async fn person(tx: &mut Tx, keys: &Keys, account: Uuid) -> Result<Person> {
    let row = tx
        .query_one(
            "SELECT login, mobile, assurance, name, id_number, address FROM account WHERE id = $1",
            params![account],
        )
        .await?;
    let mut person = Person::new(
        row.get("login")?,
        keys.decrypt(&row.get::<String>("mobile")?, Field::Mobile)?,
        assurance(row.get("assurance")?)?,
    );
    person.address = keys.decrypt_opt(row.get("address")?, Field::Address)?;
    let name = keys.decrypt_opt(row.get("name")?, Field::Name)?;
    let number = keys.decrypt_opt(row.get("id_number")?, Field::IdNumber)?;
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
    let row = tx
        .query_opt(
            "SELECT login, name FROM account WHERE id = $1",
            params![account],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    match keys.decrypt_opt(row.get("name")?, Field::Name)? {
        Some(name) => Ok(Some(name)),
        None => Ok(Some(row.get("login")?)),
    }
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
    tx.execute(
        "UPDATE account SET name = $2, id_number = $3, id_number_digest = $4, assurance = $5
         WHERE id = $1",
        params![
            account,
            keys.encrypt(name, Field::Name)?,
            keys.encrypt(id_number, Field::IdNumber)?,
            keys.digest(id_number),
            level.level()
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn set_contact(
    tx: &mut Tx,
    keys: &Keys,
    account: Uuid,
    mobile: &str,
    address: Option<&str>,
) -> Result<()> {
    let address = address
        .map(|text| keys.encrypt(text, Field::Address))
        .transpose()?;
    tx.execute(
        "UPDATE account SET mobile = $2, mobile_digest = $3, address = $4 WHERE id = $1",
        params![
            account,
            keys.encrypt(mobile, Field::Mobile)?,
            keys.digest(mobile),
            address
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn note_assurance(
    tx: &mut Tx,
    account: Uuid,
    change: &AssuranceChange,
) -> Result<()> {
    tx.execute(
        "INSERT INTO assurance_change (id, account_id, before, after, reason, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            Uuid::now_v7(),
            account,
            change.before.level(),
            change.after.level(),
            &change.reason,
            change.at
        ],
    )
    .await?;
    Ok(())
}

/// Oldest first.
pub(crate) async fn assurance_history(tx: &mut Tx, account: Uuid) -> Result<Vec<AssuranceChange>> {
    let rows = tx
        .query(
            "SELECT before, after, reason, at FROM assurance_change WHERE account_id = $1 ORDER BY id",
            params![account],
        )
        .await?;
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
