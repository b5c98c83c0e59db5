//! The total of all notes: begun once over what lies in the tables, folded together with new notes every second.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tongban_base::Result;

use crate::mark::{BrokenRow, Marks};
use crate::marking::batch;
use crate::sums::{Deltas, Sum, Sums};
use crate::{Db, Marked, Tx, error, params};

const NOTES: &str = "mark_note";
/// The table of the total: where it has begun, that is told beside the tables that have their marks.
pub const SUMS: &str = "mark_total";
const TOTAL_CONTEXT: &[u8] = b"total";
/// Notes of one transaction.
const BATCH: i64 = 1000;
/// Of writers that were heard longer ago only the latest beginning is kept.
const MOST_WRITERS: usize = 200;

/// What the total row says, encrypted.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Total {
    /// Grows with every change.
    number: i64,
    sums: BTreeMap<String, String>,
    begun: BTreeSet<String>,
    /// The last note of each, and the number of the total then.
    writers: BTreeMap<String, (i64, i64)>,
    /// Nobody that began before is heard any more.
    retired: String,
}

/// What the sums of the tables must be.
pub(crate) struct Expected(Total, Deltas);

impl Expected {
    /// None where the sum of the table was never begun.
    pub(crate) fn of(&self, marked: &Marked) -> Option<Sum> {
        let begun = self.0.begun.contains(marked.table);
        begun.then(|| self.counted(marked))
    }

    fn counted(&self, marked: &Marked) -> Sum {
        let noted = self.1.0.get(marked.table).copied().unwrap_or_default();
        self.0.sum(marked.table).plus(noted)
    }
}

pub(crate) fn context(writer: &str, number: i64) -> Vec<u8> {
    format!("note {writer} {number}").into_bytes()
}

impl Total {
    fn sum(&self, table: &str) -> Sum {
        let text = self.sums.get(table);
        text.and_then(|text| Sum::read(text)).unwrap_or_default()
    }

    fn add(&mut self, table: &str, delta: Sum) {
        let sum = self.sum(table).plus(delta);
        self.sums.insert(table.to_owned(), sum.write());
    }

    /// Whether the note is the next of its writer; what is missing before it is a fault, and one that was heard before
    /// does not count again.
    fn hear(&mut self, writer: &str, number: i64) -> Heard {
        let last = match self.writers.get(writer) {
            Some((last, _)) => *last,
            None if *writer <= *self.retired => return Heard::Again,
            None => 0,
        };
        if number <= last {
            return Heard::Again;
        }
        let heard = (number, self.number + 1);
        self.writers.insert(writer.to_owned(), heard);
        match number == last + 1 {
            true => Heard::Next,
            false => Heard::AfterGap,
        }
    }

    fn retire(&mut self) {
        while self.writers.len() > MOST_WRITERS {
            let oldest = self.writers.iter().min_by_key(|(_, (_, at))| *at);
            let Some(oldest) = oldest.map(|(writer, _)| writer.clone()) else {
                return;
            };
            self.writers.remove(&oldest);
            self.retired = std::mem::take(&mut self.retired).max(oldest);
        }
    }
}

#[derive(PartialEq)]
enum Heard {
    Next,
    AfterGap,
    Again,
}

struct Note {
    writer: String,
    number: i64,
    /// None where it was not written by this program.
    deltas: Option<BTreeMap<String, String>>,
}

async fn notes(tx: &mut Tx, sums: &Sums, limit: i64) -> Result<Vec<Note>> {
    let sql = "SELECT writer, number, body FROM mark_note ORDER BY writer, number LIMIT $1";
    let rows = tx.query(sql, params![limit]).await?;
    let note = |row: &crate::Row| {
        let (writer, number): (String, i64) = (row.get("writer")?, row.get("number")?);
        let body: String = row.get("body")?;
        let opened = hex::decode(body).ok().and_then(|body| {
            let text = sums.sealed.decrypt(&body, &context(&writer, number)).ok()?;
            serde_json::from_slice(&text).ok()
        });
        Ok(Note {
            writer,
            number,
            deltas: opened,
        })
    };
    rows.iter().map(note).collect()
}

async fn total(tx: &mut Tx, marks: &Marks) -> Result<Option<Total>> {
    let sql = "SELECT body FROM mark_total WHERE id = 1";
    let Some(row) = tx.query_opt(sql, params![]).await? else {
        return Ok(None);
    };
    let body: String = row.get("body")?;
    let opened = hex::decode(body).ok();
    let opened = opened.and_then(|body| marks.sums.sealed.decrypt(&body, TOTAL_CONTEXT).ok());
    let opened = opened.ok_or_else(error::row_changed)?;
    let total: Total = serde_json::from_slice(&opened)?;
    if !marks.sums.reach(total.number) {
        marks.note(broken(SUMS, "1"));
    }
    Ok(Some(total))
}

async fn keep(tx: &mut Tx, sums: &Sums, mut total: Total) -> Result<()> {
    total.number += 1;
    total.retire();
    let body = sums
        .sealed
        .encrypt(&serde_json::to_vec(&total)?, TOTAL_CONTEXT)?;
    let sql = "INSERT INTO mark_total (id, body) VALUES (1, $1)
               ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    tx.execute(sql, params![hex::encode(body)]).await.map(drop)
}

fn broken(table: &'static str, key: &str) -> BrokenRow {
    let key = key.to_owned();
    BrokenRow { table, key }
}

/// Folds the notes that are committed now into the total. Several nodes may do so at once.
pub async fn fold_sums(db: &Db) -> Result<()> {
    if !db.is_summed() {
        return Ok(());
    }
    let waiting = "SELECT 1 AS one FROM mark_note LIMIT 1";
    loop {
        let waits = db.read((), move |tx, ()| Box::pin(tx.query(waiting, &[])));
        if waits.await?.is_empty() {
            return Ok(());
        }
        db.write((), |tx, ()| Box::pin(fold(tx))).await?;
    }
}

async fn fold(tx: &mut Tx) -> Result<()> {
    let marks = tx.marks()?.clone();
    let notes = notes(tx, &marks.sums, BATCH).await?;
    let mut total = total(tx, &marks).await?.unwrap_or_default();
    for note in &notes {
        let heard = match note.deltas {
            Some(_) => total.hear(&note.writer, note.number),
            None => Heard::Again,
        };
        if heard != Heard::Next {
            marks.note(broken(NOTES, &format!("{} {}", note.writer, note.number)));
        }
        if heard != Heard::Again {
            for (table, delta) in note.deltas.iter().flatten() {
                total.add(table, Sum::read(delta).unwrap_or_default());
            }
        }
    }
    let gone = notes.iter().map(|note| {
        let sql = "DELETE FROM mark_note WHERE writer = $1 AND number = $2";
        (sql, params![&note.writer, note.number].to_vec())
    });
    tx.execute_all(&gone.collect::<Vec<_>>()).await?;
    match notes.is_empty() {
        true => Ok(()),
        false => keep(tx, &marks.sums, total).await,
    }
}

/// Total and notes as one snapshot shows them.
pub(crate) async fn expected(tx: &mut Tx) -> Result<Expected> {
    let marks = tx.marks()?.clone();
    if marks.sums.tables().is_none() {
        return Ok(Expected(Total::default(), Deltas::default()));
    }
    let total = total(tx, &marks).await?.unwrap_or_default();
    let (mut heard, mut noted) = (total.clone(), Deltas::default());
    for note in notes(tx, &marks.sums, i64::MAX).await? {
        let Some(deltas) = note.deltas else { continue };
        if heard.hear(&note.writer, note.number) == Heard::Again {
            continue;
        }
        let tables = marks.sums.tables().into_iter().flatten();
        for (table, _) in tables {
            if let Some(delta) = deltas.get(*table).and_then(|text| Sum::read(text)) {
                let sum = noted.0.entry(table).or_default();
                *sum = sum.plus(delta);
            }
        }
    }
    Ok(Expected(total, noted))
}

/// The number of the total, none before there is one: a number that is lower than it was before was put back.
pub async fn sums_reached(tx: &mut Tx) -> Result<i64> {
    let marks = tx.marks.get().filter(|marks| marks.sums.tables().is_some());
    let Some(marks) = marks.cloned() else {
        return Ok(0);
    };
    let total = total(tx, &marks).await?;
    Ok(total.map_or(0, |total| total.number))
}

/// For whoever opens a database that is in use: what he writes counts in the sums, where there are any yet.
pub async fn resume_sums(db: &Db, tables: &[&'static Marked]) -> Result<()> {
    let known = db.read((), |tx, ()| Box::pin(crate::digest::tables(tx)));
    if known.await?.iter().any(|table| table == SUMS) {
        db.sum_over(tables);
    }
    Ok(())
}

/// From now on the tables are summed. What lies in one of which no sum was kept is trusted this once; `known` says
/// that there must be a total.
pub async fn begin_sums(db: &Db, tables: &[&'static Marked], known: bool) -> Result<()> {
    db.sum_over(tables);
    let tables = tables.to_vec();
    let found = db.survey((tables, known), |tx, (tables, known)| {
        Box::pin(corrections(tx, tables, *known))
    });
    let found = found.await?;
    if found.is_empty() {
        return Ok(());
    }
    db.write(found, |tx, found| Box::pin(begin(tx, found)))
        .await
}

/// By how much the rows of tables that were not begun differ from what was counted.
async fn corrections(
    tx: &mut Tx,
    tables: &[&'static Marked],
    known: bool,
) -> Result<Vec<(&'static str, Sum)>> {
    let expected = expected(tx).await?;
    if known && expected.0.number == 0 {
        return Err(error::marks_removed(SUMS));
    }
    let mut corrections = Vec::new();
    for marked in tables.iter().copied() {
        if expected.of(marked).is_none() {
            let rows = lying(tx, marked).await?;
            corrections.push((marked.table, rows.minus(expected.counted(marked))));
        }
    }
    Ok(corrections)
}

async fn begin(tx: &mut Tx, corrections: &[(&'static str, Sum)]) -> Result<()> {
    let marks = tx.marks()?.clone();
    let mut total = total(tx, &marks).await?.unwrap_or_default();
    for (table, correction) in corrections {
        // Another node may have been faster.
        if total.begun.insert((*table).to_owned()) {
            total.add(table, *correction);
        }
    }
    keep(tx, &marks.sums, total).await
}

async fn lying(tx: &mut Tx, marked: &Marked) -> Result<Sum> {
    let marks = tx.marks()?.clone();
    let (mut sum, mut after) = (Sum::default(), Vec::new());
    loop {
        let rows = batch(tx, marked, &marked.select("t"), &after).await?;
        let Some(last) = rows.last() else {
            return Ok(sum);
        };
        after = last.values().iter().take(marked.key).cloned().collect();
        for row in &rows {
            sum = sum.plus(marks.sums.digest(&row.get::<String>("mark")?));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_counts_once_and_one_that_is_missing_before_it_is_noticed() {
        let mut total = Total::default();
        assert!(total.hear("a", 1) == Heard::Next);
        assert!(total.hear("a", 1) == Heard::Again);
        assert!(total.hear("a", 3) == Heard::AfterGap);
        assert!(total.hear("b", 1) == Heard::Next);
    }

    #[test]
    fn a_writer_that_is_not_remembered_any_more_cannot_be_heard_again() {
        let mut total = Total::default();
        for number in 0..=MOST_WRITERS {
            total.hear(&format!("{number:04}"), 1);
            total.number += 1;
        }
        total.retire();
        assert!(total.hear("0000", 1) == Heard::Again);
        assert!(total.hear("0001", 2) == Heard::Next);
    }
}
