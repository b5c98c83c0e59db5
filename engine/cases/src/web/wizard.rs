//! The steps of an application, in their order: questions, the form's own, materials, confirmation. Knows no page.

use tongban_base::FieldError;
use tongban_procedures::MaterialSource;
use tongban_ui::view::Step;

use super::place::Place;
use crate::service::applying::Application;
use crate::service::guides;

/// What has to be read and confirmed before anything else.
pub const GUIDE: &str = "guide";

/// Names and titles; an item without questions has no step for them.
fn names(application: &Application) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    if !application.guides.is_empty() {
        names.push((GUIDE.into(), "阅读办理指南".into()));
    }
    if !application.release.procedure().question.is_empty() {
        names.push(("questions".into(), "选择情形".into()));
    }
    let steps = application.release.form().steps().iter();
    names.extend(steps.map(|s| (s.id.clone(), s.title.clone())));
    if is_short(application) {
        return names;
    }
    let materials = &application.release.procedure().material;
    if materials.iter().any(|m| m.source != MaterialSource::Form) {
        names.push(("materials".into(), "上传材料".into()));
    }
    names.push(("confirm".into(), "确认提交".into()));
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
    let at = names.iter().position(|(id, _)| id == current).unwrap_or(0);
    names
        .into_iter()
        .enumerate()
        .map(|(index, (id, label))| Step {
            label,
            href: (index < at).then(|| format!("{base}/{id}")),
            done: index < at,
            current: index == at,
        })
        .collect()
}

/// The name of the step before or after.
pub fn neighbour(application: &Application, current: &str, forward: bool) -> String {
    let names = names(application);
    let at = names.iter().position(|(id, _)| id == current).unwrap_or(0);
    let next = if forward {
        at + 1
    } else {
        at.saturating_sub(1)
    };
    let found = names.get(next).or(names.last());
    found.map(|(id, _)| id.clone()).unwrap_or_default()
}

/// Where it is filled in first.
pub(super) fn wizard_first(application: &Application) -> String {
    match application.guides.is_empty() {
        true => neighbour(application, "", false),
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
        return "materials".into();
    }
    let field = error.pointer.trim_start_matches('/');
    let name = field.split('/').next().unwrap_or(field);
    let steps = application.release.form().steps();
    steps
        .iter()
        .find(|s| s.fields.iter().any(|f| f == name))
        .map_or_else(|| wizard_first(application), |s| s.id.clone())
}
