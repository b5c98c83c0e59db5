//! What an officer writes down with a decision. Knows no table.

use serde::{Deserialize, Serialize};
use tongban_base::{FieldError, typed};
use tongban_flows::{Decision as Choice, Entry, EntryKind};

/// Longer than the name of any firm with its number.
const LONGEST: usize = 100;
/// Before the name of an entry, in fields of pages and in pointers.
pub const FIELD: &str = "entry.";

/// One entry, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    pub name: String,
    pub label: String,
    pub text: String,
}

/// In one line: `快递公司：…；快递单号：…`.
pub fn words(entered: &[Entered]) -> String {
    let each = entered
        .iter()
        .map(|one| format!("{}：{}", one.label, one.text));
    each.collect::<Vec<_>>().join("；")
}

/// What was sent for the entries of a choice, and what is wrong with it. Whose number it must be is asked later.
pub fn read(choice: &Choice, sent: &[(String, String)]) -> (Vec<Entered>, Vec<FieldError>) {
    let (mut entered, mut faults) = (Vec::new(), Vec::new());
    for entry in &choice.entries {
        let found = sent.iter().rev().find(|(name, _)| *name == entry.name);
        let text = typed::visible(found.map_or("", |(_, text)| text));
        match text.chars().count() {
            0 if entry.required => {
                faults.push(fault(entry, "required", format!("请填写{}", entry.label)));
            }
            0 => {}
            1..=LONGEST => entered.push(Entered {
                name: entry.name.clone(),
                label: entry.label.clone(),
                text,
            }),
            _ => {
                let words = format!("{}最长 {LONGEST} 字", entry.label);
                faults.push(fault(entry, "too_long", words));
            }
        }
    }
    (entered, faults)
}

/// Numbers are compared and not kept: in their place stands that they agree. Errors: one is another one's.
pub fn compared(
    choice: &Choice,
    mut entered: Vec<Entered>,
    number: Option<&str>,
) -> std::result::Result<Vec<Entered>, FieldError> {
    for one in &mut entered {
        let entry = choice.entries.iter().find(|entry| entry.name == one.name);
        let Some(entry) = entry.filter(|entry| entry.kind == EntryKind::Applicant) else {
            continue;
        };
        if number != Some(typed::code(&one.text).as_str()) {
            let words = "与申请人的证件号码不一致，请核对来人的证件；不是本人的，不能办理";
            return Err(fault(entry, "other_number", words.to_owned()));
        }
        "与申请人一致".clone_into(&mut one.text);
    }
    Ok(entered)
}

fn fault(entry: &Entry, code: &str, words: String) -> FieldError {
    FieldError::new(format!("/{FIELD}{}", entry.name), code, words)
}
