//! The keys of this crate and what is done with them: field encryption, look-up digests, session digests,
//! marks over staff records. Knows no table.

use tongban_audit::AuditKey;
use tongban_base::{Result, Uuid};
use tongban_crypto::{FieldCipher, KeyRing, MacKey, Purpose};

use crate::model::StaffRecord;

const STAFF_RECORDS: Purpose = Purpose::new("staff-records");

/// Names of encrypted fields; a value copied from one place to another does not open.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    Name,
    IdNumber,
    Mobile,
    Address,
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
            Field::CheckedName => "real_name_check.name",
            Field::CheckedIdNumber => "real_name_check.id_number",
        }
    }
}

pub(crate) struct Keys {
    pub audit: AuditKey,
    fields: FieldCipher,
    sessions: MacKey,
    staff: MacKey,
}

impl Keys {
    pub fn of(ring: &KeyRing) -> Result<Self> {
        Ok(Self {
            audit: AuditKey::of(ring)?,
            fields: ring.field_cipher()?,
            sessions: ring.mac_key(Purpose::SESSIONS)?,
            staff: ring.mac_key(STAFF_RECORDS)?,
        })
    }

    pub fn encrypt(&self, text: &str, field: Field) -> Result<String> {
        Ok(self.fields.encrypt(text, field.place())?)
    }

    pub fn decrypt(&self, stored: &str, field: Field) -> Result<String> {
        Ok(self.fields.decrypt(stored, field.place())?)
    }

    pub fn decrypt_opt(&self, stored: Option<String>, field: Field) -> Result<Option<String>> {
        stored.map(|text| self.decrypt(&text, field)).transpose()
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

    pub fn staff_mark(&self, staff: &StaffRecord) -> String {
        hex::encode(self.staff.mac(&[&staff_text(staff)]))
    }

    pub fn staff_mark_fits(&self, staff: &StaffRecord, mark: &str) -> bool {
        hex::decode(mark).is_ok_and(|mark| self.staff.matches(&[&staff_text(staff)], &mark))
    }
}

fn device_text<'t>(account: &'t str, mark: &'t str) -> [&'t [u8]; 4] {
    [b"device\0", account.as_bytes(), b"\0", mark.as_bytes()]
}

/// Every field with its length before it.
fn staff_text(staff: &StaffRecord) -> Vec<u8> {
    let id = staff.id.to_string();
    let active = staff.active.to_string();
    let roles = staff.roles.iter().map(String::as_str);
    let fixed = [
        id.as_str(),
        &staff.login,
        &staff.name,
        &staff.password,
        &staff.organisation,
        &staff.division,
        &active,
    ];
    let mut text = Vec::new();
    for field in fixed.into_iter().chain(roles) {
        text.extend_from_slice(&(field.len() as u64).to_be_bytes());
        text.extend_from_slice(field.as_bytes());
    }
    text
}
