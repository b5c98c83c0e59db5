//! Table `guide`. Rows are only added.

use tongban_base::{Date, Problem, Result, Timestamp};
use tongban_store::{Marked, Row, Tx, params};

use crate::local_guide::{LocalGuide, Place};

pub(crate) static GUIDES: Marked = Marked::keyed(
    "guide",
    3,
    &[
        "procedure",
        "division",
        "version",
        "organisation",
        "effective_from",
        "published_at",
        "texts",
    ],
    &[],
);

/// The last version, whenever it takes effect.
pub(crate) async fn latest(tx: &mut Tx, place: &Place) -> Result<Option<LocalGuide>> {
    let sql = format!(
        "SELECT {} FROM guide g WHERE procedure = $1 AND division = $2 ORDER BY version DESC LIMIT 1",
        GUIDES.select("g")
    );
    one(tx, &sql, params![&place.procedure, &place.division]).await
}

/// Of those that have taken effect on a day, the one that was published last.
pub(crate) async fn guide_on(tx: &mut Tx, place: &Place, day: Date) -> Result<Option<LocalGuide>> {
    let sql = format!(
        "SELECT {} FROM guide g WHERE procedure = $1 AND division = $2 AND effective_from <= $3
         ORDER BY version DESC LIMIT 1",
        GUIDES.select("g")
    );
    let values = params![&place.procedure, &place.division, day.to_string()];
    one(tx, &sql, values).await
}

async fn one(
    tx: &mut Tx,
    sql: &str,
    values: &[tongban_store::Value],
) -> Result<Option<LocalGuide>> {
    let row = tx.query_marked(&GUIDES, sql, values).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<LocalGuide> {
    let day: String = row.get("effective_from")?;
    Ok(LocalGuide {
        place: Place {
            procedure: row.get("procedure")?,
            division: row.get("division")?,
        },
        version: row.get("version")?,
        organisation: row.get("organisation")?,
        effective_from: day.parse().map_err(Problem::internal)?,
        texts: serde_json::from_value(row.get("texts")?)?,
    })
}

pub(crate) fn insert(tx: &mut Tx, guide: &LocalGuide, now: Timestamp) -> Result<()> {
    tx.insert_marked(
        &GUIDES,
        params![
            &guide.place.procedure,
            &guide.place.division,
            guide.version,
            &guide.organisation,
            guide.effective_from.to_string(),
            now,
            serde_json::Value::Object(guide.texts.clone())
        ],
    )
}

/// The divisions in which a procedure has a guide on a day, by code, so many of them after one.
pub(crate) async fn places(
    tx: &mut Tx,
    (procedure, day): (&str, Date),
    (after, limit): (&str, i64),
) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT division FROM guide WHERE procedure = $1 AND effective_from <= $2 AND division > $3
         ORDER BY division LIMIT $4";
    let values = params![procedure, day.to_string(), after, limit];
    let rows = tx.query(sql, values).await?;
    rows.iter().map(|row| row.get("division")).collect()
}
