//! Rows that wait to be written: rows of one table travel in one statement, and all of them before the next
//! statement whose answer is awaited, at the latest with the commit. Statements that have to meet one row wait with them.

use std::fmt::Write as _;

use crate::Value;
use crate::sums::touch::Touch;

/// Rows of one statement; more would come near the limit of parameters.
const MOST: usize = 128;

#[derive(Default)]
pub(crate) struct Pending(Vec<Waiting>);

enum Waiting {
    Rows(Rows),
    Guards(&'static str, Vec<Vec<Value>>),
}

struct Rows {
    head: &'static str,
    tail: &'static str,
    rows: Vec<Vec<Value>>,
}

/// A statement that is ready to run.
pub(crate) struct Written {
    pub sql: String,
    pub params: Vec<Value>,
    /// Whether it has to meet exactly one row.
    pub guard: bool,
    /// What it does to the marks of a table.
    pub touch: Option<Touch>,
}

impl Pending {
    /// Tables are written in the order in which they were first named, so parents come before their children.
    pub(crate) fn add(&mut self, head: &'static str, row: Vec<Value>, tail: &'static str) {
        let known = self.0.iter_mut().find_map(|waiting| match waiting {
            Waiting::Rows(rows) if rows.head == head && rows.tail == tail => Some(rows),
            _ => None,
        });
        match known {
            Some(rows) => rows.rows.push(row),
            None => self.0.push(Waiting::Rows(Rows {
                head,
                tail,
                rows: vec![row],
            })),
        }
    }

    pub(crate) fn add_guard(&mut self, sql: &'static str, params: Vec<Value>) {
        let known = self.0.iter_mut().find_map(|waiting| match waiting {
            Waiting::Guards(known, all) if *known == sql => Some(all),
            _ => None,
        });
        match known {
            Some(all) => all.push(params),
            None => self.0.push(Waiting::Guards(sql, vec![params])),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn take(&mut self) -> Vec<Written> {
        std::mem::take(&mut self.0)
            .into_iter()
            .flat_map(|waiting| match waiting {
                Waiting::Rows(rows) => rows.written(),
                Waiting::Guards(sql, all) => guards(sql, all),
            })
            .collect()
    }
}

fn guards(sql: &str, all: Vec<Vec<Value>>) -> Vec<Written> {
    let guard = |params| Written {
        sql: sql.to_owned(),
        params,
        guard: true,
        touch: None,
    };
    all.into_iter().map(guard).collect()
}

impl Rows {
    /// In portions of 128, 64, 32 … rows, so that few different statements are prepared.
    fn written(self) -> Vec<Written> {
        let (head, tail, mut rows) = (self.head, self.tail, self.rows.into_iter());
        let mut statements = Vec::new();
        while rows.len() > 0 {
            let count = MOST.min(1 << rows.len().ilog2());
            let portion: Vec<Vec<Value>> = rows.by_ref().take(count).collect();
            statements.push(statement(head, tail, portion));
        }
        statements
    }
}

fn statement(head: &str, tail: &str, rows: Vec<Vec<Value>>) -> Written {
    let mut sql = format!("{head} VALUES ");
    let mut next = 1;
    for (index, row) in rows.iter().enumerate() {
        sql.push_str(if index == 0 { "(" } else { ", (" });
        for column in 0..row.len() {
            let comma = if column == 0 { "" } else { ", " };
            let _ = write!(sql, "{comma}${next}");
            next += 1;
        }
        sql.push(')');
    }
    let _ = write!(sql, " {tail}");
    Written::plain(&sql, rows.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: i64) -> Vec<Value> {
        vec![Value::from(number), Value::from("x")]
    }

    #[test]
    fn rows_of_a_table_travel_together_and_tables_keep_their_order() {
        let mut pending = Pending::default();
        pending.add("INSERT INTO parent (a, b)", row(1), "");
        pending.add("INSERT INTO child (a, b)", row(2), "ON CONFLICT DO NOTHING");
        pending.add("INSERT INTO parent (a, b)", row(3), "");
        let written = pending.take();
        let sql: Vec<&str> = written.iter().map(|w| w.sql.trim_end()).collect();
        assert_eq!(
            sql,
            [
                "INSERT INTO parent (a, b) VALUES ($1, $2), ($3, $4)",
                "INSERT INTO child (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING"
            ]
        );
        assert_eq!(written[0].params, [row(1), row(3)].concat());
        assert!(pending.take().is_empty());
    }

    #[test]
    fn guards_wait_in_the_same_order_and_stay_apart() {
        let mut pending = Pending::default();
        pending.add_guard("UPDATE parent SET a = $1 WHERE b = $2", row(1));
        pending.add("INSERT INTO child (a, b)", row(2), "");
        pending.add_guard("UPDATE parent SET a = $1 WHERE b = $2", row(3));
        let guards: Vec<bool> = pending.take().iter().map(|w| w.guard).collect();
        assert_eq!(guards, [true, true, false]);
    }

    #[test]
    fn many_rows_are_written_in_few_kinds_of_portions() {
        let mut pending = Pending::default();
        for number in 0..300 {
            pending.add("INSERT INTO t (a, b)", row(number), "");
        }
        let rows: Vec<usize> = pending.take().iter().map(|w| w.params.len() / 2).collect();
        assert_eq!(rows, [128, 128, 32, 8, 4]);
    }
}
