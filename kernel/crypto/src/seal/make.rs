//! Making a seal of version 4: what a seal maker signs.

use tongban_base::Timestamp;

use super::{Picture, Seal, SealExtension};
use crate::certificate::{Certificate, Signer};
use crate::der::{self, oid};
use crate::error::{CryptoError, Result};

/// The version that is written. Reading knows more.
const VERSION: u32 = 4;

/// What a seal maker puts into a new seal.
#[derive(Clone, Debug)]
pub struct NewSeal {
    /// The maker's identifier, ASCII.
    pub vendor: String,
    /// The number of the seal, ASCII, unique with this maker.
    pub id: String,
    pub kind: u32,
    pub name: String,
    /// The certificates of those who may use the seal.
    pub users: Vec<Certificate>,
    pub created: Timestamp,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    pub picture: Picture,
    pub extensions: Vec<SealExtension>,
}

impl NewSeal {
    /// Signs the seal. Errors: vendor, id or picture format are not ASCII, or nobody may use it.
    pub fn make(&self, maker: &Signer) -> Result<Seal> {
        let ascii = [&self.vendor, &self.id, &self.picture.format];
        if !ascii.iter().all(|text| text.is_ascii()) {
            return Err(CryptoError::encoding(
                "seal",
                "vendor, id and format must be ASCII",
            ));
        }
        if self.users.is_empty() {
            return Err(CryptoError::encoding("seal", "nobody may use it"));
        }
        let info = self.info();
        let signature = maker.key().sign(&info)?;
        Seal::from_der(&der::sequence(&[
            info,
            der::octets(maker.certificate().to_der()),
            der::encode_oid(oid::SM2_WITH_SM3),
            der::bit_string(&signature),
        ]))
    }

    fn info(&self) -> Vec<u8> {
        let header = der::sequence(&[
            der::ia5("ES"),
            der::integer(VERSION),
            der::ia5(&self.vendor),
        ]);
        let picture = der::sequence(&[
            der::ia5(&self.picture.format),
            der::octets(&self.picture.data),
            der::integer(self.picture.width_mm),
            der::integer(self.picture.height_mm),
        ]);
        let mut fields = vec![header, der::ia5(&self.id), self.property(), picture];
        if !self.extensions.is_empty() {
            let list: Vec<Vec<u8>> = self.extensions.iter().map(extension).collect();
            fields.push(der::sequence(&list));
        }
        der::sequence(&fields)
    }

    fn property(&self) -> Vec<u8> {
        let users = self.users.iter().map(|user| der::octets(user.to_der()));
        der::sequence(&[
            der::integer(self.kind),
            der::utf8(&self.name),
            der::integer(1),
            der::sequence(&users.collect::<Vec<_>>()),
            der::generalized_time(self.created),
            der::generalized_time(self.valid_from),
            der::generalized_time(self.valid_until),
        ])
    }
}

fn extension(extension: &SealExtension) -> Vec<u8> {
    let mut fields = vec![der::encode_oid(&extension.id)];
    if extension.critical {
        fields.push(der::boolean(true));
    }
    fields.push(der::octets(&extension.value));
    der::sequence(&fields)
}
