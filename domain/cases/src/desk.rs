//! What the services of this crate work with, put together once by the wiring.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_audit::AuditKey;
use tongban_base::{Ctx, Problem, Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing, MacKey, Purpose};
use tongban_documents::Typesetter;
use tongban_forms::Known;
use tongban_identity::Identity;
use tongban_items::{Catalog, Facts, ItemRelease};
use tongban_licences::Licences;
use tongban_store::{Db, NumberBlocks, Objects};

/// Cheap to clone; a write takes a clone of it as part of its input.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

pub struct Inner {
    pub db: Db,
    pub objects: Objects,
    pub catalog: Arc<Catalog>,
    pub identity: Arc<Identity>,
    pub licences: Arc<Licences>,
    pub typesetter: Arc<Typesetter>,
    pub cipher: FieldCipher,
    pub journal_key: MacKey,
    pub audit_key: AuditKey,
    pub numbers: NumberBlocks,
    pub public_url: String,
    pub demo: bool,
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
    pub identity: Arc<Identity>,
    pub licences: Arc<Licences>,
    pub typesetter: Arc<Typesetter>,
    pub public_url: String,
    pub demo: bool,
}

impl Desk {
    pub fn new(parts: DeskParts, ring: &KeyRing) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            db: parts.db,
            objects: parts.objects,
            catalog: parts.catalog,
            identity: parts.identity,
            licences: parts.licences,
            typesetter: parts.typesetter,
            cipher: ring.field_cipher().map_err(Problem::internal)?,
            journal_key: ring
                .mac_key(Purpose::new("journal"))
                .map_err(Problem::internal)?,
            audit_key: AuditKey::of(ring)?,
            numbers: NumberBlocks::new(),
            public_url: parts.public_url,
            demo: parts.demo,
        })))
    }

    /// What is known of an applicant for one item: the person, the licence concerned, holds.
    pub async fn facts(
        &self,
        ctx: &Ctx,
        account: Uuid,
        release: &ItemRelease,
        answers: Json,
    ) -> Result<Facts> {
        let person = self.identity.person_json(account).await?;
        let licence = match (&release.item().licence, person.get("id_number")) {
            (Some(effect), Some(Json::String(id))) => {
                self.licences.current_of(id, &effect.kind).await?
            }
            _ => Json::Null,
        };
        Ok(Facts {
            person,
            licence,
            answers,
            holds: json!([]),
            settings: self.catalog.settings(),
            today: ctx.now.date(),
        })
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
