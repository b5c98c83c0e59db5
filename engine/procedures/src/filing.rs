//! Rules that what is filed must keep, beyond what the form itself can judge: they see the filled-in form beside the person,
//! the settings and what registers say. Each fault stands beside a field.

use serde_json::Value as Json;
use tongban_base::FieldError;
use tongban_expressions::{Environment, Program, Type};
use tongban_forms::Form;
use tongban_packs::Findings;

use crate::lookup::Lookup;
use crate::model::{Filing, Procedure};
use crate::release::{Facts, condition};

#[derive(Debug)]
pub(crate) struct FilingRule {
    program: Program,
    pointer: String,
    message: String,
}

/// The names of the rules: those of admission, the form, and look-ups that look at it.
fn names(mut environment: Environment, form: &Form, lookups: &[Lookup]) -> Environment {
    let fields = form.fields().iter();
    let fields = fields.map(|field| (field.name.clone(), Type::Any));
    environment.declare("form", Type::record(fields));
    for lookup in lookups.iter().filter(|lookup| lookup.of_form) {
        environment.declare(&lookup.code, Type::list(Type::map(Type::Any)));
    }
    environment
}

pub(crate) fn compile(
    environment: Environment,
    (file, procedure): (&str, &Procedure),
    (form, lookups): (&Form, &[Lookup]),
    findings: &mut Findings,
) -> Vec<FilingRule> {
    if procedure.filing.is_empty() {
        return Vec::new();
    }
    let environment = names(environment, form, lookups);
    let rule = |rule: &Filing| {
        let Some(field) = form.field(&rule.field) else {
            let words = format!("表单 {} 没有字段 {}", procedure.form, rule.field);
            findings.add(file, Some("filing"), words);
            return None;
        };
        let program = condition(&environment, file, "filing", &rule.rule, findings)?;
        Some(FilingRule {
            program,
            pointer: field.pointer(),
            message: rule.message.clone(),
        })
    };
    procedure.filing.iter().filter_map(rule).collect()
}

/// What is wrong with a form that is filed, each fault at its field. A rule that cannot be answered is not kept.
pub(crate) fn faults(rules: &[FilingRule], facts: &Facts, filed: &Json) -> Vec<FieldError> {
    let values = facts.values().with("form", filed);
    let broken = rules
        .iter()
        .filter(|rule| !rule.program.evaluate_bool(&values).unwrap_or(false));
    broken
        .map(|rule| FieldError::new(rule.pointer.clone(), "filing.refused", &*rule.message))
        .collect()
}
