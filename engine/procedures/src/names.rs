//! What expressions in a part of a procedure may name: the case as its operations see it, and the record that it is about.

use serde_json::{Value as Json, json};
use tongban_expressions::{Environment, ExpressionError, Program, Type, Values};
use tongban_operations::Subject;

/// The names of a case, of which nothing but the words of the procedure is known.
pub fn of_case() -> Environment {
    let case = ["number", "item", "organisation", "division"];
    let case = Type::record(case.map(|name| (name, Type::String)));
    let open = || Type::map(Type::Any);
    let mut environment = Environment::new();
    environment
        .declare("form", open())
        .declare("answers", open())
        .declare("person", open())
        .declare("case", case)
        .declare("record", open())
        .declare("files", open())
        .declare("opinion", Type::String)
        .declare("today", Type::String);
    environment
}

/// Errors: what is written cannot be read, or names what nothing gives.
pub fn compile(text: &str) -> Result<Program, ExpressionError> {
    of_case().compile(text)
}

/// The value of an expression for a case; null where a name in it has none.
pub fn value(text: &str, subject: &Subject, record: &Json, today: &str) -> Json {
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
    match compile(text) {
        Ok(program) => program.evaluate(&values).unwrap_or_default(),
        Err(_) => Json::Null,
    }
}
