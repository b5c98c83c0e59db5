//! Verifies PDF signatures: each byte range, what it leaves out, the signature over it, and whether the last one covers
//! the whole file. The pages are not looked at: every byte that a valid last signature covers is as it was signed.

mod appended;
mod range;

use tongban_base::Timestamp;
use tongban_crypto::{Content, Fault, SealSignature, SignedData, Sm3, Trust};

use self::range::{Fit, Range};
use super::ground::shown;
use super::{DocumentKind, Finding, Ground, Reason, Reasons, Verification};
use crate::pdf::{form, walk};

/// More signatures than this are an attack.
const MOST_SIGNATURES: usize = 32;
/// What signatures may make to hash behind their gaps, besides the file itself.
const MOST_HASHED: u64 = 64 * 1024 * 1024;

struct Judged {
    reasons: Reasons,
    findings: Vec<Finding>,
    hashed: u64,
    sealed_length: usize,
    /// No range leads to its signature, as when all are counted from elsewhere.
    is_astray: bool,
}

/// `start` is where the PDF begins in the file: what stands before is no part of it, but offsets may count it.
pub(super) fn verify(bytes: &[u8], start: usize, trust: &Trust, now: Timestamp) -> Verification {
    let mut judged = judge(bytes, trust, now);
    if start > 0 && judged.is_astray {
        let inner = judge(bytes.get(start..).unwrap_or_default(), trust, now);
        if !inner.is_astray {
            judged = inner;
            let is_own = judged.findings.iter().any(|finding| finding.is_own);
            let ground = match is_own {
                true => Ground::Changed,
                false => Ground::Unprotected,
            };
            let words = format!("文件开头有 {start} 个字节不属于 PDF，也不受签名保护");
            judged
                .reasons
                .push(Reason::new(ground, "file.surrounded", words));
        }
    }
    let mut found = Verification::of(DocumentKind::Pdf, judged.reasons, judged.findings);
    found.hashed = judged.hashed;
    found.sealed_length = judged.sealed_length;
    found
}

fn judge(bytes: &[u8], trust: &Trust, now: Timestamp) -> Judged {
    let mut judged = Judged {
        reasons: Reasons::default(),
        findings: Vec::new(),
        hashed: 0,
        sealed_length: bytes.len(),
        is_astray: false,
    };
    let mut ranges: Vec<Range> = Vec::new();
    let (mut cut, mut is_resaved) = (None, false);
    let (mut signatures, mut streams) = (Vec::new(), Vec::new());
    walk::each(bytes, 0, |object| {
        if object.behind > object.end {
            streams.push(object.end..object.behind);
        }
        if signatures.len() <= MOST_SIGNATURES && range::is_signature(&object.dictionary) {
            signatures.push(object);
        }
    });
    for (index, object) in signatures.iter().enumerate() {
        if index == MOST_SIGNATURES {
            let words = format!("文件中的签名超过 {MOST_SIGNATURES} 个，本平台不核验");
            judged
                .reasons
                .push(Reason::new(Ground::TooLarge, "signature.too_many", words));
            return judged;
        }
        match range::fit(bytes, object) {
            Fit::Right(range) if ranges.contains(&range) => {}
            Fit::Right(range) => ranges.push(range),
            Fit::Longer(told) => cut = cut.max(Some(told)),
            Fit::Elsewhere => is_resaved = true,
            Fit::Unsupported => judged.reasons.push(Reason::new(
                Ground::Unsupported,
                "signature.range",
                "签名所指的范围写法特殊，本平台不支持，无法核验",
            )),
        }
    }
    judged.is_astray = ranges.is_empty() && (cut.is_some() || is_resaved);
    judged.tell_astray(bytes.len(), cut, is_resaved);
    judged.hash_and_check(bytes, ranges, trust, now);
    let is_own = judged.findings.iter().any(|finding| finding.is_own);
    if !is_own && !judged.reasons.has(Ground::Changed) && range::has_mark(bytes, &streams) {
        let words = "文件在签章后被改动，签章数据已经对不上";
        judged
            .reasons
            .push(Reason::new(Ground::Changed, "file.damaged", words));
    }
    let is_told = judged.reasons.ground() > Ground::Unsealed;
    if judged.findings.is_empty() && !is_told {
        let words = "文件没有电子签章，无法核验真伪";
        judged
            .reasons
            .push(Reason::new(Ground::Unsealed, "signature.none", words));
    }
    judged
}

impl Judged {
    /// One statement, whatever else does not fit any more.
    fn tell_astray(&mut self, length: usize, cut: Option<usize>, is_resaved: bool) {
        let (code, words) = match cut {
            Some(told) => (
                "file.cut",
                format!(
                    "文件已经不完整：签名时有 {told} 个字节，现在只有 {length} 个字节，请使用签名后的原文件"
                ),
            ),
            None if is_resaved => (
                "file.resaved",
                "文件签名后又被重新保存或改动过，原来的签名已经对不上，请使用签名后的原文件"
                    .to_owned(),
            ),
            None => return,
        };
        self.reasons.push(Reason::new(Ground::Changed, code, words));
    }

    /// All ranges begin with the file, so what they share is hashed once.
    fn hash_and_check(
        &mut self,
        bytes: &[u8],
        mut ranges: Vec<Range>,
        trust: &Trust,
        now: Timestamp,
    ) {
        ranges.sort_by_key(|range| range.open);
        let behind: u64 = ranges.iter().map(|r| (r.end - r.close) as u64).sum();
        if behind > MOST_HASHED.max(bytes.len() as u64) {
            let words = "文件中签名的范围互相重叠，数据量过大，拒绝核验";
            self.reasons
                .push(Reason::new(Ground::TooLarge, "signature.too_large", words));
            return;
        }
        let (mut front, mut at) = (Sm3::new(), 0);
        let mut checked = Vec::new();
        for range in &ranges {
            let next = bytes.get(at..range.open).unwrap_or_default();
            front.update(next);
            at = range.open;
            let back = bytes.get(range.close..range.end).unwrap_or_default();
            let mut whole = front.clone();
            whole.update(back);
            self.hashed += (next.len() + back.len()) as u64;
            let content = Content {
                pieces: &[bytes.get(..range.open).unwrap_or_default(), back],
                digest: whole.finish(),
            };
            checked.push((range.end, signature(range, &content, trust, now)));
        }
        checked.sort_by_key(|(end, _)| *end);
        self.findings = checked.into_iter().map(|(_, finding)| finding).collect();
        if let Some(last) = ranges.iter().map(|range| range.end).max()
            && last < bytes.len()
        {
            self.appended(bytes, last);
        }
    }

    fn appended(&mut self, bytes: &[u8], last: usize) {
        let is_own = self.findings.iter().any(|finding| finding.is_own);
        let count = bytes.len() - last;
        let tail = bytes.get(last..).unwrap_or_default();
        let is_blank = tail.iter().all(|b| b.is_ascii_whitespace() || *b == 0);
        let reason = if is_blank && !is_own {
            let words = format!("文件末尾多出 {count} 个空白字节，不影响签名的内容");
            Reason::remark("file.padded", words)
        } else if appended::is_validation_data(bytes, last) {
            self.sealed_length = last;
            let words = "签名之后只追加了验证签名用的资料（DSS），签名的内容没有改动";
            Reason::remark("file.validation_data", words)
        } else {
            let words = format!("文件在签名后被追加了 {count} 个字节的内容");
            Reason::new(Ground::Changed, "file.appended", words)
        };
        self.reasons.push(reason);
    }
}

fn signature(range: &Range, content: &Content, trust: &Trust, now: Timestamp) -> Finding {
    let mut finding = Finding {
        is_own: range.is_own,
        ..Finding::default()
    };
    finding.view.seal_name.clone_from(&range.name);
    let der = decode_hex(&range.hex);
    let data = match range::form(&range.filter) {
        range::Form::Cms => SignedData::from_der(&der),
        range::Form::Other(title) => {
            let words = format!("文件使用的是 {}，本平台不核验这种签名", shown(&title));
            let code = "signature.form_unsupported";
            finding
                .reasons
                .push(Reason::new(Ground::Unsupported, code, words));
            return finding;
        }
    };
    let Ok(data) = data else {
        let words = match SealSignature::from_der(&der) {
            Ok(_) => "签名数据是 GB/T 38540 电子签章的写法，本平台不核验 PDF 中的这种签章",
            Err(_) => "签名数据无法识别，可能已损坏，也可能是本平台不支持的格式",
        };
        finding.reasons.push(Reason::new(
            Ground::Unsupported,
            "signature.unreadable",
            words,
        ));
        finding.close();
        return finding;
    };
    let verified = data.verify_content(content, Some(trust), now);
    finding.take_faults(&verified.faults);
    if let Some(signer) = &verified.signer {
        finding.signed_by(signer);
    }
    finding.view.signed_at = verified.signed_at;
    let is_foreign = verified
        .faults
        .iter()
        .any(|fault| matches!(fault, Fault::AlgorithmUnsupported(_)));
    if verified.signed_at.is_none() && !is_foreign {
        let words = "签名数据中没有签章时间，按核验时的证书状态判断";
        finding
            .reasons
            .push(Reason::remark("signature.time_missing", words));
    }
    // Changed content says so itself, and is not the content that the form is worked out of.
    let is_changed = verified.faults.contains(&Fault::DigestMismatch);
    if range.is_own && !is_changed && !is_canonical(range, &data, trust) {
        finding.reasons.push(Reason::new(
            Ground::Changed,
            "signature.form",
            "签名数据的写法被改动",
        ));
    }
    finding.close();
    finding
}

/// Our signatures: lower-case digits, nothing but zeros behind the data, every unsigned field as we write it, and no
/// certificate along with it that is not needed.
fn is_canonical(range: &Range, data: &SignedData, trust: &Trust) -> bool {
    let (Some(signer), Some(at)) = (data.signer(), data.signed_at()) else {
        return false;
    };
    let Some(der) = form::canonical(data, signer) else {
        return false;
    };
    let mut hex: Vec<u8> = der
        .iter()
        .flat_map(|b| format!("{b:02x}").into_bytes())
        .collect();
    if hex.len() > range.hex.len() {
        return false;
    }
    hex.resize(range.hex.len(), b'0');
    let chain = trust
        .verify(signer, &data.certificates, at)
        .unwrap_or_default();
    hex == range.hex && (chain.is_empty() || data.certificates.iter().all(|c| chain.contains(c)))
}

fn decode_hex(hex: &[u8]) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).unwrap_or(0) as u8;
    hex.chunks(2)
        .map(|pair| digit(pair[0]) << 4 | pair.get(1).map_or(0, |b| digit(*b)))
        .collect()
}
