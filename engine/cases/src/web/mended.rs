//! What was asked of the applicant, and what became of it, for the officer who gets the case again.

use tongban_forms::ReadOptions;

use crate::event::CaseEvent;
use crate::filed::FileState;
use crate::service::applying::values_of;
use crate::service::view::CaseView;

/// One thing that was asked.
pub struct Mended {
    pub title: String,
    pub problem: String,
    /// What the applicant did.
    pub outcome: String,
    /// It is as it was.
    pub kept: bool,
}

/// Of the last correction, once it was handed in; empty before, and when there was none.
pub(super) fn mended(view: &CaseView) -> Vec<Mended> {
    let mut asked = None;
    let mut answered = None;
    for event in &view.events {
        match &event.what {
            Some(CaseEvent::CorrectionAsked { correction }) => {
                (asked, answered) = (Some(correction), None);
            }
            Some(CaseEvent::Corrected { changed, kept, .. }) => answered = Some((changed, kept)),
            Some(CaseEvent::CorrectionDropped {}) => (asked, answered) = (None, None),
            _ => {}
        }
    }
    let (Some(asked), Some((changed, kept))) = (asked, answered) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for mend in asked.fields.iter().chain(&asked.materials) {
        let why = kept
            .iter()
            .find(|kept| kept.place == mend.place || kept.title == mend.title);
        let is_changed = changed.contains(&mend.place);
        let files = view.files.iter();
        let files =
            files.filter(|file| file.file.material == mend.place && file.state == FileState::New);
        let files: Vec<&str> = files.map(|file| file.file.name.as_str()).collect();
        let outcome = match why {
            Some(kept) => format!("申请人核对后没有改：{}", kept.why),
            None if !files.is_empty() => format!("新交了 {}", files.join("、")),
            None if is_changed => format!("已改为：{}", value(view, &mend.place)),
            None => "没有变化".to_owned(),
        };
        all.push(Mended {
            title: mend.title.clone(),
            problem: mend.problem.clone(),
            kept: why.is_some() || (files.is_empty() && !is_changed),
            outcome,
        });
    }
    all
}

/// The value as it stands, masked as on the page.
fn value(view: &CaseView, place: &str) -> String {
    let options = ReadOptions {
        mask: true,
        ..ReadOptions::default()
    };
    let read = view
        .release
        .form()
        .read_view(&values_of(&view.case.form), &options);
    let mut items = read.groups.into_iter().flat_map(|group| group.items);
    let found = items.find(|item| item.pointer.trim_start_matches('/') == place);
    found.map_or_else(String::new, |item| item.text)
}
