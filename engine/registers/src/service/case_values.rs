//! What a case writes into a record, worked out from the part of its procedure: which record, what it says then, what is
//! wrong with it, and the words for that.

use serde_json::{Map, Value as Json};
use tongban_base::{FieldError, Kind, Problem, Result, Timestamp};
use tongban_operations::Subject;
use tongban_procedures::names;
use tongban_store::Tx;

use super::by_case::Done;
use super::prepare::{self, division, owner};
use crate::definition::{RegisterDefinition, parted};
use crate::model::{RecordId, RegisterRecord};
use crate::part::{self, RecordPart};
use crate::registers::Registers;
use crate::store::records;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Create,
    Update,
    Retire,
}

/// One call on one record, as it stands in the transaction.
pub(super) struct Call<'c> {
    pub definition: &'c RegisterDefinition,
    pub part: RecordPart,
    /// The record that is changed or retired; for a new one, that which the case is about.
    pub before: Option<RegisterRecord>,
    pub data: Map<String, Json>,
    pub faults: Vec<FieldError>,
}

impl Registers {
    /// Values that another record has already, each beside the field of the form that it came from.
    pub(crate) async fn taken_on_submit(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Vec<FieldError>> {
        let mut faults = Vec::new();
        let parts = part::of(&subject.parts).into_iter();
        for part in parts.filter(|part| part.unique_on_submit) {
            let Some(definition) = self.definitions().get(&part.register) else {
                continue;
            };
            let own = self.target(tx, subject, &part, now).await?;
            let data = self.data(subject, (definition, &part), own.as_ref(), now)?;
            let own = own.map(|own| own.id);
            if let Err(problem) = self.must_be_free(tx, definition, &data, own).await {
                if problem.kind() != Kind::Invalid {
                    return Err(problem);
                }
                let beside = problem.field_errors().iter().cloned();
                faults.extend(beside.map(|fault| beside_form(&part, fault)));
            }
        }
        Ok(faults)
    }

    /// Whether the record need not be there, and is not.
    pub(crate) async fn passes(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        (verb, name): (Verb, &str),
        now: Timestamp,
    ) -> Result<bool> {
        let mut parts = part::of(&subject.parts).into_iter();
        let part = parts.find(|part| part.name == name && part.optional);
        match part.filter(|_| verb != Verb::Create) {
            Some(part) => Ok(self.target(tx, subject, &part, now).await?.is_none()),
            None => Ok(false),
        }
    }

    pub(super) async fn call(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        (verb, name): (Verb, &str),
        now: Timestamp,
    ) -> Result<Call<'_>> {
        let mut parts = part::of(&subject.parts).into_iter();
        let part = parts.find(|part| part.name == name).ok_or_else(|| {
            Problem::internal(format!(
                "procedure {} has no record {name}",
                subject.procedure
            ))
        })?;
        let definition = self.definitions().get(&part.register).ok_or_else(|| {
            let words = format!("登记簿 {} 已经不在了，办不了，请联系管理员", part.register);
            Problem::conflict("register.gone", words)
        })?;
        let before = match verb {
            Verb::Create => self.about(tx, subject).await?,
            Verb::Update | Verb::Retire => {
                let target = self.target(tx, subject, &part, now).await?;
                Some(target.ok_or_else(|| no_record(definition))?)
            }
        };
        let target = before.as_ref().filter(|_| verb != Verb::Create);
        let around = before.as_ref();
        let data = match target {
            Some(target) => self.data(subject, (definition, &part), Some(target), now)?,
            None => self.new_data(subject, (definition, &part), around, now)?,
        };
        let (data, faults) = judged(definition, data, now)?;
        Ok(Call {
            definition,
            part,
            before,
            data,
            faults,
        })
    }

    /// The record that the case is about, of whatever register.
    async fn about(&self, tx: &mut Tx, subject: &Subject) -> Result<Option<RegisterRecord>> {
        let Some(about) = &subject.about else {
            return Ok(None);
        };
        let row = records::one(tx, &about.register, RecordId(about.record)).await?;
        let there = row.filter(|row| row.deleted_at.is_none());
        there.map(|row| self.opened(row)).transpose()
    }

    /// The record that is meant: by its key, else the one that the case is about.
    async fn target(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        part: &RecordPart,
        now: Timestamp,
    ) -> Result<Option<RegisterRecord>> {
        let about = self.about(tx, subject).await?;
        let Some(key) = &part.key else {
            let about = about.filter(|about| about.register == part.register);
            return match about {
                Some(about) => Ok(Some(about)),
                None => self.made(tx, subject, part).await,
            };
        };
        let around = about.map_or(Json::Null, |about| Json::Object(about.data));
        let key = evaluated(subject, ("key", key), around, now)?;
        let definition = self.definition(&part.register)?;
        let Some(key) = definition.keys_of(&definition.key, &key).pop() else {
            return Ok(None);
        };
        let Some(id) = self.find(tx, &part.register, &key).await? else {
            return Ok(None);
        };
        let row = records::one(tx, &part.register, id).await?;
        row.map(|row| self.opened(row)).transpose()
    }

    /// The record that the case itself has made under this name.
    async fn made(
        &self,
        tx: &mut Tx,
        subject: &Subject,
        part: &RecordPart,
    ) -> Result<Option<RegisterRecord>> {
        let create = Verb::Create.info().name;
        let made = subject.done.iter().rev();
        let mut made = made
            .filter(|done| done.operation == create)
            .filter_map(|done| {
                let done: Done = serde_json::from_value(done.result.clone()).ok()?;
                (done.name == part.name && done.register == part.register).then_some(done)
            });
        let Some(done) = made.next() else {
            return Ok(None);
        };
        let row = records::one(tx, &done.register, RecordId(done.record)).await?;
        let there = row.filter(|row| row.deleted_at.is_none());
        there.map(|row| self.opened(row)).transpose()
    }

    /// Whether the record is one that the case makes before: until then nothing can be said against the call.
    pub(super) fn comes_later(&self, subject: &Subject, (verb, name): (Verb, &str)) -> bool {
        let mut parts = part::of(&subject.parts).into_iter();
        let part = parts.find(|part| part.name == name);
        let about = subject.about.as_ref().map(|about| about.register.as_str());
        let of_own = |part: &RecordPart| part.key.is_none() && about != Some(&part.register);
        verb != Verb::Create && part.as_ref().is_some_and(of_own)
    }

    fn new_data(
        &self,
        subject: &Subject,
        of: (&RegisterDefinition, &RecordPart),
        around: Option<&RegisterRecord>,
        now: Timestamp,
    ) -> Result<Map<String, Json>> {
        let around = around.map_or(Json::Null, |around| Json::Object(around.data.clone()));
        filled(subject, of, (Map::new(), around), now)
    }

    fn data(
        &self,
        subject: &Subject,
        of: (&RegisterDefinition, &RecordPart),
        before: Option<&RegisterRecord>,
        now: Timestamp,
    ) -> Result<Map<String, Json>> {
        let before = before.map(|before| before.data.clone()).unwrap_or_default();
        let record = Json::Object(before.clone());
        filled(subject, of, (before, record), now)
    }
}

/// As the history names the case.
pub(super) fn reason(subject: &Subject) -> String {
    format!("办件 {}（{}）", subject.number, subject.title)
}

pub(super) fn taken_back_words(subject: &Subject) -> String {
    format!(
        "办件 {}（{}）退回，撤回原来的写入",
        subject.number, subject.title
    )
}

pub(super) fn no_record(definition: &RegisterDefinition) -> Problem {
    let words = format!(
        "没有查到要办理的{}记录，它可能已经注销，请核对",
        definition.title
    );
    Problem::conflict("register.no_record", words)
}

/// A fault of a record has no field on the page of a case.
pub(super) fn spoken(definition: &RegisterDefinition, problem: Problem) -> Problem {
    let faults = problem.field_errors();
    if problem.kind() != Kind::Invalid || faults.is_empty() {
        return problem;
    }
    let words: Vec<String> = faults.iter().map(|f| words_of(definition, f)).collect();
    Problem::conflict("register.not_written", words.join("\n"))
}

pub(super) fn words_of(definition: &RegisterDefinition, fault: &FieldError) -> String {
    let field = definition.title_of(fault.pointer.trim_start_matches('/'));
    format!("写入{}：{field}——{}", definition.title, fault.message)
}

/// The fault beside the field of the form by which the value came.
fn beside_form(part: &RecordPart, mut fault: FieldError) -> FieldError {
    let field = fault.pointer.trim_start_matches('/');
    let from = part.values.get(field);
    let named = from.and_then(|text| text.trim().strip_prefix("form."));
    if let Some(named) = named {
        fault.pointer = format!("/{named}");
    }
    fault
}

fn evaluated(
    subject: &Subject,
    (field, text): (&str, &str),
    record: Json,
    now: Timestamp,
) -> Result<Json> {
    names::value(text, subject, &record, &now.date().to_string()).map_err(|cause| {
        let words = format!("{field} 的值算不出来（{text}）：{cause}");
        Problem::conflict("register.no_value", words)
    })
}

/// The form over what stands, the part's values over both. A file that was not handed in leaves the one that is there;
/// any other value that is null takes away.
fn filled(
    subject: &Subject,
    (definition, part): (&RegisterDefinition, &RecordPart),
    (mut data, record): (Map<String, Json>, Json),
    now: Timestamp,
) -> Result<Map<String, Json>> {
    let form = subject.form.as_object().filter(|_| part.copy);
    for (name, value) in form.into_iter().flatten() {
        if definition.field(name).is_some() && !value.is_null() {
            data.insert(name.clone(), titled(value));
        }
    }
    for (field, text) in &part.values {
        match evaluated(subject, (field, text), record.clone(), now)? {
            Json::Null if definition.file(field).is_some() => {}
            Json::Null => {
                data.shift_remove(field);
            }
            value => {
                data.insert(field.clone(), titled(&value));
            }
        }
    }
    Ok(data)
}

/// Records name chosen ones by their titles.
fn titled(value: &Json) -> Json {
    let title = |value: &Json| {
        let title = value.get("title").filter(|_| value.get("id").is_some());
        title.and_then(Json::as_str).map(str::to_owned)
    };
    match value {
        Json::Array(items) => {
            let titles: Option<Vec<String>> = items.iter().map(title).collect();
            let titles = titles.filter(|titles| !titles.is_empty());
            titles.map_or_else(|| value.clone(), |titles| titles.join("、").into())
        }
        other => title(other).map_or_else(|| other.clone(), Json::from),
    }
}

/// As the form of the register reads it, and all that is wrong with it.
fn judged(
    definition: &RegisterDefinition,
    data: Map<String, Json>,
    now: Timestamp,
) -> Result<(Map<String, Json>, Vec<FieldError>)> {
    let as_given = data.clone();
    let (plain, files) = parted(&definition.files, data);
    let plain = Json::Object(plain);
    match prepare::read(definition, (&plain).into(), files, now.date()) {
        Ok(data) => Ok((data, Vec::new())),
        Err(problem) if problem.kind() == Kind::Invalid => {
            Ok((as_given, problem.field_errors().to_vec()))
        }
        Err(problem) => Err(problem),
    }
}

/// A record that names its organisation lies there, and else where its office lies.
pub(super) fn place(
    subject: &Subject,
    definition: &RegisterDefinition,
    data: &Map<String, Json>,
    before: Option<&RegisterRecord>,
) -> (String, String) {
    let own = subject.person.get("division").and_then(Json::as_str);
    let own = own.filter(|_| definition.owner.is_some());
    let (organisation, otherwise) = match before {
        Some(before) => (&before.organisation, before.division.as_str()),
        None => (&subject.organisation, own.unwrap_or(&subject.division)),
    };
    let organisation = owner(definition, data).unwrap_or(organisation);
    (
        organisation.to_owned(),
        division(definition, data, otherwise),
    )
}
