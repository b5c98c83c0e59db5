//! SM2, SM3, SM4 behind our own types, keys, passwords, certificates, electronic seals (GB/T 38540) and
//! signed data (GB/T 35275); ES256 where a foreign protocol knows nothing else. Knows no business, no database and no file format that carries a signature.

mod certificate;
mod der;
mod digest;
mod error;
mod es256;
mod fault;
mod field_cipher;
mod file_cipher;
mod key_ring;
mod keys;
mod password;
mod random;
mod seal;
mod sealed_box;
mod signed_data;

pub use certificate::{Certificate, ChainFault, IssueRequest, KeyUse, Name, Signer, Trust};
pub use der::algorithm_title;
pub use digest::{Sm3, hmac_sm3, kdf_sm3, sm3, sm3_hex};
pub use error::{CryptoError, Result};
pub use es256::{Es256Key, sha256};
pub use fault::{Fault, FaultKind};
pub use field_cipher::FieldCipher;
pub use file_cipher::FileCipher;
pub use key_ring::{KeyRing, MacKey, Purpose};
pub use keys::{DEFAULT_USER_ID, SigningKey, VerifyingKey};
pub use password::{PasswordHasher, PasswordStrength};
pub use random::{constant_time_eq, random_bytes, random_token};
pub use seal::{
    NewSeal, Picture, Seal, SealCheck, SealExtension, SealSignature, SealVersion,
    SealedCertificates, sign_with_seal,
};
pub use sealed_box::SealedBox;
pub use signed_data::{
    Content, SignedData, SignedDataProfile, VerifiedSigner, sign_detached, sign_detached_digest,
    verify_detached,
};
