//! Setting a face: it holds what it says on its pages and keeps clear of the seal, or the field that is too long is named.

use serde_json::Value as Json;
use tongban_documents::{DocumentError, Pages, StampPosition, Template, Typesetter};

use super::{FaceField, LicenceType};

/// So much of a text is left when it is tried whether the face would hold without it.
const SHORT: usize = 2;

/// A face on its pages, and where the seal goes.
pub struct SetFace {
    pub pages: Pages,
    pub seal: StampPosition,
}

impl LicenceType {
    /// Lays the face out; `template` is the type's own with what this licence adds, such as its picture.
    ///
    /// # Errors
    /// When the template is wrong, or a field is too long for it; then the field is named.
    pub fn set(
        &self,
        typesetter: &Typesetter,
        template: &Template,
        data: &Json,
    ) -> Result<SetFace, DocumentError> {
        let pages = typesetter.typeset(template, data)?;
        let fault = match placed(&pages, self) {
            Ok(seal) => return Ok(SetFace { pages, seal }),
            Err(fault) => fault,
        };
        let fits = |data: &Json| {
            let pages = typesetter.typeset(template, data);
            pages.is_ok_and(|pages| placed(&pages, self).is_ok())
        };
        let blamed = too_long(self, data, fits);
        if blamed.is_empty() {
            return Err(fault);
        }
        Err(DocumentError::does_not_fit(format!(
            "照面放不下：{}，请缩短，或者请管理员调整照面模板 {}",
            blamed.join("、"),
            template.name
        )))
    }
}

fn placed(pages: &Pages, kind: &LicenceType) -> Result<StampPosition, DocumentError> {
    let (wanted, count) = (kind.pages, pages.count());
    if count != wanted {
        let words = format!("照面应为 {wanted} 页，排出来是 {count} 页");
        return Err(DocumentError::does_not_fit(words));
    }
    pages.seal_place()?.ok_or_else(DocumentError::no_seal_place)
}

/// The fields without whose length the face would hold: one if one is enough, otherwise the longest ones together.
fn too_long(kind: &LicenceType, data: &Json, fits: impl Fn(&Json) -> bool) -> Vec<String> {
    let mut fields: Vec<(&FaceField, usize)> = kind
        .fields
        .iter()
        .map(|field| (field, length(&data["licence"][&field.code])))
        .filter(|(_, length)| *length > SHORT)
        .collect();
    fields.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    let words =
        |(field, length): &(&FaceField, usize)| format!("{}太长（{length} 个字）", field.title);
    let alone = fields.iter().find(|(field, _)| {
        let mut shorter = data.clone();
        shorten(&mut shorter["licence"][&field.code]);
        fits(&shorter)
    });
    if let Some(field) = alone {
        return vec![words(field)];
    }
    let mut shorter = data.clone();
    for (index, (field, _)) in fields.iter().enumerate() {
        shorten(&mut shorter["licence"][&field.code]);
        if fits(&shorter) {
            return fields[..=index].iter().map(words).collect();
        }
    }
    Vec::new()
}

pub(super) fn length(value: &Json) -> usize {
    match value {
        Json::String(text) => text.chars().count(),
        Json::Array(items) => items.iter().map(length).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => 0,
    }
}

fn shorten(value: &mut Json) {
    match value {
        Json::String(text) => *text = text.chars().take(SHORT).collect(),
        Json::Array(items) => items.truncate(1),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {}
    }
}
