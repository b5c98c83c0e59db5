//! The keys of this crate and what is done with them: field encryption, look-up digests, session digests.
//! Knows no table.

use tongban_audit::AuditKey;
use tongban_base::{Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing, MacKey, Purpose};

/// Names of encrypted fields; a value copied to another field or row does not open.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    Name,
    IdNumber,
    Mobile,
    Address,
    StaffMobile,
    CodeMobile,
    CheckedName,
    CheckedIdNumber,
}

impl Field {
    fn place(self) -> &'static str {
        match self {
            Field::Name => "account.name",
            Field::IdNumber => "account.id_number",
            Field::Mobile => "account.mobile",
            Field::Address => "account.address",
            Field::StaffMobile => "staff_contact.mobile",
            Field::CodeMobile => "mobile_code.mobile",
            Field::CheckedName => "real_name_check.name",
            Field::CheckedIdNumber => "real_name_check.id_number",
        }
    }
}

pub(crate) struct Keys {
    pub audit: AuditKey,
    fields: FieldCipher,
    sessions: MacKey,
}

impl Keys {
    pub fn of(ring: &KeyRing, audit: AuditKey) -> Result<Self> {
        Ok(Self {
            audit,
            fields: ring.field_cipher()?,
            sessions: ring.mac_key(Purpose::SESSIONS)?,
        })
    }

    /// `row` is whose field it is; it opens in no other row.
    pub fn encrypt(&self, text: &str, field: Field, row: Uuid) -> Result<String> {
        Ok(self.fields.encrypt_in(text, field.place(), row)?)
    }

    pub fn decrypt(&self, stored: &str, field: Field, row: Uuid) -> Result<String> {
        Ok(self.fields.decrypt_in(stored, field.place(), row)?)
    }

    pub fn decrypt_opt(
        &self,
        stored: Option<String>,
        field: Field,
        row: Uuid,
    ) -> Result<Option<String>> {
        let open = |text: String| self.decrypt(&text, field, row);
        stored.map(open).transpose()
    }

    /// For looking up and for uniqueness; `text` is in its one form already.
    pub fn digest(&self, text: &str) -> String {
        self.fields.lookup_digest(text)
    }

    /// What is kept of a session token: who reads the table cannot use it.
    pub fn session_digest(&self, token: &str) -> String {
        hex::encode(self.sessions.mac(&[b"session\0", token.as_bytes()]))
    }

    /// What a browser keeps after somebody logged in to this account, to be known again.
    pub fn device(&self, account: Uuid, mark: &str) -> String {
        format!(
            "{mark}.{}",
            hex::encode(self.sessions.mac(&device_text(&account.to_string(), mark)))
        )
    }

    /// The mark of a device from which this account was used.
    pub fn known_device<'d>(&self, account: Uuid, shown: &'d str) -> Option<&'d str> {
        let (mark, proof) = shown.split_once('.')?;
        let proof = hex::decode(proof).ok()?;
        let fits = self
            .sessions
            .matches(&device_text(&account.to_string(), mark), &proof);
        fits.then_some(mark)
    }
}

fn device_text<'t>(account: &'t str, mark: &'t str) -> [&'t [u8]; 4] {
    [b"device\0", account.as_bytes(), b"\0", mark.as_bytes()]
}
