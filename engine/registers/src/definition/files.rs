//! Fields of a register that are files. Forms know none: they are taken out of the schema and kept beside it.

use serde_json::{Map, Value as Json};
use tongban_base::FieldError;
use tongban_documents::FileKind;
use tongban_packs::Findings;

use super::file::FileProperty;
use crate::model::FileValue;

/// A file that a record may have.
#[derive(Clone, Debug)]
pub struct FileField {
    pub name: String,
    pub title: String,
    pub(crate) help: String,
    pub(crate) required: bool,
    pub(crate) formats: Vec<FileKind>,
    pub(crate) max_mb: u32,
}

/// Where nothing else is said.
const MEGABYTES: u32 = 20;

impl FileField {
    /// What is wrong with what a record says of it.
    pub(crate) fn fault(&self, value: Option<&Json>) -> Option<FieldError> {
        let fault = |words: String| {
            let pointer = format!("/{}", self.name);
            Some(FieldError::new(pointer, "file", words))
        };
        match value.filter(|value| !value.is_null()) {
            None if self.required => fault(format!("请上传{}", self.title)),
            None => None,
            Some(value) => match FileValue::of(value) {
                None => fault(format!("{}应为上传的文件", self.title)),
                Some(file) if !self.takes(&file.media_type) => fault(format!(
                    "{}只能是 {} 文件",
                    self.title,
                    self.formats_words()
                )),
                Some(_) => None,
            },
        }
    }

    fn takes(&self, media_type: &str) -> bool {
        let mut formats = self.formats.iter();
        formats.any(|kind| kind.media_type() == media_type)
    }

    pub(crate) fn formats_words(&self) -> String {
        let titles: Vec<&str> = self.formats.iter().map(|kind| kind.title()).collect();
        titles.join("、")
    }

    /// As a browser's chooser takes it.
    pub(crate) fn accept(&self) -> String {
        let types: Vec<&str> = self.formats.iter().map(|kind| kind.media_type()).collect();
        types.join(",")
    }
}

/// Takes the file fields out of a schema.
pub(super) fn taken_out(name: &str, schema: &mut Json, findings: &mut Findings) -> Vec<FileField> {
    let required = required(schema);
    let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) else {
        return Vec::new();
    };
    let is_file = |property: &Json| property.get("format").is_some_and(|f| f == "file");
    let names: Vec<String> = (properties.iter().filter(|(_, property)| is_file(property)))
        .map(|(field, _)| field.clone())
        .collect();
    let mut fields = Vec::new();
    for field in names {
        let Some(property) = properties.shift_remove(&field) else {
            continue;
        };
        match serde_json::from_value::<FileProperty>(property) {
            Ok(file) => fields.push(FileField {
                required: required.contains(&field),
                title: file.title,
                help: file.description,
                formats: match file.formats.is_empty() {
                    true => vec![FileKind::Pdf, FileKind::Jpg, FileKind::Png],
                    false => file.formats,
                },
                max_mb: file.max_mb.unwrap_or(MEGABYTES),
                name: field,
            }),
            Err(fault) => findings.add(name, Some(&field), format!("文件字段的写法有误：{fault}")),
        }
    }
    let is_kept = |wanted: &Json| !fields.iter().any(|file| *wanted == file.name);
    if let Some(required) = schema.get_mut("required").and_then(Json::as_array_mut) {
        required.retain(is_kept);
    }
    fields
}

fn required(schema: &Json) -> Vec<String> {
    let names = schema.get("required").and_then(Json::as_array);
    let names = names.into_iter().flatten().filter_map(Json::as_str);
    names.map(str::to_owned).collect()
}

/// What a record says, without its files; and the files.
pub(crate) fn parted(
    fields: &[FileField],
    mut data: Map<String, Json>,
) -> (Map<String, Json>, Map<String, Json>) {
    let mut files = Map::new();
    for field in fields {
        if let Some(value) = data.shift_remove(&field.name) {
            files.insert(field.name.clone(), value);
        }
    }
    (data, files)
}
