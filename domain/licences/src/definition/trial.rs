//! Trying a face on made-up facts, before a pack is published: its fields are worked out, and it holds what they say.

use serde_json::{Map, Value as Json, json};
use tongban_documents::{DocumentError, Typesetter, qr_png};

use super::{FaceValues, Issued, LicenceType, calculate, fit};

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
        let set = self.set(typesetter, &template, &data);
        set.map(drop).map_err(FaceFault::Face)
    }

    fn face_of(&self, facts: &TrialFacts) -> Result<Map<String, Json>, FaceFault> {
        let day = || "2026-12-31".to_owned();
        let issued = Issued {
            number: "示例2026000001".to_owned(),
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
