//! Statements run so that what they change in the sums is counted beside them.

use tongban_base::Result;

use crate::pending::Written;
use crate::sqlite::SqliteTx;
use crate::sums::{Deltas, Sums};
use crate::tx::Inner;
use crate::{Tx, error};

impl Tx {
    /// Gives the number of rows that the last of them touched.
    pub(crate) async fn run(&mut self, statements: Vec<Written>) -> Result<u64> {
        if let Inner::Postgres(_) = self.inner {
            let statements = self.telling(statements)?;
            let met = self.postgres()?.run_all(&statements).await;
            self.hear()?;
            return met;
        }
        let Self {
            inner: Inner::Sqlite(tx),
            marks,
            deltas,
            ..
        } = self
        else {
            return Err(error::foreign_await());
        };
        let sums = marks.get().map(|marks| &*marks.sums);
        let mut met = 0;
        for written in &statements {
            met = one(tx, sums, deltas, written)?;
            if written.guard && met != 1 {
                return Err(error::changed());
            }
        }
        Ok(met)
    }

    /// On PostgreSQL those whose effect only the database knows tell it.
    pub(crate) fn telling(&mut self, mut statements: Vec<Written>) -> Result<Vec<Written>> {
        let Some(marks) = self.marks.get() else {
            return Ok(statements);
        };
        for written in &mut statements {
            let Some(touch) = &written.touch else {
                continue;
            };
            if touch.count_blind(&marks.sums, &written.params, &mut self.deltas) {
                written.touch = None;
            } else {
                written.sql = touch.telling(&written.sql);
            }
        }
        Ok(statements)
    }

    pub(crate) fn hear(&mut self) -> Result<()> {
        let told = self.postgres()?.told();
        if let Some(marks) = self.marks.get() {
            for (marked, before, after) in told {
                self.deltas.count(&marks.sums, marked, &before, &after);
            }
        }
        Ok(())
    }
}

fn one(
    tx: &mut SqliteTx,
    sums: Option<&Sums>,
    deltas: &mut Deltas,
    written: &Written,
) -> Result<u64> {
    let Written { sql, params, .. } = written;
    let (Some(touch), Some(sums)) = (&written.touch, sums) else {
        return tx.execute(sql, params);
    };
    if touch.count_blind(sums, params, deltas) {
        return tx.execute(sql, params);
    }
    for (before, given) in touch.before(params) {
        let rows = tx.query(&before, &given)?;
        touch.count_rows(sums, &rows, deltas, false)?;
    }
    let rows = tx.query(&format!("{sql} RETURNING mark"), params)?;
    touch.count_rows(sums, &rows, deltas, !touch.removes())?;
    Ok(rows.len() as u64)
}
