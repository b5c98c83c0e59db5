//! The page of a case in the office: what was filed, the task at hand, the clock, what happened.

use std::collections::HashMap;

use askama::Template;
use axum::response::{Html, IntoResponse, Redirect};
use serde_json::Value as Json;
use tongban_base::{Ctx, FieldError, Kind, Permission, Result};
use tongban_flows::{Task, TaskId, Tone};
use tongban_forms::{Mendings, ReadOptions};
use tongban_procedures::{Facts, MaterialSource};
use tongban_ui::view::{Choice, Link};
use tongban_ui::{Answer, Page};

use super::mended::{adverse, mended};
use super::office::asks_correction;
use super::overtaken::out_of_sight;
use super::paper_views::{PaperView, document_item, other_items};
use super::people;
use super::people_views::{PeopleCard, StepLimit, WaitingView};
use super::person::person_box;
use super::place::Place;
use super::queue::{QUEUE, stands};
use super::queue_views::InQueue;
use super::sent::{Sent, Sheet};
use super::viewer::{Looking, viewer};
use super::views::{MaterialView, OfficeCasePage, ReturnView, TaskView, decisions, material_view};
use super::words::{Reader, badge, clock_view, events_view};
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, Status};
use crate::permissions;
use crate::service::admission::{WAYS_ON, admission_of};
use crate::service::applying::values_of;
use crate::service::marking::mendings_of;
use crate::service::operations::APPLICANT;
use crate::service::pause::no_extension;
use crate::service::printing::{Unprintable, unprintable};
use crate::service::send_back::{may_undo, steps_to_return, who_undoes};
use crate::service::standing::{Standing, standings_of};
use crate::service::sub_cases::related;
use crate::service::view::{CaseView, open_case};
use crate::service::work::last_task_of;

pub(super) async fn render(
    desk: &Desk,
    ctx: &Ctx,
    page: Page,
    id: CaseId,
    wanted: Option<TaskId>,
    (query, sent): (&HashMap<String, String>, Option<Sent>),
) -> Answer {
    let view = match open_case(desk, ctx, id).await {
        Err(problem) if problem.kind() == Kind::Forbidden => {
            return out_of_sight((desk, ctx), page, id, (wanted, sent), problem).await;
        }
        opened => opened?,
    };
    if view.is_own && !view.is_of_office {
        return Ok(Redirect::to(&Place::of_officers(true).case(id)).into_response());
    }
    let standings = standings_of(desk, id).await?;
    let mine = standings.iter().filter(|standing| standing.is_of(ctx));
    let own: Vec<&Task> = mine.map(|standing| &standing.task).collect();
    let task = at_hand(&own, wanted);
    let given_back = match task {
        Some(task) => Some(task),
        None if may_undo(ctx) && own.is_empty() => of_office(&standings, wanted),
        None => None,
    };
    let last = match view.case.waits && standings.is_empty() && may_undo(ctx) {
        true => last_task_of(desk, id).await?,
        false => None,
    };
    let returns = match given_back.or(last.as_ref()) {
        Some(task) => returns(desk, ctx, &view, task).await?,
        None => None,
    };
    let admission = admission_of(desk, ctx, &view).await?;
    let related = related(desk, ctx, &view).await?;
    let person = person_box(desk, ctx, &view).await?;
    let marks = task.is_some_and(|task| task.decisions.iter().any(asks_correction));
    let mendings = match marks {
        true => mendings_of(desk, ctx, &view).await?,
        false => Mendings::default(),
    };
    let at_hand = task.map(|task| task.id);
    let status = sent.as_ref().map(Sent::status).unwrap_or_default();
    let task = task.map(|task| task_view(ctx, &view, task, sent.as_ref()));
    let people = people::card(desk, ctx, &view, &standings, (wanted, sent.as_ref())).await?;
    let parts = Parts {
        choices: choices(&view, &own, task.as_ref()),
        waiting: people::waiting(desk, &standings),
        turn_to: people::turn_to(desk, ctx, &view, &standings).await?,
        people,
        task,
        returns,
        mendings,
        sent,
    };
    let viewer = viewer(desk, &view, &page.csrf, &Looking::of(query)).await?;
    let mut shown = page_of(desk, ctx, page, view, parts)?;
    shown.viewer = viewer
        .map(|viewer| viewer.render())
        .transpose()?
        .unwrap_or_default();
    shown.from = from(query, &shown);
    if let Some(task) = at_hand {
        let queue = stands(desk, ctx, &shown.from, task).await?;
        opened_from(&mut shown, queue);
    }
    shown.admission = admission;
    shown.related = related;
    shown.person = person;
    shown.person.csrf.clone_from(&shown.page.csrf);
    Ok((status, Html(shown.render()?)).into_response())
}

/// A task is opened from the queue, and the way back leads there.
fn opened_from(shown: &mut OfficeCasePage, queue: InQueue) {
    shown.page.active = QUEUE.to_owned();
    if let Some(first) = shown.crumbs.first_mut() {
        *first = Link::new("待办任务", &queue.href);
    }
    shown.queue = Some(queue);
}

/// The list from which the case was opened.
fn from(query: &HashMap<String, String>, shown: &OfficeCasePage) -> String {
    let typed = shown.typed.text("from").to_owned();
    query.get("from").cloned().unwrap_or(typed)
}

/// The task that the address names, or the only one.
fn at_hand<'t>(own: &[&'t Task], wanted: Option<TaskId>) -> Option<&'t Task> {
    let named = own.iter().find(|task| Some(task.id) == wanted);
    match (named, own) {
        (Some(task), _) | (None, [task]) => Some(task),
        (None, _) => None,
    }
}

fn of_office(standings: &[Standing], wanted: Option<TaskId>) -> Option<&Task> {
    let mut tasks = standings.iter().map(|standing| &standing.task);
    let named = tasks.clone().find(|task| Some(task.id) == wanted);
    named
        .or_else(|| tasks.next())
        .filter(|task| task.role != APPLICANT)
}

struct Parts {
    task: Option<TaskView>,
    returns: Option<ReturnView>,
    /// The tasks among which the officer chooses, when there are several.
    choices: Vec<Choice>,
    waiting: Vec<WaitingView>,
    turn_to: String,
    people: Option<PeopleCard>,
    mendings: Mendings,
    sent: Option<Sent>,
}

fn choices(view: &CaseView, own: &[&Task], task: Option<&TaskView>) -> Vec<Choice> {
    if own.len() < 2 {
        return Vec::new();
    }
    let choice = |of: &&Task| {
        let href = format!("/workbench/cases/{}?task={}", view.case.id, of.id);
        let chosen = task.is_some_and(|task| task.id == of.id.to_string());
        Choice::new(href, of.name.clone(), chosen)
    };
    own.iter().map(choice).collect()
}

fn task_view(ctx: &Ctx, view: &CaseView, task: &Task, sent: Option<&Sent>) -> TaskView {
    let typed = Sent::typed(sent, Sheet::Task);
    let chosen = task
        .decisions
        .iter()
        .find(|d| d.name == typed.text("decision"));
    TaskView {
        id: task.id.to_string(),
        element: task.element.clone(),
        phrases: phrases(task),
        name: task.name.clone(),
        step: StepLimit::of(task, view.case.paused.as_deref(), ctx.now.date()),
        decisions: decisions(task),
        chosen: chosen.map(|d| d.label.clone()).unwrap_or_default(),
        may_correct: task.decisions.iter().any(asks_correction),
    }
}

/// What can be said with the decisions of a step that ask nothing more.
fn phrases(task: &Task) -> Vec<String> {
    let asked = |decision: &&tongban_flows::Decision| decision.tone != Tone::Harmful;
    let mut all: Vec<String> = Vec::new();
    for reason in task.decisions.iter().filter(asked).flat_map(|d| &d.reasons) {
        if !all.contains(reason) {
            all.push(reason.clone());
        }
    }
    all
}

async fn returns(
    desk: &Desk,
    ctx: &Ctx,
    view: &CaseView,
    task: &Task,
) -> Result<Option<ReturnView>> {
    let staff = ctx.actor.staff.as_ref();
    if !staff.is_some_and(|s| s.permissions.contains(permissions::RETURN.0)) {
        return Ok(None);
    }
    let steps = steps_to_return(desk, &view.release, task).await?;
    if steps.is_empty() {
        return Ok(None);
    }
    // After the closing every step back takes back what the applicant relies on.
    let refused = match view.case.status == Status::Closed && !may_undo(ctx) {
        true => who_undoes(desk, &view.case.organisation).await?,
        false => String::new(),
    };
    Ok(Some(ReturnView {
        task: task.id.to_string(),
        name: task.name.clone(),
        steps: steps
            .into_iter()
            .map(|(element, name)| Choice::new(element, name, false))
            .collect(),
        refused,
    }))
}

fn page_of(
    desk: &Desk,
    ctx: &Ctx,
    page: Page,
    view: CaseView,
    parts: Parts,
) -> Result<OfficeCasePage> {
    let sent = parts.sent.as_ref();
    let errors = sent.map(Sent::errors).unwrap_or_default();
    let may = |right: Permission| {
        let staff = ctx.actor.staff.as_ref();
        staff.is_some_and(|s| s.permissions.contains(right.0))
    };
    let decidable = view.case.status == Status::Accepted && !view.case.waits;
    let base = format!("/workbench/cases/{}", view.case.id);
    let shown = OfficeCasePage {
        page: page.titled(&view.case.item_name),
        crumbs: vec![
            Link::new("办件", "/workbench/cases"),
            Link::new(&view.case.number, ""),
        ],
        sub: format!("{}　办件编号 {}", view.case.applicant, view.case.number),
        badge: badge(&view.case.line()),
        clock: clock_view(&view.clock, ctx.now),
        events: events_view(&view.events, Reader::Office),
        form: form(&view, &parts, &errors)?,
        materials: materials(desk, ctx, &view, &errors),
        documents: view
            .documents
            .iter()
            .map(|d| document_item(d, &format!("{base}/documents"), true))
            .chain(other_items(&view.unmade, true))
            .collect(),
        failed: failed(&view),
        may_remake: may(permissions::REMAKE),
        waiting: parts.waiting,
        turn_to: parts.turn_to,
        people: parts.people,
        choices: parts.choices,
        viewer: String::new(),
        from: String::new(),
        queue: None,
        adverse: parts
            .task
            .as_ref()
            .map(|task| adverse(&view, &task.element))
            .unwrap_or_default(),
        follows: parts.task.is_some(),
        phrases: match parts.task.as_ref().map(|task| task.phrases.clone()) {
            Some(phrases) if !phrases.is_empty() => phrases,
            _ => texts(desk, "opinion_phrases"),
        },
        alert: sent.map(|sent| alert(&view, sent)).unwrap_or_default(),
        kept: Vec::new(),
        errors,
        typed: Sent::typed(sent, Sheet::Task),
        returned: Sent::typed(sent, Sheet::Return),
        pausing: Sent::typed(sent, Sheet::Pause),
        extending: Sent::typed(sent, Sheet::Extend),
        urging: Sent::typed(sent, Sheet::Urge),
        mended: mended(&view),
        saying: Sent::typed(sent, Sheet::Say),
        person: Default::default(),
        may_urge: may(permissions::SUPERVISE) && view.case.closed_at.is_none(),
        may_suspend: may(permissions::SUSPEND) && (decidable || view.case.paused.is_some()),
        may_extend: may(permissions::EXTEND) && decidable,
        no_extension: no_extension(&view.case, &view.clock).unwrap_or_default(),
        paused: view.case.paused.clone().unwrap_or_default(),
        procedures: Vec::new(),
        admission: Default::default(),
        related: Default::default(),
        ways_on: WAYS_ON,
        broken_at: view.broken_at,
        unread_at: view.unread_at(),
        unprintable: unprintable_words(desk, &view),
        values_changed: view.values_changed,
        task: parts.task,
        returns: parts.returns,
        case: view.case.clone(),
        is_acted: view.is_acted,
    };
    Ok(filled_in(desk, &view, shown, sent))
}

/// What could not be made, with what to do about it.
fn failed(view: &CaseView) -> Vec<PaperView> {
    let failed = view.unmade.iter().filter(|paper| paper.failure.is_some());
    failed.map(|paper| PaperView::of(paper, None)).collect()
}

/// Said while the case is open: what cannot be printed has to be mended before anything is promised.
fn unprintable_words(desk: &Desk, view: &CaseView) -> Vec<String> {
    if view.case.closed_at.is_some() {
        return Vec::new();
    }
    let found = unprintable(desk, &view.release, &values_of(&view.case.form));
    found.iter().map(Unprintable::words).collect()
}

/// What was sent stands in the lists of choices too; what was written in a form that is gone stands by itself.
fn filled_in(
    desk: &Desk,
    view: &CaseView,
    mut shown: OfficeCasePage,
    sent: Option<&Sent>,
) -> OfficeCasePage {
    let kinds = texts(desk, "special_procedure_kinds");
    shown.procedures = chosen(kinds, shown.pausing.text("name"));
    if let Some(returns) = &mut shown.returns {
        let to = shown.returned.text("to");
        let steps = returns.steps.iter_mut();
        steps.for_each(|choice| choice.chosen = choice.value == to);
    }
    shown.kept = kept(view, &shown, sent);
    shown
}

/// The filed form, with what was written about single fields, and who mends what the applicant cannot.
fn form(view: &CaseView, parts: &Parts, errors: &[FieldError]) -> Result<String> {
    let form = view.release.form();
    let problems = Sent::typed(parts.sent.as_ref(), Sheet::Task).problems(form);
    let options = ReadOptions {
        mask: true,
        markable: parts.task.as_ref().is_some_and(|t| t.may_correct),
        problems: &problems,
    };
    form.read_view(&values_of(&view.case.form), &options)
        .telling(&parts.mendings, errors)
        .html()
}

fn materials(desk: &Desk, ctx: &Ctx, view: &CaseView, errors: &[FieldError]) -> Vec<MaterialView> {
    let answers = view.case.answers.clone();
    let facts = Facts::answers_only(answers, desk.catalog.settings(), ctx.now.date());
    let files = format!("/workbench/cases/{}/files", view.case.id);
    let wanted = view.release.materials(&facts);
    let is_wanted = |code: &str| wanted.iter().any(|m| m.code == code);
    let is_filed = |code: &str| view.files.iter().any(|f| f.file.material == code);
    let materials = view.release.procedure().material.iter();
    materials
        .filter(|m| is_wanted(&m.code) || is_filed(&m.code))
        .filter(|m| m.source != MaterialSource::Form)
        .map(|m| material_view(m, &view.files, &files, "", "", errors))
        .collect()
}

/// What the officer wrote in a form that is not there any more.
fn kept(view: &CaseView, shown: &OfficeCasePage, sent: Option<&Sent>) -> Vec<(String, String)> {
    let Some(sent) = sent else {
        return Vec::new();
    };
    let is_shown = match sent.sheet() {
        Sheet::Task => shown.task.is_some(),
        Sheet::Return => {
            let may = |returns: &ReturnView| returns.refused.is_empty();
            shown.paused.is_empty() && shown.returns.as_ref().is_some_and(may)
        }
        Sheet::Pause => shown.may_suspend && shown.paused.is_empty(),
        Sheet::Resume => true,
        Sheet::Extend => shown.may_extend && shown.no_extension.is_empty(),
        Sheet::People => shown.people.is_some(),
        Sheet::Urge => shown.may_urge,
        Sheet::Say => true,
    };
    if is_shown {
        return Vec::new();
    }
    sent.kept(&view.release)
}

/// What is wrong, and, when another officer was faster, what was done.
fn alert(view: &CaseView, sent: &Sent) -> String {
    let words = sent.alert().to_owned();
    if !sent.is_overtaken() {
        return words;
    }
    let last = view
        .events
        .iter()
        .rev()
        .find_map(|event| match &event.what {
            Some(CaseEvent::TaskCompleted {
                task,
                label,
                opinion,
                ..
            }) => Some((event, format!("{task}：{label}"), opinion)),
            Some(CaseEvent::Returned { from, reason, .. }) => {
                Some((event, format!("由{from}退回"), reason))
            }
            _ => None,
        });
    let Some((event, what, said)) = last else {
        return words;
    };
    let said = match said.is_empty() {
        true => String::new(),
        false => format!("，意见：{said}"),
    };
    format!(
        "{words}。{}，{}{}{said}",
        event.at.words(),
        event.actor_name,
        what
    )
}

/// A setting of the office that is a list of words.
fn texts(desk: &Desk, setting: &str) -> Vec<String> {
    let settings = desk.catalog.settings();
    let list = settings.get(setting).and_then(Json::as_array);
    let texts = list.into_iter().flatten().filter_map(Json::as_str);
    texts.map(str::to_owned).collect()
}

fn chosen(words: Vec<String>, chosen: &str) -> Vec<Choice> {
    let choice = |word: String| Choice::new(word.clone(), word.clone(), word == chosen);
    words.into_iter().map(choice).collect()
}
