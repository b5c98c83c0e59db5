//! Rows that decide something carry a keyed mark over table, key and fields. Whoever changes one beside the program, or
//! puts it in another's place, makes it useless: it is told and not used. Knows no table; each is declared by its owner.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tongban_base::{Problem, Result};
use tongban_crypto::{KeyRing, MacKey, Purpose, sm3};

use crate::sums::Sums;
use crate::{Row, Tx, Value, error};

const ROWS: Purpose = Purpose::new("rows");
/// Broken rows beyond these are only logged.
const MOST_BROKEN: usize = 1000;

/// A table whose rows carry a mark, in its column `mark`. One `static` for each.
pub struct Marked {
    pub table: &'static str,
    /// What the mark covers, the key of the table first.
    pub columns: &'static [&'static str],
    /// How many of them are the key.
    pub key: usize,
    /// Columns that are written with a new row beside them.
    pub others: &'static [&'static str],
    /// Where the number of the last row of a history stands, if the table is one.
    pub history: Option<History>,
    /// Which of the columns name files, if any do.
    pub files: Option<Files>,
    /// Columns that came after the first marks: a row that says nothing there has the mark that it had before.
    pub later: &'static [&'static str],
    /// Whether a digest stands for the names in what is marked.
    terse: bool,
    insert: OnceLock<String>,
    names: OnceLock<[u8; 32]>,
}

/// The table that a numbered history belongs to, its key, and the column with the number of the last row.
#[derive(Clone, Copy)]
pub struct History {
    pub table: &'static str,
    pub key: &'static str,
    pub last: &'static str,
}

/// Columns that name objects, and how a person finds what they belong to.
#[derive(Clone, Copy)]
pub struct Files {
    pub columns: &'static [&'static str],
    /// A query for the words that tell it, with the first column of the row's key as `$1`.
    pub of: &'static str,
}

impl Marked {
    /// The first of `columns` is the key.
    pub const fn new(
        table: &'static str,
        columns: &'static [&'static str],
        others: &'static [&'static str],
    ) -> Self {
        Self::keyed(table, 1, columns, others)
    }

    pub const fn keyed(
        table: &'static str,
        key: usize,
        columns: &'static [&'static str],
        others: &'static [&'static str],
    ) -> Self {
        Self {
            table,
            columns,
            key,
            others,
            history: None,
            files: None,
            later: &[],
            terse: false,
            insert: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// The rows are a numbered history: the first column names what they belong to, the second is the number.
    pub const fn history(
        table: &'static str,
        columns: &'static [&'static str],
        history: History,
    ) -> Self {
        Self {
            table,
            columns,
            key: 2,
            others: &[],
            history: Some(history),
            files: None,
            later: &[],
            terse: false,
            insert: OnceLock::new(),
            names: OnceLock::new(),
        }
    }

    /// The same with columns that name files.
    pub const fn with_files(mut self, files: Files) -> Self {
        self.files = Some(files);
        self
    }

    /// The same with columns that are younger than marks of the table. Not for a terse one.
    pub const fn with_later(mut self, columns: &'static [&'static str]) -> Self {
        self.later = columns;
        self
    }

    /// The same with shorter marked texts, for rows that are written at every step. Not for a table that has its marks.
    pub const fn terse(mut self) -> Self {
        self.terse = true;
        self
    }

    /// What must be read so that a row can be checked: `c.id, …, c.mark`.
    pub fn select(&self, alias: &str) -> String {
        let columns = self.columns.iter().chain(&["mark"]);
        let named: Vec<String> = columns.map(|column| format!("{alias}.{column}")).collect();
        named.join(", ")
    }

    /// Rows are missing of a history whose last has this number, or are there again: the alarm is raised.
    pub fn not_whole(&self, last: i64) -> Problem {
        let table = self.table;
        tracing::error!(alarm = true, table, last, "a history is not whole");
        error::row_changed()
    }

    fn head(&'static self) -> &'static str {
        self.insert.get_or_init(|| {
            let columns: Vec<&str> = self.columns.iter().chain(self.others).copied().collect();
            format!("INSERT INTO {} ({}, mark)", self.table, columns.join(", "))
        })
    }

    fn names(&self) -> &[u8; 32] {
        self.names.get_or_init(|| {
            let names: Vec<&str> = [self.table].iter().chain(self.columns).copied().collect();
            sm3(names.join(" ").as_bytes())
        })
    }

    pub(crate) fn broken(&self, row: &Row) -> Result<BrokenRow> {
        // Whoever looks for files has read no more than its key.
        let key = self.columns.iter().take(self.key);
        let key: Vec<&Value> = key.map(|column| row.value(column)).collect::<Result<_>>()?;
        Ok(self.named(&key))
    }

    fn named(&self, values: &[&Value]) -> BrokenRow {
        let parts = values.iter().take(self.key).map(|value| plain(value));
        BrokenRow {
            table: self.table,
            key: parts.collect::<Vec<_>>().join(" "),
        }
    }

    fn values<'r>(&self, row: &'r Row) -> Result<Vec<&'r Value>> {
        // As `select` names them: nothing has to be looked for.
        let mut named = row.columns().iter();
        if self
            .columns
            .iter()
            .all(|c| named.next().is_some_and(|n| n == c))
        {
            return Ok(row.values().iter().take(self.columns.len()).collect());
        }
        let values = self.columns.iter().map(|column| row.value(column));
        values.collect()
    }
}

/// Columns with their new values.
pub type Changes = Vec<(&'static str, Value)>;

/// The key of the marks and the rows that did not fit. Every transaction of a database has it.
#[derive(Clone)]
pub struct Marks {
    /// None where nothing is marked and everything believed.
    pub(crate) key: Option<MacKey>,
    broken: Arc<Broken>,
    pub(crate) sums: Arc<Sums>,
}

/// Of one database; empty until whoever opened it has brought the key.
pub(crate) type Known = Arc<OnceLock<Marks>>;

#[derive(Default)]
struct Broken {
    any: AtomicBool,
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    known: BTreeSet<BrokenRow>,
    untold: Vec<BrokenRow>,
}

/// A row that is not what this program has written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokenRow {
    pub table: &'static str,
    pub key: String,
}

impl Marks {
    pub fn of(ring: &KeyRing) -> Result<Self> {
        Ok(Self {
            key: Some(ring.mac_key(ROWS)?),
            broken: Arc::default(),
            sums: Arc::new(Sums::of(ring)?),
        })
    }

    /// Marks nothing and believes every row, so that a bench can tell what marks cost. No house that serves anybody has it.
    pub fn none(ring: &KeyRing) -> Result<Self> {
        Ok(Self {
            key: None,
            ..Self::of(ring)?
        })
    }

    pub(crate) fn mark(&self, marked: &Marked, values: &[Value]) -> String {
        let key = self.key.as_ref();
        key.map(|key| hex::encode(key.mac(&[&text(marked, values)])))
            .unwrap_or_default()
    }

    pub(crate) fn fits(&self, marked: &Marked, values: &[&Value], mark: &Value) -> bool {
        let Some(key) = &self.key else {
            return true;
        };
        let Value::Text(mark) = mark else {
            return false;
        };
        let text = text(marked, values.iter().copied());
        hex::decode(mark).is_ok_and(|mark| key.matches(&[&text], &mark))
    }

    pub(crate) fn note(&self, row: BrokenRow) {
        let mut rows = self.broken.rows();
        if rows.known.len() < MOST_BROKEN && rows.known.insert(row.clone()) {
            tracing::error!(
                alarm = true,
                table = row.table,
                key = row.key,
                "a row was changed beside the program and is not used"
            );
            rows.untold.push(row);
            self.broken.any.store(true, Ordering::Relaxed);
        }
    }

    /// Somebody has put it right.
    pub(crate) fn forget(&self, row: &BrokenRow) {
        self.broken.rows().known.remove(row);
    }

    /// What did not fit when it was last read.
    pub fn broken(&self) -> Vec<BrokenRow> {
        self.broken.rows().known.iter().cloned().collect()
    }

    /// Of these, what was not asked for before.
    pub fn newly_broken(&self) -> Vec<BrokenRow> {
        std::mem::take(&mut self.broken.rows().untold)
    }
}

impl Broken {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every value with its kind and length before it. Numbers are written out: a column may give back as a number what was
/// a text of digits.
fn text<'v>(marked: &Marked, values: impl IntoIterator<Item = &'v Value>) -> Vec<u8> {
    let mut text = Vec::with_capacity(1024);
    let mut put = |kind: u8, bytes: &[u8]| {
        text.push(kind);
        text.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        text.extend_from_slice(bytes);
    };
    match marked.terse {
        true => put(b's', marked.names()),
        false => put(b't', marked.table.as_bytes()),
    }
    for (column, value) in marked.columns.iter().zip(values) {
        if matches!(value, Value::Null) && marked.later.contains(column) {
            continue;
        }
        if !marked.terse {
            put(b'c', column.as_bytes());
        }
        match value {
            Value::Null => put(b'n', b""),
            Value::Bytes(bytes) => put(b'b', bytes),
            Value::Text(text) => put(b'v', text.as_bytes()),
            number => put(b'v', plain(number).as_bytes()),
        }
    }
    text
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => hex::encode(bytes),
    }
}

impl Tx {
    pub(crate) fn marks(&self) -> Result<&Marks> {
        self.marks.get().ok_or_else(error::no_marks)
    }

    /// The mark of a row that has these values, in the order of the declaration.
    pub fn mark(&self, marked: &Marked, values: &[Value]) -> Result<String> {
        if values.len() != marked.columns.len() {
            return Err(error::half_marked(marked.table));
        }
        Ok(self.marks()?.mark(marked, values))
    }

    /// Adds a row as `insert` does, with its mark: values of the declared columns, then of the others.
    pub fn insert_marked(&mut self, marked: &'static Marked, row: &[Value]) -> Result<()> {
        self.insert_marked_or(marked, row, "")
    }

    /// The same with what follows the values (`ON CONFLICT …`).
    pub fn insert_marked_or(
        &mut self,
        marked: &'static Marked,
        row: &[Value],
        tail: &'static str,
    ) -> Result<()> {
        let covered = row.get(..marked.columns.len()).unwrap_or_default();
        let mark = self.mark(marked, covered)?;
        let mut whole = Vec::with_capacity(row.len() + 1);
        whole.extend_from_slice(row);
        whole.push(Value::from(mark));
        self.pending.add(marked.head(), whole, tail);
        Ok(())
    }

    /// Whether a row is what this program has written; where it is not, the alarm is raised.
    pub fn fits(&self, marked: &Marked, row: &Row) -> Result<bool> {
        self.judge(marked, &marked.values(row)?, row.value("mark")?)
    }

    fn judge(&self, marked: &Marked, values: &[&Value], mark: &Value) -> Result<bool> {
        let marks = self.marks()?;
        let fits = marks.fits(marked, values, mark);
        let any = marks.broken.any.load(Ordering::Relaxed);
        if !fits || any {
            let row = marked.named(values);
            match fits {
                true => marks.forget(&row),
                false => marks.note(row),
            }
        }
        Ok(fits)
    }

    /// The same for a row of several tables: what `Marked::select` names stands from the column number `first` on.
    pub fn fits_at(&self, marked: &Marked, row: &Row, first: usize) -> Result<bool> {
        let mark = first + marked.columns.len();
        let covered = row.values().get(first..mark).unwrap_or_default();
        let covered: Vec<&Value> = covered.iter().collect();
        self.judge(
            marked,
            &covered,
            row.values().get(mark).unwrap_or(&Value::Null),
        )
    }

    /// Errors: the row was changed beside the program.
    pub fn genuine(&self, marked: &Marked, row: &Row) -> Result<()> {
        match self.fits(marked, row)? {
            true => Ok(()),
            false => Err(error::row_changed()),
        }
    }

    /// `genuine` as `fits_at` reads the row.
    pub fn genuine_at(&self, marked: &Marked, row: &Row, first: usize) -> Result<()> {
        match self.fits_at(marked, row, first)? {
            true => Ok(()),
            false => Err(error::row_changed()),
        }
    }

    /// Whether these are the rows `last`, `last - 1` … of a numbered history, down to the first of them or the first of
    /// all: what is missing or changed at its end is noticed. Errors as for `genuine`.
    pub fn whole(&self, marked: &Marked, newest_first: &[Row], last: i64, most: i64) -> Result<()> {
        let wanted = last.min(most);
        let numbers = (0..wanted).map(|back| last - back);
        let number = |row: &Row| row.get::<i64>(marked.columns.get(marked.key - 1).unwrap_or(&""));
        let found: Vec<i64> = newest_first.iter().map(number).collect::<Result<_>>()?;
        if !numbers.eq(found.iter().copied()) {
            return Err(marked.not_whole(last));
        }
        newest_first
            .iter()
            .try_for_each(|row| self.genuine(marked, row))
    }

    /// Of a list, the rows that fit: one that does not must not hide the others.
    pub fn only_genuine(&self, marked: &Marked, rows: Vec<Row>) -> Result<Vec<Row>> {
        let mut genuine = Vec::with_capacity(rows.len());
        for row in rows {
            if self.fits(marked, &row)? {
                genuine.push(row);
            }
        }
        Ok(genuine)
    }

    /// One row, checked.
    pub async fn query_marked(
        &mut self,
        marked: &Marked,
        sql: &str,
        params: &[Value],
    ) -> Result<Option<Row>> {
        let row = self.query_opt(sql, params).await?;
        if let Some(row) = &row {
            self.genuine(marked, row)?;
        }
        Ok(row)
    }

    /// Changes the one row that has these values: `changes` says what, from the row as it is, or that nothing is to be
    /// changed. Gives the row as it was before; none when nothing was changed.
    /// Errors: the row was changed beside the program.
    pub async fn change<C>(
        &mut self,
        marked: &'static Marked,
        by: &[(&str, Value)],
        changes: C,
    ) -> Result<Option<Row>>
    where
        C: Fn(&Row) -> Result<Option<Changes>> + Send + Sync,
    {
        let names: Vec<&str> = by.iter().map(|(name, _)| *name).collect();
        let given: Vec<Value> = by.iter().map(|(_, value)| value.clone()).collect();
        let sql = format!(
            "SELECT * FROM {} WHERE {}",
            marked.table,
            equal(&names, 1, " AND ")
        );
        let Some(row) = self.query_marked(marked, &sql, &given).await? else {
            return Ok(None);
        };
        let Some(changes) = changes(&row)? else {
            return Ok(None);
        };
        let after = marked.columns.iter().map(|column| {
            let changed = changes.iter().find(|(name, _)| name == column);
            changed.map_or_else(|| row.value(column).cloned(), |(_, v)| Ok(v.clone()))
        });
        let mark = self.mark(marked, &after.collect::<Result<Vec<_>>>()?)?;
        let key = marked.columns.get(..marked.key).unwrap_or_default();
        let set = changes.iter().map(|(name, _)| *name).chain(["mark"]);
        let sql = format!(
            "UPDATE {} SET {} WHERE {}",
            marked.table,
            equal(&set.collect::<Vec<_>>(), marked.key + 1, ", "),
            equal(key, 1, " AND ")
        );
        let mut values: Vec<Value> = Vec::with_capacity(key.len() + changes.len() + 1);
        for column in key {
            values.push(row.value(column)?.clone());
        }
        values.extend(changes.into_iter().map(|(_, value)| value));
        values.push(Value::from(mark));
        self.execute(&sql, &values).await?;
        Ok(Some(row))
    }
}

/// `a = $1 AND b = $2`
fn equal(columns: &[&str], first: usize, between: &str) -> String {
    let places = columns.iter().zip(first..);
    let equal: Vec<String> = places.map(|(c, place)| format!("{c} = ${place}")).collect();
    equal.join(between)
}
