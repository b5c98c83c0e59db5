//! What a statement does to the marks of a table. The statements are this program's own; they name the table first.

use crate::sums::{Deltas, Sums, Tables};
use crate::{Marked, Row, Value, error};
use tongban_base::Result;

#[derive(Clone)]
pub(crate) struct Touch {
    pub marked: &'static Marked,
    pub way: Way,
}

#[derive(Clone)]
pub(crate) enum Way {
    /// Rows with so many values each, the mark the last of them.
    Added(usize),
    /// The same, and what to do where one is there: the places of the values by which it is found, and the columns.
    Merged(usize, Vec<(String, usize)>),
    /// The rows that fulfil the condition.
    Changed(String),
    Removed,
}

/// None where no mark is written or taken away.
pub(crate) fn touch(tables: &Tables, sql: &str) -> Result<Option<Touch>> {
    let sql = sql.trim_start();
    let verbs = ["INSERT INTO ", "UPDATE ", "DELETE FROM "];
    let Some((verb, rest)) = verbs.iter().find_map(|v| Some((*v, sql.strip_prefix(v)?))) else {
        return Ok(None);
    };
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (table, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let Some(marked) = tables.get(table).copied() else {
        return Ok(None);
    };
    let way = match verb {
        "DELETE FROM " => Some(Way::Removed),
        "UPDATE " => changed(rest),
        _ => added(table, rest)?,
    };
    Ok(way.map(|way| Touch { marked, way }))
}

fn changed(rest: &str) -> Option<Way> {
    let (set, condition) = match outer_where(rest) {
        Some(at) => (rest.get(..at)?, rest.get(at + "WHERE".len()..)?),
        None => (rest, "1 = 1"),
    };
    let names_mark = set.match_indices("mark =").any(|(at, _)| {
        let before = set.get(..at).and_then(|before| before.chars().next_back());
        before.is_some_and(|c| c.is_whitespace() || c == ',')
    });
    names_mark.then(|| Way::Changed(condition.to_owned()))
}

/// Where the condition of the statement itself begins.
fn outer_where(sql: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0, false);
    for (at, c) in sql.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth -= 1,
            'W' if depth == 0 && sql.get(at..).is_some_and(|s| s.starts_with("WHERE ")) => {
                return Some(at);
            }
            _ => {}
        }
    }
    None
}

fn added(table: &str, rest: &str) -> Result<Option<Way>> {
    let unknown = || error::unsummed(table);
    let columns = rest
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let (columns, rest) = columns.ok_or_else(unknown)?;
    let columns: Vec<&str> = columns.split(',').map(str::trim).collect();
    if !columns.contains(&"mark") {
        return Ok(None);
    }
    if columns.last() != Some(&"mark") {
        return Err(unknown());
    }
    let many = columns.len();
    let Some((_, conflict)) = rest.split_once("ON CONFLICT") else {
        return Ok(Some(Way::Added(many)));
    };
    if conflict.contains("DO NOTHING") {
        return Ok(Some(Way::Merged(many, Vec::new())));
    }
    let by = conflict
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let (by, _) = by.ok_or_else(unknown)?;
    let place = |name: &str| {
        let place = columns.iter().position(|column| *column == name.trim());
        Ok((name.trim().to_owned(), place.ok_or_else(unknown)?))
    };
    let by: Result<Vec<_>> = by.split(',').map(place).collect();
    Ok(Some(Way::Merged(many, by?)))
}

impl Touch {
    /// Counts what needs no answer of the database; false where it does.
    pub(crate) fn count_blind(&self, sums: &Sums, params: &[Value], deltas: &mut Deltas) -> bool {
        let Way::Added(many) = self.way else {
            return false;
        };
        for row in params.chunks(many) {
            if let Some(Value::Text(mark)) = row.last() {
                deltas.count(sums, self.marked, "", mark);
            }
        }
        true
    }

    pub(crate) fn removes(&self) -> bool {
        matches!(self.way, Way::Removed)
    }

    /// The statement that tells, of each row, the mark before and the mark after. For PostgreSQL, where a query inside
    /// sees the rows as they were.
    pub(crate) fn telling(&self, sql: &str) -> String {
        let Marked {
            table,
            columns,
            key,
            ..
        } = self.marked;
        if self.removes() {
            return format!("{sql} RETURNING mark, ''");
        }
        let same = columns
            .iter()
            .take(*key)
            .map(|c| format!("o.{c} = {table}.{c}"));
        let same = same.collect::<Vec<_>>().join(" AND ");
        format!("{sql} RETURNING (SELECT o.mark FROM {table} o WHERE {same}), {table}.mark")
    }

    /// Queries for the marks as they are before the statement, on SQLite.
    pub(crate) fn before(&self, params: &[Value]) -> Vec<(String, Vec<Value>)> {
        let table = self.marked.table;
        match &self.way {
            Way::Changed(condition) => {
                let sql = format!("SELECT mark FROM {table} WHERE {condition}");
                vec![(sql, params.to_vec())]
            }
            Way::Merged(many, by) if !by.is_empty() => {
                let places = (1..)
                    .zip(by)
                    .map(|(n, (column, _))| format!("{column} = ${n}"));
                let places = places.collect::<Vec<_>>().join(" AND ");
                let sql = format!("SELECT mark FROM {table} WHERE {places}");
                let of = |row: &[Value]| {
                    by.iter()
                        .filter_map(|(_, n)| row.get(*n).cloned())
                        .collect()
                };
                let rows = params.chunks(*many);
                rows.map(|row| (sql.clone(), of(row))).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn count_rows(
        &self,
        sums: &Sums,
        rows: &[Row],
        deltas: &mut Deltas,
        after: bool,
    ) -> Result<()> {
        for row in rows {
            let mark: String = row.at(0)?;
            match after {
                true => deltas.count(sums, self.marked, "", &mark),
                false => deltas.count(sums, self.marked, &mark, ""),
            }
        }
        Ok(())
    }
}
