//! What can go wrong inside this crate, with codes that stay the same. Knows nothing of how a visitor is told.

use std::path::PathBuf;

use tongban_base::Problem;

pub type Result<T> = std::result::Result<T, CryptoError>;

#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    #[error("{what} cannot be read: {detail}")]
    Encoding {
        what: &'static str,
        detail: &'static str,
    },
    #[error("not a usable SM2 key")]
    Key,
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    #[error("the signature does not match")]
    Signature,
    #[error("decryption failed: wrong key, wrong context or changed data")]
    Decryption,
    #[error("no key with id {0} in the key ring")]
    UnknownKey(u32),
    #[error("the plaintext is too long to encrypt in one piece")]
    TooLong,
    #[error("{0} is not supported")]
    Unsupported(String),
    #[error("the password cannot be hashed or its stored hash cannot be read")]
    Password,
    #[error("the operating system gave no random numbers")]
    Random,
    #[error("key file {path}: {detail}")]
    KeyFile { path: PathBuf, detail: String },
    #[error("a file cannot be read or written: {0}")]
    File(#[from] std::io::Error),
}

impl CryptoError {
    /// A stable code for logs and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encoding { .. } => "crypto.encoding",
            Self::Key => "crypto.key",
            Self::KeyMismatch => "crypto.key_mismatch",
            Self::Signature => "crypto.signature",
            Self::Decryption => "crypto.decryption",
            Self::UnknownKey(_) => "crypto.unknown_key",
            Self::TooLong => "crypto.too_long",
            Self::Unsupported(_) => "crypto.unsupported",
            Self::Password => "crypto.password",
            Self::Random => "crypto.random",
            Self::KeyFile { .. } => "crypto.key_file",
            Self::File(_) => "crypto.file",
        }
    }

    pub(crate) fn encoding(what: &'static str, detail: &'static str) -> Self {
        Self::Encoding { what, detail }
    }
}

impl From<getrandom::Error> for CryptoError {
    fn from(_: getrandom::Error) -> Self {
        Self::Random
    }
}

/// To a visitor every failure here is one of ours; whoever reads uploaded files turns faults into words himself.
impl From<CryptoError> for Problem {
    fn from(error: CryptoError) -> Self {
        Problem::internal(error)
    }
}
