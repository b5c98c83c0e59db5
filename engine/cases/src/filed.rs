//! What a case was filed with, and what corrections put in its place: read from the journal and from nothing beside it.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tongban_base::Timestamp;
use tongban_crypto::MacKey;

use crate::event::CaseEvent;
use crate::model::{CaseId, Event, MaterialFile};

/// What lies before the office from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    /// Each with the digest of its content.
    pub files: Vec<MaterialFile>,
    /// The keyed digest of answers and form.
    pub values: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Handed in with the application.
    Filed,
    /// Handed in with a correction.
    New,
    /// A correction took it away.
    Replaced,
    /// The office put it in the place of a photo that could not be drawn.
    OfOffice,
    /// The photo in whose place another one was put.
    Exchanged,
}

/// A file of a case, as the office sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledFile {
    pub file: MaterialFile,
    pub state: FileState,
}

impl FiledFile {
    pub fn counts(&self) -> bool {
        !matches!(self.state, FileState::Replaced | FileState::Exchanged)
    }
}

/// All files of a case in the order in which they came, the replaced ones too. `rows` are asked only for journals from
/// before there was a list: there everything counts that had come by then.
pub fn files(journal: &[Event], rows: &[MaterialFile]) -> Vec<FiledFile> {
    let mut all: Vec<FiledFile> = Vec::new();
    for event in journal {
        let (filed, state) = match &event.what {
            Some(CaseEvent::Submitted { filed, .. }) => (filed, FileState::Filed),
            Some(CaseEvent::Corrected { filed, .. }) => (filed, FileState::New),
            Some(CaseEvent::PhotoExchanged { file, .. }) => {
                exchange(&mut all, file);
                continue;
            }
            _ => continue,
        };
        let now = match filed {
            Some(filed) => filed.files.clone(),
            None => by(rows, event.at),
        };
        for before in &mut all {
            if !now.iter().any(|file| file.id == before.file.id) {
                before.state = FileState::Replaced;
            }
        }
        for file in now {
            if !all.iter().any(|known| known.file.id == file.id) {
                all.push(FiledFile { file, state });
            }
        }
    }
    all
}

fn exchange(all: &mut Vec<FiledFile>, file: &MaterialFile) {
    let counting = all.iter_mut().filter(|before| before.counts());
    for before in counting.filter(|before| before.file.material == file.material) {
        before.state = FileState::Exchanged;
    }
    all.push(FiledFile {
        file: file.clone(),
        state: FileState::OfOffice,
    });
}

fn by(rows: &[MaterialFile], at: Timestamp) -> Vec<MaterialFile> {
    let come = rows.iter().filter(|file| file.uploaded_at <= at);
    come.cloned().collect()
}

/// Whether the journal is from before it kept a list.
pub fn needs_rows(journal: &[Event]) -> bool {
    let unlisted = |event: &Event| {
        matches!(
            event.what,
            Some(
                CaseEvent::Submitted { filed: None, .. } | CaseEvent::Corrected { filed: None, .. }
            )
        )
    };
    journal.iter().any(unlisted)
}

/// Those that count.
pub fn current(files: &[FiledFile]) -> Vec<MaterialFile> {
    let counting = files.iter().filter(|filed| filed.counts());
    counting.map(|filed| filed.file.clone()).collect()
}

/// The keyed digest of what was filled in.
pub fn digest(key: &MacKey, case: CaseId, answers: &Json, form: &Json) -> String {
    let values = json!({ "answers": answers, "form": form });
    let mac = key.mac(&[
        b"values",
        case.to_string().as_bytes(),
        tongban_packs::canonical(&values).as_bytes(),
    ]);
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digest that the journal has of the values; none while it has none.
pub fn values(journal: &[Event]) -> Option<&str> {
    journal.iter().rev().find_map(|event| match &event.what {
        Some(CaseEvent::Submitted { filed, .. } | CaseEvent::Corrected { filed, .. }) => {
            filed.as_ref().map(|filed| filed.values.as_str())
        }
        _ => None,
    })
}
