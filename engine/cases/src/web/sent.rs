//! What an officer sent that could not be done: every form of the page is shown again as it was typed, with the fault
//! beside its field.

use axum::http::StatusCode;
use tongban_base::{FieldError, Kind, Problem};
use tongban_forms::{FieldProblem, Form};
use tongban_procedures::ProcedureRelease;

use super::input::Fields;
use crate::entered::FIELD;

const UNDECIDED: &str = "case.undecided";

/// The forms of the page of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    Task,
    Return,
    Pause,
    Resume,
    Extend,
    People,
    Urge,
    Say,
}

/// A form as it was sent, and why it could not be done.
#[derive(Clone, Debug)]
pub struct Sent {
    sheet: Sheet,
    fields: Vec<(String, String)>,
    problem: Problem,
}

/// One form of the page: what stands in its fields, and what is wrong with them. Empty unless this form was sent.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    fields: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Typed {
    pub fn text(&self, name: impl AsRef<str>) -> &str {
        let name = name.as_ref();
        let found = self.fields.iter().rev().find(|(n, _)| n == name);
        found.map_or("", |(_, text)| text.trim())
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub fn error(&self, name: impl AsRef<str>) -> &str {
        let name = name.as_ref();
        let mut errors = self.errors.iter();
        let found = errors.find(|error| error.pointer.trim_start_matches('/') == name);
        found.map_or("", |error| &error.message)
    }

    /// What was written down with a decision that was not made after all.
    pub fn entries(&self) -> Vec<(String, String)> {
        let entries = self.fields.iter();
        let entries = entries.filter(|(name, text)| name.starts_with(FIELD) && !text.is_empty());
        entries.cloned().collect()
    }

    /// What was written about single fields, as it was written.
    pub fn problems(&self, form: &Form) -> Vec<FieldProblem> {
        let fields = form.fields().iter();
        fields
            .map(|field| FieldProblem {
                pointer: field.pointer(),
                title: field.title.clone(),
                problem: self.text(format!("problem.{}", field.pointer())).to_owned(),
            })
            .filter(|problem| !problem.problem.is_empty())
            .collect()
    }
}

impl Sent {
    /// What can be shown on the page of the case; what is out of sight is not.
    pub fn of(sheet: Sheet, fields: &Fields, problem: Problem) -> Result<Self, Problem> {
        match problem.kind() {
            Kind::Invalid | Kind::Conflict | Kind::Forbidden => Ok(Self {
                sheet,
                fields: fields.of_form(),
                problem,
            }),
            _ => Err(problem),
        }
    }

    /// What was written by whoever went back to it before deciding.
    pub fn undecided(fields: &Fields) -> Self {
        let words = "还没有作出决定，您写的内容都在下面";
        Self {
            sheet: Sheet::Task,
            fields: fields.of_form(),
            problem: Problem::invalid(UNDECIDED, words),
        }
    }

    pub fn typed(sent: Option<&Self>, sheet: Sheet) -> Typed {
        match sent.filter(|sent| sent.sheet == sheet) {
            Some(sent) => Typed {
                fields: sent.fields.clone(),
                errors: sent.problem.field_errors().to_vec(),
            },
            None => Typed::default(),
        }
    }

    pub fn sheet(&self) -> Sheet {
        self.sheet
    }

    pub fn status(&self) -> StatusCode {
        match self.problem.kind() {
            Kind::Invalid if self.problem.code() == UNDECIDED => StatusCode::OK,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Conflict => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Somebody else did the step in the meantime.
    pub fn is_overtaken(&self) -> bool {
        matches!(
            self.problem.code(),
            "flow.task_done" | "flow.task_changed" | "flow.task_gone" | "case.changed"
        )
    }

    /// What is said on top of the page, when the fault belongs to no field.
    pub fn alert(&self) -> &str {
        match self.problem.field_errors().is_empty() {
            true => self.problem.message(),
            false => "",
        }
    }

    /// For the summary, whose links lead to the fields: several forms of the page ask for a reason.
    pub fn errors(&self) -> Vec<FieldError> {
        let place = |error: &FieldError| match (self.sheet, error.pointer.as_str()) {
            (Sheet::Pause, "/reason") => "/pause-reason".to_owned(),
            (Sheet::Extend, "/reason") => "/extend-reason".to_owned(),
            (Sheet::People, "/reason") => "/people-reason".to_owned(),
            (_, pointer) => pointer.to_owned(),
        };
        let errors = self.problem.field_errors().iter();
        errors
            .map(|error| FieldError::new(place(error), error.code.clone(), &error.message))
            .collect()
    }

    /// Everything that was written, for whoever finds the form gone: another officer was faster.
    pub fn kept(&self, release: &ProcedureRelease) -> Vec<(String, String)> {
        let typed = Self::typed(Some(self), self.sheet);
        let mut kept: Vec<(String, String)> = [
            ("opinion", "办理意见"),
            ("reason", "理由"),
            ("people-reason", "变更办理人的理由"),
            ("urge-words", "督办意见"),
            ("said", "备注、答复的内容"),
        ]
        .into_iter()
        .map(|(name, title)| (title.to_owned(), typed.text(name).to_owned()))
        .collect();
        let problems = typed.problems(release.form()).into_iter();
        kept.extend(problems.map(|p| (p.title, p.problem)));
        let materials = release.procedure().material.iter();
        kept.extend(materials.map(|material| {
            let text = typed.text(format!("material.{}", material.code));
            (material.name.clone(), text.to_owned())
        }));
        kept.retain(|(_, text)| !text.is_empty());
        kept
    }
}
