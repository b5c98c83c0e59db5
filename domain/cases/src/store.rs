//! The tables of this crate; each has one file.

pub(crate) mod calendar;
pub(crate) mod cases;
pub(crate) mod documents;
pub(crate) mod drafts;
pub(crate) mod events;
pub(crate) mod materials;

use serde_json::Value as Json;
use tongban_base::{Problem, Result};
use tongban_crypto::FieldCipher;

/// Personal data of answers, forms and letters lies encrypted; this opens and closes it.
pub(crate) fn seal_json(cipher: &FieldCipher, value: &Json, place: &str) -> Result<String> {
    cipher
        .encrypt(&value.to_string(), place)
        .map_err(Problem::internal)
}

pub(crate) fn open_json(cipher: &FieldCipher, sealed: &str, place: &str) -> Result<Json> {
    let text = cipher.decrypt(sealed, place).map_err(Problem::internal)?;
    Ok(serde_json::from_str(&text)?)
}

/// By this a case is found when the whole name is asked for, however its parts are set apart.
pub(crate) fn name_digest(cipher: &FieldCipher, name: &str) -> String {
    let one_form: String = name
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•' | '・' | '．'))
        .flat_map(char::to_uppercase)
        .collect();
    cipher.lookup_digest(&one_form)
}
