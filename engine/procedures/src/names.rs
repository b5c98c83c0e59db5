//! What expressions in a part of a procedure may name: the case as its operations see it, and the record that it is about.

use serde_json::{Value as Json, json};
use tongban_expressions::{Environment, ExpressionError, Program, Type, Values};
use tongban_operations::Subject;

/// The names of a case, with what is known of its form and of its materials.
pub fn environment(form: Type, materials: Type) -> Environment {
    let mut environment = early(form);
    environment
        .declare("files", materials)
        .declare("opinion", Type::String);
    environment
}

/// Those that are known before somebody decides.
fn early(form: Type) -> Environment {
    let case = ["number", "item", "organisation", "division"];
    let case = Type::record(case.map(|name| (name, Type::String)));
    let mut environment = Environment::new();
    environment
        .declare("form", form)
        .declare("answers", open())
        .declare("person", open())
        .declare("case", case)
        .declare("record", open())
        .declare("today", Type::String);
    environment
}

/// Of which nothing is known but that it has names.
pub fn open() -> Type {
    Type::map(Type::Any)
}

/// Errors: what is written cannot be read, or names what nothing gives.
pub fn compile(text: &str) -> Result<Program, ExpressionError> {
    environment(open(), open()).compile(text)
}

/// Whether the value is known before somebody decides.
pub fn is_early(text: &str) -> bool {
    early(open()).compile(text).is_ok()
}

/// The value of an expression for a case. `record` is the one that it is about, as it stands before.
/// Errors: in words, why there is none.
pub fn value(text: &str, subject: &Subject, record: &Json, today: &str) -> Result<Json, String> {
    let files = subject.files.iter().map(|file| {
        let value =
            json!({ "object": file.object, "name": file.name, "media_type": file.media_type });
        // Of several the latest is the last.
        (file.material.clone(), value)
    });
    let files = Json::Object(files.collect());
    let case = json!({
        "number": subject.number, "item": subject.procedure,
        "organisation": subject.organisation, "division": subject.division,
    });
    let mut values = Values::new()
        .with("form", &subject.form)
        .with("answers", &subject.answers)
        .with("person", &subject.person)
        .with("case", &case)
        .with("record", record)
        .with("files", &files);
    values.insert("opinion", Json::from(subject.opinion.as_str()));
    values.insert("today", Json::from(today));
    let program = compile(text).map_err(|fault| fault.to_string())?;
    program.evaluate(&values).map_err(|fault| fault.to_string())
}
