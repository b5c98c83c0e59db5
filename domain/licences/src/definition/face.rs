//! What a face says: fields calculated from the person, the form and what is being issued. Knows no layout.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use tongban_base::{Problem, Result};
use tongban_expressions::{Environment, Program, Type, Values};

/// A field of a face.
#[derive(Clone, Debug)]
pub struct FaceField {
    pub code: String,
    pub title: String,
    pub from: Program,
    /// Words for values that are codes.
    pub words: BTreeMap<String, String>,
}

/// What is fixed at the moment of issuing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Issued {
    pub number: String,
    pub issued_on: String,
    pub valid_from: String,
    /// Empty: valid for good.
    pub valid_to: String,
    pub issuer_name: String,
    /// Where the template finds the picture; empty when there is none.
    pub photo: String,
}

/// What fields are calculated from.
#[derive(Clone, Copy, Debug)]
pub struct FaceValues<'a> {
    pub person: &'a Json,
    pub form: &'a Json,
    pub answers: &'a Json,
    pub case: &'a Json,
    /// The previous licence, flat; null at a first grant.
    pub licence: &'a Json,
    pub issued: &'a Issued,
}

/// Names of `fields.from`. A look-up in the previous licence knows the codes of the type's fields.
pub(super) fn environment<'a>(codes: impl Iterator<Item = &'a str>) -> Environment {
    let texts = |names: &[&str]| Type::record(names.iter().map(|name| (*name, Type::String)));
    let known = [
        "id",
        "type",
        "status",
        "number",
        "issued_on",
        "valid_from",
        "valid_to",
    ];
    let licence = codes
        .map(|code| (code, Type::Any))
        .chain(known.map(|name| (name, Type::String)));
    let issued = [
        "number",
        "issued_on",
        "valid_from",
        "valid_to",
        "issuer_name",
        "photo",
    ];
    let person = [
        "name",
        "id_number",
        "sex",
        "birth_date",
        "mobile",
        "address",
    ];
    let mut environment = Environment::new();
    environment
        .declare("person", texts(&person))
        .declare("form", Type::map(Type::Any))
        .declare("answers", Type::map(Type::Any))
        .declare("case", Type::map(Type::Any))
        .declare("licence", Type::record(licence))
        .declare("issued", texts(&issued));
    environment
}

/// The face as JSON, fields in the order of the type.
pub(crate) fn calculate(fields: &[FaceField], given: &FaceValues) -> Result<Map<String, Json>> {
    let issued = serde_json::to_value(given.issued)?;
    let values = Values::new()
        .with("person", given.person)
        .with("form", given.form)
        .with("answers", given.answers)
        .with("case", given.case)
        .with("licence", given.licence)
        .with("issued", &issued);
    let mut face = Map::new();
    for field in fields {
        let value = field
            .from
            .evaluate(&values)
            .map_err(|error| Problem::internal(format!("face field {}: {error}", field.code)))?;
        face.insert(field.code.clone(), value);
    }
    Ok(face)
}
