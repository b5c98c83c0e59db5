//! Why a seal or a signature does not hold: a stable code and a sentence for the person who asked. Faults are
//! findings, not errors: a check goes on and tells all of them. Knows nothing of files and pages.

use tongban_base::Timestamp;

use crate::certificate::{Certificate, ChainFault};
use crate::der::oid;
use crate::error::CryptoError;

/// Clocks of signers may be ahead by this much.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// What a fault allows one to say of whoever is meant to have signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// What was signed is no longer the same.
    Changed,
    /// Seal, signature or certificate contradict themselves or each other.
    Broken,
    /// All is right but for the authority, which nobody here knows.
    AuthorityUnknown,
    /// All is right at the time that the signer claims, and nothing proves that time.
    TimeUnproven,
    /// A form or an algorithm that is not verified here.
    Unsupported,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The structure cannot be read; the text says what, for the log.
    Unreadable(String),
    AlgorithmUnsupported(String),
    SealSignatureInvalid,
    SealNotYetValid,
    SealExpired,
    SealMakerCertificate(ChainFault),
    SignerMissing,
    SignerNotInSeal,
    /// The certificate is not the one that the signature names.
    SignerReplaced,
    SignerCertificate(ChainFault),
    SignatureInvalid,
    DigestMismatch,
    PropertyMismatch,
    TimeMissing,
    TimeInFuture,
    /// The certificate or the seal ended at this moment, after the time that the signer claims and before now.
    TimeUnproven(Timestamp),
    /// The numbers of the signature are right, but written one behind the other instead of as DER.
    SignatureForm,
}

impl Fault {
    /// A signing time that has not come yet.
    pub(crate) fn of_future(at: Timestamp, now: Timestamp) -> Option<Self> {
        (at > now.plus_millis(CLOCK_TOLERANCE_MS)).then_some(Self::TimeInFuture)
    }

    /// Something that was good at the claimed time `at` and has ended since.
    pub(crate) fn of_ended(until: Timestamp, at: Timestamp, now: Timestamp) -> Option<Self> {
        (at <= until.plus_millis(999) && now > until.plus_millis(999))
            .then_some(Self::TimeUnproven(until))
    }

    /// Stable; pages and connectors may rely on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "signature.unreadable",
            Self::AlgorithmUnsupported(_) => "signature.algorithm_unsupported",
            Self::SealSignatureInvalid => "seal.signature_invalid",
            Self::SealNotYetValid => "seal.not_yet_valid",
            Self::SealExpired => "seal.expired",
            Self::SealMakerCertificate(_) => "seal.maker_certificate",
            Self::SignerMissing => "signature.signer_missing",
            Self::SignerNotInSeal => "seal.signer_not_listed",
            Self::SignerReplaced => "signature.signer_replaced",
            Self::SignerCertificate(_) => "signature.signer_certificate",
            Self::SignatureInvalid => "signature.invalid",
            Self::DigestMismatch => "signature.digest_mismatch",
            Self::PropertyMismatch => "signature.property_mismatch",
            Self::TimeMissing => "signature.time_missing",
            Self::TimeInFuture => "signature.time_in_future",
            Self::TimeUnproven(_) => "signature.time_unproven",
            Self::SignatureForm => "signature.form_unsupported",
        }
    }

    /// One Chinese sentence without a full stop.
    pub fn message(&self) -> String {
        match self {
            Self::Unreadable(_) => {
                "签章数据无法识别，可能已损坏，也可能是本平台不支持的格式".into()
            }
            Self::AlgorithmUnsupported(found) => {
                let title = oid::title(found);
                format!("签名使用的算法是 {title}，本平台只核验国密 SM2、SM3 签名")
            }
            Self::SealSignatureInvalid => "印章数据未通过制章人签名验证，印章可能被篡改".into(),
            Self::SealNotYetValid => "签章时印章尚未生效".into(),
            Self::SealExpired => "签章时印章已过有效期".into(),
            Self::SealMakerCertificate(fault) => format!("制章人证书：{}", fault.message()),
            Self::SignerMissing => "签章数据中没有签章人证书".into(),
            Self::SignerNotInSeal => "签章人不在印章的授权名单中".into(),
            Self::SignerReplaced => "签章人证书与签名时所用的证书不一致".into(),
            Self::SignerCertificate(fault) => format!("签章人证书：{}", fault.message()),
            Self::SignatureInvalid => "签名验证未通过，签名数据与签章人证书不符".into(),
            Self::DigestMismatch => "文件内容与签章时不一致，签章后被修改".into(),
            Self::PropertyMismatch => "签章所指的文件位置与实际不一致".into(),
            Self::TimeMissing => "签章数据中没有可识别的签章时间".into(),
            Self::TimeInFuture => "签章时间晚于当前时间".into(),
            Self::TimeUnproven(ended) => format!(
                "签章时间是签章人自己写的，没有可信的时间戳证明；签章所用的证书或者印章已于{}到期，不能确定签章是在到期之前完成的",
                ended.date_words()
            ),
            Self::SignatureForm => {
                "签名值是两个数直接相连的写法，不符合签名数据的标准格式，本平台不核验".into()
            }
        }
    }

    pub fn kind(&self) -> FaultKind {
        match self {
            Self::DigestMismatch => FaultKind::Changed,
            Self::SealMakerCertificate(fault) | Self::SignerCertificate(fault) => fault.kind(),
            Self::TimeUnproven(_) => FaultKind::TimeUnproven,
            Self::Unreadable(_)
            | Self::AlgorithmUnsupported(_)
            | Self::SignerMissing
            | Self::TimeMissing
            | Self::SignatureForm => FaultKind::Unsupported,
            Self::SealSignatureInvalid
            | Self::SealNotYetValid
            | Self::SealExpired
            | Self::SignerNotInSeal
            | Self::SignerReplaced
            | Self::SignatureInvalid
            | Self::PropertyMismatch
            | Self::TimeInFuture => FaultKind::Broken,
        }
    }

    /// What is wrong with a signature value over `message`; `wrong` is told when it does not fit.
    pub(crate) fn of_signature(
        signer: &Certificate,
        message: &[u8],
        signature: &[u8],
        wrong: Self,
    ) -> Option<Self> {
        let key = match signer.public_key() {
            Ok(key) => key,
            Err(CryptoError::Unsupported(_)) => {
                let algorithm = signer.key_algorithm().to_owned();
                return Some(Self::AlgorithmUnsupported(algorithm));
            }
            Err(_) => return Some(wrong),
        };
        if key.verify(message, signature).is_ok() {
            return None;
        }
        match key.verify_bare(message, signature) {
            Ok(()) => Some(Self::SignatureForm),
            Err(_) => Some(wrong),
        }
    }
}
