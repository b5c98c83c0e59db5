//! The tables of this crate; each has one file.

pub(crate) mod calendar;
pub(crate) mod case_filter;
pub(crate) mod cases;
pub(crate) mod consultations;
pub(crate) mod documents;
pub(crate) mod drafts;
pub(crate) mod events;
pub(crate) mod figures;
pub(crate) mod heads;
pub(crate) mod materials;
pub(crate) mod open_cases;
pub(crate) mod queue;
pub(crate) mod sub_cases;
pub(crate) mod turns;
pub(crate) mod usual;

use std::fmt::Display;

use serde_json::Value as Json;
use tongban_base::{Problem, Result, Uuid};
use tongban_crypto::FieldCipher;
use tongban_operations::About;
use tongban_store::Row;

use crate::agent::Agent;

/// Personal data of answers, forms and letters lies encrypted; this closes and opens it. It opens only in its row.
pub(crate) fn seal_json(
    cipher: &FieldCipher,
    value: &Json,
    column: &str,
    row: impl Display,
) -> Result<String> {
    let sealed = cipher.encrypt_in(&value.to_string(), column, row);
    sealed.map_err(Problem::internal)
}

pub(crate) fn open_json(
    cipher: &FieldCipher,
    sealed: &str,
    column: &str,
    row: impl Display,
) -> Result<Json> {
    let text = cipher.decrypt_in(sealed, column, row);
    Ok(serde_json::from_str(&text.map_err(Problem::internal)?)?)
}

/// The record that a row is about.
pub(crate) fn about(row: &Row) -> Result<Option<About>> {
    let stored: Option<String> = row.get("about")?;
    let read = |text: String| {
        let unread = || Problem::internal(format!("no record {text}"));
        About::of_text(&text).ok_or_else(unread)
    };
    stored.map(read).transpose()
}

/// Whoever acts for the account of a row.
pub(crate) fn agent(
    row: &Row,
    cipher: &FieldCipher,
    (column, id): (&str, Uuid),
) -> Result<Option<Agent>> {
    let sealed: Option<String> = row.get("agency")?;
    let open = |sealed: String| -> Result<Agent> {
        Ok(serde_json::from_value(open_json(
            cipher, &sealed, column, id,
        )?)?)
    };
    sealed.map(open).transpose()
}

/// For lists: what was changed beside the program is left out, it hides nothing else.
pub(crate) fn unless_changed<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(problem) if problem.code() == "store.row_changed" => Ok(None),
        found => found.map(Some),
    }
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
