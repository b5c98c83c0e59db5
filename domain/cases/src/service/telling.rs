//! Who is told of what happens to a case, and the data that the words of a pack may name.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Result, Timestamp, date_words};
use tongban_messages::{MessageTemplates, Recipient, Subject};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::work::Work;

/// One message to one person, ready to be sent in the transaction of its cause.
pub(crate) struct Telling {
    to: Recipient,
    subject: Subject,
    data: Json,
    templates: Arc<MessageTemplates>,
}

impl Telling {
    pub(crate) fn applicant(desk: &Desk, work: &Work, templates: Arc<MessageTemplates>) -> Self {
        let case = &work.case;
        let mobile = case.form.get("mobile").and_then(Json::as_str);
        Self {
            to: Recipient {
                account: case.account,
                name: case.applicant.clone(),
                mobile: mobile.map(str::to_owned),
            },
            subject: Subject {
                kind: "case",
                id: case.id.to_string(),
                link: format!("/me/cases/{}", case.id),
            },
            data: data(desk, work),
            templates,
        }
    }

    pub(crate) async fn send(&self, tx: &mut Tx, ctx: &Ctx, event: &str) -> Result<Vec<String>> {
        let (to, subject) = (&self.to, &self.subject);
        tongban_messages::send(tx, ctx, &self.templates, event, to, subject, &self.data).await
    }
}

/// Tells the applicant of something that no step of the flow tells.
pub(crate) async fn tell_applicant(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    event: &str,
) -> Result<()> {
    let telling = Telling::applicant(desk, work, words_in_force(desk, work));
    telling.send(tx, ctx, event).await.map(|_| ())
}

/// What no flow asks for is said in the words in force, so that a new message reaches cases of older releases too.
fn words_in_force(desk: &Desk, work: &Work) -> Arc<MessageTemplates> {
    match desk.catalog.current(&work.case.item_code) {
        Ok(release) => desk.messages_of(&release),
        Err(_) => desk.messages_of(&work.release),
    }
}

/// Tells supervisors of the office, by in-site message.
pub(crate) async fn tell_office(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    event: &str,
) -> Result<()> {
    let officers = desk
        .identity
        .officers_in(tx, &work.case.organisation, "case.supervise")
        .await?;
    for (account, name) in officers {
        let telling = Telling {
            to: Recipient {
                account,
                name,
                mobile: None,
            },
            subject: Subject {
                kind: "case",
                id: work.case.id.to_string(),
                link: format!("/workbench/cases/{}", work.case.id),
            },
            data: data(desk, work),
            templates: words_in_force(desk, work),
        };
        telling.send(tx, ctx, event).await?;
    }
    Ok(())
}

/// Dates arrive in messages as words.
fn data(desk: &Desk, work: &Work) -> Json {
    let case = &work.case;
    let limits = &work.release.item().limits;
    let office = desk.catalog.organisation(&case.organisation);
    let correction = work.correction.as_ref().or(case.correction.as_ref());
    json!({
        "case": {
            "number": case.number, "item_name": case.item_name,
            "applied_on": case.submitted_at.date_words(),
            "accepted_on": case.accepted_at.map(Timestamp::date_words).unwrap_or_default(),
            "promised_days": limits.promised, "statutory_days": limits.statutory,
            "promised_on": case.due_on.map(date_words).unwrap_or_default(),
            "correction_due_on": correction.map(|c| c.last_day_words()).unwrap_or_default(),
        },
        "organisation": {
            "name": office.map(|o| &o.name), "phone": office.map(|o| &o.phone),
            "address": office.map(|o| &o.address),
        },
        "licence": { "title": work.release.item().family_title },
        "task": { "name": "", "assignee_name": "" },
        "applicant": { "name": case.applicant },
    })
}
