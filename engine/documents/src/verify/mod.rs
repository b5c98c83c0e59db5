//! Says whether a sealed OFD or PDF still is what was sealed, by whom and when. All reasons are told, not only the first.
//! Knows no case and no licence: whether a genuine licence is still in force is not asked here.

mod ofd;
mod pdf;

use serde::Serialize;
use tongban_base::Timestamp;
use tongban_crypto::{Fault, Trust};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    Ofd,
    Pdf,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Valid,
    Invalid,
    Unreadable,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable, e.g. `file.changed`, `seal.expired`, `signature.signer_certificate`.
    pub code: String,
    /// A Chinese sentence for the person who asked.
    pub message: String,
}

impl Reason {
    fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

impl From<&Fault> for Reason {
    fn from(fault: &Fault) -> Self {
        Self::new(fault.code(), fault.message())
    }
}

/// One signature in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignatureView {
    /// Who signed, as the certificate names him.
    pub signer: Option<String>,
    pub seal_name: Option<String>,
    pub seal_id: Option<String>,
    pub signed_at: Option<Timestamp>,
    pub reasons: Vec<Reason>,
}

/// The answer. `signer`, `seal_name` and `signed_at` are those of the last signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub kind: DocumentKind,
    pub verdict: Verdict,
    pub signer: Option<String>,
    pub seal_name: Option<String>,
    pub signed_at: Option<Timestamp>,
    pub reasons: Vec<Reason>,
    pub signatures: Vec<SignatureView>,
}

impl Verification {
    fn unreadable(kind: DocumentKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            verdict: Verdict::Unreadable,
            signer: None,
            seal_name: None,
            signed_at: None,
            reasons: vec![Reason::new("file.unreadable", message)],
            signatures: Vec::new(),
        }
    }

    /// `reasons` are those of the file; those of the signatures are added.
    fn of(kind: DocumentKind, mut reasons: Vec<Reason>, signatures: Vec<SignatureView>) -> Self {
        for reason in signatures.iter().flat_map(|s| &s.reasons) {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
        if signatures.is_empty() {
            reasons.push(Reason::new(
                "signature.none",
                "文件没有电子签章，无法核验真伪",
            ));
        }
        let last = signatures.last().cloned().unwrap_or_default();
        Self {
            kind,
            verdict: if reasons.is_empty() {
                Verdict::Valid
            } else {
                Verdict::Invalid
            },
            signer: last.signer,
            seal_name: last.seal_name,
            signed_at: last.signed_at,
            reasons,
            signatures,
        }
    }
}

/// Verifies a file of either kind. `now` bounds times of signing; certificates are judged at the time of signing.
pub fn verify(bytes: &[u8], trust: &Trust, now: Timestamp) -> Verification {
    if bytes.starts_with(b"PK") {
        ofd::verify(bytes, trust, now)
    } else if bytes.starts_with(b"%PDF-") {
        pdf::verify(bytes, trust, now)
    } else {
        Verification::unreadable(DocumentKind::Unknown, "文件不是 OFD，也不是 PDF")
    }
}
