//! Table `staff`. Every row carries a mark over all its fields; rows are handed out with the answer whether it fits.

use tongban_base::{Result, Uuid};
use tongban_store::{Row, Tx, params};

use crate::keys::Keys;
use crate::model::StaffRecord;

/// A row as read: `genuine` is false when something beside the application has changed it.
pub(crate) struct MarkedStaff {
    pub staff: StaffRecord,
    pub genuine: bool,
}

const COLUMNS: &str = "id, login, name, password, organisation, division, roles, active, mac";

pub(crate) async fn insert(tx: &mut Tx, keys: &Keys, staff: &StaffRecord) -> Result<()> {
    tx.execute(
        "INSERT INTO staff (id, login, name, password, organisation, division, roles, active, mac)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            staff.id,
            &staff.login,
            &staff.name,
            &staff.password,
            &staff.organisation,
            &staff.division,
            roles_text(staff),
            staff.active,
            keys.staff_mark(staff)
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn update_roles(tx: &mut Tx, keys: &Keys, staff: &StaffRecord) -> Result<()> {
    tx.execute(
        "UPDATE staff SET roles = $2, mac = $3 WHERE id = $1",
        params![staff.id, roles_text(staff), keys.staff_mark(staff)],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_login(tx: &mut Tx, keys: &Keys, login: &str) -> Result<Option<MarkedStaff>> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE login = $1");
    let row = tx.query_opt(&sql, params![login]).await?;
    row.map(|row| marked(&row, keys)).transpose()
}

pub(crate) async fn by_id(tx: &mut Tx, keys: &Keys, id: Uuid) -> Result<Option<MarkedStaff>> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = $1");
    let row = tx.query_opt(&sql, params![id]).await?;
    row.map(|row| marked(&row, keys)).transpose()
}

pub(crate) async fn logins(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx.query("SELECT login FROM staff", params![]).await?;
    rows.iter().map(|row| row.get("login")).collect()
}

/// The active officers of an organisation whose rows are genuine.
pub(crate) async fn of_organisation(
    tx: &mut Tx,
    keys: &Keys,
    organisation: &str,
) -> Result<Vec<StaffRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE organisation = $1 AND active = 1");
    let rows = tx.query(&sql, params![organisation]).await?;
    let mut officers = Vec::new();
    for row in &rows {
        let marked = marked(row, keys)?;
        if marked.genuine {
            officers.push(marked.staff);
        }
    }
    Ok(officers)
}

/// Everybody who was ever entered for an organisation; a row that is not genuine counts as not active.
pub(crate) async fn all_of_organisation(
    tx: &mut Tx,
    keys: &Keys,
    organisation: &str,
) -> Result<Vec<StaffRecord>> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE organisation = $1 ORDER BY id");
    let rows = tx.query(&sql, params![organisation]).await?;
    let officer = |row: &Row| {
        let MarkedStaff { mut staff, genuine } = marked(row, keys)?;
        staff.active = staff.active && genuine;
        Ok(staff)
    };
    rows.iter().map(officer).collect()
}

fn roles_text(staff: &StaffRecord) -> String {
    staff
        .roles
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn marked(row: &Row, keys: &Keys) -> Result<MarkedStaff> {
    let roles: String = row.get("roles")?;
    let staff = StaffRecord {
        id: row.get("id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        password: row.get("password")?,
        organisation: row.get("organisation")?,
        division: row.get("division")?,
        roles: roles.split_whitespace().map(str::to_owned).collect(),
        active: row.get("active")?,
    };
    let mark: String = row.get("mac")?;
    Ok(MarkedStaff {
        genuine: keys.staff_mark_fits(&staff, &mark),
        staff,
    })
}
