//! Verifying a file by itself: form, seal, signature, and the identifier that it carries. Needs no database; whether
//! the licence still counts is not asked here.

use serde::Serialize;
use tongban_base::Timestamp;
use tongban_base::numbers::licence_identifier_check;
use tongban_crypto::Trust;
use tongban_documents::{DocumentKind, Ground, Reason, Verdict, verify};

/// All identifiers of GB/T 36904 begin so.
const ROOT: &[u8] = b"1.2.156.3005.2.";
/// Type, issuer, serial, version and check make at most this many characters.
const LONGEST: usize = 200;

/// What a file says of itself and whether it is what was sealed.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    pub kind: DocumentKind,
    pub verdict: Verdict,
    /// The verdict in words: 有效, 无效 or 无法核验.
    pub answer: &'static str,
    /// What the verdict rests on.
    pub ground: Ground,
    pub signer: Option<String>,
    pub seal_name: Option<String>,
    /// RFC 3339.
    pub signed_at: Option<String>,
    /// Who vouches for `signed_at`.
    pub time_proof: TimeProof,
    /// Of the licence that the file is; only told when the file is genuine.
    pub identifier: Option<String>,
    pub reasons: Vec<Reason>,
    /// SM3 of the file.
    pub digest: String,
    /// SM3 of what was sealed: the same, unless something that only helps to verify was appended.
    #[serde(skip)]
    pub sealed_digest: String,
    #[serde(skip)]
    pub signed: Option<Timestamp>,
    /// When the certificate ended, if nothing in the file proves that it was sealed before.
    #[serde(skip)]
    pub ended: Option<Timestamp>,
}

/// Who vouches for the time of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeProof {
    /// Only the signer says so.
    Claimed,
    /// The register recorded the file when it was made.
    Register,
}

impl FileReport {
    /// For the command line: 0 valid, 1 invalid, 2 not to be judged or not readable.
    pub fn exit_code(&self) -> u8 {
        exit_code(self.verdict)
    }

    /// The register has this very file since `made`: so it was sealed by then.
    pub(super) fn prove_time(&mut self, made: Timestamp) {
        self.time_proof = TimeProof::Register;
        let is_in_time = self.ended.is_some_and(|ended| made <= ended);
        if self.ground == Ground::TimeUnproven && is_in_time {
            self.reasons.retain(|r| r.ground != Ground::TimeUnproven);
            self.ground = Ground::Genuine;
            self.verdict = self.ground.verdict();
            self.answer = self.verdict.title();
        }
    }
}

/// For the command line.
pub fn exit_code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Valid => 0,
        Verdict::Invalid => 1,
        Verdict::Unknown | Verdict::Unreadable => 2,
    }
}

/// Verifies any bytes against the roots of `trust`.
pub fn verify_file(bytes: &[u8], trust: &Trust, now: Timestamp) -> FileReport {
    let found = verify(bytes, trust, now);
    let digest = tongban_crypto::sm3_hex(bytes);
    let sealed_digest = match bytes.get(..found.sealed_length) {
        Some(sealed) if sealed.len() < bytes.len() => tongban_crypto::sm3_hex(sealed),
        _ => digest.clone(),
    };
    FileReport {
        answer: found.verdict.title(),
        identifier: match found.ground {
            Ground::Genuine | Ground::TimeUnproven => identifier_in(bytes),
            // What a file says of itself is worth nothing unless its seal is.
            Ground::Unsealed
            | Ground::AuthorityUnknown
            | Ground::Unprotected
            | Ground::Unsupported
            | Ground::TooLarge
            | Ground::Unreadable
            | Ground::Exposed
            | Ground::Broken
            | Ground::SealRemoved
            | Ground::Changed => None,
        },
        kind: found.kind,
        verdict: found.verdict,
        ground: found.ground,
        signer: found.signer,
        seal_name: found.seal_name,
        signed_at: found.signed_at.map(Timestamp::rfc3339),
        time_proof: TimeProof::Claimed,
        reasons: found.reasons,
        digest,
        sealed_digest,
        signed: found.signed_at,
        ended: found.ended,
    }
}

/// What the register says; it does not speak of the file.
pub(super) fn reason(code: &str, message: impl Into<String>) -> Reason {
    Reason::remark(code, message)
}

/// The first identifier with a right check character. Both kinds of files carry it uncompressed in their metadata.
fn identifier_in(bytes: &[u8]) -> Option<String> {
    let starts = bytes.windows(ROOT.len()).enumerate();
    starts
        .filter(|(_, window)| *window == ROOT)
        .find_map(|(at, _)| identifier_at(bytes.get(at..)?))
}

fn identifier_at(bytes: &[u8]) -> Option<String> {
    let is_part = |b: &u8| b.is_ascii_digit() || b.is_ascii_uppercase() || *b == b'.';
    let length = bytes
        .iter()
        .take(LONGEST)
        .take_while(|b| is_part(b))
        .count();
    let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
    let parts: Vec<&str> = text.get(ROOT.len()..)?.split('.').collect();
    let [kind, issuer, serial, version, check] = parts[..] else {
        return None;
    };
    let expected = licence_identifier_check(&[kind, issuer, serial, version])?;
    (check == expected.to_string()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_found_only_with_its_check_character() {
        let good = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
        let found = |text: &str| identifier_in(text.as_bytes());
        assert_eq!(found(&format!("x({good})y")).as_deref(), Some(good));
        let wrong = good.replace(".001.U", ".002.U");
        assert_eq!(found(&wrong), None);
        assert_eq!(found(&format!("{wrong} {good}")).as_deref(), Some(good));
        assert_eq!(found("1.2.156.3005.2."), None);
    }
}
