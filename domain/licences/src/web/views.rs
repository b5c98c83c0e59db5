//! What templates and JSON show of a licence: words, badges, rows. Knows no request.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;
use tongban_base::numbers::Sex;
use tongban_base::{Date, date_words};
use tongban_documents::Answer;
use tongban_ui::view::{Badge, Event, Link, Tone, Verdict};

use crate::definition::LicenceType;
use crate::model::{Licence, LicenceEvent, Status};
use crate::service::open::OpenLicence;
use crate::service::verify::VerifyReport;

/// A licence in a list.
pub(super) struct LicenceRow {
    pub id: String,
    pub title: String,
    pub number: String,
    pub holder: String,
    pub issuer: String,
    pub validity: String,
    pub badge: Badge,
    pub is_in_force: bool,
    /// What renews it, when it ends soon.
    pub renewals: Vec<Link>,
}

impl LicenceRow {
    pub(super) fn of(licence: &Licence, today: Date) -> Self {
        let status = licence.status_on(today);
        Self {
            id: licence.id.to_string(),
            title: licence.title.clone(),
            number: licence.number.clone(),
            holder: format!(
                "{}（{}）",
                licence.holder_name_masked, licence.holder_number_masked
            ),
            issuer: licence.issuer_name.clone(),
            validity: validity(licence),
            badge: badge(status),
            is_in_force: status == Status::Valid,
            renewals: Vec::new(),
        }
    }
}

pub(super) fn badge(status: Status) -> Badge {
    let tone = match status {
        Status::Valid => Tone::Ok,
        Status::Expired | Status::Replaced | Status::Cancelled | Status::Void => Tone::Quiet,
        Status::Revoked => Tone::Late,
    };
    Badge::new(status.title(), tone)
}

pub(super) fn validity(licence: &Licence) -> String {
    match licence.valid_to {
        Some(last) => format!("{}至{}", date_words(licence.valid_from), date_words(last)),
        None => format!("{}起长期有效", date_words(licence.valid_from)),
    }
}

/// The face as pairs of title and words, in the order of the type; pictures are left out.
pub(super) fn face_rows(kind: &LicenceType, open: &OpenLicence) -> Vec<(String, String)> {
    let rows = kind.fields.iter().filter_map(|field| {
        let value = open.face.get(&field.code)?;
        let words = words(&field.words, value);
        let is_picture = field.code == "photo";
        (!is_picture && !words.is_empty()).then(|| (field.title.clone(), words))
    });
    rows.collect()
}

/// A value as people read it: codes by the words of their field, sexes and dates by ours.
fn words(known: &BTreeMap<String, String>, value: &Json) -> String {
    match value {
        Json::String(text) => match (known.get(text), text.parse::<Date>()) {
            (Some(words), _) => words.clone(),
            (None, Ok(date)) => date_words(date),
            (None, Err(_)) => match text.as_str() {
                "male" => Sex::Male.title().to_owned(),
                "female" => Sex::Female.title().to_owned(),
                other => other.to_owned(),
            },
        },
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| words(known, item)).collect();
            items.join("、")
        }
        Json::Null => String::new(),
        Json::Bool(true) => "是".to_owned(),
        Json::Bool(false) => "否".to_owned(),
        other => other.to_string(),
    }
}

pub(super) fn verdict(report: &VerifyReport) -> Verdict {
    Verdict {
        answer: report.title.to_owned(),
        tone: match report.answer {
            Answer::Valid => Tone::Ok,
            Answer::Invalid | Answer::Revoked => Tone::Late,
            Answer::Cancelled | Answer::Expired => Tone::Warn,
            Answer::Unknown => Tone::Quiet,
        },
        reasons: report.reasons.iter().map(|r| r.message.clone()).collect(),
    }
}

/// The history as staff read it.
pub(super) fn history(events: &[LicenceEvent]) -> Vec<Event> {
    events.iter().map(event).collect()
}

fn event(event: &LicenceEvent) -> Event {
    let title = match event.kind.as_str() {
        "issued" => "颁发",
        "imported" => "存量导入",
        "updated" => "变更",
        "replaced" => "换发新证",
        "cancelled" => "注销",
        "revoked" => "撤销",
        "undone" => "收回处理",
        other => other,
    };
    // Staff see that a field changed; what it says is personal and stands on the face.
    let changed: Vec<&str> = event.changes.0.iter().map(|c| c.title.as_str()).collect();
    let mut lines = Vec::new();
    if !changed.is_empty() {
        lines.push(format!("变更的项目：{}", changed.join("、")));
    }
    if !event.basis.is_empty() {
        lines.push(format!("文号：{}", event.basis));
    }
    if !event.reason.is_empty() {
        lines.push(event.reason.clone());
    }
    Event {
        title: title.to_owned(),
        when: event.at.words(),
        by: event.actor_name.clone(),
        text: lines.join("；"),
        undone: false,
    }
}

/// A licence as JSON. The face is there for its holder only; staff see masked data.
#[derive(Serialize)]
pub(super) struct LicenceView {
    pub id: String,
    pub title: String,
    pub type_code: String,
    pub kind: String,
    pub number: String,
    pub identifier: String,
    pub version: i64,
    pub holder_name: String,
    pub holder_number: String,
    pub issuer_name: String,
    pub issued_on: Date,
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    pub status: Status,
    pub status_title: &'static str,
    pub verify_url: String,
    pub is_made: bool,
    pub face: Option<Json>,
}

impl LicenceView {
    pub(super) fn of(open: &OpenLicence, verify_url: String, today: Date, is_holder: bool) -> Self {
        let licence = &open.licence;
        let status = licence.status_on(today);
        let shown = |whole: &String, masked: &String| match is_holder {
            true => whole.clone(),
            false => masked.clone(),
        };
        Self {
            id: licence.id.to_string(),
            title: licence.title.clone(),
            type_code: licence.type_code.clone(),
            kind: licence.kind.clone(),
            number: licence.number.clone(),
            identifier: open.edition.identifier.clone(),
            version: licence.version,
            holder_name: shown(&open.holder_name, &licence.holder_name_masked),
            holder_number: shown(&open.holder_number, &licence.holder_number_masked),
            issuer_name: licence.issuer_name.clone(),
            issued_on: licence.issued_on,
            valid_from: licence.valid_from,
            valid_to: licence.valid_to,
            status,
            status_title: status.title(),
            verify_url,
            is_made: open.edition.files.is_some(),
            face: is_holder.then(|| Json::Object(open.face.clone())),
        }
    }
}
