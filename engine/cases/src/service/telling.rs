//! Who is told of what happens to a case, and the data that the words of a pack may name.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Date, Result, Timestamp, Uuid};
use tongban_flows::Task;
use tongban_forms::Meaning;
use tongban_identity::{Identity, StaffRecord};
use tongban_messages::{MessageTemplates, Recipient, Subject};
use tongban_procedures::Standing;
use tongban_store::Tx;

use crate::clock::Period;
use crate::desk::Desk;
use crate::event::{CaseEvent, UndoneResult};
use crate::model::Correction;
use crate::reach::TOLD;
use crate::service::agency;
use crate::service::clocked::due_of;
use crate::service::operations::{APPLICANT, instance_of};
use crate::service::pause::ClockChange;
use crate::service::standing::standings;
use crate::work::Work;

/// One message, ready to be sent in the transaction of its cause: to one person, and to whoever acts for him.
pub(crate) struct Telling {
    to: Vec<Recipient>,
    subject: Subject,
    data: Json,
    templates: Arc<MessageTemplates>,
    /// Knows how officers are reached.
    identity: Identity,
}

impl Telling {
    pub(crate) async fn applicant(
        tx: &mut Tx,
        desk: &Desk,
        (work, now): (&Work, Timestamp),
        templates: Arc<MessageTemplates>,
    ) -> Result<Self> {
        let case = &work.case;
        let mobile = work.release.form().text_of(Meaning::Mobile, &case.form);
        let record = record_words(tx, desk, work).await?;
        let mut to = vec![Recipient {
            account: case.account,
            name: case.applicant.clone(),
            mobile: Some(mobile.to_owned()).filter(|m| !m.is_empty()),
        }];
        to.extend(agent(tx, desk, work, now).await?);
        Ok(Self {
            to,
            subject: Subject {
                kind: "case",
                id: case.id.to_string(),
                link: match &case.unit {
                    None => format!("/me/cases/{}", case.id),
                    Some(_) => format!("/workbench/mine/{}", case.id),
                },
            },
            data: data(desk, work, "", &record),
            templates,
            identity: desk.identity.clone(),
        })
    }

    async fn officer(
        tx: &mut Tx,
        desk: &Desk,
        work: &Work,
        task: &str,
        ((account, name), templates): ((Uuid, String), Arc<MessageTemplates>),
    ) -> Result<Self> {
        let record = record_words(tx, desk, work).await?;
        Ok(Self {
            to: vec![Recipient {
                account,
                name,
                mobile: None,
            }],
            subject: Subject {
                kind: "case",
                id: work.case.id.to_string(),
                link: format!("/workbench/cases/{}", work.case.id),
            },
            data: data(desk, work, task, &record),
            templates,
            identity: desk.identity.clone(),
        })
    }

    pub(crate) async fn send(&self, tx: &mut Tx, ctx: &Ctx, event: &str) -> Result<Vec<String>> {
        let (subject, data) = (&self.subject, &self.data);
        let mut sent = Vec::new();
        for mut to in self.to.iter().cloned() {
            if to.mobile.is_none() {
                to.mobile = self.identity.mobile_of_officer(tx, to.account).await?;
            }
            let templates = &self.templates;
            let ids = tongban_messages::send(tx, ctx, templates, event, &to, subject, data).await?;
            sent.extend(ids);
        }
        Ok(sent)
    }
}

/// Whoever acts for the applicant, while the mandate lasts.
async fn agent(tx: &mut Tx, desk: &Desk, work: &Work, now: Timestamp) -> Result<Option<Recipient>> {
    let Some(agent) = &work.case.agent else {
        return Ok(None);
    };
    if agency::told(tx, desk, &work.case, now.date())
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let person = desk.identity.person_in(tx, agent.account).await?;
    Ok(Some(Recipient {
        account: agent.account,
        name: agent.name.clone(),
        mobile: Some(person.mobile.clone()),
    }))
}

/// Tells the applicant of something that no step of the flow tells.
pub(crate) async fn tell_applicant(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    event: &str,
) -> Result<()> {
    let templates = words_in_force(tx, desk, work, ctx.now.date()).await?;
    debug_assert!(
        TOLD.contains(&event),
        "{event} is among what releases reach"
    );
    let telling = Telling::applicant(tx, desk, (work, ctx.now), templates).await?;
    telling.send(tx, ctx, event).await.map(|_| ())
}

/// What no flow asks for is said in the words in force, so that a new message reaches cases of older releases too.
async fn words_in_force(
    tx: &mut Tx,
    desk: &Desk,
    work: &Work,
    day: Date,
) -> Result<Arc<MessageTemplates>> {
    let standing = desk.catalog.standing(&work.case.item_code, day);
    let Some(offered) = standing.as_ref().and_then(Standing::in_force) else {
        return Ok(desk.messages_of(&work.release));
    };
    let release = desk.catalog.release(tx, &offered.hash).await?;
    Ok(desk.messages_of(&release))
}

/// Tells the officers who can work on the open tasks of a case, by in-site message.
pub(crate) async fn tell_holders(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    event: &str,
) -> Result<()> {
    for standing in standings(tx, desk, &work.case).await? {
        for officer in &standing.able {
            tell_officer(tx, desk, ctx, work, (&standing.task.name, officer), event).await?;
        }
    }
    Ok(())
}

/// Tells the officers who have a role: those of the organisation that the record belongs to, where the case is about
/// one that belongs to any, else those of the office.
pub(crate) async fn tell_role(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    (role, event): (&str, &str),
) -> Result<Vec<String>> {
    let case = &work.case;
    let owner = owner_of(tx, desk, work).await?;
    let is_office = owner
        .as_ref()
        .is_none_or(|owner| *owner == case.organisation);
    let organisation = owner.as_ref().unwrap_or(&case.organisation);
    let staff = desk.identity.staff_of(tx, organisation).await?;
    let told = staff.into_iter().filter(|officer| {
        let sees = !is_office || officer.sees(&case.division);
        officer.active && officer.roles.contains(role) && sees
    });
    let link = match (is_office, case.unit.as_ref() == owner.as_ref()) {
        (true, _) => format!("/workbench/cases/{}", case.id),
        (false, true) => format!("/workbench/mine/{}", case.id),
        // The case is not in their sight; what they have to do with it is the record.
        (false, false) => "/workbench".to_owned(),
    };
    let record = record_words(tx, desk, work).await?;
    let mut sent = Vec::new();
    for officer in told {
        let telling = Telling {
            to: vec![Recipient {
                account: officer.id,
                name: officer.name,
                mobile: None,
            }],
            subject: Subject {
                kind: "case",
                id: case.id.to_string(),
                link: link.clone(),
            },
            data: data(desk, work, "", &record),
            templates: desk.messages_of(&work.release),
            identity: desk.identity.clone(),
        };
        sent.extend(telling.send(tx, ctx, event).await?);
    }
    Ok(sent)
}

/// The organisation that the record of a case belongs to, if its register says so.
async fn owner_of(tx: &mut Tx, desk: &Desk, work: &Work) -> Result<Option<String>> {
    let (Some(records), Some(about)) = (&desk.brought.records, &work.case.about) else {
        return Ok(None);
    };
    let record = records.one(tx, about).await?;
    let owner = record.and_then(|record| records.owner(&about.register, &record));
    Ok(owner.filter(|owner| !owner.is_empty()))
}

/// Tells one officer of a step, by in-site message.
pub(crate) async fn tell_officer(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    (task, officer): (&str, &StaffRecord),
    event: &str,
) -> Result<()> {
    let to = (officer.id, officer.name.clone());
    let templates = words_in_force(tx, desk, work, ctx.now.date()).await?;
    debug_assert!(
        TOLD.contains(&event),
        "{event} is among what releases reach"
    );
    let telling = Telling::officer(tx, desk, work, task, (to, templates)).await?;
    telling.send(tx, ctx, event).await.map(drop)
}

/// Tells the supervisors of the office, by in-site message.
pub(crate) async fn tell_supervisors(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    event: &str,
) -> Result<()> {
    let tasks = waiting(tx, work).await?;
    let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    let officers = desk
        .identity
        .officers_in(tx, &work.case.organisation, "case.supervise")
        .await?;
    let templates = words_in_force(tx, desk, work, ctx.now.date()).await?;
    debug_assert!(
        TOLD.contains(&event),
        "{event} is among what releases reach"
    );
    let names = names.join("、");
    for officer in officers {
        let templates = Arc::clone(&templates);
        let telling = Telling::officer(tx, desk, work, &names, (officer, templates)).await?;
        telling.send(tx, ctx, event).await?;
    }
    Ok(())
}

/// The tasks that the office has to work on.
async fn waiting(tx: &mut Tx, work: &Work) -> Result<Vec<Task>> {
    let mut tasks = tongban_flows::tasks_of_instance(tx, instance_of(work.case.id)).await?;
    tasks.retain(|task| task.role != APPLICANT);
    Ok(tasks)
}

/// What a special procedure, an extension or a return is about; each word is there, empty where it says nothing.
pub(crate) fn change_words(work: &Work) -> Json {
    let undone = UndoneResult::words(&work.undone);
    let (name, reason, days) = match work.clock_change.as_ref() {
        None => (undone.as_str(), work.opinion.as_str(), None),
        Some(ClockChange::Resume) => ("", "", None),
        Some(ClockChange::Pause { name, reason, days }) => {
            (name.as_str(), reason.as_str(), Some(days))
        }
        Some(ClockChange::Extend { days, reason }) => ("", reason.as_str(), Some(days)),
    };
    let days = days.map(i64::to_string).unwrap_or_default();
    json!({ "name": name, "reason": reason, "days": days, "letters": void_letters(work) })
}

/// The letters that this verb made void, as a sentence; empty when there are none.
fn void_letters(work: &Work) -> String {
    let void = work.added().iter().filter_map(|event| match &event.what {
        Some(CaseEvent::DocumentVoid(letter)) => {
            Some(format!("《{}》（{}）", letter.title, letter.number))
        }
        _ => None,
    });
    let void: Vec<String> = void.collect();
    if void.is_empty() {
        return String::new();
    }
    format!("下列文书作废：{}。", void.join("、"))
}

/// What the case is about is called, as on the licence that comes of it; what the family is called where there is none.
fn title(desk: &Desk, work: &Work) -> String {
    let title = desk
        .brought
        .title(work.release.parts(), work.release.folder());
    title.unwrap_or_else(|| work.release.procedure().family_title.clone())
}

/// Everything that the words of a pack may name; dates arrive as words.
fn data(desk: &Desk, work: &Work, task: &str, record: &Json) -> Json {
    let case = &work.case;
    let limits = &work.release.procedure().limits;
    let due = due_of(desk, (case.due_on, case.submitted_at));
    let office = desk.catalog.organisation(&case.organisation);
    let correction = work.correction.as_ref().or(case.correction.as_ref());
    json!({
        "case": {
            "number": case.number, "item_name": case.item_name,
            "applied_on": case.submitted_at.date_words(),
            "accepted_on": case.accepted_at.map(Timestamp::date_words).unwrap_or_default(),
            "promised_days": limits.promised, "statutory_days": limits.statutory,
            "promised_on": due.map(|due| due.words()).unwrap_or_default(),
            "promised_by": due.map(|due| due.promise()).unwrap_or_default(),
            "period": case.status.period().map(Period::title).unwrap_or_default(),
            "correction_due_on": correction.and_then(Correction::due).map(|due| due.words()).unwrap_or_default(),
            "correction_by": correction.map(Correction::by_words).unwrap_or_default(),
        },
        "change": change_words(work),
        "organisation": {
            "name": office.as_ref().map(|o| &o.name), "phone": office.as_ref().map(|o| &o.phone),
            "address": office.as_ref().map(|o| &o.address),
        },
        "licence": { "title": title(desk, work) },
        "task": { "name": task },
        "decision": { "label": work.decided.0, "entries": sentence(&work.decided.1) },
        "applicant": { "name": case.applicant },
        "form": work.release.form().words(&case.form),
        "record": record,
    })
}

/// Words that more may follow.
fn sentence(words: &str) -> String {
    match words.is_empty() {
        true => String::new(),
        false => format!("{words}。"),
    }
}

/// The record that a case is about, in words, empty ones when it is gone; null when it is about none.
async fn record_words(tx: &mut Tx, desk: &Desk, work: &Work) -> Result<Json> {
    let (Some(records), Some(about)) = (&desk.brought.records, &work.case.about) else {
        return Ok(Json::Null);
    };
    let record = records.one(tx, about).await?.unwrap_or_default();
    Ok(Json::Object(records.words(&about.register, &record)))
}
