//! What the services of this crate work with, put together once by the wiring.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value as Json, json};
use tongban_audit::{AuditKey, ReadLog};
use tongban_base::{Ctx, Date, Problem, Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing, MacKey, Purpose};
use tongban_documents::Typesetter;
use tongban_forms::Known;
use tongban_identity::{Identity, Owner};
use tongban_messages::MessageTemplates;
use tongban_operations::{About, Asked};
use tongban_packs::{Findings, Recent, ReleaseHash};
use tongban_procedures::{Audience, Catalog, Facts, Lookup, Offered, ProcedureRelease};
use tongban_seals::{Authority, Gate};
use tongban_store::{Db, Fut, NumberBlocks, Objects, Tx};

use crate::brought::Brought;
use crate::model::{Case, Draft, OpenCase};
use crate::service::choosing;

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
    /// What officers can start, as of a state of the catalogue.
    for_officers: RwLock<Option<ForOfficers>>,
}

/// Of whom rules are asked, and what was filled in.
pub(crate) struct Whose<'a> {
    pub account: Uuid,
    pub answers: &'a Json,
    pub about: Option<&'a About>,
    pub form: &'a Json,
    /// Whoever chooses records of a register; none where it was chosen before.
    pub reader: Option<&'a Ctx>,
}

impl<'a> Whose<'a> {
    /// Of a case that was filed.
    pub fn of_case(case: &'a Case) -> Self {
        Self {
            account: case.account,
            answers: &case.answers,
            about: case.about.as_ref(),
            form: &case.form,
            reader: None,
        }
    }
}

/// On a day, as of a stamp of the catalogue.
type ForOfficers = ((i64, Date), Vec<Arc<Offered>>);

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
        Ok(Self(Arc::new(Inner {
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
            for_officers: RwLock::default(),
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
        (release, reader): (&ProcedureRelease, Option<&Ctx>),
        open_cases: &[OpenCase],
        today: Date,
    ) -> Result<Facts> {
        let of = Whose {
            account: draft.account,
            answers: &draft.answers,
            about: draft.about.as_ref(),
            form: &draft.form,
            reader,
        };
        let facts = self
            .facts_on(tx, of, release, open_cases, (today, today))
            .await?;
        if !release.looks_at_form() {
            return Ok(facts);
        }
        match release.form().read(&draft.form, &known(&facts)) {
            Ok(filled) => {
                let filled = filled.into_json();
                self.look_at_form(tx, release, facts, &filled).await
            }
            Err(_) => Ok(facts),
        }
    }

    /// Asks what looks at the filled-in form.
    pub(crate) async fn look_at_form(
        &self,
        tx: &mut Tx,
        release: &ProcedureRelease,
        mut facts: Facts,
        filled: &Json,
    ) -> Result<Facts> {
        let (person, record) = (facts.person.clone(), facts.record.clone());
        let asked = Asked {
            person: &person,
            record: &record,
            form: filled,
            parts: release.parts(),
            today: facts.today,
            as_of: facts.today,
        };
        for lookup in release.lookups().iter().filter(|lookup| lookup.of_form) {
            match self.look_up(tx, lookup, asked).await? {
                Some(found) => {
                    facts.asked.insert(lookup.code.clone(), Json::Array(found));
                }
                None => facts.silent.push(lookup.title.clone()),
            }
        }
        Ok(facts)
    }

    /// The same of an account and its answers: periods are those of the first day, what restricts is that of the second.
    pub(crate) async fn facts_on(
        &self,
        tx: &mut Tx,
        of: Whose<'_>,
        release: &ProcedureRelease,
        open_cases: &[OpenCase],
        (today, held_on): (Date, Date),
    ) -> Result<Facts> {
        let mut person = self.person_in(tx, of.account).await?;
        if release.procedure().audience == Audience::Public {
            person["open_cases"] = self.open_cases(tx, open_cases).await;
        }
        let record = self.record_in(tx, of.about).await?;
        let asked = Asked {
            person: &person,
            record: &record,
            form: &Json::Null,
            parts: release.parts(),
            today,
            as_of: held_on,
        };
        let (mut answers_of, mut restrictions) = (BTreeMap::new(), Vec::new());
        let mut silent = Vec::new();
        for source in &self.brought.sources {
            let answer = source.ask(tx, asked).await?;
            answers_of.insert(source.info().name.to_owned(), answer);
        }
        let open = |lookup: &&Lookup| !lookup.of_form;
        for lookup in release.lookups().iter().filter(open) {
            let Some(found) = self.look_up(tx, lookup, asked).await? else {
                silent.push(lookup.title.clone());
                continue;
            };
            if lookup.restricts {
                restrictions.extend(found.iter().cloned());
            }
            answers_of.insert(lookup.code.clone(), Json::Array(found));
        }
        let offers = choosing::found(tx, self, (release, of.reader), asked, of.form).await?;
        Ok(Facts {
            person,
            record,
            offers,
            answers: of.answers.clone(),
            asked: answers_of,
            restrictions,
            silent,
            settings: self.catalog.settings(),
            today,
        })
    }
}

impl Desk {
    /// None where nobody answers: what is asked stays open.
    async fn look_up(
        &self,
        tx: &mut Tx,
        lookup: &Lookup,
        asked: Asked<'_>,
    ) -> Result<Option<Vec<Json>>> {
        let Some(key) = lookup.key(asked) else {
            return Ok(Some(Vec::new()));
        };
        let (register, field) = (lookup.register.as_str(), lookup.field.as_str());
        let found = match &self.brought.records {
            Some(records) => records.with_value(tx, register, field, &key).await?,
            None => None,
        };
        Ok(found.map(|found| lookup.fitting(asked, found)))
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

    pub(crate) fn calendar_mark(&self) -> String {
        self.catalog.installation().calendar_mark().to_owned()
    }

    /// Whether an application ends when its correction is not handed in by the last day.
    pub(crate) fn correction_lapses(&self) -> bool {
        self.catalog.setting_flag("correction_lapses", true)
    }

    /// What is known of whose an account is: of a citizen what is proven, of an officer what was entered.
    pub(crate) async fn person_in(&self, tx: &mut Tx, account: Uuid) -> Result<Json> {
        Ok(match self.identity.owner_in(tx, account).await? {
            Owner::Citizen(person) => person.values(),
            Owner::Officer(officer) => {
                let organisation = self.catalog.organisation(&officer.organisation);
                officer.values(organisation.as_ref().map_or("", |o| o.name.as_str()))
            }
        })
    }

    /// A record as it stands; null when there is none any more.
    pub(crate) async fn record_in(&self, tx: &mut Tx, about: Option<&About>) -> Result<Json> {
        match (&self.brought.records, about) {
            (Some(records), Some(about)) => {
                let record = records.one(tx, about).await?;
                Ok(record.map_or(Json::Null, Json::Object))
            }
            (None, _) | (_, None) => Ok(Json::Null),
        }
    }

    /// All that officers can start on a day, looked for once for each state of the catalogue.
    pub(crate) fn for_officers(&self, day: Date) -> Vec<Arc<Offered>> {
        let stamp = (self.catalog.stamp(), day);
        let known = self.for_officers.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some((_, found)) = known.as_ref().filter(|(of, _)| *of == stamp) {
            return found.clone();
        }
        drop(known);
        let mut open = self.catalog.open_on(day);
        open.retain(|offered| offered.face.audience.is_of_officers());
        let known = self.for_officers.write();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        *known = Some((stamp, open.clone()));
        open
    }

    /// Rules of an item see the cases of the person that are not finished.
    async fn open_cases(&self, tx: &mut Tx, open_cases: &[OpenCase]) -> Json {
        let mut families = Vec::new();
        for case in open_cases {
            let release = self.catalog.release(tx, &case.release).await.ok();
            families.push(release.map(|release| release.procedure().family.clone()));
        }
        open_cases
            .iter()
            .zip(families)
            .map(|(case, family)| {
                json!({
                    "number": case.number, "item": case.item, "item_name": case.item_name,
                    "family": family.unwrap_or_default(), "status": case.status,
                    "submitted_on": case.submitted_at.date().to_string(),
                })
            })
            .collect()
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
        record: facts.record.clone(),
        today: facts.today,
        offers: facts.offers.clone(),
    }
}
