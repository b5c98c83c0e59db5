//! The handle that everything of this crate hangs on: definitions, keys, store. Put together once by the wiring.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tongban_audit::{AuditKey, ReadLog};
use tongban_base::{Problem, Result};
use tongban_crypto::{FieldCipher, KeyRing};
use tongban_store::Db;

use crate::definition::{RegisterDefinition, RegisterDefinitions};
use crate::model::{Change, RecordId};
use crate::service::files::Keeping;
use crate::service::published::Remembered;

/// Cheap to clone; a write takes a clone of it as part of its input.
#[derive(Clone)]
pub struct Registers(Arc<Inner>);

struct Inner {
    db: Db,
    definitions: RegisterDefinitions,
    cipher: FieldCipher,
    audit_key: AuditKey,
    reads: ReadLog,
    keeping: Keeping,
    remembered: Remembered,
}

impl Registers {
    pub fn new(
        db: Db,
        definitions: RegisterDefinitions,
        ring: &KeyRing,
        (reads, keeping): (ReadLog, Keeping),
    ) -> Result<Self> {
        Ok(Self(Arc::new(Inner {
            db,
            definitions,
            cipher: ring.field_cipher()?,
            audit_key: reads.key().clone(),
            reads,
            keeping,
            remembered: Remembered::default(),
        })))
    }

    pub fn definitions(&self) -> &RegisterDefinitions {
        &self.0.definitions
    }

    /// Errors: not found.
    pub fn definition(&self, code: &str) -> Result<&RegisterDefinition> {
        self.0.definitions.get(code).ok_or_else(Problem::not_found)
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn audit_key(&self) -> &AuditKey {
        &self.0.audit_key
    }

    pub(crate) fn keeping(&self) -> &Keeping {
        &self.0.keeping
    }

    pub(crate) fn remembered(&self) -> &Remembered {
        &self.0.remembered
    }

    pub(crate) fn reads(&self) -> &ReadLog {
        &self.0.reads
    }

    /// The digest of values that must be found again without being stored; names and values are kept apart.
    pub(crate) fn digest(&self, register: &str, fields: &[String], values: &[String]) -> String {
        let text = [&[register.to_owned()], fields, values].concat();
        self.0.cipher.lookup_digest(&text.join("\u{1f}"))
    }

    /// Encrypts what a record says; it opens as no other record.
    pub(crate) fn seal(&self, id: RecordId, data: &Map<String, Json>) -> Result<String> {
        let text = serde_json::to_string(data)?;
        Ok(self
            .0
            .cipher
            .encrypt(&text, &format!("register.data {id}"))?)
    }

    pub(crate) fn open_data(&self, id: RecordId, stored: &str) -> Result<Map<String, Json>> {
        let context = format!("register.data {id}");
        Ok(serde_json::from_str(
            &self.0.cipher.decrypt(stored, &context)?,
        )?)
    }

    pub(crate) fn seal_changes(&self, id: RecordId, changes: &[Change]) -> Result<Option<String>> {
        if changes.is_empty() {
            return Ok(None);
        }
        let text = serde_json::to_string(changes)?;
        let context = format!("register.changes {id}");
        Ok(Some(self.0.cipher.encrypt(&text, &context)?))
    }

    pub(crate) fn open_changes(&self, id: RecordId, stored: Option<&str>) -> Result<Vec<Change>> {
        let Some(stored) = stored else {
            return Ok(Vec::new());
        };
        let context = format!("register.changes {id}");
        Ok(serde_json::from_str(
            &self.0.cipher.decrypt(stored, &context)?,
        )?)
    }
}
