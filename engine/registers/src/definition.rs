//! What a register is: read from `registers/CODE.toml` of a pack, checked as a whole, every fault with its place.
//! Knows no record and no database.

mod access;
mod check;
mod file;
mod files;
mod form;
mod publish;
mod show;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tongban_base::{FieldError, typed};
use tongban_expressions::{Program, Values};
use tongban_forms::{Field, FieldKind, Form, Format};
use tongban_packs::{Findings, Folder, KnownDivisions};

pub use access::Action;
pub(crate) use access::{Access, Count, Rows};
pub use files::FileField;
pub(crate) use files::parted;
pub(crate) use form::STEP;
pub use publish::Publish;
pub(crate) use show::{FilterKind, options};

/// A rule over the whole record; where it does not hold, its words stand beside the field.
#[derive(Clone, Debug)]
pub struct RecordCheck {
    pub rule: Program,
    pub pointer: String,
    pub message: String,
}

/// Immutable once read.
#[derive(Clone, Debug)]
pub struct RegisterDefinition {
    pub code: String,
    pub title: String,
    /// The field that names a record among people.
    pub key: String,
    /// Groups of fields that no two records share.
    pub unique: Vec<Vec<String>>,
    /// Columns of the list.
    pub list: Vec<String>,
    pub filters: Vec<String>,
    /// Fields that can be searched: filters and indexes.
    pub searchable: BTreeSet<String>,
    /// Masked on pages, searched by digest.
    pub sensitive: BTreeSet<String>,
    pub checks: Vec<RecordCheck>,
    pub form: Form,
    /// What the form does not ask: files, in the order in which they are written.
    pub files: Vec<FileField>,
    /// Every field as it is written, files among them.
    pub(crate) names: Vec<String>,
    /// The field that places a record in a division, if there is one.
    pub division_field: Option<String>,
    /// The field that says which organisation a record belongs to.
    pub owner: Option<String>,
    pub(crate) access: BTreeMap<String, Access>,
    pub actions: Vec<Action>,
    pub(crate) counts: Vec<Count>,
    pub publish: Option<Publish>,
    /// Nothing in it is law or fact: pages say 示例.
    pub example: bool,
}

/// The registers of a pack by code.
#[derive(Clone, Debug, Default)]
pub struct RegisterDefinitions(BTreeMap<String, RegisterDefinition>);

impl RegisterDefinitions {
    /// Reads `registers/*.toml`; files that end with `-seed.toml` describe demonstration data and are left out.
    pub fn read(folder: &Folder, divisions: &KnownDivisions, findings: &mut Findings) -> Self {
        let mut all = BTreeMap::new();
        let names = folder.list("registers/", ".toml");
        for name in names.filter(|name| !name.ends_with("-seed.toml")) {
            let Some(file) = findings.take(folder.toml::<file::RegisterFile>(name)) else {
                continue;
            };
            if name != format!("registers/{}.toml", file.code) {
                findings.add(name, Some("code"), "代码应与文件名一致");
            }
            if let Some(definition) = check::definition(name, file, divisions, findings) {
                all.insert(definition.code.clone(), definition);
            }
        }
        Self(all)
    }

    /// One of them, for whoever checks what names it; what is wrong inside it is told where all are read.
    pub(crate) fn one(
        folder: &Folder,
        divisions: &KnownDivisions,
        code: &str,
    ) -> Option<RegisterDefinition> {
        let (name, mut untold) = (format!("registers/{code}.toml"), Findings::default());
        let file = untold.take(folder.toml::<file::RegisterFile>(&name))?;
        check::definition(&name, file, divisions, &mut untold)
    }

    pub fn get(&self, code: &str) -> Option<&RegisterDefinition> {
        self.0.get(code)
    }

    pub fn iter(&self) -> impl Iterator<Item = &RegisterDefinition> {
        self.0.values()
    }
}

impl RegisterDefinition {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.form.field(name)
    }

    pub fn file(&self, name: &str) -> Option<&FileField> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Whether it is a field, a file among them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.field(name).is_some() || self.file(name).is_some()
    }

    /// What a field is called.
    pub(crate) fn title_of<'d>(&'d self, name: &'d str) -> &'d str {
        let field = self.field(name).map(|field| field.title.as_str());
        let file = || self.file(name).map(|file| file.title.as_str());
        field.or_else(file).unwrap_or(name)
    }

    fn format_of(&self, name: &str) -> Option<Option<Format>> {
        match self.field(name)?.kind {
            FieldKind::Text { format, .. } => Some(format),
            _ => None,
        }
    }

    /// A whole value as somebody types it who looks for it, in the form in which the form of the register keeps it.
    pub(crate) fn kept(&self, name: &str, text: &str) -> String {
        let seen = typed::visible(text);
        match self.format_of(name) {
            Some(Some(format)) => format.tidy(&seen),
            _ => seen,
        }
    }

    pub(crate) fn is_text(&self, name: &str) -> bool {
        let format = self.format_of(name);
        format.is_some_and(|format| !matches!(format, Some(Format::Date | Format::Link)))
    }

    pub(crate) fn is_date(&self, name: &str) -> bool {
        self.format_of(name) == Some(Some(Format::Date))
    }

    pub(crate) fn is_link(&self, name: &str) -> bool {
        self.format_of(name) == Some(Some(Format::Link))
    }

    pub(crate) fn is_flag(&self, name: &str) -> bool {
        let kind = self.field(name).map(|field| &field.kind);
        matches!(kind, Some(FieldKind::Boolean { .. }))
    }

    pub(crate) fn is_choice(&self, name: &str) -> bool {
        let kind = self.field(name).map(|field| &field.kind);
        matches!(kind, Some(FieldKind::Choice(_)))
    }

    /// The rules that a record breaks. A rule that cannot be answered yet holds; one that fails to run does not.
    pub fn faults(&self, record: &Json) -> Vec<FieldError> {
        let values = Values::new().with("record", record);
        let broken = self.checks.iter().filter(|check| {
            !matches!(
                check.rule.evaluate(&values),
                Ok(Json::Bool(true) | Json::Null)
            )
        });
        let broken = broken.map(|check| FieldError::new(&check.pointer, "check", &check.message));
        let files = self.files.iter();
        let lacking = files.filter_map(|file| file.fault(record.get(&file.name)));
        lacking.chain(broken).collect()
    }

    /// Text of a field for looking it up; several for a list of choices.
    pub(crate) fn keys_of(&self, name: &str, value: &Json) -> Vec<String> {
        match (value, self.field(name).map(|f| &f.kind)) {
            (Json::Null, _) => Vec::new(),
            (Json::String(text), _) => vec![text.clone()],
            (Json::Array(items), Some(FieldKind::Choices(_))) => items
                .iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect(),
            (other, _) => vec![other.to_string()],
        }
    }
}
