//! A row as plain values with the names of its columns.

use std::sync::Arc;

use serde_json::Value as Json;
use tongban_base::{Problem, Result, Timestamp, Uuid};

use crate::Value;

#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    /// The value of a column; an unknown column or an unfitting type is a fault of the program, told as internal.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T> {
        let index = self
            .columns
            .iter()
            .position(|c| c == column)
            .ok_or_else(|| Problem::internal(format!("no column {column}")))?;
        self.at(index)
    }

    pub fn at<T: FromValue>(&self, index: usize) -> Result<T> {
        let value = self
            .values
            .get(index)
            .ok_or_else(|| Problem::internal(format!("no column number {index}")))?;
        T::from_value(value).map_err(|why| {
            let column = self.columns.get(index).map_or("?", String::as_str);
            Problem::internal(format!("column {column}: {why}"))
        })
    }

    /// The value of a column as it was read.
    pub fn value(&self, column: &str) -> Result<&Value> {
        let place = self.columns.iter().position(|c| c == column);
        let found = place.and_then(|place| self.values.get(place));
        found.ok_or_else(|| Problem::internal(format!("no column {column}")))
    }

    /// The columns from the number `first` on, as a row of their own: two tables may name a column alike.
    #[must_use]
    pub fn from_column(&self, first: usize) -> Self {
        let columns = self.columns.get(first..).unwrap_or_default();
        Self {
            columns: columns.into(),
            values: self.values.get(first..).unwrap_or_default().to_vec(),
        }
    }

    pub fn values(&self) -> &[Value] {
        &self.values
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

pub trait FromValue: Sized {
    fn from_value(value: &Value) -> std::result::Result<Self, String>;
}

fn unfit<T>(wanted: &str, value: &Value) -> std::result::Result<T, String> {
    let found = match value {
        Value::Null => "null",
        Value::Integer(_) => "integer",
        Value::Real(_) => "real",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
    };
    Err(format!("wanted {wanted}, found {found}"))
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Integer(v) => Ok(*v),
            other => unfit("integer", other),
        }
    }
}
impl FromValue for u32 {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        u32::try_from(i64::from_value(value)?).map_err(|e| e.to_string())
    }
}
impl FromValue for f64 {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Real(v) => Ok(*v),
            #[expect(clippy::cast_precision_loss, reason = "a count shown as a ratio")]
            Value::Integer(v) => Ok(*v as f64),
            other => unfit("real", other),
        }
    }
}
impl FromValue for bool {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        Ok(i64::from_value(value)? != 0)
    }
}
impl FromValue for String {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Text(v) => Ok(v.clone()),
            other => unfit("text", other),
        }
    }
}
impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Bytes(v) => Ok(v.clone()),
            other => unfit("bytes", other),
        }
    }
}
impl FromValue for Timestamp {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        i64::from_value(value).map(Timestamp)
    }
}
impl FromValue for Uuid {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        Uuid::parse_str(&String::from_value(value)?).map_err(|e| e.to_string())
    }
}
impl FromValue for Json {
    /// SQLite turns a bare number in a JSON column into a number; that is read back as JSON too.
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Text(text) => serde_json::from_str(text).map_err(|e| e.to_string()),
            Value::Integer(v) => Ok(Json::from(*v)),
            Value::Real(v) => Ok(Json::from(*v)),
            other => unfit("json", other),
        }
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}
