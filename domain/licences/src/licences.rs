//! The handle that everything of this crate hangs on: types, seals, keys, stores. Put together once by the wiring.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tongban_audit::{AuditKey, ReadLog};
use tongban_base::{Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing};
use tongban_documents::Typesetter;
use tongban_packs::ReleaseHash;
use tongban_seals::{Authority, Gate, Issuer};
use tongban_store::{Db, Objects, Tx};

use crate::definition::{LicenceType, LicenceTypes};
use crate::error;
use crate::model::{Changes, LicenceId};
use crate::released::{ReleaseFiles, ReleasedTypes};

/// How long a shown code lasts when nobody set it otherwise.
const PRESENTATION_SECONDS: i64 = 60;

/// The parts that the wiring gives besides the keys.
pub struct LicencesParts {
    pub db: Db,
    pub objects: Objects,
    /// Of the pack in force.
    pub types: LicenceTypes,
    /// For each kind a release of the pack in force that has it; what no case issues is recorded under it.
    pub released_as: BTreeMap<String, ReleaseHash>,
    /// Of the releases that cases run on.
    pub releases: ReleaseFiles,
    pub authority: Authority,
    pub typesetter: Typesetter,
    /// The organisations as they stand.
    pub issuers: AskIssuer,
    /// Address of the site, without a slash at the end; QR codes carry it.
    pub public_url: String,
    /// The pack's default for the setting `licence_present_seconds`, if it has one.
    pub presentation_seconds: Option<i64>,
    /// Who reads what, and why.
    pub reads: ReadLog,
}

/// An organisation by its code.
pub type AskIssuer = Arc<dyn Fn(&str) -> Option<Issuer> + Send + Sync>;

/// Cheap to clone; a write takes a clone of it as part of its input.
#[derive(Clone)]
pub struct Licences(Arc<Inner>);

/// Public only because `Deref` names it; its fields are the crate's own.
#[doc(hidden)]
pub struct Inner {
    pub(crate) db: Db,
    pub(crate) objects: Objects,
    pub(crate) types: ReleasedTypes,
    pub(crate) authority: Authority,
    pub(crate) typesetter: Typesetter,
    issuers: AskIssuer,
    pub(crate) public_url: String,
    pub(crate) presentation_seconds: i64,
    pub(crate) cipher: FieldCipher,
    pub(crate) audit_key: AuditKey,
    pub(crate) reads: ReadLog,
    pub(crate) gate: Gate,
}

impl std::ops::Deref for Licences {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Licences {
    pub fn new(parts: LicencesParts, ring: &KeyRing) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            db: parts.db,
            objects: parts.objects,
            types: ReleasedTypes::new(parts.types, parts.released_as, parts.releases),
            authority: parts.authority,
            typesetter: parts.typesetter,
            issuers: parts.issuers,
            public_url: parts.public_url,
            presentation_seconds: parts.presentation_seconds.unwrap_or(PRESENTATION_SECONDS),
            cipher: ring.field_cipher()?,
            audit_key: parts.reads.key().clone(),
            reads: parts.reads,
            gate: Gate::default(),
        })))
    }

    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }

    /// Those of the pack in force.
    pub fn types(&self) -> &LicenceTypes {
        self.0.types.in_force()
    }

    /// The digest under which a person's licences are found.
    pub fn holder_digest(&self, id_number: &str) -> String {
        self.cipher.lookup_digest(&id_number.to_ascii_uppercase())
    }

    /// What the QR code on a face leads to.
    pub fn verify_url(&self, verify_code: &str) -> String {
        format!("{}/v/{verify_code}", self.public_url)
    }

    /// A type as the release of a case has it; of the pack in force where no case asks.
    pub(crate) async fn kind(
        &self,
        tx: &mut Tx,
        code: &str,
        release: Option<&ReleaseHash>,
    ) -> Result<Arc<LicenceType>> {
        self.0.types.kind(tx, code, release).await
    }

    /// The same where no transaction is open.
    pub(crate) async fn kind_of(
        &self,
        code: &str,
        release: Option<&ReleaseHash>,
    ) -> Result<Arc<LicenceType>> {
        let input = (self.clone(), code.to_owned(), release.cloned());
        let asked = self.db.read(input, |tx, (licences, code, release)| {
            Box::pin(licences.kind(tx, code, release.as_ref()))
        });
        asked.await
    }

    pub(crate) fn issuer(&self, code: &str) -> Result<Issuer> {
        (self.0.issuers)(code).ok_or_else(|| error::unknown_issuer(code))
    }

    /// Encrypts one field of one licence; it opens nowhere else.
    pub(crate) fn seal_field(&self, id: LicenceId, field: &str, text: &str) -> Result<String> {
        Ok(self
            .cipher
            .encrypt(text, &format!("licence.{field} {id}"))?)
    }

    pub(crate) fn open_field(&self, id: LicenceId, field: &str, stored: &str) -> Result<String> {
        Ok(self
            .cipher
            .decrypt(stored, &format!("licence.{field} {id}"))?)
    }

    pub(crate) fn open_face(&self, id: LicenceId, stored: &str) -> Result<Map<String, Json>> {
        Ok(serde_json::from_str(&self.open_field(id, "face", stored)?)?)
    }

    pub(crate) fn seal_changes(&self, id: LicenceId, changes: &Changes) -> Result<Option<String>> {
        if changes.0.is_empty() {
            return Ok(None);
        }
        let text = serde_json::to_string(changes)?;
        self.seal_field(id, "changes", &text).map(Some)
    }
}

/// Asks the identity module for the number of the person behind an account; the wiring offers it as a service, so
/// that licences issued before somebody registered are found when they do.
pub struct HolderLookup(
    pub Box<dyn Fn(Uuid) -> tongban_store::Fut<'static, Option<String>> + Send + Sync>,
);
