//! A filled form to be read: by the applicant before filing, by the office on its task page.

use askama::Template;
use serde_json::Value;
use tongban_base::{FieldError, Problem, Result};

use super::{FieldProblem, masked};
use crate::{Field, Form, Mendings, Values};

#[derive(Clone, Debug, Template)]
#[template(path = "read.html")]
pub struct ReadView {
    pub groups: Vec<ReadGroup>,
    /// Whether each field has a box “这一项有问题”.
    pub markable: bool,
}

#[derive(Clone, Debug)]
pub struct ReadGroup {
    pub id: String,
    pub title: String,
    pub items: Vec<ReadItem>,
    /// Where the group is filled in.
    pub change: Option<String>,
}

#[derive(Clone, Debug)]
pub struct ReadItem {
    pub pointer: String,
    pub title: String,
    /// Empty when nothing was filled in.
    pub text: String,
    pub problem: Option<String>,
    /// How it is mended when the applicant cannot; then there is no box.
    pub hint: Option<&'static str>,
    /// The next one is mended alike, and says so.
    pub hint_follows: bool,
    /// What is wrong with the mark.
    pub error: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct ReadOptions<'a> {
    /// Hide the middle of identity and mobile numbers.
    pub mask: bool,
    pub markable: bool,
    /// What is already said about fields.
    pub problems: &'a [FieldProblem],
}

impl Form {
    /// The values in words, step by step. A field that depends on others and has no value is left out.
    pub fn read_view(&self, values: &Values, options: &ReadOptions<'_>) -> ReadView {
        let group = |step: &crate::Step| {
            let fields = step.fields.iter().filter_map(|name| self.field(name));
            let items: Vec<ReadItem> = fields
                .filter(|field| field.visible.is_none() || !values.get(&field.name).is_null())
                .map(|field| item(field, values.get(&field.name), options))
                .collect();
            ReadGroup {
                id: step.id.clone(),
                title: step.title.clone(),
                items,
                change: None,
            }
        };
        let groups = self.steps().iter().map(group);
        ReadView {
            groups: groups.filter(|g| !g.items.is_empty()).collect(),
            markable: options.markable,
        }
    }
}

impl ReadGroup {
    /// Of fields that follow each other and are mended alike, the last one says how.
    fn tell_once(&mut self) {
        let next: Vec<Option<&str>> = self.items.iter().skip(1).map(|next| next.hint).collect();
        for (item, next) in self.items.iter_mut().zip(next) {
            item.hint_follows = item.hint.is_some() && item.hint == next;
        }
    }
}

impl ReadItem {
    fn name(&self) -> &str {
        self.pointer.trim_start_matches('/')
    }
}

impl ReadView {
    /// Says of what the applicant cannot mend how it is mended, and beside each mark what is wrong with it.
    pub fn telling(mut self, mendings: &Mendings, errors: &[FieldError]) -> Self {
        let items = self.groups.iter_mut().flat_map(|group| &mut group.items);
        for item in items {
            item.hint = mendings.get(item.name()).and_then(|m| m.words());
            let place = FieldProblem::place(item.name());
            let error = errors.iter().find(|error| error.pointer == place);
            item.error = error.map(|error| error.message.clone());
        }
        self.groups.iter_mut().for_each(ReadGroup::tell_once);
        self
    }

    /// Says beside each field what is wrong with it.
    pub fn beside(mut self, errors: &[FieldError]) -> Self {
        let items = self.groups.iter_mut().flat_map(|group| &mut group.items);
        for item in items {
            let error = errors.iter().find(|error| error.pointer == item.pointer);
            item.error = error.map(|error| error.message.clone());
        }
        self
    }

    /// Leads from each group to where it is filled in, by the id of its step.
    #[must_use]
    pub fn with_changes(mut self, to: impl Fn(&str) -> Option<String>) -> Self {
        for group in &mut self.groups {
            group.change = to(&group.id);
        }
        self
    }

    pub fn html(&self) -> Result<String> {
        self.render().map_err(Problem::internal)
    }
}

fn item(field: &Field, value: &Value, options: &ReadOptions<'_>) -> ReadItem {
    let words = field.words(value);
    let pointer = field.pointer();
    let problem = options.problems.iter().find(|p| p.pointer == pointer);
    ReadItem {
        title: field.title.clone(),
        text: match options.mask {
            true => masked(field, &words),
            false => words,
        },
        problem: problem.map(|p| p.problem.clone()),
        hint: None,
        hint_follows: false,
        error: None,
        pointer,
    }
}
