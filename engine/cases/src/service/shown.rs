//! What a page showed of an application, so that whoever answers it is told when another page has changed it since.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tongban_base::{FieldError, Problem, Result};

use crate::desk::{Desk, known};
use crate::service::applying::{Application, values_of};

const CHANGED: &str = "changed_elsewhere";

/// Place by place the beginning of a keyed digest: pages carry it, and nobody reads a value out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown(BTreeMap<String, String>);

impl Shown {
    /// What a page sent back; nothing when it is not from a page of ours.
    pub fn read(text: &str) -> Option<Self> {
        let read: Option<BTreeMap<String, String>> = serde_json::from_str(text).ok();
        read.map(Self)
    }

    pub fn text(&self) -> String {
        json!(self.0).to_string()
    }

    fn with(mut self, desk: &Desk, application: &Application, place: String, value: &Json) -> Self {
        if !value.is_null() {
            let draft = application.draft.id.to_string();
            let value = tongban_packs::canonical(value);
            let parts = [draft.as_bytes(), place.as_bytes(), value.as_bytes()];
            let mac = desk.journal_key.mac(&parts);
            let short: String = mac.iter().take(8).map(|b| format!("{b:02x}")).collect();
            self.0.insert(place, short);
        }
        self
    }

    /// The places where two differ.
    fn differing<'s>(&'s self, now: &'s Self) -> Vec<&'s str> {
        let all = self.0.keys().chain(now.0.keys());
        let mut places: Vec<&str> = all
            .filter(|place| self.0.get(*place) != now.0.get(*place))
            .map(String::as_str)
            .collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// All that is filed when the application is submitted now.
pub fn of_confirmation(desk: &Desk, application: &Application) -> Shown {
    let known = known(&application.facts);
    let form = application.release.form();
    let filed = form.as_filed(&application.values(), &known);
    let shown = of_answers(desk, application, &application.draft.answers);
    let shown = filed.iter().fold(shown, |shown, (name, value)| {
        shown.with(desk, application, format!("/{name}"), value)
    });
    application.filed_files().iter().fold(shown, |shown, file| {
        let place = format!("/materials/{}/{}", file.material, file.id);
        shown.with(desk, application, place, &json!(file.object))
    })
}

/// These answers.
pub fn of_answers(desk: &Desk, application: &Application, answers: &Json) -> Shown {
    let answers = answers.as_object();
    let answers = answers.into_iter().flatten();
    answers.fold(Shown::default(), |shown, (id, value)| {
        shown.with(desk, application, format!("/answers/{id}"), value)
    })
}

/// One step of the form as it is saved.
pub fn of_step(desk: &Desk, application: &Application, step: &str) -> Shown {
    let saved = values_of(&application.saved_form);
    let step = application.release.form().step(step);
    let fields = step.map(|step| step.fields.as_slice()).unwrap_or_default();
    fields.iter().fold(Shown::default(), |shown, name| {
        shown.with(desk, application, format!("/{name}"), saved.get(name))
    })
}

/// Refused with each change that the confirmation page did not show.
pub(crate) fn confirmed(desk: &Desk, application: &Application, shown: &Shown) -> Result<()> {
    let now = of_confirmation(desk, application);
    let mut faults: Vec<FieldError> = Vec::new();
    for place in shown.differing(&now) {
        let fault = changed(application, place, now.0.contains_key(place));
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(faults)),
    }
}

fn changed(application: &Application, place: &str, is_there: bool) -> FieldError {
    if let Some(rest) = place.strip_prefix("/materials/") {
        let code = rest.split('/').next().unwrap_or(rest);
        let materials = &application.release.procedure().material;
        let found = materials.iter().find(|m| m.code == code);
        let name = found.map_or(code, |m| m.name.as_str());
        let words =
            format!("{name}的文件刚在另一个页面有变动，申请还没有提交，请核对下面的内容后再提交");
        return FieldError::new(format!("/materials/{code}"), CHANGED, words);
    }
    let words = |title: &str, text: String| match is_there && !text.is_empty() {
        true => {
            format!("{title}刚在另一个页面改成了“{text}”，申请还没有提交，请核对下面的内容后再提交")
        }
        false => format!("{title}已经不需要填写，申请还没有提交，请核对下面的内容后再提交"),
    };
    if let Some(id) = place.strip_prefix("/answers/") {
        let questions = &application.release.procedure().question;
        let question = questions.iter().find(|q| q.id == id);
        let title = question.map_or(id, |q| q.text.as_str());
        let text = application.answer_words(id);
        return FieldError::new(place, CHANGED, words(title, text));
    }
    let name = place.trim_start_matches('/');
    let form = application.release.form();
    let filed = form.as_filed(&application.values(), &known(&application.facts));
    let field = form.field(name);
    let title = field.map_or(name, |field| field.title.as_str());
    let text = field.map_or_else(String::new, |field| field.words(filed.get(name)));
    FieldError::new(place, CHANGED, words(title, text))
}

/// What another page has saved since this one was shown, and this one would change again without knowing.
pub(crate) fn crossed(
    now: &Shown,
    shown: &Shown,
    sent: &Shown,
    told: impl Fn(&str) -> (String, String),
) -> Vec<FieldError> {
    let places = shown.differing(now).into_iter();
    places
        .filter(|place| sent.0.get(*place) != now.0.get(*place))
        .map(|place| {
            let (title, text) = told(place);
            let words = match text.is_empty() {
                true => format!("{title}刚在另一个页面清空了"),
                false => format!("{title}刚在另一个页面改成了“{text}”"),
            };
            let words =
                format!("{words}，这里填写的还没有保存；要用这里填写的，请再点一次“下一步”");
            FieldError::new(place, CHANGED, words)
        })
        .collect()
}
