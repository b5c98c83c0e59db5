//! Table `staff`. Every row carries a mark over all its fields; rows are handed out with the answer whether it fits.

use tongban_base::{Problem, Result, Timestamp, Uuid};
use tongban_store::{Changes, Cursor, Key, KeyPage, List, Marked, Order, Row, Tx, Value, params};

use crate::model::StaffRecord;

/// A row as read: `genuine` is false when something beside the application has changed it.
pub(crate) struct MarkedStaff {
    pub staff: StaffRecord,
    pub genuine: bool,
}

pub(crate) static STAFF: Marked = Marked::new(
    "staff",
    &[
        "id",
        "login",
        "name",
        "password",
        "organisation",
        "division",
        "roles",
        "active",
    ],
    &[],
);

pub(crate) fn insert(tx: &mut Tx, staff: &StaffRecord) -> Result<()> {
    tx.insert_marked(
        &STAFF,
        params![
            staff.id,
            &staff.login,
            &staff.name,
            &staff.password,
            &staff.organisation,
            &staff.division,
            roles_text(staff),
            staff.active
        ],
    )
}

pub(crate) async fn update_roles(tx: &mut Tx, staff: &StaffRecord) -> Result<()> {
    change(tx, staff.id, vec![("roles", roles_text(staff).into())]).await
}

pub(crate) async fn set_password(tx: &mut Tx, id: Uuid, hash: &str) -> Result<()> {
    change(tx, id, vec![("password", hash.into())]).await
}

pub(crate) async fn set_name(tx: &mut Tx, id: Uuid, name: &str) -> Result<()> {
    change(tx, id, vec![("name", name.into())]).await
}

/// Everything but who it is.
pub(crate) async fn put_back(tx: &mut Tx, staff: &StaffRecord) -> Result<()> {
    let changes = vec![
        ("name", (&staff.name).into()),
        ("password", (&staff.password).into()),
        ("organisation", (&staff.organisation).into()),
        ("division", (&staff.division).into()),
        ("roles", roles_text(staff).into()),
        ("active", staff.active.into()),
    ];
    change(tx, staff.id, changes).await
}

pub(crate) async fn set_active(tx: &mut Tx, id: Uuid, active: bool) -> Result<()> {
    change(tx, id, vec![("active", active.into())]).await
}

async fn change(tx: &mut Tx, id: Uuid, changes: Changes) -> Result<()> {
    let by = [("id", Value::from(id))];
    let changes = |_: &Row| Ok(Some(changes.clone()));
    let found = tx.change(&STAFF, &by, changes).await?;
    found.map(drop).ok_or_else(Problem::not_found)
}

const BY_LOGIN: Order = Order {
    keys: &[Key::Text("s.login")],
    falling: false,
};

/// Officers in sight whose name or login name has these characters, by login name, each with the number of logins that
/// have not ended.
pub(crate) async fn search(
    tx: &mut Tx,
    wish: &Search,
    at: (Option<&Cursor>, usize),
) -> Result<KeyPage<(MarkedStaff, i64)>> {
    let mut list = List::new("", "staff s", BY_LOGIN);
    list.equal("s.organisation", &wish.organisation);
    let within = format!("SUBSTR(s.division, 1, {})", wish.division_prefix.len());
    list.equal(&within, &wish.division_prefix);
    if !wish.words.is_empty() {
        let held = wish.words.replace('!', "!!");
        let held = held.replace('%', "!%").replace('_', "!_");
        let held = list.given(format!("%{held}%"));
        list.only(format!(
            "(s.name LIKE {held} ESCAPE '!' OR s.login LIKE {held} ESCAPE '!')"
        ));
    }
    let (now, idle) = (list.given(wish.now), list.given(wish.idle_since));
    list.columns(format!(
        "{}, (SELECT COUNT(*) FROM session l WHERE l.account_id = s.id AND l.ended_at IS NULL
              AND l.expires_at > {now} AND l.seen_at > {idle}) AS logins",
        STAFF.select("s")
    ));
    list.page(tx, at, |tx, row| {
        Ok(Some((
            MarkedStaff {
                genuine: tx.fits_at(&STAFF, row, 0)?,
                staff: officer(row)?,
            },
            row.get("logins")?,
        )))
    })
    .await
}

/// What of the officers is looked for.
pub(crate) struct Search {
    pub organisation: String,
    pub division_prefix: String,
    /// In one form; empty for all.
    pub words: String,
    pub now: Timestamp,
    /// A login that was not used since then has ended.
    pub idle_since: Timestamp,
}

pub(crate) async fn by_login(tx: &mut Tx, login: &str) -> Result<Option<MarkedStaff>> {
    let sql = format!("SELECT {} FROM staff s WHERE login = $1", STAFF.select("s"));
    let row = tx.query_opt(&sql, params![login]).await?;
    row.map(|row| marked(tx, &row)).transpose()
}

pub(crate) async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<MarkedStaff>> {
    let sql = format!("SELECT {} FROM staff s WHERE id = $1", STAFF.select("s"));
    let row = tx.query_opt(&sql, params![id]).await?;
    row.map(|row| marked(tx, &row)).transpose()
}

/// Errors: there is none, or the row was changed beside the program.
pub(crate) async fn genuine(tx: &mut Tx, id: Uuid) -> Result<StaffRecord> {
    let sql = format!("SELECT {} FROM staff s WHERE id = $1", STAFF.select("s"));
    let row = tx.query_marked(&STAFF, &sql, params![id]).await?;
    officer(&row.ok_or_else(Problem::not_found)?)
}

pub(crate) async fn logins(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = tx.query("SELECT login FROM staff", params![]).await?;
    rows.iter().map(|row| row.get("login")).collect()
}

/// The active officers of an organisation whose rows are genuine.
pub(crate) async fn of_organisation(tx: &mut Tx, organisation: &str) -> Result<Vec<StaffRecord>> {
    let sql = format!(
        "SELECT {} FROM staff s WHERE organisation = $1 AND active = 1",
        STAFF.select("s")
    );
    let rows = tx.query(&sql, params![organisation]).await?;
    let rows = tx.only_genuine(&STAFF, rows)?;
    rows.iter().map(officer).collect()
}

/// Everybody who was ever entered for an organisation; a row that is not genuine counts as not active.
pub(crate) async fn all_of_organisation(
    tx: &mut Tx,
    organisation: &str,
) -> Result<Vec<StaffRecord>> {
    let sql = format!(
        "SELECT {} FROM staff s WHERE organisation = $1 ORDER BY id",
        STAFF.select("s")
    );
    let rows = tx.query(&sql, params![organisation]).await?;
    let told = |row: &Row| {
        let MarkedStaff { mut staff, genuine } = marked(tx, row)?;
        staff.active = staff.active && genuine;
        Ok(staff)
    };
    rows.iter().map(told).collect()
}

/// In which organisation how many active officers have a role.
pub(crate) async fn holders(tx: &mut Tx, role: &str) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT organisation, COUNT(*) AS number FROM staff
         WHERE active = 1 AND ' ' || roles || ' ' LIKE $1 ESCAPE '!'
         GROUP BY organisation ORDER BY organisation";
    let held = role.replace('!', "!!");
    let held = held.replace('%', "!%").replace('_', "!_");
    let rows = tx.query(sql, params![format!("% {held} %")]).await?;
    rows.iter()
        .map(|row| Ok((row.get("organisation")?, row.get("number")?)))
        .collect()
}

/// How many active officers work in a division.
pub(crate) async fn count_of_division(tx: &mut Tx, division: &str) -> Result<i64> {
    let sql = "SELECT COUNT(*) AS number FROM staff WHERE active = 1 AND division = $1";
    tx.query_one(sql, params![division]).await?.get("number")
}

fn roles_text(staff: &StaffRecord) -> String {
    staff
        .roles
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn marked(tx: &Tx, row: &Row) -> Result<MarkedStaff> {
    Ok(MarkedStaff {
        genuine: tx.fits(&STAFF, row)?,
        staff: officer(row)?,
    })
}

fn officer(row: &Row) -> Result<StaffRecord> {
    let roles: String = row.get("roles")?;
    Ok(StaffRecord {
        id: row.get("id")?,
        login: row.get("login")?,
        name: row.get("name")?,
        password: row.get("password")?,
        organisation: row.get("organisation")?,
        division: row.get("division")?,
        roles: roles.split_whitespace().map(str::to_owned).collect(),
        active: row.get("active")?,
    })
}
