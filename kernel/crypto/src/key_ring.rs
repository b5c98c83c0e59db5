//! The master keys of an installation and the keys derived from them, one family per purpose. Master keys are kept
//! in one file that only its owner may read. Knows nothing of what the keys protect.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::digest::{KeyedSm3, kdf_sm3};
use crate::error::{CryptoError, Result};
use crate::es256::Es256Key;
use crate::field_cipher::FieldCipher;
use crate::file_cipher::FileCipher;
use crate::random::random_bytes;
use crate::sealed_box::SealedBox;

mod file;
mod sealed;

type MasterKey = Zeroizing<[u8; 32]>;

/// What a derived key is for. Keys of different purposes tell nothing of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose(&'static str);

impl Purpose {
    pub const AUDIT: Self = Self("audit");
    pub const FIELDS: Self = Self("fields");
    pub const LOOK_UPS: Self = Self("look-ups");
    pub const SESSIONS: Self = Self("sessions");
    pub const FILES: Self = Self("files");
    pub const SIGNING_KEYS: Self = Self("signing-keys");

    const FINGERPRINT: Self = Self("fingerprint");

    /// A purpose of another crate; the label must never change once something is stored under it.
    pub const fn new(label: &'static str) -> Self {
        Self(label)
    }
}

/// A key for HMAC-SM3: audit chains, look-up digests, session marks.
#[derive(Clone)]
pub struct MacKey {
    bytes: Zeroizing<[u8; 32]>,
    keyed: KeyedSm3,
}

impl MacKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self {
            keyed: KeyedSm3::new(&bytes),
            bytes: Zeroizing::new(bytes),
        }
    }

    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.keyed.mac(parts)
    }

    /// Compares in constant time.
    pub fn matches(&self, parts: &[&[u8]], expected: &[u8]) -> bool {
        self.keyed.matches(parts, expected)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey")
    }
}

#[derive(Clone)]
pub struct KeyRing {
    masters: BTreeMap<u32, MasterKey>,
    folder: Option<PathBuf>,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("key_ids", &self.masters.keys())
            .field("folder", &self.folder)
            .finish()
    }
}

impl KeyRing {
    /// Reads `folder/master.key`, or makes the folder and the file with a new key on the first start.
    /// Whoever has encrypted data already must call `open`: a new key would not open it.
    pub fn open_or_create(folder: &Path) -> Result<Self> {
        let masters = file::read_or_create(folder, || {
            Ok(BTreeMap::from([(1, Zeroizing::new(random_bytes()?))]))
        })?;
        Ok(Self::in_folder(masters, folder))
    }

    /// Errors: no key file, one that others may read, or one that cannot be understood.
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self::in_folder(file::read(folder)?, folder))
    }

    /// What `seal` made. Errors: another passphrase, or a changed file.
    pub fn open_sealed(sealed: &[u8], passphrase: &str) -> Result<Self> {
        let text = sealed::open(sealed, passphrase)?;
        let masters = file::parse(&text).ok_or(CryptoError::Decryption)?;
        Ok(Self {
            masters,
            folder: None,
        })
    }

    /// The master keys under a passphrase, for a place where they must not lie open.
    pub fn seal(&self, passphrase: &str) -> Result<Vec<u8>> {
        sealed::seal(&file::text(&self.masters), passphrase)
    }

    /// Writes the master keys into a folder that has none.
    pub fn write_to(&self, folder: &Path) -> Result<()> {
        file::create(folder, &self.masters)
    }

    /// What tells each master key from others and nothing about it; the oldest first.
    pub fn fingerprints(&self) -> Vec<String> {
        let of = |(id, master): (&u32, &MasterKey)| {
            hex::encode(derive::<8>(master, Purpose::FINGERPRINT, *id))
        };
        self.masters.iter().map(of).collect()
    }

    /// A ring of one random key that is kept nowhere: for tests and tools.
    pub fn ephemeral() -> Result<Self> {
        Ok(Self {
            masters: BTreeMap::from([(1, Zeroizing::new(random_bytes()?))]),
            folder: None,
        })
    }

    fn in_folder(masters: BTreeMap<u32, MasterKey>, folder: &Path) -> Self {
        Self {
            masters,
            folder: Some(folder.to_path_buf()),
        }
    }

    /// Adds a master key, which encrypts from now on; the old ones stay for what they have encrypted.
    /// Returns its id. The file is written before the key is used.
    pub fn rotate(&mut self) -> Result<u32> {
        let key: MasterKey = Zeroizing::new(random_bytes()?);
        self.masters = match &self.folder {
            Some(folder) => file::append(folder, key)?,
            None => {
                let mut masters = self.masters.clone();
                masters.insert(self.newest_id() + 1, key);
                masters
            }
        };
        Ok(self.newest_id())
    }

    pub fn newest_id(&self) -> u32 {
        self.masters.last_key_value().map_or(0, |(id, _)| *id)
    }

    /// SM4 keys of one purpose, all versions.
    pub fn sealed_box(&self, purpose: Purpose) -> Result<SealedBox> {
        SealedBox::new(
            self.masters
                .iter()
                .map(|(id, master)| (*id, derive(master, purpose, *id))),
        )
    }

    /// The HMAC key of one purpose, from the oldest master key: look-up digests and audit chains must give the same
    /// value for ever, so rotation does not touch them.
    pub fn mac_key(&self, purpose: Purpose) -> Result<MacKey> {
        let (id, master) = self.masters.first_key_value().ok_or(CryptoError::Key)?;
        Ok(MacKey::new(derive(master, purpose, *id)))
    }

    /// The ES256 keys of one purpose, one out of each master key, the newest first: that one signs, the others are
    /// still known to whoever verifies.
    pub fn es256_keys(&self, purpose: Purpose) -> Result<Vec<Es256Key>> {
        let newest_first = self.masters.iter().rev();
        newest_first
            .map(|(id, master)| Es256Key::derive(&MacKey::new(derive(master, purpose, *id))))
            .collect()
    }

    /// The cipher of the personal data in single fields.
    pub fn field_cipher(&self) -> Result<FieldCipher> {
        Ok(FieldCipher::new(
            self.sealed_box(Purpose::FIELDS)?,
            self.mac_key(Purpose::LOOK_UPS)?,
        ))
    }

    /// The cipher of whole files.
    pub fn file_cipher(&self) -> Result<FileCipher> {
        Ok(FileCipher::new(self.sealed_box(Purpose::FILES)?))
    }
}

fn derive<const N: usize>(master: &MasterKey, purpose: Purpose, id: u32) -> [u8; N] {
    kdf_sm3(master.as_slice(), purpose.0, &id.to_be_bytes())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_encrypted_differently_each_time_and_found_by_its_digest() {
        let cipher = KeyRing::ephemeral().unwrap().field_cipher().unwrap();
        let number = "11010519491231002X";
        let stored = cipher.encrypt(number, "person.id_number").unwrap();
        assert_ne!(stored, cipher.encrypt(number, "person.id_number").unwrap());
        assert_eq!(cipher.decrypt(&stored, "person.id_number").unwrap(), number);
        assert!(cipher.decrypt(&stored, "person.mobile").is_err());
        assert_eq!(cipher.lookup_digest(number), cipher.lookup_digest(number));
        assert_ne!(
            cipher.lookup_digest(number),
            cipher.lookup_digest("110105194912310021")
        );
    }

    #[test]
    fn a_field_opens_only_in_its_row_and_what_was_written_before_still_opens() {
        let cipher = KeyRing::ephemeral().unwrap().field_cipher().unwrap();
        let bound = cipher.encrypt_in("测试", "person.name", 1).unwrap();
        let open = |stored: &str, row| cipher.decrypt_in(stored, "person.name", row);
        assert_eq!(open(&bound, 1).unwrap(), "测试");
        assert!(open(&bound, 2).is_err());
        let earlier = cipher.encrypt("测试", "person.name").unwrap();
        assert_eq!(open(&earlier, 2).unwrap(), "测试");
    }

    #[test]
    fn rotation_keeps_old_data_readable_and_digests_unchanged() {
        let mut ring = KeyRing::ephemeral().unwrap();
        let before = ring.field_cipher().unwrap();
        let stored = before.encrypt("13800000000", "person.mobile").unwrap();
        assert_eq!(ring.rotate().unwrap(), 2);
        let after = ring.field_cipher().unwrap();
        assert_eq!(
            after.decrypt(&stored, "person.mobile").unwrap(),
            "13800000000"
        );
        assert_eq!(before.lookup_digest("x"), after.lookup_digest("x"));
        let renewed = after.encrypt("13800000000", "person.mobile").unwrap();
        assert!(before.decrypt(&renewed, "person.mobile").is_err());
    }

    #[test]
    fn a_mac_key_of_one_purpose_does_not_verify_for_another() {
        let ring = KeyRing::ephemeral().unwrap();
        let mark = ring.mac_key(Purpose::SESSIONS).unwrap().mac(&[b"session"]);
        assert!(
            ring.mac_key(Purpose::SESSIONS)
                .unwrap()
                .matches(&[b"session"], &mark)
        );
        assert!(
            !ring
                .mac_key(Purpose::AUDIT)
                .unwrap()
                .matches(&[b"session"], &mark)
        );
    }
}
