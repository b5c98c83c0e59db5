//! Verifies OFD: the package, every reference digest, files that nobody signed, the seals.

use std::collections::BTreeSet;

use tongban_base::Timestamp;
use tongban_crypto::{SealCheck, SealSignature, SignedData, Trust, sm3};

use super::{DocumentKind, Reason, SignatureView, Verification};
use crate::DocumentError;
use crate::container::Package;
use crate::ofd::package::{self, Description, SignatureEntry};
use crate::ofd::seal::{PROVIDER, SM3};

/// What all checks need.
struct Check<'a> {
    bytes: &'a [u8],
    package: Package,
    trust: &'a Trust,
    now: Timestamp,
}

/// What the signatures of the file protect together.
#[derive(Default)]
struct Covered {
    files: BTreeSet<String>,
}

pub(super) fn verify(bytes: &[u8], trust: &Trust, now: Timestamp) -> Verification {
    let package = match Package::read(bytes) {
        Ok(package) => package,
        Err(fault) => return Verification::unreadable(DocumentKind::Ofd, fault.0),
    };
    let check = Check {
        bytes,
        package,
        trust,
        now,
    };
    check
        .run()
        .unwrap_or_else(|error| Verification::unreadable(DocumentKind::Ofd, error.message))
}

impl Check<'_> {
    fn run(&self) -> Result<Verification, DocumentError> {
        let mut covered = Covered::default();
        let mut views = Vec::new();
        for body in package::bodies(&self.package)? {
            let Some(list) = body.signatures else {
                continue;
            };
            // The list names the signatures; one that can be extended later is not signed itself.
            covered.files.insert(list.clone());
            for entry in package::signatures(&self.package, &list)? {
                views.push(self.signature(&entry, &mut covered)?);
            }
        }
        let mut reasons = Vec::new();
        if !views.is_empty() {
            reasons.extend(self.uncovered(&covered));
        }
        Ok(Verification::of(DocumentKind::Ofd, reasons, views))
    }

    fn uncovered(&self, covered: &Covered) -> Option<Reason> {
        let added: Vec<&str> = self
            .package
            .entries()
            .map(|(name, _)| name)
            .filter(|name| !covered.files.contains(*name))
            .collect();
        if added.is_empty() {
            return None;
        }
        let message = format!(
            "文件中有未经签章保护的内容，可能是签章后加入的：{}",
            added.join("、")
        );
        Some(Reason::new("file.added", message))
    }

    fn signature(
        &self,
        entry: &SignatureEntry,
        covered: &mut Covered,
    ) -> Result<SignatureView, DocumentError> {
        let description = package::description(&self.package, &entry.path)?;
        let mut view = SignatureView::default();
        self.check_references(&description, covered, &mut view.reasons);
        covered.files.insert(entry.path.clone());
        covered.files.insert(description.signed_value.clone());
        self.check_form(&description, &mut view.reasons);
        let signed = self.package.get(&entry.path).unwrap_or_default();
        match self.package.get(&description.signed_value) {
            None => view
                .reasons
                .push(Reason::new("signature.unreadable", "文件缺少签名值")),
            Some(value) => match SealSignature::from_der(value) {
                Ok(signature) => {
                    self.check_seal(&signature, entry, &description, signed, &mut view)
                }
                Err(_) => self.check_plain(value, signed, &mut view),
            },
        }
        Ok(view)
    }

    fn check_references(
        &self,
        description: &Description,
        covered: &mut Covered,
        reasons: &mut Vec<Reason>,
    ) {
        let method = description.check_method.as_str();
        if method != SM3 && !method.eq_ignore_ascii_case("SM3") {
            let message =
                format!("签章使用的摘要算法 {method} 不安全或不受支持，只能验证 SM3 摘要");
            reasons.push(Reason::new("reference.method", message));
            return;
        }
        if description.references.is_empty() {
            reasons.push(Reason::new("reference.none", "签章没有保护任何内容"));
        }
        for reference in &description.references {
            let path = &reference.path;
            match self.package.get(path) {
                None => reasons.push(Reason::new(
                    "file.missing",
                    format!("签章时的内容 {path} 已被删除"),
                )),
                Some(data) if reference.digest.as_deref() != Some(sm3(data).as_slice()) => {
                    reasons.push(Reason::new(
                        "file.changed",
                        format!("内容 {path} 在签章后被修改"),
                    ));
                }
                Some(_) => {}
            }
            covered.files.insert(path.clone());
        }
    }

    /// Files that this product sealed have one form only: not even a header field of the package may differ.
    fn check_form(&self, description: &Description, reasons: &mut Vec<Reason>) {
        if description.provider != PROVIDER {
            return;
        }
        if !self
            .package
            .write()
            .is_ok_and(|canonical| canonical == self.bytes)
        {
            reasons.push(Reason::new("file.repacked", "文件在签章后被重新打包或改动"));
        }
    }

    fn check_seal(
        &self,
        signature: &SealSignature,
        entry: &SignatureEntry,
        description: &Description,
        signed: &[u8],
        view: &mut SignatureView,
    ) {
        let check = SealCheck {
            digest: &sm3(signed),
            property: &format!("/{}", entry.path),
            trust: Some(self.trust),
            now: self.now,
        };
        view.reasons
            .extend(signature.check(&check).iter().map(Reason::from));
        view.signer = signature.signer().ok().map(|c| c.subject().display_name());
        view.seal_name = Some(signature.seal.name.clone());
        view.seal_id = Some(signature.seal.id.clone());
        view.signed_at = signature.signed_at;
        let beside = description
            .seal
            .as_ref()
            .and_then(|path| self.package.get(path));
        if beside.is_some_and(|seal| seal != signature.seal.to_der()) {
            view.reasons.push(Reason::new(
                "seal.differs",
                "文件中的印章与签章所用的印章不一致",
            ));
        }
        if description.provider == PROVIDER
            && self.package.get(&description.signed_value) != Some(signature.to_der())
        {
            view.reasons
                .push(Reason::new("signature.form", "签名值之后有多余的数据"));
        }
    }

    /// A signature without a seal: signed data of GB/T 35275 over the description.
    fn check_plain(&self, value: &[u8], signed: &[u8], view: &mut SignatureView) {
        match SignedData::from_der(value) {
            Ok(data) => {
                let verified = data.verify(signed, Some(self.trust), self.now);
                view.reasons
                    .extend(verified.faults.iter().map(Reason::from));
                view.signer = verified.signer.map(|c| c.subject().display_name());
                view.signed_at = verified.signed_at;
            }
            Err(_) => view.reasons.push(Reason::new(
                "signature.unreadable",
                "签名值中没有签章人证书，或格式不受支持，无法核验签章人",
            )),
        }
    }
}
