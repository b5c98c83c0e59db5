//! Values of the store as PostgreSQL takes and gives them.

use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tongban_base::{Problem, Result};

use crate::Value;

pub(super) fn read(row: &tokio_postgres::Row, index: usize) -> Result<Value> {
    let kind = row.columns()[index].type_();
    let value = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(Value::from),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map(Value::from),
        Type::INT2 => row.try_get::<_, Option<i16>>(index).map(Value::from),
        Type::BOOL => row.try_get::<_, Option<bool>>(index).map(Value::from),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(index).map(Value::from),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index).map(Value::from),
        Type::JSON | Type::JSONB => row
            .try_get::<_, Option<JsonText>>(index)
            .map(|json| Value::from(json.map(|json| json.0))),
        _ => row.try_get::<_, Option<String>>(index).map(Value::from),
    };
    value.map_err(Problem::internal)
}

const JSONB_VERSION: u8 = 1;

/// JSON as it is stored; whoever asked for the column reads it.
struct JsonText(String);

impl<'a> FromSql<'a> for JsonText {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let text = match raw.split_first() {
            Some((&JSONB_VERSION, text)) if *kind == Type::JSONB => text,
            _ => raw,
        };
        Ok(Self(std::str::from_utf8(text)?.to_owned()))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::JSON | Type::JSONB)
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut bytes::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(v) => match *kind {
                Type::INT4 => i32::try_from(*v)?.to_sql(kind, out),
                Type::INT2 => i16::try_from(*v)?.to_sql(kind, out),
                Type::BOOL => (*v != 0).to_sql(kind, out),
                #[expect(clippy::cast_precision_loss, reason = "asked for by the statement")]
                Type::FLOAT8 => (*v as f64).to_sql(kind, out),
                Type::TEXT => v.to_string().to_sql(kind, out),
                _ => v.to_sql(kind, out),
            },
            Value::Real(v) => v.to_sql(kind, out),
            Value::Text(v) => {
                if *kind == Type::JSONB {
                    out.extend_from_slice(&[JSONB_VERSION]);
                }
                out.extend_from_slice(v.as_bytes());
                Ok(IsNull::No)
            }
            Value::Bytes(v) => v.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
