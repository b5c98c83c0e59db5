//! The names and functions that a form's expressions may use.

use serde_json::Value;
use tongban_base::Date;
use tongban_base::numbers::ResidentId;
use tongban_expressions::{Arguments, Environment, Type, text};

use crate::Field;

/// What is known: for prefilling.
pub(crate) fn known() -> Environment {
    let mut environment = Environment::new();
    let person = Type::record([
        ("name", Type::String),
        ("id_number", Type::String),
        ("sex", Type::choice(["male", "female"])),
        ("birth_date", Type::String),
        ("mobile", Type::String),
        ("address", Type::String),
        ("login", Type::String),
        ("account", Type::String),
        ("organisation", Type::String),
        ("organisation_name", Type::String),
        ("division", Type::String),
        ("roles", Type::list(Type::String)),
    ]);
    environment
        .declare("person", person)
        .declare("answers", Type::map(Type::Any))
        .declare("licence", Type::Any)
        .declare("record", Type::map(Type::Any))
        .declare("today", Type::String)
        .function("id_birth", [Type::String], Type::String, |a| {
            let birth = resident(a)?.map(|id| id.birth_date.to_string());
            Ok(birth.map_or(Value::Null, Value::from))
        })
        .function(
            "id_sex",
            [Type::String],
            Type::choice(["male", "female"]),
            |a| {
                let sex = resident(a)?.map(|id| id.sex.code());
                Ok(sex.map_or(Value::Null, Value::from))
            },
        );
    environment
}

/// What is known and what was filled in.
pub(crate) fn filled(fields: &[Field]) -> Environment {
    let mut environment = known();
    let types = fields
        .iter()
        .map(|field| (field.name.clone(), field.kind.expression_type()));
    environment.declare("form", Type::record(types));
    environment
}

/// A number that is no identity number tells nothing: null, as its own check has its say.
fn resident(arguments: Arguments<'_>) -> Result<Option<ResidentId>, String> {
    Ok(ResidentId::parse(text(arguments, 0)?, Date::MAX).ok())
}
