//! A decision against the applicant, as his page tells it: why, and where it says what can be done about it.

use crate::event::CaseEvent;
use crate::model::{LetterStatus, Status};
use crate::service::view::CaseView;

/// A decision against the applicant.
pub struct RefusedView {
    pub title: &'static str,
    pub reason: String,
    /// The letter of that decision: its name and where it is read; empty until it is made.
    pub name: String,
    pub letter: String,
}

impl RefusedView {
    pub fn of(view: &CaseView, base: &str) -> Option<Self> {
        let status = view.case.status;
        if !matches!(status, Status::Refused | Status::Denied) {
            return None;
        }
        let against = view.events.iter().rposition(|event| {
            let what = event.what.as_ref();
            matches!(
                what,
                Some(CaseEvent::Refused { .. } | CaseEvent::Closed { .. })
            )
        })?;
        let reason = match view.events.get(against)?.what.as_ref()? {
            CaseEvent::Refused { opinion } | CaseEvent::Closed { opinion, .. } => opinion.clone(),
            _ => return None,
        };
        // What the deciding step brought, and not what was handed over later.
        let before = view
            .events
            .iter()
            .take(against)
            .rposition(|event| matches!(event.what, Some(CaseEvent::TaskCompleted { .. })));
        let mut after = view.events.iter().skip(before.unwrap_or_default());
        let made = after.find_map(|event| match &event.what {
            Some(CaseEvent::DocumentMade(letter)) => Some(letter.document),
            _ => None,
        });
        let mut letters = view.documents.iter();
        let ready = |id| letters.find(|one| one.id == id && one.status == LetterStatus::Ready);
        let letter = made.and_then(ready);
        Some(Self {
            title: status.title(),
            reason,
            name: letter.map_or_else(|| "决定书".to_owned(), |letter| letter.title.clone()),
            letter: letter.map_or_else(String::new, |letter| {
                format!("{base}/documents/{}.pdf", letter.id)
            }),
        })
    }
}
