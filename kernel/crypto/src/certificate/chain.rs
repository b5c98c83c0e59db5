//! Checking a chain of certificates at a moment: dates, signatures, what each may do. Revocation is not looked at:
//! no authority's list can be reached from here.

use tongban_base::Timestamp;

use super::Certificate;
use crate::error::CryptoError;
use crate::fault::FaultKind;

/// A chain longer than this is refused rather than followed.
const LONGEST: usize = 8;

/// Why a certificate is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainFault {
    Unreadable,
    NotYetValid,
    Expired,
    SignatureInvalid,
    IssuerUnknown,
    IssuerNotAuthority,
    TooLong,
    UsageForbidden,
    UnknownCriticalExtension(String),
    AlgorithmUnsupported,
}

impl ChainFault {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "certificate.unreadable",
            Self::NotYetValid => "certificate.not_yet_valid",
            Self::Expired => "certificate.expired",
            Self::SignatureInvalid => "certificate.signature_invalid",
            Self::IssuerUnknown => "certificate.issuer_unknown",
            Self::IssuerNotAuthority => "certificate.issuer_not_authority",
            Self::TooLong => "certificate.chain_too_long",
            Self::UsageForbidden => "certificate.usage_forbidden",
            Self::UnknownCriticalExtension(_) => "certificate.unknown_critical_extension",
            Self::AlgorithmUnsupported => "certificate.algorithm_unsupported",
        }
    }

    /// One Chinese sentence without a full stop.
    pub fn message(&self) -> String {
        match self {
            Self::Unreadable => "证书无法识别".into(),
            Self::NotYetValid => "证书当时尚未生效".into(),
            Self::Expired => "证书当时已过期".into(),
            Self::SignatureInvalid => "证书未通过颁发机构签名验证".into(),
            Self::IssuerUnknown => "证书的颁发机构不在受信任的范围内".into(),
            Self::IssuerNotAuthority => "证书由无权颁发证书的主体签发".into(),
            Self::TooLong => "证书链过长".into(),
            Self::UsageForbidden => "证书不允许用于签名".into(),
            Self::UnknownCriticalExtension(oid) => format!("证书含有无法识别的关键扩展 {oid}"),
            Self::AlgorithmUnsupported => "证书不是国密 SM2 证书".into(),
        }
    }

    pub fn kind(&self) -> FaultKind {
        match self {
            Self::IssuerUnknown => FaultKind::AuthorityUnknown,
            Self::Unreadable
            | Self::TooLong
            | Self::UnknownCriticalExtension(_)
            | Self::AlgorithmUnsupported => FaultKind::Unsupported,
            Self::NotYetValid
            | Self::Expired
            | Self::SignatureInvalid
            | Self::IssuerNotAuthority
            | Self::UsageForbidden => FaultKind::Broken,
        }
    }
}

/// Certificates that are trusted as such, and others that only help to find the way to them.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    anchors: Vec<Certificate>,
    intermediates: Vec<Certificate>,
}

impl Trust {
    pub fn new(anchors: impl IntoIterator<Item = Certificate>) -> Self {
        Self {
            anchors: anchors.into_iter().collect(),
            intermediates: Vec::new(),
        }
    }

    pub fn with_intermediates(mut self, more: impl IntoIterator<Item = Certificate>) -> Self {
        self.intermediates.extend(more);
        self
    }

    pub fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }

    /// Checks that `leaf` was good for signing documents at `at`, and returns the chain from it to its anchor.
    /// `sent_along` are certificates that came with the signature; they are not trusted by themselves.
    pub fn verify(
        &self,
        leaf: &Certificate,
        sent_along: &[Certificate],
        at: Timestamp,
    ) -> Result<Vec<Certificate>, ChainFault> {
        if !leaf.extensions.may_sign_documents() {
            return Err(ChainFault::UsageForbidden);
        }
        let mut chain = vec![leaf.clone()];
        let mut current = leaf.clone();
        loop {
            check_itself(&current, at)?;
            if self.anchors.contains(&current) {
                return Ok(chain);
            }
            if chain.len() == LONGEST {
                return Err(ChainFault::TooLong);
            }
            current = self.issuer_of(&current, sent_along, chain.len() - 1)?;
            chain.push(current.clone());
        }
    }

    /// Several certificates may carry the issuer's name (renewed keys); the one whose key fits is taken.
    fn issuer_of(
        &self,
        child: &Certificate,
        sent_along: &[Certificate],
        authorities_below: usize,
    ) -> Result<Certificate, ChainFault> {
        let known = self
            .anchors
            .iter()
            .chain(&self.intermediates)
            .chain(sent_along);
        let mut fault = ChainFault::IssuerUnknown;
        for candidate in
            known.filter(|issuer| issuer.subject() == child.issuer() && *issuer != child)
        {
            match check_as_issuer(candidate, child, authorities_below) {
                Ok(()) => return Ok(candidate.clone()),
                Err(found) => fault = found,
            }
        }
        Err(fault)
    }
}

fn check_itself(certificate: &Certificate, at: Timestamp) -> Result<(), ChainFault> {
    if let Some(oid) = certificate.extensions.unknown_critical() {
        return Err(ChainFault::UnknownCriticalExtension(oid.to_string()));
    }
    check_dates(certificate, at)
}

fn check_dates(certificate: &Certificate, at: Timestamp) -> Result<(), ChainFault> {
    if at < certificate.not_before() {
        return Err(ChainFault::NotYetValid);
    }
    if at > certificate.not_after().plus_millis(999) {
        return Err(ChainFault::Expired);
    }
    Ok(())
}

/// A name proves no key: one of the same name whose key does not fit is another authority, unless the certificate says
/// itself that it was this key.
fn check_as_issuer(
    issuer: &Certificate,
    child: &Certificate,
    authorities_below: usize,
) -> Result<(), ChainFault> {
    let names_key = child.extensions.names_key_of(&issuer.extensions);
    match child.is_signed_by(issuer) {
        Ok(()) => {}
        Err(CryptoError::Unsupported(_)) => return Err(ChainFault::AlgorithmUnsupported),
        Err(_) if names_key == Some(true) => return Err(ChainFault::SignatureInvalid),
        Err(_) => return Err(ChainFault::IssuerUnknown),
    }
    if !issuer.is_authority() {
        return Err(ChainFault::IssuerNotAuthority);
    }
    let allowed = issuer.extensions.path_length();
    if allowed.is_some_and(|allowed| authorities_below as u64 > u64::from(allowed)) {
        return Err(ChainFault::TooLong);
    }
    Ok(())
}

/// Until when a signer's certificate and all above it are good, or what is wrong with it at `at`; without `trust` only
/// its own dates are looked at.
pub(crate) fn good_until(
    trust: Option<&Trust>,
    certificate: &Certificate,
    sent_along: &[Certificate],
    at: Timestamp,
) -> Result<Timestamp, ChainFault> {
    let chain = match trust {
        Some(trust) => trust.verify(certificate, sent_along, at)?,
        None => {
            check_dates(certificate, at)?;
            vec![certificate.clone()]
        }
    };
    let ends = chain.iter().map(Certificate::not_after);
    Ok(ends.min().unwrap_or(at))
}
