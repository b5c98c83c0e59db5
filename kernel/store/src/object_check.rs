//! Whether every file that a row names is there and what it was, and how many files nobody names. Which columns name files
//! is declared with their tables; what is stored and taken away meanwhile is not mistaken for a fault.

use std::collections::HashMap;
use std::path::Path;

use tongban_base::Result;

use crate::mark::{Files, Marked};
use crate::marking::batch;
use crate::{Db, ObjectId, Objects, Row, Tx, Value, error, params};

/// A file that is not as a row wants it.
#[derive(Clone, Debug)]
pub struct ObjectFault {
    pub table: &'static str,
    /// The key of the row.
    pub key: String,
    pub object: ObjectId,
    /// Words for what the file belongs to.
    pub of: String,
    pub state: ObjectState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectState {
    Missing,
    /// Changed, cut off, or encrypted with another key.
    Damaged,
    /// The disk does not give it.
    Unreadable,
}

#[derive(Clone, Debug, Default)]
pub struct ObjectReport {
    /// Files that rows name.
    pub named: usize,
    pub faults: Vec<ObjectFault>,
    /// Files that no row names; no fault.
    pub surplus: usize,
}

/// Opens every file that a row of these tables names, and counts the others.
pub async fn check_objects(
    db: &Db,
    objects: &Objects,
    tables: &[&'static Marked],
) -> Result<ObjectReport> {
    let mut report = ObjectReport::default();
    let mut sound: HashMap<ObjectId, bool> = HashMap::new();
    for marked in tables.iter().copied() {
        let Some(files) = &marked.files else {
            continue;
        };
        let mut after: Vec<Value> = Vec::new();
        loop {
            let input = (marked, files, after);
            let rows = db.read(input, |tx, (marked, files, after)| {
                Box::pin(next(tx, marked, files, after))
            });
            let rows = rows.await?;
            let Some(last) = rows.last() else {
                break;
            };
            after = last.values().iter().take(marked.key).cloned().collect();
            for row in &rows {
                let found = of_row(db, objects, (marked, files, row), &mut sound).await?;
                report.faults.extend(found);
            }
        }
    }
    report.named = sound.len();
    let stored = objects.list().await?;
    let unnamed = stored.iter().filter(|id| !sound.contains_key(id));
    report.surplus = unnamed.count();
    Ok(report)
}

/// How many files are asked for to know a folder again.
const KNOWN_BY: i64 = 100;

/// Whether a folder has any of the files that the database names, of the first hundred; nothing where it names none.
pub async fn knows_files(db: &Db, folder: &Path) -> Result<Option<bool>> {
    let named = db.read((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT id FROM object ORDER BY id LIMIT $1";
            tx.query(sql, params![KNOWN_BY]).await
        })
    });
    let named = named.await?;
    let named: Vec<ObjectId> = named.iter().map(|row| row.at(0)).collect::<Result<_>>()?;
    let is_there = |id: &ObjectId| crate::objects::place_of(folder, id).is_file();
    Ok((!named.is_empty()).then(|| named.iter().any(is_there)))
}

async fn next(tx: &mut Tx, marked: &Marked, files: &Files, after: &[Value]) -> Result<Vec<Row>> {
    let key = marked.columns.iter().take(marked.key);
    let columns: Vec<&str> = key.chain(files.columns).copied().collect();
    batch(tx, marked, &columns.join(", "), after).await
}

async fn of_row(
    db: &Db,
    objects: &Objects,
    (marked, files, row): (&'static Marked, &'static Files, &Row),
    sound: &mut HashMap<ObjectId, bool>,
) -> Result<Vec<ObjectFault>> {
    let mut faults = Vec::new();
    for name in row.values().iter().skip(marked.key) {
        let Value::Text(name) = name else {
            continue;
        };
        let object = ObjectId::as_named(name);
        if sound.get(&object) == Some(&true) {
            continue;
        }
        let problem = objects.examine(&object).await.err();
        sound.insert(object.clone(), problem.is_none());
        if let Some(problem) = problem
            && let Some(of) = owner(db, files, row).await?
        {
            faults.push(ObjectFault {
                table: marked.table,
                key: marked.broken(row)?.key,
                object,
                of,
                state: error::state_of(&problem),
            });
        }
    }
    Ok(faults)
}

/// None when the row was taken away since it was read, and its file with it.
async fn owner(db: &Db, files: &'static Files, row: &Row) -> Result<Option<String>> {
    let key: Value = row.values().first().cloned().unwrap_or(Value::Null);
    let found = db.read((files, key), |tx, (files, key)| {
        Box::pin(tx.query_opt(files.of, std::slice::from_ref(key)))
    });
    found.await?.map(|row| row.at(0)).transpose()
}
