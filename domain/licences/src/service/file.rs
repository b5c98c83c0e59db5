//! Verifying a file by itself: form, seal, signature, and the identifier that it carries. Needs no database; whether
//! the licence still counts is not asked here.

use serde::Serialize;
use tongban_base::Timestamp;
use tongban_base::numbers::licence_identifier_check;
use tongban_crypto::Trust;
use tongban_documents::{DocumentKind, Reason, Verdict, verify};

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
    pub signer: Option<String>,
    pub seal_name: Option<String>,
    /// RFC 3339.
    pub signed_at: Option<String>,
    /// Of the licence that the file is; only told when the file is genuine.
    pub identifier: Option<String>,
    pub reasons: Vec<Reason>,
    /// SM3 of the file.
    pub digest: String,
    #[serde(skip)]
    pub signed: Option<Timestamp>,
}

impl FileReport {
    /// No seal at all: nothing can be said.
    pub fn is_unsigned(&self) -> bool {
        self.reasons.iter().any(|r| r.code == "signature.none")
    }

    /// For the command line: 0 valid, 1 invalid, 2 unreadable.
    pub fn exit_code(&self) -> u8 {
        match self.verdict {
            Verdict::Valid => 0,
            Verdict::Invalid => 1,
            Verdict::Unreadable => 2,
        }
    }
}

/// Verifies any bytes against the roots of `trust`.
pub fn verify_file(bytes: &[u8], trust: &Trust, now: Timestamp) -> FileReport {
    let mut found = verify(bytes, trust, now);
    if found.verdict == Verdict::Unreadable && was_sealed(bytes) {
        found.verdict = Verdict::Invalid;
        let words = "文件在签章后被改动，或者已经损坏";
        found.reasons.insert(0, reason("file.damaged", words));
    }
    let is_unsigned = found.reasons.iter().any(|r| r.code == "signature.none");
    FileReport {
        answer: match found.verdict {
            Verdict::Valid => "有效",
            Verdict::Invalid if is_unsigned => "无法核验",
            Verdict::Invalid => "无效",
            Verdict::Unreadable => "无法核验",
        },
        identifier: match found.verdict {
            Verdict::Valid => identifier_in(bytes),
            // What a forged file says of itself is worth nothing.
            Verdict::Invalid | Verdict::Unreadable => None,
        },
        kind: found.kind,
        verdict: found.verdict,
        signer: found.signer,
        seal_name: found.seal_name,
        signed_at: found.signed_at.map(Timestamp::rfc3339),
        reasons: found.reasons,
        digest: tongban_crypto::sm3_hex(bytes),
        signed: found.signed_at,
    }
}

pub(super) fn reason(code: &str, message: impl Into<String>) -> Reason {
    Reason {
        code: code.to_owned(),
        message: message.into(),
    }
}

/// Whether a file that cannot be read still shows that it once was a sealed OFD or PDF: then it is not some other
/// file but a changed one.
fn was_sealed(bytes: &[u8]) -> bool {
    let has = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    (has(b"OFD.xml") && has(b"Signatures.xml")) || (has(b"/ByteRange") && has(b"/SubFilter"))
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
