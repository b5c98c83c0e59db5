//! A decision against the applicant, as his page tells it: why, and where it says what can be done about it.

use crate::event::CaseEvent;
use crate::model::{LetterStatus, Status};
use crate::service::view::CaseView;

/// A decision against the applicant.
pub struct RefusedView {
    pub title: &'static str,
    pub reason: String,
    /// The letter: its name and where it is read; empty until it is made.
    pub name: String,
    pub letter: String,
}

impl RefusedView {
    pub fn of(view: &CaseView, base: &str) -> Option<Self> {
        let status = view.case.status;
        if !matches!(status, Status::Refused | Status::Denied) {
            return None;
        }
        let mut events = view.events.iter().rev();
        let reason = events.find_map(|event| match &event.what {
            Some(CaseEvent::TaskCompleted { opinion, .. }) if !opinion.is_empty() => Some(opinion),
            _ => None,
        });
        let mut letters = view.documents.iter().rev();
        let letter = letters.find(|letter| letter.status == LetterStatus::Ready);
        Some(RefusedView {
            title: status.title(),
            reason: reason.cloned().unwrap_or_default(),
            name: letter.map_or_else(|| "决定书".to_owned(), |letter| letter.title.clone()),
            letter: letter.map_or_else(String::new, |letter| {
                format!("{base}/documents/{}.pdf", letter.id)
            }),
        })
    }
}
