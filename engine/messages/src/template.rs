//! The messages of a pack: which event tells whom what over which channels. Their texts are checked when they are
//! read. Knows no recipient.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_base::{Problem, Result};
use tongban_crypto::FieldCipher;
use tongban_expressions::{Environment, Template, Type, Values};
use tongban_packs::{Basis, Findings, Folder};

use crate::model::{Channel, MessageId, StoredText};
use crate::quiet::{self, QuietHours};

const FOLDER: &str = "messages/";
const TEXT_FIELD: &str = "message.text";
const MOBILE_FIELD: &str = "message.mobile";
/// What a text may name, and the fields of each.
const NAMES: [(&str, &[&str]); 13] = [
    (
        "case",
        &[
            "number",
            "item_name",
            "applied_on",
            "accepted_on",
            "promised_on",
            "promised_by",
            "period",
            "promised_days",
            "statutory_days",
            "correction_due_on",
            "correction_by",
        ],
    ),
    ("organisation", &["name", "phone", "address"]),
    ("licence", &["title"]),
    ("task", &["name"]),
    ("decision", &["label", "entries"]),
    ("applicant", &["name"]),
    ("change", &["name", "reason", "days", "letters"]),
    ("alarm", &["count", "tables"]),
    ("calendar", &["known_until"]),
    ("proof", &["id_number"]),
    ("account", &["name", "login", "code", "until"]),
    ("code", &["digits", "purpose", "minutes"]),
    ("mandate", &["principal", "agent", "items", "until"]),
];

/// The fields of the form that was filed and of the record that the case is about, in words: which there are, each
/// procedure says.
const OF_PROCEDURE: [&str; 2] = ["form", "record"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Applicant,
    Staff,
}

#[derive(Clone, Debug)]
pub struct MessageTemplate {
    pub code: String,
    pub event: String,
    pub title: String,
    pub to: Audience,
    pub channels: Vec<Channel>,
    /// Whether it goes out in the quiet hours too.
    pub urgent: bool,
    text: Template,
}

impl MessageTemplate {
    /// The words for these data. In the place of what a register has lost since the release was made stands nothing.
    pub(crate) fn render(&self, data: &Json) -> Result<String> {
        let mut values = Values::new();
        for name in NAMES.map(|(name, _)| name).iter().chain(&OF_PROCEDURE) {
            if let Some(value) = data.get(name) {
                values = values.with(name, value);
            }
        }
        self.text
            .render(&values)
            .map_err(|error| Problem::internal(format!("message {}: {}", self.code, error.message)))
    }

    /// Whether a case with this form and this record has all that the words name; what is not there would say nothing.
    ///
    /// Errors: the name that is not there.
    pub fn fits(&self, form: &Json, record: &Json) -> std::result::Result<(), String> {
        let lacks = |path: &&str| {
            let Some((of, rest)) = path.split_once('.') else {
                return false;
            };
            let field = rest.split('.').next().unwrap_or(rest);
            match of {
                "form" => form.get(field).is_none(),
                "record" => record.get(field).is_none(),
                _ => false,
            }
        };
        match self.text.paths().find(lacks) {
            Some(path) => Err(format!("没有“{path}”这一项")),
            None => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageFile {
    code: String,
    event: String,
    title: String,
    to: Audience,
    channels: Vec<Channel>,
    #[serde(default)]
    urgent: bool,
    text: String,
    #[serde(default)]
    #[expect(dead_code, reason = "told by the pack for its readers")]
    example: bool,
    #[expect(dead_code, reason = "told by the pack for its readers")]
    basis: Option<Basis>,
}

/// All templates of a pack. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct MessageTemplates(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    by_event: BTreeMap<String, Vec<MessageTemplate>>,
    quiet: QuietHours,
    cipher: Option<FieldCipher>,
}

impl MessageTemplates {
    /// Reads `messages/*.toml`. A file that is faulty is told and left out.
    pub fn read(folder: &Folder, findings: &mut Findings) -> Self {
        let environment = environment();
        let mut inner = Inner {
            quiet: quiet_hours(folder),
            ..Inner::default()
        };
        for name in folder.list(FOLDER, ".toml") {
            let Some(file) = findings.take(folder.toml::<MessageFile>(name)) else {
                continue;
            };
            if let Some(template) = compile(&environment, name, file, findings) {
                add(&mut inner.by_event, name, template, findings);
            }
        }
        Self(Arc::new(inner))
    }

    /// Texts and mobile numbers are stored encrypted under this cipher and open only in their row; without one nothing
    /// can be sent.
    #[must_use]
    pub fn with_cipher(self, cipher: FieldCipher) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.cipher = Some(cipher);
        Self(Arc::new(inner))
    }

    pub fn for_event(&self, event: &str) -> &[MessageTemplate] {
        self.0.by_event.get(event).map_or(&[], Vec::as_slice)
    }

    /// Whether a message waits for nobody's night; one whose template is gone does not.
    pub(crate) fn is_urgent(&self, code: &str) -> bool {
        let mut all = self.0.by_event.values().flatten();
        all.any(|template| template.code == code && template.urgent)
    }

    pub(crate) fn quiet(&self) -> QuietHours {
        self.0.quiet
    }

    fn cipher(&self) -> Result<&FieldCipher> {
        let missing = || Problem::internal("the message templates were given no cipher");
        self.0.cipher.as_ref().ok_or_else(missing)
    }

    pub(crate) fn close_text(&self, text: &str, id: MessageId) -> Result<StoredText> {
        let closed = self.cipher()?.encrypt_in(text, TEXT_FIELD, id)?;
        Ok(StoredText(closed))
    }

    pub(crate) fn open_text(&self, text: &StoredText, id: MessageId) -> Result<String> {
        Ok(self.cipher()?.decrypt_in(&text.0, TEXT_FIELD, id)?)
    }

    pub(crate) fn close_mobile(&self, mobile: &str, id: MessageId) -> Result<String> {
        Ok(self.cipher()?.encrypt_in(mobile, MOBILE_FIELD, id)?)
    }

    pub(crate) fn open_mobile(&self, stored: &str, id: MessageId) -> Result<String> {
        Ok(self.cipher()?.decrypt_in(stored, MOBILE_FIELD, id)?)
    }
}

fn environment() -> Environment {
    let mut environment = Environment::new();
    for (name, fields) in NAMES {
        environment.declare(name, Type::record(fields.iter().map(|f| (*f, Type::Any))));
    }
    for name in OF_PROCEDURE {
        environment.declare(name, Type::Any);
    }
    environment
}

fn compile(
    environment: &Environment,
    name: &str,
    file: MessageFile,
    findings: &mut Findings,
) -> Option<MessageTemplate> {
    if file.channels.is_empty() {
        findings.add(name, Some("channels"), "至少要有一个渠道");
        return None;
    }
    match environment.template(&file.text) {
        Ok(text) => Some(MessageTemplate {
            code: file.code,
            event: file.event,
            title: file.title,
            to: file.to,
            channels: file.channels,
            urgent: file.urgent,
            text,
        }),
        Err(error) => {
            let message = format!(
                "第 {} 行第 {} 个字：{}",
                error.line, error.column, error.message
            );
            findings.add(name, Some("text"), message);
            None
        }
    }
}

/// Whoever sends an event names its recipients, so one event cannot speak to two kinds of people.
fn add(
    by_event: &mut BTreeMap<String, Vec<MessageTemplate>>,
    name: &str,
    template: MessageTemplate,
    findings: &mut Findings,
) {
    let twice = by_event.values().flatten().any(|t| t.code == template.code);
    let same_event = by_event.entry(template.event.clone()).or_default();
    if twice {
        findings.add(name, Some("code"), format!("代码 {} 重复", template.code));
    } else if same_event.iter().any(|t| t.to != template.to) {
        let message = format!(
            "事件 {} 的消息不能既发给申请人又发给工作人员",
            template.event
        );
        findings.add(name, Some("to"), message);
    } else {
        same_event.push(template);
    }
}

/// The pack's own hours; its settings are read and judged by `tongban_packs`.
fn quiet_hours(folder: &Folder) -> QuietHours {
    #[derive(Default, Deserialize)]
    struct File {
        #[serde(default)]
        setting: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        code: String,
        default: Json,
    }
    let file: File = folder.toml_or_default("settings.toml").unwrap_or_default();
    let wanted = [quiet::FROM, quiet::UNTIL];
    let given = file
        .setting
        .into_iter()
        .filter(|s| wanted.contains(&s.code.as_str()));
    QuietHours::default().changed_by(&given.map(|s| (s.code, s.default)).collect())
}
