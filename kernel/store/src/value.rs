//! The few types that both databases store the same way.

use serde_json::Value as Json;
use tongban_base::{Timestamp, Uuid};

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(v: $type) -> Self { Value::Integer(i64::from(v)) }
        }
    )*};
}
integers!(i64, i32, u32, i16, u16, u8, bool);

impl From<usize> for Value {
    fn from(v: usize) -> Self {
        Value::Integer(i64::try_from(v).unwrap_or(i64::MAX))
    }
}
impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Value::Real(v)
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Value::Text(v.to_owned())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Value::Text(v)
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Value::Text(v.clone())
    }
}
impl From<&[u8]> for Value {
    fn from(v: &[u8]) -> Self {
        Value::Bytes(v.to_vec())
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Value::Bytes(v)
    }
}
impl From<&Json> for Value {
    fn from(v: &Json) -> Self {
        Value::Text(v.to_string())
    }
}
impl From<Json> for Value {
    fn from(v: Json) -> Self {
        Value::Text(v.to_string())
    }
}
impl From<Timestamp> for Value {
    fn from(v: Timestamp) -> Self {
        Value::Integer(v.0)
    }
}
impl From<Uuid> for Value {
    fn from(v: Uuid) -> Self {
        Value::Text(v.to_string())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Value::Null, Into::into)
    }
}
impl<T: Clone + Into<Value>> From<&Option<T>> for Value {
    fn from(v: &Option<T>) -> Self {
        v.clone().map_or(Value::Null, Into::into)
    }
}

/// Lets an id type of `tongban_base::id!` be a parameter and a column: `store_ids!(CaseId);`
#[macro_export]
macro_rules! store_ids {
    ($($name:ty),+ $(,)?) => {$(
        impl From<$name> for $crate::Value {
            fn from(id: $name) -> Self { $crate::Value::Text(id.to_string()) }
        }
        impl From<&$name> for $crate::Value {
            fn from(id: &$name) -> Self { $crate::Value::Text(id.to_string()) }
        }
        impl $crate::FromValue for $name {
            fn from_value(value: &$crate::Value) -> ::std::result::Result<Self, String> {
                let text = <String as $crate::FromValue>::from_value(value)?;
                text.parse().map_err(|_| format!("not an id: {text}"))
            }
        }
    )+};
}
