//! What the services of this crate work with, put together once by the wiring and offered as a service.

use std::sync::Arc;

use tongban_audit::{AuditKey, Entry, note_refused};
use tongban_base::{ActorKind, Ctx, Date, Problem, Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing};
use tongban_identity::{AskMandates, Identity, Person, Power};
use tongban_messages::MessageTemplates;
use tongban_procedures::Catalog;
use tongban_store::{Db, Fut, Tx};

use crate::error;
use crate::model::{Mandate, MandateId};
use crate::store;

/// Cheap to clone.
#[derive(Clone)]
pub struct Mandates(Arc<Inner>);

pub struct Inner {
    pub(crate) db: Db,
    pub(crate) identity: Identity,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) cipher: FieldCipher,
    pub(crate) templates: MessageTemplates,
    pub(crate) audit_key: AuditKey,
}

impl std::ops::Deref for Mandates {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The parts that the wiring gives besides the keys.
pub struct MandatesParts {
    pub db: Db,
    pub identity: Identity,
    pub catalog: Arc<Catalog>,
    pub templates: MessageTemplates,
    pub audit_key: AuditKey,
}

impl Mandates {
    pub fn new(parts: MandatesParts, ring: &KeyRing) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            db: parts.db,
            identity: parts.identity,
            catalog: parts.catalog,
            templates: parts.templates.with_cipher(ring.field_cipher()?),
            cipher: ring.field_cipher()?,
            audit_key: parts.audit_key,
        })))
    }

    /// Whoever asks, with name and number. Errors: no citizen, or nobody knows who he is.
    pub(crate) async fn proven(&self, tx: &mut Tx, ctx: &Ctx) -> Result<Known> {
        let account = account_of(ctx)?;
        let person = self.identity.person_in(tx, account).await?;
        let known = Known::of(self, account, &person).ok_or_else(error::unproven)?;
        Ok(known)
    }

    /// That somebody was refused stays on record.
    pub(crate) async fn refused<T>(
        &self,
        ctx: &Ctx,
        event: tongban_audit::AuditEvent,
        id: MandateId,
        outcome: Result<T>,
    ) -> Result<T> {
        if let Err(problem) = &outcome {
            let entry = Entry::refused(event, "mandate", id, problem.code());
            note_refused(&self.db, ctx, &self.audit_key, entry).await?;
        }
        outcome
    }

    /// Both are who they were: a proof that was given back takes the mandate along.
    async fn holds(&self, tx: &mut Tx, mandate: &Mandate, agent: &Known) -> Result<bool> {
        if !agent.is_named_by(mandate) {
            return Ok(false);
        }
        let principal = self.identity.person_in(tx, mandate.principal).await?;
        let principal = Known::of(self, mandate.principal, &principal);
        Ok(principal.is_some_and(|known| known.digest == mandate.principal_digest))
    }
}

pub(crate) fn account_of(ctx: &Ctx) -> Result<Uuid> {
    match (ctx.actor.kind, ctx.actor.account) {
        (ActorKind::Anonymous, _) => Err(Problem::unauthenticated()),
        (ActorKind::Citizen, Some(account)) => Ok(account),
        _ => Err(Problem::forbidden()),
    }
}

/// A person whose name and number are proven.
pub(crate) struct Known {
    pub account: Uuid,
    pub name: String,
    pub number: String,
    pub digest: String,
}

impl Known {
    pub fn of(mandates: &Mandates, account: Uuid, person: &Person) -> Option<Self> {
        let number = person.id_number.clone()?;
        Some(Self {
            account,
            name: person.name.clone()?,
            digest: mandates.cipher.lookup_digest(&number),
            number,
        })
    }

    /// Whoever the mandate is for.
    pub fn is_named_by(&self, mandate: &Mandate) -> bool {
        self.digest == mandate.agent_digest && self.name == mandate.agent_name
    }
}

impl AskMandates for Mandates {
    fn powers<'t>(&'t self, tx: &'t mut Tx, agent: Uuid, on: Date) -> Fut<'t, Vec<Power>> {
        Box::pin(async move {
            let mandates = store::mandates::in_force(tx, &self.cipher, agent, on).await?;
            if mandates.is_empty() {
                return Ok(Vec::new());
            }
            let person = self.identity.person_in(tx, agent).await?;
            let Some(known) = Known::of(self, agent, &person) else {
                return Ok(Vec::new());
            };
            let mut powers = Vec::new();
            for mandate in mandates {
                if self.holds(tx, &mandate, &known).await? {
                    powers.push(Power {
                        mandate: mandate.id.0,
                        principal: mandate.principal,
                        principal_name: mandate.principal_name,
                        agent_name: known.name.clone(),
                        agent_number: known.number.clone(),
                        items: mandate.items,
                        last_day: mandate.last_day,
                    });
                }
            }
            Ok(powers)
        })
    }
}
