//! What the services of this crate work with, put together once by the wiring.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_audit::{AuditKey, ReadLog};
use tongban_base::{Ctx, Date, Problem, Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing, MacKey, Purpose};
use tongban_documents::Typesetter;
use tongban_forms::Known;
use tongban_identity::{Identity, Person};
use tongban_messages::MessageTemplates;
use tongban_operations::Asked;
use tongban_packs::{Findings, Recent, ReleaseHash};
use tongban_procedures::{Catalog, Facts, Lookup, ProcedureRelease};
use tongban_seals::{Authority, Gate};
use tongban_store::{Db, Fut, NumberBlocks, Objects, Tx};

use crate::brought::Brought;
use crate::model::{Draft, OpenCase};

/// Cheap to clone; a write takes a clone of it as part of its input.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

pub struct Inner {
    pub db: Db,
    pub objects: Objects,
    pub catalog: Arc<Catalog>,
    pub identity: Identity,
    /// What modules bring.
    pub brought: Brought,
    pub authority: Authority,
    pub typesetter: Typesetter,
    /// How many files are taken apart at once.
    pub(crate) inspections: Gate,
    pub cipher: FieldCipher,
    pub journal_key: MacKey,
    pub audit_key: AuditKey,
    /// Who reads what, and why.
    pub reads: ReadLog,
    pub numbers: NumberBlocks,
    pub public_url: String,
    pub demo: bool,
    /// Messages of the releases used last, compiled.
    messages: Recent<ReleaseHash, Arc<MessageTemplates>>,
    /// By this a case shows under which calendar its last day was worked out.
    calendar_mark: String,
}

impl std::ops::Deref for Desk {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The parts that the wiring gives besides the keys.
pub struct DeskParts {
    pub db: Db,
    pub objects: Objects,
    pub catalog: Arc<Catalog>,
    pub identity: Identity,
    pub brought: Brought,
    pub authority: Authority,
    pub typesetter: Typesetter,
    pub reads: ReadLog,
    pub public_url: String,
    pub demo: bool,
}

/// Of so many releases the messages stay compiled.
const MOST_COMPILED: usize = 256;

/// Of the chain of journals.
pub(crate) const JOURNAL: Purpose = Purpose::new("journal");

impl Desk {
    pub fn new(parts: DeskParts, ring: &KeyRing) -> Result<Self> {
        let calendar_mark = tongban_crypto::sm3_hex(parts.catalog.calendar().content().as_bytes());
        Ok(Self(Arc::new(Inner {
            calendar_mark,
            db: parts.db,
            objects: parts.objects,
            catalog: parts.catalog,
            identity: parts.identity,
            brought: parts.brought,
            authority: parts.authority,
            typesetter: parts.typesetter,
            inspections: Gate::default(),
            cipher: ring.field_cipher().map_err(Problem::internal)?,
            journal_key: ring.mac_key(JOURNAL).map_err(Problem::internal)?,
            audit_key: parts.reads.key().clone(),
            numbers: NumberBlocks::new(),
            reads: parts.reads,
            public_url: parts.public_url,
            demo: parts.demo,
            messages: Recent::new(MOST_COMPILED),
        })))
    }

    /// What a release says to people.
    pub fn messages_of(&self, release: &ProcedureRelease) -> Arc<MessageTemplates> {
        if let Some(found) = self.messages.get(release.hash()) {
            return found;
        }
        let read = MessageTemplates::read(release.folder(), &mut Findings::default());
        let templates = Arc::new(read.with_cipher(self.cipher.clone()));
        let kept = Arc::clone(&templates);
        self.messages.put(release.hash().clone(), kept);
        templates
    }

    /// What is known of an applicant for one item: the person with the other cases that are open, the licence
    /// concerned, holds.
    pub async fn facts(
        &self,
        tx: &mut Tx,
        draft: &Draft,
        release: &ProcedureRelease,
        open_cases: &[OpenCase],
        today: Date,
    ) -> Result<Facts> {
        let of = (draft.account, &draft.answers);
        self.facts_on(tx, of, release, open_cases, (today, today))
            .await
    }

    /// The same of an account and its answers: periods are those of the first day, what restricts is that of the second.
    pub(crate) async fn facts_on(
        &self,
        tx: &mut Tx,
        (account, answers): (Uuid, &Json),
        release: &ProcedureRelease,
        open_cases: &[OpenCase],
        (today, held_on): (Date, Date),
    ) -> Result<Facts> {
        let person = self.identity.person_in(tx, account).await?;
        let person = self.person_with(tx, &person, open_cases).await;
        let asked = Asked {
            person: &person,
            parts: release.parts(),
            today,
            as_of: held_on,
        };
        let (mut answers_of, mut restrictions) = (BTreeMap::new(), Vec::new());
        for source in &self.brought.sources {
            let answer = source.ask(tx, asked).await?;
            answers_of.insert(source.info().name.to_owned(), answer);
        }
        for lookup in release.lookups() {
            let found = self.look_up(tx, lookup, asked).await?;
            if lookup.restricts {
                restrictions.extend(found.iter().cloned());
            }
            answers_of.insert(lookup.code.clone(), Json::Array(found));
        }
        Ok(Facts {
            person,
            answers: answers.clone(),
            asked: answers_of,
            restrictions,
            settings: self.catalog.settings(),
            today,
        })
    }
}

impl Desk {
    async fn look_up(&self, tx: &mut Tx, lookup: &Lookup, asked: Asked<'_>) -> Result<Vec<Json>> {
        let Some(key) = lookup.key(asked) else {
            return Ok(Vec::new());
        };
        let (register, field) = (lookup.register.as_str(), lookup.field.as_str());
        let found = match &self.brought.records {
            Some(records) => records.with_value(tx, register, field, &key).await?,
            None => Vec::new(),
        };
        Ok(lookup.fitting(asked, found))
    }

    /// The one way in which something is written for a person. Body is given the input and whoever asks as they are in
    /// this transaction; what it decides on it reads there.
    pub(crate) async fn write<I, T, F>(&self, ctx: &Ctx, input: I, body: F) -> Result<T>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx, &'t Desk, &'t Ctx, &'t I) -> Fut<'t, T> + Send + Sync + 'static,
    {
        let whole = (self.clone(), ctx.clone(), input, body);
        self.db
            .write(whole, |tx, (desk, ctx, input, body)| {
                Box::pin(async move {
                    let ctx = desk.identity.as_of(tx, ctx).await?;
                    body(tx, desk, &ctx, input).await
                })
            })
            .await
    }

    pub(crate) fn calendar_mark(&self) -> &str {
        &self.calendar_mark
    }

    /// Whether an application ends when its correction is not handed in by the last day.
    pub(crate) fn correction_lapses(&self) -> bool {
        self.catalog.setting_flag("correction_lapses", true)
    }

    /// Rules of an item see the person together with the cases that are not finished.
    async fn person_with(&self, tx: &mut Tx, person: &Person, open_cases: &[OpenCase]) -> Json {
        let mut families = Vec::new();
        for case in open_cases {
            let release = self.catalog.release(tx, &case.release).await.ok();
            families.push(release.map(|release| release.procedure().family.clone()));
        }
        let mut values = person.values();
        values["open_cases"] = open_cases
            .iter()
            .zip(families)
            .map(|(case, family)| {
                json!({
                    "number": case.number, "item": case.item, "item_name": case.item_name,
                    "family": family.unwrap_or_default(), "status": case.status,
                    "submitted_on": case.submitted_at.date().to_string(),
                })
            })
            .collect();
        values
    }
}

/// The source that forms are filled from besides the person.
const LICENCE: &str = "licence";

/// The same facts as forms know them.
pub(crate) fn known(facts: &Facts) -> Known {
    Known {
        person: facts.person.clone(),
        answers: facts.answers.clone(),
        licence: facts.asked.get(LICENCE).cloned().unwrap_or_default(),
        today: facts.today,
    }
}
