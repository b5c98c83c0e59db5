//! The names that expressions of an item and of its flow may use.

use tongban_expressions::{Environment, Type};

use crate::model::Item;

/// Names of admission rules, of questions and of materials.
pub(crate) fn of_item(item: &Item) -> Environment {
    let mut environment = Environment::new();
    environment
        .declare("person", Type::map(Type::Any))
        .declare("licence", Type::map(Type::Any))
        .declare("holds", Type::list(Type::map(Type::Any)))
        .declare("settings", Type::map(Type::Any))
        .declare("answers", answers(item))
        .declare("today", Type::String);
    environment
}

/// Only questions that exist, only answers that can be given.
fn answers(item: &Item) -> Type {
    Type::record(item.question.iter().map(|question| {
        let values = question.options.iter().map(|o| o.value.clone());
        (question.id.clone(), Type::choice(values))
    }))
}

/// Names of conditions on sequence flows.
pub(crate) fn of_flow() -> Environment {
    let mut environment = Environment::new();
    environment
        .declare("decision", Type::String)
        .declare("form", Type::map(Type::Any))
        .declare("answers", Type::map(Type::Any))
        .declare("case", Type::map(Type::Any))
        .declare("settings", Type::map(Type::Any))
        .declare("today", Type::String);
    environment
}
