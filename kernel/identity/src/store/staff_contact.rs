//! Table `staff_contact`: how officers are reached.

use tongban_base::{Result, Uuid};
use tongban_store::{Marked, Row, Tx, Value, params};

use crate::keys::{Field, Keys};

pub(crate) static CONTACTS: Marked =
    Marked::keyed("staff_contact", 1, &["staff_id", "mobile"], &[]);

pub(crate) async fn set_mobile(tx: &mut Tx, keys: &Keys, staff: Uuid, mobile: &str) -> Result<()> {
    let closed = keys.encrypt(mobile, Field::StaffMobile, staff)?;
    let by = [("staff_id", Value::from(staff))];
    let change = |_: &Row| Ok(Some(vec![("mobile", Value::from(closed.clone()))]));
    if tx.change(&CONTACTS, &by, change).await?.is_none() {
        tx.insert_marked(&CONTACTS, params![staff, closed])?;
    }
    Ok(())
}

pub(crate) async fn mobile(tx: &mut Tx, keys: &Keys, staff: Uuid) -> Result<Option<String>> {
    let columns = CONTACTS.select("c");
    let sql = format!("SELECT {columns} FROM staff_contact c WHERE staff_id = $1");
    let row = tx.query_marked(&CONTACTS, &sql, params![staff]).await?;
    let closed: Option<String> = row.map(|row| row.get("mobile")).transpose()?;
    keys.decrypt_opt(closed, Field::StaffMobile, staff)
}
