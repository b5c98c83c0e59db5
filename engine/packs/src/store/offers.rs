//! Table `offer`: what counts under each code from which day on.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tongban_base::{Date, Problem, Result};
use tongban_store::{Marked, Row, Tx, Value, params};

use crate::{Offered, ReleaseHash};

pub(crate) static OFFERS: Marked = Marked::keyed(
    "offer",
    3,
    &[
        "kind", "code", "begins", "until", "ends", "is_out", "hash", "face",
    ],
    &[],
);

const CHANGED: &str =
    "ON CONFLICT (kind, code, begins) DO UPDATE SET until = excluded.until, ends = excluded.ends,
     is_out = excluded.is_out, hash = excluded.hash, face = excluded.face, mark = excluded.mark";

/// So many codes of one query.
const AT_ONCE: usize = 200;

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

/// Of each of these codes what counts on its day or later, in the order of days: what was over before then never changes.
pub(super) async fn counting_from(
    tx: &mut Tx,
    kind: &str,
    days: &[(&str, Date)],
) -> Result<BTreeMap<String, Vec<Offered>>> {
    let mut found: BTreeMap<String, Vec<Offered>> = BTreeMap::new();
    for some in days.chunks(AT_ONCE) {
        let first = some.iter().map(|(_, day)| *day).min().unwrap_or_default();
        let places: Vec<String> = (3..some.len() + 3).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT {} FROM offer o WHERE kind = $1 AND code IN ({}) AND (until IS NULL OR until > $2)
             ORDER BY code, begins",
            OFFERS.select("o"),
            places.join(", ")
        );
        let mut values = params![kind, first.to_string()].to_vec();
        values.extend(some.iter().map(|(code, _)| Value::from(*code)));
        let rows = tx.query(&sql, &values).await?;
        for one in genuine(tx, &rows)? {
            found.entry(one.code.clone()).or_default().push(one);
        }
    }
    Ok(found)
}

/// Writes what is otherwise after than it was before.
pub(super) fn replace(
    tx: &mut Tx,
    (kind, code): (&str, &str),
    (before, after): (&[Offered], &[Offered]),
) -> Result<()> {
    let begins = |all: &[Offered], day| all.iter().any(|one| one.begins == day);
    for gone in before.iter().filter(|one| !begins(after, one.begins)) {
        let sql = "DELETE FROM offer WHERE kind = $1 AND code = $2 AND begins = $3";
        tx.guard(sql, params![kind, code, gone.begins.to_string()]);
    }
    for one in after.iter().filter(|one| !before.contains(one)) {
        let words = |day: Date| day.to_string();
        let row = params![
            kind,
            code,
            words(one.begins),
            one.until.map(words),
            one.ends.map(words),
            i64::from(one.is_out),
            &one.hash,
            &one.face
        ];
        let tail = match begins(before, one.begins) {
            true => CHANGED,
            false => "",
        };
        tx.insert_marked_or(&OFFERS, row, tail)?;
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
