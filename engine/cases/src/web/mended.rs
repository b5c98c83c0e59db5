//! What an officer must not overlook: what was asked of the applicant and what became of it, what other steps have found
//! against the case, and why it was sent back.

use tongban_flows::Tone;
use tongban_forms::ReadOptions;

use crate::event::CaseEvent;
use crate::filed::{FileState, FiledFile};
use crate::model::Mend;
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
    let why = |place: String| {
        kept.iter()
            .find(|kept| kept.place == place)
            .map(|kept| kept.why.as_str())
    };
    let fields = asked.fields.iter().map(|mend| {
        let is_changed = changed.contains(&mend.place);
        let done = is_changed.then(|| format!("已改为：{}", value(view, &mend.place)));
        outcome(mend, done, why(format!("/{}", mend.place)))
    });
    let materials = asked.materials.iter().map(|mend| {
        let is_new =
            |file: &&FiledFile| file.file.material == mend.place && file.state == FileState::New;
        let files: Vec<&str> = view
            .files
            .iter()
            .filter(is_new)
            .map(|file| file.file.name.as_str())
            .collect();
        let done = (!files.is_empty()).then(|| format!("新交了 {}", files.join("、")));
        outcome(mend, done, why(format!("/materials/{}", mend.place)))
    });
    fields.chain(materials).collect()
}

fn outcome(mend: &Mend, done: Option<String>, why: Option<&str>) -> Mended {
    let kept = done.is_none();
    let left = || match why {
        Some(why) => format!("申请人核对后没有改：{why}"),
        None => "没有变化".to_owned(),
    };
    Mended {
        title: mend.title.clone(),
        problem: mend.problem.clone(),
        outcome: done.unwrap_or_else(left),
        kept,
    }
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

/// What other steps have found against the case and nobody has found otherwise since, and why it came back to the step at
/// hand.
pub(super) fn adverse(view: &CaseView, here: &str) -> Vec<String> {
    let flow = view.release.flow();
    let tone = |element: &str, name: &str| {
        let task = flow.user_task(flow.find(element)?)?;
        task.decisions
            .iter()
            .find(|d| d.name == name)
            .map(|d| d.tone)
    };
    let mut last: Vec<(&str, Option<String>)> = Vec::new();
    let mut returned = None;
    for event in &view.events {
        match &event.what {
            Some(CaseEvent::TaskCompleted {
                task,
                element,
                decision,
                label,
                opinion,
                ..
            }) => {
                let is_harmful = tone(element, decision) == Some(Tone::Harmful);
                let words = is_harmful
                    .then(|| format!("{task}（{}）：{label}。{opinion}", event.actor_name));
                last.retain(|(known, _)| known != element);
                last.push((element, words));
                returned = None;
            }
            Some(CaseEvent::Returned { from, reason, .. }) => {
                let by = &event.actor_name;
                returned = Some(format!("由{from}（{by}）退回重办：{reason}"));
            }
            _ => {}
        }
    }
    let others = last.into_iter().filter(|(element, _)| *element != here);
    let found = others.filter_map(|(_, words)| words);
    returned.into_iter().chain(found).collect()
}
