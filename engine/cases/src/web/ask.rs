//! What is asked before a decision is made: of what harms the letter is shown as it will be, with the reasons that law
//! and office allow; of marks beside a decision that sends nothing back, what is meant. Nothing that was written is lost.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tongban_base::{Ctx, FieldError, Problem};
use tongban_flows::{Decision as Choice, Task, Tone};
use tongban_ui::view::Link;
use tongban_ui::{Answer, Page};

use super::input::Fields;
use crate::desk::Desk;
use crate::entered::FIELD;
use crate::model::CaseId;
use crate::service::rehearse::{LetterPreview, Rehearsal, rehearse};
use crate::service::view::open_case;
use crate::service::work::Decision;

/// Fields of a page that belong to one press of a button and not to what was written.
const OF_ONE_PRESS: [&str; 6] = ["ask", "back", "decision", "opinion", "seen", "marks"];

/// What an officer has pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Press {
    /// Back from the question, to what was written.
    Back,
    /// A decision that is to be shown before it is made.
    Ask(String),
    Decide(String),
}

impl Press {
    pub fn of(fields: &Fields) -> Self {
        match (fields.text("back").as_str(), fields.text("ask")) {
            ("", ask) if ask.is_empty() => Self::Decide(fields.text("decision")),
            ("", ask) => Self::Ask(ask),
            (_, _) => Self::Back,
        }
    }

    pub fn decision(&self) -> &str {
        match self {
            Self::Back => "",
            Self::Ask(name) | Self::Decide(name) => name,
        }
    }
}

/// Reasons that were chosen stand before what was written, each once.
pub(super) fn with_reasons(fields: Fields) -> Fields {
    let mut opinion = String::new();
    let written = fields.text("opinion");
    let chosen = fields
        .all("reason")
        .filter(|words| !written.contains(*words));
    for part in chosen.chain([written.as_str()]) {
        join(&mut opinion, part);
    }
    let mut fields = fields.with("opinion", opinion);
    fields.0.retain(|(name, _)| name != "reason");
    fields
}

/// Sentences stand apart.
fn join(words: &mut String, more: &str) {
    if more.is_empty() {
        return;
    }
    let ends = ['。', '；', '！', '？', '，', '：', '、', ';', '.', ','];
    if !words.is_empty() && !words.ends_with(ends) {
        words.push('；');
    }
    words.push_str(more);
}

/// What goes with the question: what was pressed, what is marked, and why the decision cannot be made yet.
pub(super) struct Question<'a> {
    pub choice: &'a Choice,
    /// Fields and materials that are marked although nothing is sent back.
    pub marks: Vec<(String, String)>,
    pub fields: &'a Fields,
    /// What is wrong with what is written down with it, or still missing; without words before it was asked for.
    pub faults: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "office_ask.html")]
struct AskPage {
    page: Page,
    crumbs: Vec<Link>,
    number: String,
    applicant: String,
    item: String,
    task: String,
    name: String,
    label: String,
    dangerous: bool,
    opinion: String,
    opinion_required: bool,
    reasons: Vec<String>,
    /// What is written down with it: name, title, what stands there, what is wrong, whether it is needed.
    entries: Vec<EntryField>,
    /// For the summary.
    errors: Vec<FieldError>,
    marks: Vec<(String, String)>,
    /// The decision that sends the marks to the applicant.
    correct: Option<(String, String)>,
    hidden: Vec<(String, String)>,
    /// None while a reason is needed first.
    shown: Option<Shown>,
}

struct EntryField {
    name: String,
    label: String,
    value: String,
    error: String,
    required: bool,
}

struct Shown {
    letters: Vec<Letter>,
    next: String,
}

struct Letter {
    title: String,
    words: String,
    pages: Vec<String>,
}

impl Letter {
    fn of(letter: LetterPreview) -> Self {
        let picture = |page: &Vec<u8>| format!("data:image/png;base64,{}", STANDARD.encode(page));
        Self {
            title: letter.title,
            words: letter.words,
            pages: letter.pages.iter().map(picture).collect(),
        }
    }
}

/// The page that asks.
/// Errors: what the decision itself would be refused with; a missing opinion is asked for on the page.
pub(super) async fn ask(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    task: &Task,
    decision: Decision,
    question: Question<'_>,
) -> Result<Answer, Problem> {
    let choice = question.choice;
    let wants_reason = choice.opinion_required && decision.opinion.trim().is_empty();
    let entries = entry_fields(&question);
    let shown = match wants_reason || !question.faults.is_empty() {
        true => None,
        false => Some(rehearse(desk, ctx, task.id, decision.clone()).await?),
    };
    let case: CaseId = task.subject.parse()?;
    let view = open_case(desk, ctx, case).await?;
    let back = format!("/workbench/cases/{case}?task={}", task.id);
    let correct = task.decisions.iter().find(|d| d.asks.is_some());
    let dangerous = choice.tone == Tone::Harmful;
    let mut errors = question.faults;
    errors.retain(|fault| !fault.message.is_empty());
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = AskPage {
        page: page
            .titled(format!("请确认：{}", choice.label))
            .with_faults(!errors.is_empty()),
        entries,
        errors,
        crumbs: vec![
            Link::new("待办任务", "/workbench"),
            Link::new(&view.case.number, back),
            Link::new("请确认", ""),
        ],
        number: view.case.number.clone(),
        applicant: view.case.applicant.clone(),
        item: view.case.item_name.clone(),
        task: task.id.to_string(),
        name: choice.name.clone(),
        label: choice.label.clone(),
        dangerous,
        reasons: offered(choice, &decision.opinion),
        opinion: decision.opinion,
        opinion_required: choice.opinion_required,
        correct: correct
            .filter(|_| !question.marks.is_empty())
            .map(|d| (d.name.clone(), d.label.clone())),
        marks: question.marks,
        hidden: kept(question.fields),
        shown: shown.map(Shown::of),
    };
    Ok(view
        .render()
        .map(|html| (status, Html(html)).into_response())
        .map_err(Into::into))
}

fn entry_fields(question: &Question<'_>) -> Vec<EntryField> {
    let field = |entry: &tongban_flows::Entry| {
        let name = format!("{FIELD}{}", entry.name);
        let fault = question.faults.iter();
        let fault = fault
            .clone()
            .find(|fault| fault.pointer.strip_prefix('/') == Some(&name));
        EntryField {
            label: entry.label.clone(),
            value: question.fields.text(&name),
            error: fault.map_or_else(String::new, |fault| fault.message.clone()),
            required: entry.required,
            name,
        }
    };
    question.choice.entries.iter().map(field).collect()
}

impl Shown {
    fn of(rehearsal: Rehearsal) -> Self {
        Self {
            letters: rehearsal.letters.into_iter().map(Letter::of).collect(),
            next: rehearsal.next.join("、"),
        }
    }
}

/// The reasons that are not in the opinion yet.
fn offered(choice: &Choice, opinion: &str) -> Vec<String> {
    let reasons = choice.reasons.iter();
    reasons
        .filter(|reason| !opinion.contains(reason.as_str()))
        .cloned()
        .collect()
}

/// What was written, carried along.
fn kept(fields: &Fields) -> Vec<(String, String)> {
    let mut kept = fields.of_form();
    kept.retain(|(name, value)| {
        let once = OF_ONE_PRESS.contains(&name.as_str()) || name.starts_with(FIELD);
        !value.trim().is_empty() && !once
    });
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(written: &[(&str, &str)]) -> Fields {
        let owned = written
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        Fields(owned.collect())
    }

    #[test]
    fn chosen_reasons_and_written_words_stand_apart_and_each_once() {
        let sent = [
            ("reason", "材料不全"),
            ("reason", "不属于本机关职权"),
            ("opinion", "请到区里申请。"),
        ];
        assert_eq!(
            with_reasons(fields(&sent)).text("opinion"),
            "材料不全；不属于本机关职权；请到区里申请。"
        );
        let sent = [("reason", "材料不全"), ("opinion", "材料不全。请补")];
        assert_eq!(
            with_reasons(fields(&sent)).text("opinion"),
            "材料不全。请补"
        );
        assert_eq!(with_reasons(fields(&[("opinion", "")])).text("opinion"), "");
    }

    #[test]
    fn whoever_goes_back_decides_nothing() {
        assert_eq!(
            Press::of(&fields(&[("back", "1"), ("decision", "refuse")])),
            Press::Back
        );
        assert_eq!(
            Press::of(&fields(&[("ask", "refuse")])),
            Press::Ask("refuse".into())
        );
        assert_eq!(
            Press::of(&fields(&[("decision", "accept")])),
            Press::Decide("accept".into())
        );
    }
}
