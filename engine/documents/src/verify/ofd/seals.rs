//! One signature of an OFD: its description, what it refers to, its seal.

use tongban_crypto::{SealCheck, SealSignature, SignedData, sm3};

use super::{Check, Covered, MOST_REFERENCES};
use crate::DocumentError;
use crate::container::Place;
use crate::ofd::package::{self, Description, SignatureEntry};
use crate::ofd::seal::{PROVIDER, SM3};
use crate::verify::ground::shown;
use crate::verify::{Finding, Ground, Reason};

impl Check<'_> {
    /// Nothing when the signature is named and not there, which is told.
    pub(super) fn signature(
        &mut self,
        entry: &SignatureEntry,
        covered: &mut Covered,
    ) -> Result<Option<Finding>, DocumentError> {
        if !self.load(&entry.path)? {
            self.missing_part(&entry.path, "签章");
            return Ok(None);
        }
        let description = package::description(&self.parts, &entry.path)?;
        let mut finding = Finding {
            is_own: description.provider == PROVIDER,
            ..Finding::default()
        };
        covered.files.insert(entry.path.clone());
        covered.files.insert(description.signed_value.clone());
        self.check_references(&description, covered, &mut finding);
        if let Some(seal) = &description.seal {
            // It is compared with the one that signed.
            covered.files.insert(seal.clone());
            self.load(seal)?;
        }
        if self.load(&description.signed_value)? {
            self.check_value(entry, &description, &mut finding);
        } else {
            self.missing_part(&description.signed_value, "签名值");
        }
        finding.close();
        Ok(Some(finding))
    }

    /// A part that is declared and not there: taken away, unless it stands there under a name that only looks alike.
    fn missing_part(&mut self, path: &str, what: &str) {
        let reason = match self.archive.find(path) {
            Place::Near(entry) => Reason::new(
                Ground::Unsupported,
                "signature.misnamed",
                format!(
                    "文件写明{what}在 {}，文件包里却是 {}，名称的大小写或斜杠不符合标准，按标准读不到",
                    shown(path),
                    shown(&entry.name)
                ),
            ),
            Place::Exact(_) | Place::Missing => Reason::new(
                Ground::SealRemoved,
                "seal.removed",
                format!("文件写明的{what} {} 已被移除", shown(path)),
            ),
        };
        self.reasons.push(reason);
    }

    fn check_references(
        &mut self,
        description: &Description,
        covered: &mut Covered,
        finding: &mut Finding,
    ) {
        for reference in &description.references {
            covered.files.insert(reference.path.clone());
        }
        if description.references.len() > MOST_REFERENCES {
            let words = format!("一个签章引用的文件超过 {MOST_REFERENCES} 个，本平台不核验");
            finding
                .reasons
                .push(Reason::new(Ground::TooLarge, "reference.too_many", words));
            return;
        }
        let method = description.check_method.as_str();
        if method != SM3 && !method.eq_ignore_ascii_case("SM3") {
            let words = format!(
                "签章用 {} 摘要保护内容，本平台只核验 SM3 摘要，不能判断内容有没有改动",
                shown(tongban_crypto::algorithm_title(method))
            );
            finding
                .reasons
                .push(Reason::new(Ground::Unsupported, "reference.method", words));
            return;
        }
        if description.references.is_empty() {
            finding.reasons.push(Reason::new(
                Ground::Broken,
                "reference.none",
                "签章没有保护任何内容",
            ));
        }
        for reference in &description.references {
            finding.reasons.extend(self.reference(reference));
        }
    }

    fn reference(&self, reference: &package::Reference) -> Option<Reason> {
        let path = shown(&reference.path);
        let (ground, code, words) = match self.archive.find(&reference.path) {
            Place::Missing => (
                Ground::Changed,
                "file.missing",
                format!("签章保护的 {path} 已不在文件中"),
            ),
            Place::Near(entry) => (
                Ground::Unsupported,
                "file.misnamed",
                format!(
                    "签章保护的 {path} 在文件包里名为 {}，大小写或斜杠不一致，按标准读不到",
                    shown(&entry.name)
                ),
            ),
            Place::Exact(entry) => {
                let digest = self.digests.get(&entry.name).copied().flatten();
                let wanted = reference.digest.as_deref();
                if digest.is_some_and(|d| wanted == Some(d.sm3.as_slice())) {
                    return None;
                }
                let words = format!("内容 {path} 在签章后被修改");
                (Ground::Changed, "file.changed", words)
            }
        };
        Some(Reason::new(ground, code, words))
    }

    fn check_value(
        &self,
        entry: &SignatureEntry,
        description: &Description,
        finding: &mut Finding,
    ) {
        let signed = self.parts.get(&entry.path).unwrap_or_default();
        let value = self
            .parts
            .get(&description.signed_value)
            .unwrap_or_default();
        match SealSignature::from_der(value) {
            Ok(signature) => self.check_seal(&signature, entry, description, finding),
            Err(_) => self.check_plain(value, signed, finding),
        }
        if finding.is_own
            && SealSignature::from_der(value).is_ok_and(|signature| signature.to_der() != value)
        {
            finding.reasons.push(Reason::new(
                Ground::Changed,
                "signature.form",
                "签名值之后有多余的数据",
            ));
        }
    }

    fn check_seal(
        &self,
        signature: &SealSignature,
        entry: &SignatureEntry,
        description: &Description,
        finding: &mut Finding,
    ) {
        let signed = self.parts.get(&entry.path).unwrap_or_default();
        let check = SealCheck {
            digest: &sm3(signed),
            property: &format!("/{}", entry.path),
            trust: Some(self.trust),
            now: self.now,
        };
        finding.take_faults(&signature.check(&check));
        if let Ok(signer) = signature.signer() {
            finding.signed_by(&signer);
        }
        finding.view.seal_name = Some(signature.seal.name.clone());
        finding.view.seal_id = Some(signature.seal.id.clone());
        finding.view.signed_at = signature.signed_at;
        let beside = description
            .seal
            .as_ref()
            .and_then(|path| self.parts.get(path));
        if beside.is_some_and(|seal| seal != signature.seal.to_der()) {
            finding.reasons.push(Reason::new(
                Ground::Broken,
                "seal.differs",
                "文件中的印章与签章所用的印章不一致",
            ));
        }
    }

    /// A signature without a seal: signed data of GB/T 35275 over the description.
    fn check_plain(&self, value: &[u8], signed: &[u8], finding: &mut Finding) {
        match SignedData::from_der(value) {
            Ok(data) => {
                let verified = data.verify(signed, Some(self.trust), self.now);
                finding.take_faults(&verified.faults);
                if let Some(signer) = &verified.signer {
                    finding.signed_by(signer);
                }
                finding.view.signed_at = verified.signed_at;
            }
            Err(_) => finding.reasons.push(Reason::new(
                Ground::Unsupported,
                "signature.unreadable",
                "签名值中没有签章人证书，或者是本平台不支持的格式，无法核验签章人",
            )),
        }
    }
}
