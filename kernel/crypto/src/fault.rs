//! Why a seal or a signature does not hold: a stable code and a sentence for the person who asked. Faults are
//! findings, not errors: a check goes on and tells all of them. Knows nothing of files and pages.

use tongban_base::Timestamp;

use crate::certificate::ChainFault;

/// Clocks of signers may be ahead by this much.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

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
    SignerCertificate(ChainFault),
    SignatureInvalid,
    DigestMismatch,
    PropertyMismatch,
    TimeMissing,
    TimeInFuture,
}

impl Fault {
    /// A signing time that has not come yet.
    pub(crate) fn of_future(at: Timestamp, now: Timestamp) -> Option<Self> {
        (at > now.plus_millis(CLOCK_TOLERANCE_MS)).then_some(Self::TimeInFuture)
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
            Self::SignerCertificate(_) => "signature.signer_certificate",
            Self::SignatureInvalid => "signature.invalid",
            Self::DigestMismatch => "signature.digest_mismatch",
            Self::PropertyMismatch => "signature.property_mismatch",
            Self::TimeMissing => "signature.time_missing",
            Self::TimeInFuture => "signature.time_in_future",
        }
    }

    /// One Chinese sentence without a full stop.
    pub fn message(&self) -> String {
        match self {
            Self::Unreadable(_) => "签章数据无法识别，可能已损坏或不符合标准".into(),
            Self::AlgorithmUnsupported(oid) => {
                format!("签名算法 {oid} 不受支持，只能验证国密 SM2 签名")
            }
            Self::SealSignatureInvalid => "印章数据未通过制章人签名验证，印章可能被篡改".into(),
            Self::SealNotYetValid => "签章时印章尚未生效".into(),
            Self::SealExpired => "签章时印章已过有效期".into(),
            Self::SealMakerCertificate(fault) => format!("制章人证书：{}", fault.message()),
            Self::SignerMissing => "签章数据中没有签章人证书".into(),
            Self::SignerNotInSeal => "签章人不在印章的授权名单中".into(),
            Self::SignerCertificate(fault) => format!("签章人证书：{}", fault.message()),
            Self::SignatureInvalid => "签名验证未通过，签名数据与签章人证书不符".into(),
            Self::DigestMismatch => "文件内容与签章时不一致，签章后可能被修改".into(),
            Self::PropertyMismatch => "签章所指的文件位置与实际不一致".into(),
            Self::TimeMissing => "签章数据中没有可识别的签章时间".into(),
            Self::TimeInFuture => "签章时间晚于当前时间".into(),
        }
    }
}
