//! What an officer finds wrong with single fields: read back from the boxes of the reading page.

use tongban_base::FieldError;

use crate::Form;

const MAX_LENGTH: usize = 200;

/// A field that the applicant is to correct, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    pub pointer: String,
    pub title: String,
    pub problem: String,
}

impl FieldProblem {
    /// Where a fault of the mark itself is told: beside its box.
    pub fn place(name: &str) -> String {
        format!("/problem/{name}")
    }
}

/// Reads `problem./field`: what is wrong with a field. An empty one says nothing.
pub fn read_problems(
    form: &Form,
    fields: &[(String, String)],
) -> Result<Vec<FieldProblem>, Vec<FieldError>> {
    let sent = |pointer: &str| {
        let mut found = fields.iter().rev();
        let name = |name: &str| name.strip_prefix("problem.") == Some(pointer);
        found.find(|(n, _)| name(n)).map(|(_, text)| text.trim())
    };
    let mut problems = Vec::new();
    let mut errors = Vec::new();
    for field in form.fields() {
        let pointer = field.pointer();
        let text = sent(&pointer).unwrap_or_default();
        let length = text.chars().count();
        let refused = match () {
            () if text.is_empty() => continue,
            () if length > MAX_LENGTH => {
                format!("问题说明最多 {MAX_LENGTH} 个字，现在是 {length} 个")
            }
            () if text.chars().any(char::is_control) => {
                "问题说明里有看不见的控制字符，请删除后重新填写".to_owned()
            }
            () => {
                problems.push(FieldProblem {
                    title: field.title.clone(),
                    problem: text.to_owned(),
                    pointer,
                });
                continue;
            }
        };
        errors.push(FieldError::new(
            FieldProblem::place(&field.name),
            "problem",
            refused,
        ));
    }
    match errors.is_empty() {
        true => Ok(problems),
        false => Err(errors),
    }
}
