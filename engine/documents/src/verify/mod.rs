//! Says whether a sealed OFD or PDF still is what was sealed, by whom and when: changed, genuine, or not to be judged
//! here. Accuses nobody of what cannot be known. Work is bounded whatever the file says of itself.
//! Knows no case and no licence: whether a genuine licence is still in force is not asked here.

mod answer;
mod ground;
mod ofd;
mod pdf;

use serde::Serialize;
use tongban_base::Timestamp;
use tongban_crypto::{Certificate, Fault, Trust};

pub use answer::Answer;
pub use ground::{Ground, Reason, Verdict};

use ground::Reasons;

/// A PDF may begin this far into the file (ISO 32000-1, annex H).
const PDF_HEADER: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    Ofd,
    Pdf,
    Unknown,
}

/// One signature in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignatureView {
    /// Who signed, as the certificate names him.
    pub signer: Option<String>,
    pub seal_name: Option<String>,
    pub seal_id: Option<String>,
    /// What the signer claims.
    pub signed_at: Option<Timestamp>,
    pub reasons: Vec<Reason>,
}

/// A signature while it is being looked at.
#[derive(Default)]
struct Finding {
    view: SignatureView,
    reasons: Reasons,
    /// Made by this product, which has one form only.
    is_own: bool,
    /// Who issued the signer's certificate.
    issuer: Option<String>,
    /// When the certificate or the seal ended, if nothing proves that it was used before.
    ended: Option<Timestamp>,
}

impl Finding {
    fn take_faults(&mut self, faults: &[Fault]) {
        for fault in faults {
            if let Fault::TimeUnproven(ended) = fault {
                self.ended = Some(*ended);
            }
            self.reasons.push(fault.into());
        }
    }

    fn signed_by(&mut self, signer: &Certificate) {
        self.view.signer = Some(signer.subject().display_name());
        self.issuer = Some(signer.issuer().display_name());
    }

    /// What this product writes it can read: whatever cannot be read of it was changed.
    fn close(&mut self) {
        if self.is_own && self.reasons.has(Ground::Unsupported) {
            let words = "签名数据的写法被改动";
            self.reasons
                .push(Reason::new(Ground::Changed, "signature.form", words));
        }
    }
}

/// The answer. `signer`, `seal_name` and `signed_at` are those of the last signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    pub kind: DocumentKind,
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub ground: Ground,
    pub signer: Option<String>,
    pub seal_name: Option<String>,
    pub signed_at: Option<Timestamp>,
    pub reasons: Vec<Reason>,
    pub signatures: Vec<SignatureView>,
    /// When a certificate or seal ended whose use before that nothing in the file proves.
    #[serde(skip)]
    pub ended: Option<Timestamp>,
    /// So many bytes from the front are what was sealed; what follows only helps to verify.
    #[serde(skip)]
    pub sealed_length: usize,
    /// How many bytes were hashed to find out.
    #[serde(skip)]
    pub hashed: u64,
}

impl Verification {
    fn unread(kind: DocumentKind, ground: Ground, code: &str, message: impl Into<String>) -> Self {
        let mut reasons = Reasons::default();
        reasons.push(Reason::new(ground, code, message));
        Self::of(kind, reasons, Vec::new())
    }

    /// `reasons` are those of the file; those of the signatures are added.
    fn of(kind: DocumentKind, mut reasons: Reasons, findings: Vec<Finding>) -> Self {
        for finding in &findings {
            reasons.take(&finding.reasons);
        }
        // In the place of one reason for each certificate: what it means.
        if reasons.has(Ground::AuthorityUnknown) {
            let is_all = reasons.ground() == Ground::AuthorityUnknown;
            reasons.drop_all(Ground::AuthorityUnknown);
            let issuer = findings.iter().rev().find_map(|f| f.issuer.as_deref());
            let issuer = issuer.map_or(String::new(), |name| format!("“{}”", ground::shown(name)));
            let unchanged = if is_all {
                "签章后内容没有改动，签名正确，但"
            } else {
                ""
            };
            let words = format!("{unchanged}签发机构{issuer}不在本平台信任的范围内");
            reasons.push(Reason::new(
                Ground::AuthorityUnknown,
                "file.authority_unknown",
                words,
            ));
        }
        let ended = findings.iter().filter_map(|f| f.ended).min();
        let signatures: Vec<SignatureView> = findings
            .into_iter()
            .map(|finding| SignatureView {
                reasons: finding.reasons.finish(),
                ..finding.view
            })
            .collect();
        let last = signatures.last().cloned().unwrap_or_default();
        let ground = reasons.ground();
        Self {
            kind,
            verdict: ground.verdict(),
            ground,
            signer: last.signer,
            seal_name: last.seal_name,
            signed_at: last.signed_at,
            reasons: reasons.finish(),
            signatures,
            ended,
            sealed_length: 0,
            hashed: 0,
        }
    }
}

/// Verifies a file of either kind. `now` bounds times of signing; certificates are judged at the time that the signer
/// claims, and where they have ended since, that time wants a proof.
pub fn verify(bytes: &[u8], trust: &Trust, now: Timestamp) -> Verification {
    let mut found = judge(bytes, trust, now);
    if found.verdict == Verdict::Unreadable && found.ground != Ground::TooLarge && was_sealed(bytes)
    {
        let words = "文件在签章后被改动，或者已经损坏，不能再读出";
        let mut reasons = Reasons::default();
        reasons.push(Reason::new(Ground::Changed, "file.damaged", words));
        reasons.extend(found.reasons);
        found = Verification::of(found.kind, reasons, Vec::new());
    }
    if found.sealed_length == 0 {
        found.sealed_length = bytes.len();
    }
    found
}

fn judge(bytes: &[u8], trust: &Trust, now: Timestamp) -> Verification {
    if bytes.starts_with(b"PK") {
        return ofd::verify(bytes, trust, now);
    }
    let head = bytes.get(..bytes.len().min(PDF_HEADER)).unwrap_or_default();
    match head.windows(5).position(|w| w == b"%PDF-") {
        Some(start) => pdf::verify(bytes, start, trust, now),
        None if ofd::is_behind_something(bytes) => ofd::verify(bytes, trust, now),
        None => {
            let words = "文件不是 OFD，也不是 PDF";
            let kind = DocumentKind::Unknown;
            Verification::unread(kind, Ground::Unreadable, "file.unreadable", words)
        }
    }
}

/// Whether a file that cannot be read still shows that it once was a sealed OFD or PDF: then it is not some other
/// file but a changed one.
fn was_sealed(bytes: &[u8]) -> bool {
    let has = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    (has(b"OFD.xml") && has(b"Signatures.xml")) || (has(b"/ByteRange") && has(b"/SubFilter"))
}
