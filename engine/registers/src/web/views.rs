//! What the pages show. Only the form shows personal numbers whole.

use askama::Template;
use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, FieldError};
use tongban_operations::CaseLine;
use tongban_ui::Page;
use tongban_ui::view::{Choice, Link, Pager};

use crate::definition::{FilterKind, RegisterDefinition, options};
use crate::model::{HistoryLine, ListRow, OpenRecord};
use crate::service::list::ListQuery;

#[derive(Template)]
#[template(path = "registers.html")]
pub(super) struct RegistersPage {
    pub page: Page,
    pub registers: Vec<RegisterLine>,
}

pub(super) struct RegisterLine {
    pub code: String,
    pub title: String,
    pub note: String,
}

impl RegisterLine {
    pub fn of(definition: &RegisterDefinition) -> Self {
        let columns: Vec<&str> = definition
            .list
            .iter()
            .take(5)
            .map(|name| definition.title_of(name))
            .collect();
        let example = if definition.example {
            "（示例）"
        } else {
            ""
        };
        Self {
            code: definition.code.clone(),
            title: format!("{}{example}", definition.title),
            note: columns.join("、"),
        }
    }
}

/// One filter of a list: a search box, or a select when there are choices.
pub(super) struct FilterView {
    pub name: String,
    pub title: String,
    pub value: String,
    pub hint: &'static str,
    pub choices: Option<Vec<Choice>>,
}

#[derive(Template)]
#[template(path = "register.html")]
pub(super) struct RecordsPage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    /// Address of the list.
    pub base: String,
    pub title: String,
    pub example: bool,
    pub filters: Vec<FilterView>,
    pub columns: Vec<String>,
    pub rows: Vec<ListRow>,
    pub narrowed: bool,
    pub may_manage: bool,
    pub pager: Pager,
}

pub(super) fn filters(definition: &RegisterDefinition, query: &ListQuery) -> Vec<FilterView> {
    let fields = definition
        .filters
        .iter()
        .filter_map(|name| definition.field(name));
    fields
        .map(|field| {
            let value = query.filters.get(&field.name).cloned().unwrap_or_default();
            let kind = definition.filter_kind(field);
            let choices = options(field)
                .iter()
                .map(|option| Choice::new(&option.value, &option.title, option.value == value));
            FilterView {
                name: field.name.clone(),
                title: field.title.clone(),
                hint: if kind == FilterKind::Whole {
                    "填写完整号码"
                } else {
                    ""
                },
                choices: (kind == FilterKind::Choice).then(|| choices.collect()),
                value,
            }
        })
        .collect()
}

pub(super) fn columns(definition: &RegisterDefinition) -> Vec<String> {
    let names = definition.list.iter();
    names
        .map(|name| definition.title_of(name).to_owned())
        .collect()
}

#[derive(Template)]
#[template(path = "register_record.html")]
pub(super) struct RecordPage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub code: String,
    pub register_title: String,
    pub id: String,
    pub version: i64,
    pub heading: String,
    pub deleted: Option<String>,
    pub facts: Vec<Fact>,
    pub actions: Vec<Button>,
    pub history: Vec<LineView>,
    /// Those that are about it or wrote it.
    pub cases: Vec<CaseLine>,
    pub may_manage: bool,
    pub reason: String,
    pub errors: Vec<FieldError>,
}

/// What a record says in one field.
pub(super) struct Fact {
    pub title: String,
    pub words: String,
    /// Where a link or a file leads.
    pub href: String,
}

/// Starts a procedure about the record.
pub(super) struct Button {
    pub title: String,
    pub action: String,
}

pub(super) struct LineView {
    pub title: &'static str,
    pub when: String,
    pub by: String,
    pub reason: String,
    pub changes: Vec<ChangeView>,
}

pub(super) struct ChangeView {
    pub title: String,
    pub before: String,
    pub after: String,
}

impl RecordPage {
    pub fn new(page: Page, ctx: &Ctx, definition: &RegisterDefinition, open: &OpenRecord) -> Self {
        let record = &open.record;
        let base = format!("/workbench/registers/{}", definition.code);
        let here = format!("{base}/{}", record.id);
        let facts = facts(definition, &record.data, &here);
        let actions = match record.deleted_at {
            None => definition.open_actions(ctx, &record.data),
            Some(_) => Vec::new(),
        };
        Self {
            page: page.titled(record.title.clone()),
            crumbs: vec![
                Link::new("台账", "/workbench/registers"),
                Link::new(definition.title.clone(), base),
                Link::new(record.title.clone(), ""),
            ],
            code: definition.code.clone(),
            register_title: definition.title.clone(),
            id: record.id.to_string(),
            version: record.version,
            heading: record.title.clone(),
            deleted: record.deleted_at.map(|at| at.words()),
            facts,
            cases: Vec::new(),
            actions: actions
                .into_iter()
                .map(|action| Button {
                    title: action.title.clone(),
                    action: format!("/workbench/start/{}", action.procedure),
                })
                .collect(),
            history: open
                .history
                .iter()
                .map(|line| line_view(definition, line))
                .collect(),
            may_manage: open.may_write,
            reason: String::new(),
            errors: Vec::new(),
        }
    }

    fn error(&self, name: &str) -> String {
        let found = self.errors.iter().find(|e| e.pointer == format!("/{name}"));
        found.map(|e| e.message.clone()).unwrap_or_default()
    }
}

/// What a record says, field by field; `here` is the address of its page.
fn facts(definition: &RegisterDefinition, data: &Map<String, Json>, here: &str) -> Vec<Fact> {
    let said = definition.names.iter().filter_map(|name| {
        let value = data.get(name)?;
        let words = definition.words(name, value);
        let href = match definition.file(name) {
            Some(_) => format!("{here}/files/{name}"),
            None if definition.is_link(name) => words.clone(),
            None => String::new(),
        };
        (!words.is_empty()).then(|| Fact {
            title: definition.title_of(name).to_owned(),
            words,
            href,
        })
    });
    said.collect()
}

fn line_view(definition: &RegisterDefinition, line: &HistoryLine) -> LineView {
    let changes = line.changes.iter().map(|change| ChangeView {
        title: definition.title_of(&change.field).to_owned(),
        before: words(definition, &change.field, &change.before),
        after: words(definition, &change.field, &change.after),
    });
    LineView {
        title: match line.kind.as_str() {
            "created" => "登记",
            "changed" => "变更",
            "deleted" => "删除",
            "imported" => "存量导入",
            "undone" => "撤回",
            _ => "其他",
        },
        when: line.at.words(),
        by: line.actor_name.clone(),
        reason: line.reason.clone(),
        changes: changes.collect(),
    }
}

fn words(definition: &RegisterDefinition, field: &str, value: &Json) -> String {
    match value {
        Json::Null => "（空）".to_owned(),
        value => definition.words(field, value),
    }
}

#[derive(Template)]
#[template(path = "register_form.html")]
pub(super) struct FormPage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub note: &'static str,
    pub action: String,
    pub back: String,
    /// None for a new record.
    pub version: Option<i64>,
    pub fields: String,
    pub files: Vec<FileInput>,
}

/// A file of the record, and a place for another one.
pub(super) struct FileInput {
    pub name: String,
    pub title: String,
    pub help: String,
    pub required: bool,
    pub accept: String,
    pub there: Option<Link>,
    pub error: String,
}
