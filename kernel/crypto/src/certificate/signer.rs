//! A certificate together with its key: what signs documents, makes seals and issues certificates.

use super::Certificate;
use crate::error::{CryptoError, Result};
use crate::keys::SigningKey;

#[derive(Clone, Debug)]
pub struct Signer {
    certificate: Certificate,
    key: SigningKey,
    chain: Vec<Certificate>,
}

impl Signer {
    /// Errors: the key is not the certificate's.
    pub fn new(certificate: Certificate, key: SigningKey) -> Result<Self> {
        match certificate.public_key()? == key.verifying_key() {
            true => Ok(Self {
                certificate,
                key,
                chain: Vec::new(),
            }),
            false => Err(CryptoError::KeyMismatch),
        }
    }

    /// Certificates of authorities to send along with signatures, the nearest first.
    pub fn with_chain(mut self, chain: impl IntoIterator<Item = Certificate>) -> Self {
        self.chain.extend(chain);
        self
    }

    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }
}
