//! Trying a face on made-up facts, before a pack is published: its fields are worked out, and it holds what they say.

use serde_json::{Map, Value as Json, json};
use tongban_documents::{DocumentError, Template, Typesetter, qr_png};

use super::{FaceValues, Issued, LicenceType, SetFace, calculate, fit};

const PHOTO: &str = "/photo.png";

/// What an item might give to a licence.
#[derive(Clone, Debug)]
pub struct TrialFacts {
    pub person: Json,
    pub form: Json,
    pub case: Json,
}

/// Why a face cannot be made.
#[derive(Clone, Debug)]
pub enum FaceFault {
    /// A field that cannot be worked out.
    Field { code: String, message: String },
    /// A template that is wrong, or that does not hold the longest of its fields.
    Face(DocumentError),
}

impl LicenceType {
    /// Sets the face once, each field with the longest value that one of these facts gives it.
    pub fn try_face(&self, typesetter: &Typesetter, facts: &[TrialFacts]) -> Result<(), FaceFault> {
        let mut face = Map::new();
        for facts in facts {
            for (code, value) in self.face_of(facts)? {
                let longer = face
                    .get(&code)
                    .is_none_or(|old| fit::length(old) < fit::length(&value));
                if longer {
                    face.insert(code, value);
                }
            }
        }
        if face.is_empty() {
            return Ok(());
        }
        let url = "https://tongban.example.cn/v/000000000000";
        let data = json!({ "licence": face, "verify_url": url, "qr": url, "demo": true });
        let photo = qr_png(url).map_err(FaceFault::Face)?;
        let template = self.template.clone().with_file(PHOTO, photo);
        let SetFace { pages, .. } = self
            .set(typesetter, &template, &data)
            .map_err(FaceFault::Face)?;
        if !pages.has_qr(url) {
            let words = "照面上没有印出核验用的二维码（/qr.png）";
            return Err(FaceFault::Face(DocumentError::incomplete(words)));
        }
        pages.can_be_written().map_err(FaceFault::Face)?;
        match self.unprinted(typesetter, &template, data) {
            Some(code) => Err(FaceFault::Field {
                code,
                message: "照面上没有印出这一项，请在照面模板里印出它，或者从 fields 里删去"
                    .to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// A field that does not stand on the face: each is given a word of its own, and looked for.
    fn unprinted(
        &self,
        typesetter: &Typesetter,
        template: &Template,
        mut data: Json,
    ) -> Option<String> {
        let mut wanted = Vec::new();
        for (field, number) in self.fields.iter().zip(90001..) {
            let value = &mut data["licence"][&field.code];
            let word = number.to_string();
            match value {
                Json::String(text) if text == PHOTO => continue,
                Json::String(text) => text.clone_from(&word),
                Json::Array(items) => *items = vec![json!(word)],
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => continue,
            }
            wanted.push((field, word));
        }
        // A template that works with its values is not tried this way.
        let words = typesetter.typeset(template, &data).ok()?.words();
        let missing = wanted
            .into_iter()
            .find(|(_, word)| !words.contains(word.as_str()));
        missing.map(|(field, _)| field.code.clone())
    }

    fn face_of(&self, facts: &TrialFacts) -> Result<Map<String, Json>, FaceFault> {
        let day = || "2026-12-31".to_owned();
        let issued = Issued {
            number: self.number_rule.number(2026, 1),
            issued_on: day(),
            valid_from: day(),
            valid_to: day(),
            issuer_name: "示例机关名称".to_owned(),
            photo: PHOTO.to_owned(),
        };
        let given = FaceValues {
            person: &facts.person,
            form: &facts.form,
            answers: &json!({}),
            case: &facts.case,
            licence: &Json::Null,
            issued: &issued,
        };
        let mut face = Map::new();
        for field in &self.fields {
            let worked = calculate(std::slice::from_ref(field), &given);
            let fault = |problem: tongban_base::Problem| FaceFault::Field {
                code: field.code.clone(),
                message: format!("这一项算不出来：{problem}"),
            };
            face.extend(worked.map_err(fault)?);
        }
        Ok(face)
    }
}
