//! SM2 key pairs (GB/T 32918): generation, storage forms, signatures and encryption. Knows no certificates.

use ::sm2::dsa::signature::{Signer, Verifier};
use ::sm2::dsa::{Signature, SigningKey as Sm2SigningKey, VerifyingKey as Sm2VerifyingKey};
use ::sm2::elliptic_curve::Generate;
use ::sm2::elliptic_curve::common::getrandom::SysRng;
use ::sm2::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding,
};
use ::sm2::pke::{DecryptingKey, EncryptingKey, Mode};
use ::sm2::{PublicKey, SecretKey};
use zeroize::Zeroizing;

use crate::der::{self, Reader};
use crate::error::{CryptoError, Result};

/// The user identity that goes into every signature unless a protocol says otherwise (GM/T 0009).
pub const DEFAULT_USER_ID: &str = "1234567812345678";

/// A private SM2 key. Its debug form shows no secret.
#[derive(Clone)]
pub struct SigningKey(SecretKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey")
            .field(&self.verifying_key())
            .finish()
    }
}

impl SigningKey {
    pub fn generate() -> Result<Self> {
        let key = SecretKey::try_generate_from_rng(&mut SysRng).map_err(|_| CryptoError::Random)?;
        Ok(Self(key))
    }

    /// The 32 bytes of the secret number, big end first.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let secret: &[u8; 32] = bytes.try_into().map_err(|_| CryptoError::Key)?;
        SecretKey::from_slice(secret)
            .map(Self)
            .map_err(|_| CryptoError::Key)
    }

    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    pub fn from_pkcs8_der(bytes: &[u8]) -> Result<Self> {
        SecretKey::from_pkcs8_der(bytes)
            .map(Self)
            .map_err(|_| CryptoError::Key)
    }

    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>> {
        let document = self.0.to_pkcs8_der().map_err(|_| CryptoError::Key)?;
        Ok(Zeroizing::new(document.as_bytes().to_vec()))
    }

    /// Reads `-----BEGIN PRIVATE KEY-----` as OpenSSL writes it.
    pub fn from_pkcs8_pem(text: &str) -> Result<Self> {
        SecretKey::from_pkcs8_pem(text)
            .map(Self)
            .map_err(|_| CryptoError::Key)
    }

    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>> {
        self.0
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| CryptoError::Key)
    }

    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.public_key())
    }

    /// Signs with the default user identity; the signature is DER SEQUENCE { r, s }. The same key and message
    /// always give the same signature (RFC 6979), so documents can be made again byte for byte.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        self.sign_as(DEFAULT_USER_ID, message)
    }

    pub fn sign_as(&self, user_id: &str, message: &[u8]) -> Result<Vec<u8>> {
        let signer = Sm2SigningKey::new(user_id, &self.0).map_err(|_| CryptoError::Key)?;
        let signature: Signature = signer.try_sign(message).map_err(|_| CryptoError::Key)?;
        let integers = [
            der::unsigned(&signature.r_bytes()),
            der::unsigned(&signature.s_bytes()),
        ];
        Ok(der::sequence(&integers))
    }

    /// Decrypts what `VerifyingKey::encrypt` or OpenSSL made: DER SEQUENCE { x, y, hash, cipher }.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        DecryptingKey::new_with_mode(self.0.to_nonzero_scalar(), Mode::C1C3C2)
            .decrypt_der(ciphertext)
            .map(Zeroizing::new)
            .map_err(|_| CryptoError::Decryption)
    }
}

/// A public SM2 key, known to be a point of the curve.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey(PublicKey);

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifyingKey({})", hex::encode(self.to_bytes()))
    }
}

impl VerifyingKey {
    /// 65 bytes: 04 || x || y.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        PublicKey::from_sec1_bytes(bytes)
            .map(Self)
            .map_err(|_| CryptoError::Key)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_sec1_bytes().into_vec()
    }

    /// Reads `-----BEGIN PUBLIC KEY-----`.
    pub fn from_pem(text: &str) -> Result<Self> {
        PublicKey::from_public_key_pem(text)
            .map(Self)
            .map_err(|_| CryptoError::Key)
    }

    pub fn to_pem(&self) -> Result<String> {
        self.0
            .to_public_key_pem(LineEnding::LF)
            .map_err(|_| CryptoError::Key)
    }

    /// Verifies a DER SEQUENCE { r, s } with the default user identity.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        self.verify_as(DEFAULT_USER_ID, message, signature)
    }

    /// Verifies r and s one behind the other, 64 bytes, as some signers write them.
    pub(crate) fn verify_bare(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let (r, s) = signature
            .split_first_chunk::<32>()
            .and_then(|(r, rest)| Some((r, <&[u8; 32]>::try_from(rest).ok()?)))
            .ok_or(CryptoError::Signature)?;
        let signature = Signature::from_scalars(*r, *s).map_err(|_| CryptoError::Signature)?;
        self.verify_numbers(DEFAULT_USER_ID, message, &signature)
    }

    pub fn verify_as(&self, user_id: &str, message: &[u8], signature: &[u8]) -> Result<()> {
        self.verify_numbers(user_id, message, &read_signature(signature)?)
    }

    fn verify_numbers(&self, user_id: &str, message: &[u8], signature: &Signature) -> Result<()> {
        Sm2VerifyingKey::new(user_id, self.0)
            .map_err(|_| CryptoError::Key)?
            .verify(message, signature)
            .map_err(|_| CryptoError::Signature)
    }

    /// Encrypts a short text (a key) in the order C1 C3 C2 as DER SEQUENCE { x, y, hash, cipher }.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>> {
        EncryptingKey::new_with_mode(self.0, Mode::C1C3C2)
            .encrypt_der(&mut SysRng, plaintext)
            .map_err(|_| CryptoError::Key)
    }
}

/// Vendors' signatures sometimes carry numbers of another length than DER wants; the numbers are what counts.
fn read_signature(bytes: &[u8]) -> Result<Signature> {
    let mut outer = Reader::new(bytes, "SM2 signature");
    let mut inner = outer.sequence()?;
    let (r, s) = (inner.unsigned_32()?, inner.unsigned_32()?);
    inner.end()?;
    outer.end()?;
    Signature::from_scalars(r, s).map_err(|_| CryptoError::Signature)
}
