//! The steps of an application, in their order: questions, the form's own, materials, confirmation. Knows no page.

use tongban_base::FieldError;
use tongban_ui::view::Step;

use super::place::Place;
use crate::desk::known;
use crate::service::applying::Application;
use crate::service::guides;
use crate::service::submit::unfinished;

/// What has to be read and confirmed before anything else.
pub const GUIDE: &str = "guide";

pub const CONFIRM: &str = "confirm";
pub const MATERIALS: &str = "materials";
/// The hidden field of a page that leads back to the last one.
pub const REVIEW: &str = "_review";

/// Names and titles; an item without questions has no step for them, and a step with nothing to fill in is none.
pub(super) fn names(application: &Application) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    if !application.guides.is_empty() {
        names.push((GUIDE.into(), "阅读办理指南".into()));
    }
    if !application.release.procedure().question.is_empty() {
        names.push(("questions".into(), "选择情形".into()));
    }
    let short = is_short(application);
    let (form, known) = (application.release.form(), known(&application.facts));
    let values = application.values();
    let asks = |step: &&tongban_forms::Step| {
        let view = form.step_view(&step.id, &values, &known, &[]);
        short || view.is_some_and(|view| view.asks())
    };
    let steps = form.steps().iter().filter(asks);
    names.extend(steps.map(|s| (s.id.clone(), s.title.clone())));
    if short {
        return names;
    }
    let materials = application.release.materials(&application.facts);
    if materials.iter().any(|m| m.takes_files()) {
        names.push((MATERIALS.into(), "上传材料".into()));
    }
    names.push((CONFIRM.into(), "确认提交".into()));
    names
}

/// Whether all of it is one page with one button.
pub fn is_short(application: &Application) -> bool {
    let steps = application.release.form().steps().len();
    application.release.procedure().is_short(steps)
}

pub fn wizard_steps(application: &Application, current: &str) -> Vec<Step> {
    let base = Place::of(application).draft(application.draft.id);
    let names = names(application);
    let at = names.iter().position(|(id, _)| id == current);
    let open = open_steps(application);
    // As far as this one has come.
    let reached = names
        .iter()
        .position(|(id, _)| open.contains(id))
        .unwrap_or(names.len())
        .max(at.unwrap_or(0));
    names
        .into_iter()
        .enumerate()
        .map(|(index, (id, label))| Step {
            label,
            done: index < reached && Some(index) != at && !open.contains(&id) && id != CONFIRM,
            href: (index <= reached && Some(index) != at).then(|| format!("{base}/{id}")),
            current: Some(index) == at,
        })
        .collect()
}

/// The pages on which something is still missing or wrong.
fn open_steps(application: &Application) -> Vec<String> {
    let faults = unfinished(application);
    let steps = faults.iter().map(|fault| step_of(application, fault));
    steps.collect()
}

/// The first page that is not finished; the last one when all are.
pub(super) fn first_open(application: &Application) -> String {
    let open = open_steps(application);
    let names = names(application);
    // What only proposes something is to be seen once.
    let is_new = application.is_untouched();
    let asks = |id: &str| open.iter().any(|step| step == id) || (is_new && id != "questions");
    let found = names.iter().find(|(id, _)| asks(id));
    let found = found.or(names.last());
    found.map(|(id, _)| id.clone()).unwrap_or_default()
}

/// The step by its name.
pub(super) fn title_of(application: &Application, step: &str) -> String {
    let named = names(application).into_iter().find(|(id, _)| id == step);
    let title = named.map(|(_, title)| title);
    let form = || Some(application.release.form().step(step)?.title.clone());
    title.or_else(form).unwrap_or_default()
}

/// The first page of the form, as whoever sent an older one sees it.
pub(super) fn wizard_form(application: &Application) -> String {
    let steps = application.release.form().steps();
    steps
        .first()
        .map_or_else(|| wizard_first(application), |step| step.id.clone())
}

/// The name of the step before or after.
pub fn neighbour(application: &Application, current: &str, forward: bool) -> String {
    let names = names(application);
    let Some(at) = names.iter().position(|(id, _)| id == current) else {
        return beside(application, current, forward);
    };
    let next = if forward {
        at + 1
    } else {
        at.saturating_sub(1)
    };
    let found = names.get(next).or(names.last());
    found.map(|(id, _)| id.clone()).unwrap_or_default()
}

/// The same of a step of the form that is not gone through because it asks nothing.
fn beside(application: &Application, current: &str, forward: bool) -> String {
    let names = names(application);
    let steps = application.release.form().steps();
    let place = |id: &str| steps.iter().position(|step| step.id == id);
    let at = place(current);
    let is_before = |id: &str| {
        id == GUIDE || id == "questions" || (at.is_some() && place(id).is_some() && place(id) < at)
    };
    let found = match forward {
        true => names.iter().find(|(id, _)| !is_before(id)),
        false => names
            .iter()
            .rev()
            .find(|(id, _)| is_before(id))
            .or(names.first()),
    };
    let found = found.or(names.last());
    found.map(|(id, _)| id.clone()).unwrap_or_default()
}

/// Where it is filled in first.
pub(super) fn wizard_first(application: &Application) -> String {
    match application.guides.is_empty() {
        true => {
            let names = names(application);
            let first = names.into_iter().next();
            first.map(|(id, _)| id).unwrap_or_default()
        }
        false => neighbour(application, GUIDE, true),
    }
}

/// The page on which a fault can be mended.
pub(super) fn step_of(application: &Application, error: &FieldError) -> String {
    if error.pointer == guides::PLACE {
        return GUIDE.into();
    }
    if error.pointer.starts_with("/answers/") {
        return "questions".into();
    }
    if error.pointer.starts_with("/materials/") {
        return MATERIALS.into();
    }
    let field = error.pointer.trim_start_matches('/');
    let name = field.split('/').next().unwrap_or(field);
    let steps = application.release.form().steps();
    let step = steps.iter().find(|s| s.fields.iter().any(|f| f == name));
    match step {
        // What nobody fills in stands on the last page only.
        Some(step) if names(application).iter().any(|(id, _)| *id == step.id) => step.id.clone(),
        Some(_) => CONFIRM.into(),
        None => wizard_first(application),
    }
}
