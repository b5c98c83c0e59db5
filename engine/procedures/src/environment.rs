//! The names that expressions of a procedure and of its flow may use.

use serde::Deserialize;
use tongban_expressions::{Environment, Type};
use tongban_forms::Form;
use tongban_operations::SourceInfo;
use tongban_packs::Folder;

use crate::lookup::Lookup;
use crate::model::Procedure;

/// The settings of a release: a rule that named another one would never hold.
#[derive(Default, Deserialize)]
pub(crate) struct Settings {
    #[serde(default)]
    setting: Vec<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

impl Settings {
    /// Of a file that cannot be read nothing is known; the check of the pack tells what is wrong with it.
    pub(crate) fn of(folder: &Folder) -> Self {
        folder.toml_or_default("settings.toml").unwrap_or_default()
    }

    fn names(&self) -> Type {
        let codes = self.setting.iter().map(|setting| setting.code.clone());
        Type::record(codes.map(|code| (code, Type::Any)))
    }
}

/// Names of admission rules, of questions and of materials, with those of the sources and look-ups.
pub(crate) fn of_procedure(
    procedure: &Procedure,
    settings: &Settings,
    (sources, lookups): (&[SourceInfo], &[Lookup]),
) -> Environment {
    let mut environment = Environment::new();
    environment
        .declare("person", Type::map(Type::Any))
        .declare("settings", settings.names())
        .declare("answers", answers(procedure))
        .declare("today", Type::String);
    for source in sources {
        environment.declare(source.name, Type::map(Type::Any));
    }
    if procedure.about.is_some() {
        environment.declare("record", Type::map(Type::Any));
    }
    // What looks at the form is answered once it is filled in.
    let open = |lookup: &&Lookup| procedure.can_ask(lookup) && !lookup.of_form;
    for lookup in lookups.iter().filter(open) {
        environment.declare(&lookup.code, Type::list(Type::map(Type::Any)));
    }
    environment
}

/// Only questions that exist, only answers that can be given.
fn answers(procedure: &Procedure) -> Type {
    Type::record(procedure.question.iter().map(|question| {
        let values = question.options.iter().map(|o| o.value.clone());
        (question.id.clone(), Type::choice(values))
    }))
}

/// The same names with what this procedure asks for and what its form has: a name that is written wrong is never met, and
/// would take the step out without a word. Releases that were published are not asked again.
pub(crate) fn strictly_of_flow(
    procedure: &Procedure,
    settings: &Settings,
    form: &Form,
) -> Environment {
    let mut environment = of_flow(settings, procedure.about.is_some());
    let fields = form.fields().iter();
    let fields = fields.map(|field| (field.name.clone(), Type::Any));
    let case = ["number", "item", "status"];
    environment
        .declare("form", Type::record(fields))
        .declare("answers", answers(procedure))
        .declare("case", Type::record(case.map(|name| (name, Type::Any))));
    environment
}

/// Names of conditions on sequence flows; `record` only where cases are about one.
pub(crate) fn of_flow(settings: &Settings, has_record: bool) -> Environment {
    let mut environment = Environment::new();
    environment
        .declare("decision", Type::String)
        .declare("form", Type::map(Type::Any))
        .declare("answers", Type::map(Type::Any))
        .declare("case", Type::map(Type::Any))
        .declare("person", Type::map(Type::Any))
        .declare("settings", settings.names())
        .declare("today", Type::String);
    if has_record {
        environment.declare("record", Type::map(Type::Any));
    }
    environment
}
