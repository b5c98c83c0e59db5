//! Statements on one SQLite connection, run at once on the thread that owns it.

use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode};
use tongban_base::{Problem, Result};

use crate::{Row, Value, error};

pub(crate) struct SqliteTx {
    pub(crate) connection: Connection,
}

impl SqliteTx {
    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let mut statement = self.connection.prepare_cached(sql).map_err(problem)?;
        bind(&mut statement, params)?;
        let touched = statement.raw_execute().map_err(problem)?;
        Ok(touched as u64)
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(problem)?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        let mut found: Vec<Row> = Vec::new();
        while let Some(row) = rows.next().map_err(problem)? {
            // Known only now: where a table was changed since, the first step prepares the statement once more.
            let columns = match found.first() {
                Some(first) => Arc::clone(&first.columns),
                None => row
                    .as_ref()
                    .column_names()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            };
            let mut values = Vec::with_capacity(columns.len());
            for index in 0..columns.len() {
                values.push(read(row.get_ref(index).map_err(problem)?));
            }
            found.push(Row { columns, values });
        }
        Ok(found)
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        self.connection.execute_batch(sql).map_err(problem)
    }
}

/// SQLite takes `$2` for a name and numbers names by their first appearance, so the number is read from the name.
fn bind(statement: &mut CachedStatement<'_>, params: &[Value]) -> Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.get(1..)?.parse::<usize>().ok())
            .unwrap_or(index);
        let value = params
            .get(number.wrapping_sub(1))
            .ok_or_else(|| Problem::internal(format!("no parameter {number}")))?;
        statement
            .raw_bind_parameter(index, value)
            .map_err(problem)?;
    }
    Ok(())
}

fn read(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(v) => Value::Integer(v),
        ValueRef::Real(v) => Value::Real(v),
        ValueRef::Text(v) => Value::Text(String::from_utf8_lossy(v).into_owned()),
        ValueRef::Blob(v) => Value::Bytes(v.to_vec()),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(v) => ValueRef::Integer(*v),
            Value::Real(v) => ValueRef::Real(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Bytes(v) => ValueRef::Blob(v),
        }))
    }
}

pub(crate) fn problem(cause: rusqlite::Error) -> Problem {
    let Some(code) = cause.sqlite_error() else {
        return Problem::internal(cause);
    };
    match (code.code, code.extended_code) {
        // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY
        (ErrorCode::ConstraintViolation, 2067 | 1555) => error::unique(cause),
        (ErrorCode::ConstraintViolation, _) => error::constraint(cause),
        (ErrorCode::DiskFull, _) => error::full(cause),
        (ErrorCode::DatabaseBusy | ErrorCode::OperationInterrupted, _) => error::unavailable(cause),
        (ErrorCode::SystemIoFailure | ErrorCode::CannotOpen, _) => error::unavailable(cause),
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => error::broken(cause),
        _ => Problem::internal(cause),
    }
}
