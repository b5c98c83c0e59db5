//! What the services of this crate work with, put together once by the wiring.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value as Json, json};
use tongban_audit::{AuditKey, ReadLog};
use tongban_base::{Ctx, Date, Problem, Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing, MacKey, Purpose};
use tongban_documents::Typesetter;
use tongban_forms::Known;
use tongban_identity::{Identity, Person};
use tongban_items::{Catalog, Facts, ItemRelease};
use tongban_licences::{Gate, Licences};
use tongban_messages::MessageTemplates;
use tongban_packs::{Findings, ReleaseHash};
use tongban_store::{Db, Fut, NumberBlocks, Objects, Tx};

use crate::model::{Draft, OpenCase};

/// Cheap to clone; a write takes a clone of it as part of its input.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

pub struct Inner {
    pub db: Db,
    pub objects: Objects,
    pub catalog: Arc<Catalog>,
    pub identity: Identity,
    pub licences: Licences,
    pub typesetter: Typesetter,
    /// How many files are taken apart at once.
    pub(crate) inspections: Gate,
    pub cipher: FieldCipher,
    pub journal_key: MacKey,
    pub audit_key: AuditKey,
    /// Who reads what, and why.
    pub reads: ReadLog,
    pub numbers: NumberBlocks,
    pub restrictions: Restrictions,
    pub public_url: String,
    pub demo: bool,
    /// Messages of a release, compiled once.
    messages: RwLock<HashMap<ReleaseHash, Arc<MessageTemplates>>>,
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
    pub licences: Licences,
    pub typesetter: Typesetter,
    pub restrictions: Restrictions,
    pub reads: ReadLog,
    pub public_url: String,
    pub demo: bool,
}

/// Of the chain of journals.
pub(crate) const JOURNAL: Purpose = Purpose::new("journal");

/// Asks what restricts the person of an identity number on a day; the wiring knows who keeps that. Each answer has
/// kind, basis_number, body, from, to, acts, reason and way_out; with a licence_type it restricts that type only.
pub struct Restrictions(pub Box<AskRestrictions>);

type AskRestrictions =
    dyn for<'t> Fn(&'t mut Tx, &'t str, Date) -> Fut<'t, Vec<Json>> + Send + Sync;

impl Desk {
    pub fn new(parts: DeskParts, ring: &KeyRing) -> Result<Self> {
        let calendar_mark = tongban_crypto::sm3_hex(parts.catalog.calendar().content().as_bytes());
        Ok(Self(Arc::new(Inner {
            calendar_mark,
            db: parts.db,
            objects: parts.objects,
            catalog: parts.catalog,
            identity: parts.identity,
            licences: parts.licences,
            typesetter: parts.typesetter,
            inspections: Gate::default(),
            cipher: ring.field_cipher().map_err(Problem::internal)?,
            journal_key: ring.mac_key(JOURNAL).map_err(Problem::internal)?,
            audit_key: parts.reads.key().clone(),
            numbers: NumberBlocks::new(),
            restrictions: parts.restrictions,
            reads: parts.reads,
            public_url: parts.public_url,
            demo: parts.demo,
            messages: RwLock::default(),
        })))
    }

    /// What a release says to people.
    pub fn messages_of(&self, release: &ItemRelease) -> Arc<MessageTemplates> {
        let known = self.messages.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(release.hash()) {
            return Arc::clone(found);
        }
        drop(known);
        let read = MessageTemplates::read(release.folder(), &mut Findings::default());
        let templates = Arc::new(read.with_cipher(self.cipher.clone()));
        let mut known = self
            .messages
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        known.insert(release.hash().clone(), Arc::clone(&templates));
        templates
    }

    /// What is known of an applicant for one item: the person with the other cases that are open, the licence
    /// concerned, holds.
    pub async fn facts(
        &self,
        tx: &mut Tx,
        draft: &Draft,
        release: &ItemRelease,
        open_cases: &[OpenCase],
        today: Date,
    ) -> Result<Facts> {
        let of = (draft.account, &draft.answers);
        self.facts_on(tx, of, release, open_cases, (today, today))
            .await
    }

    /// The same of an account and its answers: periods are those of the first day, holds those of the second.
    pub(crate) async fn facts_on(
        &self,
        tx: &mut Tx,
        (account, answers): (Uuid, &Json),
        release: &ItemRelease,
        open_cases: &[OpenCase],
        (today, held_on): (Date, Date),
    ) -> Result<Facts> {
        let person = self.identity.person_in(tx, account).await?;
        let licence = match (&release.item().licence, &person.id_number) {
            (Some(effect), Some(id)) => {
                let holder = self.licences.holder_digest(id);
                let licences = &self.licences;
                licences
                    .current_in(tx, &holder, &effect.kind, today)
                    .await?
            }
            _ => Json::Null,
        };
        let holds = match &person.id_number {
            Some(id) => self.holds(tx, release, id, held_on).await?,
            None => json!([]),
        };
        Ok(Facts {
            person: self.person_with(&person, open_cases),
            licence,
            answers: answers.clone(),
            holds,
            settings: self.catalog.settings(),
            today,
        })
    }
}

impl Desk {
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
    fn person_with(&self, person: &Person, open_cases: &[OpenCase]) -> Json {
        let family = |case: &OpenCase| {
            let release = self.catalog.release(&case.release).ok();
            release.map(|release| release.item().family.clone())
        };
        let mut values = person.values();
        values["open_cases"] = open_cases
            .iter()
            .map(|case| {
                json!({
                    "number": case.number, "item": case.item, "item_name": case.item_name,
                    "family": family(case).unwrap_or_default(), "status": case.status,
                    "submitted_on": case.submitted_at.date().to_string(),
                })
            })
            .collect();
        values
    }

    /// What restricts a person in the matter of an item.
    async fn holds(
        &self,
        tx: &mut Tx,
        release: &ItemRelease,
        id: &str,
        today: Date,
    ) -> Result<Json> {
        let kind = release.item().licence.as_ref().map(|effect| &effect.kind);
        let mut holds = (self.restrictions.0)(tx, id, today).await?;
        holds.retain(|hold| match (hold["licence_type"].as_str(), kind) {
            (Some(only), Some(kind)) => only == kind,
            _ => true,
        });
        Ok(Json::Array(holds))
    }
}

/// The same facts as forms know them.
pub(crate) fn known(facts: &Facts) -> Known {
    Known {
        person: facts.person.clone(),
        answers: facts.answers.clone(),
        licence: facts.licence.clone(),
        today: facts.today,
    }
}
