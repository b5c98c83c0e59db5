//! What pages show of a form. Knows no routes, no buttons and no session: callers put these fragments
//! into a page of theirs.

mod keeping;
mod problems;
mod read;
mod records;
mod step;

use serde_json::{Value, json};

pub use keeping::Keeping;
pub use problems::{FieldProblem, read_problems};
pub use read::{ReadGroup, ReadItem, ReadOptions, ReadView};
pub use records::RecordsView;
pub use step::{FieldView, OptionView, StepView};

use crate::layout::form_fields;
use crate::{Field, FieldKind, Format};

/// The condition under which a field is shown and the fields that it looks at, for programs.
pub(crate) fn visible_when(field: &Field) -> Option<Value> {
    let program = field.visible.as_ref()?;
    let fields: Vec<&str> = form_fields(program).collect();
    Some(json!({"expression": program.source(), "fields": fields}))
}

fn is_mobile(words: &str) -> bool {
    words.len() == 11 && words.starts_with('1') && words.bytes().all(|byte| byte.is_ascii_digit())
}

/// Identity and mobile numbers with their middle hidden; everything else as it is.
pub(crate) fn masked(field: &Field, words: &str) -> String {
    let FieldKind::Text { format, .. } = &field.kind else {
        return words.to_owned();
    };
    let (front, back) = match format {
        Some(Format::ResidentId) => (6, 4),
        Some(Format::Mobile) => (3, 4),
        // What a rule has put together may be a number too.
        _ if is_mobile(words) => (3, 4),
        _ => return words.to_owned(),
    };
    let characters: Vec<char> = words.chars().collect();
    let count = characters.len();
    let hidden = |index: usize| index >= front && index + back < count;
    let shown = characters.iter().enumerate();
    shown
        .map(|(index, c)| if hidden(index) { '*' } else { *c })
        .collect()
}
