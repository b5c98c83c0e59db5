//! Marks for rows that were there before their table was declared, given once; and the walk that checks every row.

use tongban_base::{Result, Timestamp};

use crate::mark::{BrokenRow, History, Marked, Marks};
use crate::sums::{Sum, expected};
use crate::{Db, Row, Tx, Value, error, params};

const BATCH: usize = 500;

/// In the place of a key: rows of the table were taken away or put back.
pub const ALL_ROWS: &str = "*";

static TABLES: Marked = Marked::new("marked_table", &["name", "marked_at"], &[]);

/// A table and how many of its rows were given a mark or checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedRows {
    pub table: &'static str,
    pub rows: u64,
    pub broken: Vec<BrokenRow>,
    /// Whether all rows together are what the program has written; none where the table was never summed.
    pub whole: Option<bool>,
}

/// Gives marks to the rows of tables that never had any, and tells which. What lies there is trusted this once: a table
/// of which the database, or `witness` beside it, knows that it has its marks gets none again.
pub async fn begin_marks(
    db: &Db,
    tables: &[&'static Marked],
    witness: impl Fn(&str) -> bool,
    now: Timestamp,
) -> Result<Vec<MarkedRows>> {
    let mut begun = Vec::new();
    for marked in tables.iter().copied() {
        let known = db.read(marked.table, |tx, table| Box::pin(is_known(tx, table)));
        if known.await? {
            continue;
        }
        if witness(marked.table) {
            return Err(error::marks_removed(marked.table));
        }
        let rows = mark_all(db, marked).await?;
        db.write((marked.table, now), |tx, (table, now)| {
            Box::pin(async move {
                // Another node may have been faster.
                match is_known(tx, table).await? {
                    true => Ok(()),
                    false => tx.insert_marked(&TABLES, params![*table, *now]),
                }
            })
        })
        .await?;
        begun.push(MarkedRows {
            table: marked.table,
            rows,
            broken: Vec::new(),
            whole: None,
        });
    }
    Ok(begun)
}

async fn is_known(tx: &mut Tx, table: &str) -> Result<bool> {
    let sql = "SELECT name, marked_at, mark FROM marked_table WHERE name = $1";
    let row = tx.query_marked(&TABLES, sql, params![table]).await?;
    Ok(row.is_some())
}

async fn mark_all(db: &Db, marked: &'static Marked) -> Result<u64> {
    let mut rows = 0;
    loop {
        let given = db.write(marked, |tx, marked| Box::pin(mark_some(tx, marked)));
        match given.await? {
            0 => return Ok(rows),
            some => rows += some,
        }
    }
}

/// Only rows that have none: what has another mark was written by somebody else.
async fn mark_some(tx: &mut Tx, marked: &Marked) -> Result<u64> {
    let columns = marked.columns.join(", ");
    let (table, key) = (marked.table, marked.columns.iter().take(marked.key));
    let places: Vec<String> = (1..).zip(key).map(|(n, c)| format!("{c} = ${n}")).collect();
    let sql = format!("SELECT {columns} FROM {table} WHERE mark = '' LIMIT {BATCH}");
    let place = format!(
        "UPDATE {table} SET mark = ${} WHERE {} AND mark = ''",
        marked.key + 1,
        places.join(" AND ")
    );
    let rows = tx.query(&sql, params![]).await?;
    let mut statements = Vec::with_capacity(rows.len());
    for row in &rows {
        let mark = tx.mark(marked, row.values())?;
        let mut values: Vec<Value> = row.values().iter().take(marked.key).cloned().collect();
        values.push(Value::from(mark));
        statements.push((place.as_str(), values));
    }
    tx.execute_all(&statements).await?;
    Ok(rows.len() as u64)
}

/// Checks every row of a table, of a history that none is missing, and that together they have the sum they must have.
pub async fn walk_marks(db: &Db, marked: &'static Marked) -> Result<MarkedRows> {
    let walked = db.survey(marked, |tx, marked| Box::pin(walk(tx, marked)));
    let mut walked = walked.await?;
    walked.broken.extend(gaps(db, marked).await?);
    Ok(walked)
}

/// On one snapshot, so that sum and rows belong together.
async fn walk(tx: &mut Tx, marked: &'static Marked) -> Result<MarkedRows> {
    let marks = tx.marks()?.clone();
    let must_be = expected(tx).await?.of(marked);
    let (mut sum, mut after) = (Sum::default(), Vec::new());
    let mut walked = MarkedRows {
        table: marked.table,
        rows: 0,
        broken: Vec::new(),
        whole: None,
    };
    loop {
        let rows = batch(tx, marked, &marked.select("t"), &after).await?;
        let Some(last) = rows.last() else {
            walked.whole = must_be.map(|must_be| must_be == sum);
            tell(&marks, &walked);
            return Ok(walked);
        };
        after = last.values().iter().take(marked.key).cloned().collect();
        walked.rows += rows.len() as u64;
        for row in &rows {
            sum = sum.plus(marks.sums.digest(&row.get::<String>("mark")?));
            if !tx.fits(marked, row)? {
                walked.broken.push(marked.broken(row)?);
            }
        }
    }
}

/// The alarm about rows that were taken away or put back, until a walk finds the table whole.
fn tell(marks: &Marks, walked: &MarkedRows) {
    note_table(marks, walked.table, walked.whole != Some(false));
}

/// The same of a table whose keeper has looked by other means.
pub fn tell_table(db: &Db, table: &'static str, is_whole: bool) {
    if let Some(marks) = db.marks() {
        note_table(marks, table, is_whole);
    }
}

fn note_table(marks: &Marks, table: &'static str, is_whole: bool) {
    let all = BrokenRow {
        table,
        key: ALL_ROWS.to_owned(),
    };
    match is_whole {
        true => marks.forget(&all),
        false => marks.note(all),
    }
}

/// What a history belongs to whose rows are not those from the first to the last.
async fn gaps(db: &Db, marked: &'static Marked) -> Result<Vec<BrokenRow>> {
    let Some(History { table, key, last }) = marked.history else {
        return Ok(Vec::new());
    };
    let [of, number, ..] = marked.columns else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "SELECT o.{key} FROM {table} o LEFT JOIN
             (SELECT {of} AS owner, COUNT(*) AS many, MAX({number}) AS latest FROM {} GROUP BY {of}) h
             ON h.owner = o.{key}
         WHERE COALESCE(h.many, 0) <> o.{last} OR COALESCE(h.latest, 0) <> o.{last} ORDER BY o.{key}",
        marked.table
    );
    let rows = db.survey(sql, |tx, sql| Box::pin(tx.query(sql, params![])));
    let broken = |row: &Row| {
        Ok(BrokenRow {
            table: marked.table,
            key: row.at(0)?,
        })
    };
    rows.await?.iter().map(broken).collect()
}

/// The next rows of a table `t` in the order of its key, after the one with this key.
pub(crate) async fn batch(
    tx: &mut Tx,
    marked: &Marked,
    columns: &str,
    after: &[Value],
) -> Result<Vec<Row>> {
    let key = marked.columns.get(..marked.key).unwrap_or_default();
    let key = key.join(", ");
    let behind = match after.len() {
        0 => "1 = 1".to_owned(),
        many => {
            let places: Vec<String> = (1..=many).map(|place| format!("${place}")).collect();
            format!("({key}) > ({})", places.join(", "))
        }
    };
    let table = marked.table;
    let sql =
        format!("SELECT {columns} FROM {table} t WHERE {behind} ORDER BY {key} LIMIT {BATCH}");
    tx.query(&sql, after).await
}
