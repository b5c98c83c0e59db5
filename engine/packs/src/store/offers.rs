//! Table `offer`: what counts under each code from which day on.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tongban_base::{Date, Problem, Result};
use tongban_store::{Marked, Row, Tx, params};

use crate::{Offered, ReleaseHash};

pub(crate) static OFFERS: Marked = Marked::keyed(
    "offer",
    3,
    &[
        "kind", "code", "begins", "until", "ends", "is_out", "hash", "face",
    ],
    &[],
);

/// The last of each code, with whether it is still in the pack.
pub(super) async fn last(tx: &mut Tx, kind: &str) -> Result<BTreeMap<String, (ReleaseHash, bool)>> {
    let sql = "SELECT code, hash, is_out FROM offer WHERE kind = $1 AND until IS NULL";
    let rows = tx.query(sql, params![kind]).await?;
    let last = rows.iter().map(|row| {
        let is_out = row.get::<i64>("is_out")? == 1;
        Ok((row.get("code")?, (row.get("hash")?, !is_out)))
    });
    last.collect()
}

/// Everything of one code, in the order of days.
pub(super) async fn of_code(tx: &mut Tx, kind: &str, code: &str) -> Result<Vec<Offered>> {
    let sql = format!(
        "SELECT {} FROM offer o WHERE kind = $1 AND code = $2 ORDER BY begins",
        OFFERS.select("o")
    );
    let rows = tx.query(&sql, params![kind, code]).await?;
    genuine(tx, &rows)
}

/// Writes everything of one code anew.
pub(super) async fn replace(tx: &mut Tx, kind: &str, code: &str, all: &[Offered]) -> Result<()> {
    let sql = "DELETE FROM offer WHERE kind = $1 AND code = $2";
    tx.execute(sql, params![kind, code]).await?;
    for one in all {
        let words = |day: Date| day.to_string();
        tx.insert_marked(
            &OFFERS,
            params![
                kind,
                code,
                words(one.begins),
                one.until.map(words),
                one.ends.map(words),
                i64::from(one.is_out),
                &one.hash,
                &one.face
            ],
        )?;
    }
    Ok(())
}

/// What counts on a day or later, by code and day.
/// Errors: one was changed beside the program.
pub async fn offered_from(tx: &mut Tx, kind: &str, day: Date) -> Result<Vec<Offered>> {
    let sql = format!(
        "SELECT {} FROM offer o WHERE kind = $1 AND (until IS NULL OR until > $2) ORDER BY code, begins",
        OFFERS.select("o")
    );
    let rows = tx.query(&sql, params![kind, day.to_string()]).await?;
    genuine(tx, &rows)
}

fn genuine(tx: &Tx, rows: &[Row]) -> Result<Vec<Offered>> {
    let read = rows.iter().map(|row| {
        tx.genuine(&OFFERS, row)?;
        read(row)
    });
    read.collect()
}

fn read(row: &Row) -> Result<Offered> {
    let day = |text: String| text.parse::<Date>().map_err(Problem::internal);
    let some_day = |text: Option<String>| text.map(day).transpose();
    Ok(Offered {
        code: row.get("code")?,
        begins: day(row.get("begins")?)?,
        until: some_day(row.get("until")?)?,
        ends: some_day(row.get("ends")?)?,
        is_out: row.get::<i64>("is_out")? == 1,
        hash: row.get("hash")?,
        face: row.get::<Json>("face")?,
    })
}
