//! What a draft loses to a newer release of its item. An answer that is not offered any more is named where it was
//! given, and keeps the draft from being filed until it is given anew or its page is sent on without it.

use serde_json::Value as Json;
use tongban_base::FieldError;
use tongban_packs::ReleaseHash;
use tongban_procedures::ProcedureRelease;

use crate::desk::known;
use crate::service::applying::Application;

/// The code of a fault that names a lost answer.
pub(crate) const LOST: &str = "choice.lost";

/// Codes of faults that say less of the same.
const PLAINER: [&str; 3] = ["choice", "required", "answer.missing"];

impl Application {
    /// Every answer that was chosen and is not offered any more, each at its place.
    fn lost(&self) -> Vec<FieldError> {
        let asked = self.release.questions(&self.facts);
        let is_open = |fault: &&FieldError| {
            let id = fault.pointer.trim_start_matches("/answers/");
            asked.iter().any(|q| q.id == id) && self.facts.answers.get(id).is_none()
        };
        let answers = self.lost_answers.iter().filter(is_open).cloned();
        answers.chain(self.lost_choices()).collect()
    }

    fn lost_choices(&self) -> Vec<FieldError> {
        let form = self.release.form();
        let mut faults = Vec::new();
        for (field, codes) in form.lost_choices(&self.values(), &known(&self.facts)) {
            let before = self.before.as_ref().map(ProcedureRelease::form);
            let older = before.and_then(|form| form.field(&field.name));
            let titles: Vec<String> = codes
                .iter()
                .map(|code| match older {
                    Some(older) => older.words(&Json::from(code.as_str())),
                    None => code.clone(),
                })
                .collect();
            faults.push(fault(field.pointer(), &field.title, &titles.join("、")));
        }
        faults
    }

    /// The faults with every lost answer named among them.
    pub(crate) fn naming_lost(&self, faults: &[FieldError]) -> Vec<FieldError> {
        let lost = self.lost();
        let mut named: Vec<FieldError> = faults.to_vec();
        named.retain(|fault| {
            let is_lost = lost.iter().any(|lost| lost.pointer == fault.pointer);
            !(is_lost && PLAINER.contains(&fault.code.as_str()))
        });
        for fault in lost {
            if !named.iter().any(|other| other.pointer == fault.pointer) {
                named.push(fault);
            }
        }
        named
    }

    /// The situation answers of the draft that the questions do not offer any more.
    pub(crate) fn find_lost_answers(&mut self, given: &[(String, String)]) {
        let questions = &self.release.procedure().question;
        let before = self.before.as_ref().map(ProcedureRelease::procedure);
        let mut lost = Vec::new();
        for (id, value) in given {
            let Some(question) = questions.iter().find(|q| q.id == *id) else {
                continue;
            };
            if question.options.iter().any(|o| o.value == *value) {
                continue;
            }
            let mut older = before.into_iter().flat_map(|procedure| &procedure.question);
            let older = older.find(|q| q.id == *id);
            let option = older.and_then(|q| q.options.iter().find(|o| o.value == *value));
            let title = option.map_or(value.as_str(), |option| option.label.as_str());
            lost.push(fault(format!("/answers/{id}"), &question.text, title));
        }
        self.lost_answers = lost;
    }

    /// The release that the draft counts as one of: the older one knows the titles of what is lost, and stays until
    /// nothing is.
    pub(crate) fn release_to_keep(&self) -> ReleaseHash {
        match self.before.is_some() && !self.lost_choices().is_empty() {
            true => self.draft.release.clone(),
            false => self.release.hash().clone(),
        }
    }

    /// What is told of a newer form.
    pub fn notices(&self) -> Vec<String> {
        let mut told = self.changes();
        let lost = self.lost();
        told.extend(
            lost.iter()
                .map(|lost| format!("表单已更新：{}", lost.message)),
        );
        told
    }

    /// The same without the lost answers, where these stand as faults.
    pub fn changes(&self) -> Vec<String> {
        let kept = match self.lost().is_empty() {
            true => "，其他内容都已保留",
            false => "",
        };
        let mut told: Vec<String> = self
            .fallen
            .iter()
            .map(|(title, text)| {
                format!("表单已更新：“{title}”已不再需要填写，原来填写的“{text}”不会提交{kept}")
            })
            .collect();
        let wanted = self.newly_required();
        if !wanted.is_empty() {
            told.push(format!("表单已更新：现在还需要填写{}", wanted.join("、")));
        }
        told
    }

    fn newly_required(&self) -> Vec<String> {
        let before = self.before.as_ref();
        let Some(before) = before.filter(|before| before.hash() != self.release.hash()) else {
            return Vec::new();
        };
        let form = self.release.form();
        let wanted = form.newly_required(before.form(), &self.values(), &known(&self.facts));
        let title = |field: &&tongban_forms::Field| format!("“{}”", field.title);
        wanted.iter().map(title).collect()
    }
}

fn fault(place: String, title: &str, lost: &str) -> FieldError {
    let words = format!("“{title}”原来选的“{lost}”已不在可选范围，请重新选择");
    FieldError::new(place, LOST, words)
}

/// A value in the words of the form that asked for it.
pub(crate) fn titled(
    release: Option<&ProcedureRelease>,
    name: &str,
    value: &Json,
) -> (String, String) {
    match release.and_then(|release| release.form().field(name)) {
        Some(field) => (field.title.clone(), field.words(value)),
        None => {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.to_owned(), text)
        }
    }
}
