//! Seals an OFD: adds the list of signatures, the description with a digest of every file, the seal and the
//! signed value (GB/T 33190 clause 18, GB/T 38540). Must not know how verdicts are found.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tongban_base::Timestamp;
use tongban_crypto::{sign_with_seal, sm3};

use super::package::{self, SignatureEntry};
use super::xml::{Xml, numbers};
use crate::container::{Package, folder};
use crate::{DocumentError, SealJob};

/// Names the form of the package: what carries it must be canonical to the byte.
pub(crate) const PROVIDER: &str = "Tongban";
pub(crate) const SM3: &str = "1.2.156.10197.1.401";
const SM2_WITH_SM3: &str = "1.2.156.10197.1.501";

/// Puts a seal on an OFD. Earlier seals stay valid if they left it open.
///
/// # Errors
/// When the file is no OFD, a page is missing, or an earlier seal has locked the file.
pub fn seal_ofd(ofd: &[u8], job: &SealJob) -> Result<Vec<u8>, DocumentError> {
    let mut package =
        Package::read(ofd).map_err(|fault| DocumentError::new("unreadable", fault.0))?;
    let place = Place::prepare(&mut package)?;
    package.add(place.file("Seal.esl"), job.seal.to_der().to_vec());
    let pages = package::page_ids(&package, &place.document)?;
    let description = description(&package, job, &place, &pages)?;
    let path = place.file("Signature.xml");
    let signed = sign_with_seal(
        job.seal,
        job.signer,
        &sm3(&description),
        &format!("/{path}"),
        job.at,
    )
    .map_err(|e| DocumentError::new("seal", format!("无法盖章：{e}")))?;
    package.add(path, description);
    package.add(place.file("SignedValue.dat"), signed.to_der().to_vec());
    package.write()
}

/// Where the new signature goes.
struct Place {
    document: String,
    list: String,
    folder: String,
    number: usize,
}

impl Place {
    /// Enters the new signature into `OFD.xml` and the list of signatures.
    fn prepare(package: &mut Package) -> Result<Self, DocumentError> {
        let body = package::first_body(package)?;
        let base = folder(&body.document);
        let list = body
            .signatures
            .clone()
            .unwrap_or_else(|| format!("{base}/Signs/Signatures.xml"));
        let known = package::signatures(package, &list)?;
        if known.iter().any(|entry| locks(package, entry, &list)) {
            return Err(DocumentError::new(
                "seal",
                "文件已由最后一枚印章锁定，不能再加盖印章",
            ));
        }
        let number = known.len();
        let place = Self {
            folder: format!("{}/Sign_{number}", folder(&list)),
            document: body.document,
            list,
            number,
        };
        if body.signatures.is_none() {
            package::insert_in_root(package, "Signatures", &format!("/{}", place.list))?;
        }
        package.add(place.list.clone(), place.list_xml(&known));
        Ok(place)
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    fn list_xml(&self, known: &[SignatureEntry]) -> Vec<u8> {
        let mut xml = Xml::new("Signatures", &[]);
        for entry in known {
            let place = format!("/{}", entry.path);
            xml.empty(
                "Signature",
                &[
                    ("ID", &entry.id),
                    ("Type", &entry.kind),
                    ("BaseLoc", &place),
                ],
            );
        }
        let (id, place) = (
            format!("s{}", self.number + 1),
            format!("/{}", self.file("Signature.xml")),
        );
        xml.empty(
            "Signature",
            &[("ID", &id), ("Type", "Seal"), ("BaseLoc", &place)],
        );
        xml.finish()
    }
}

fn locks(package: &Package, entry: &SignatureEntry, list: &str) -> bool {
    package::description(package, &entry.path)
        .is_ok_and(|d| d.references.iter().any(|r| r.path == list))
}

fn description(
    package: &Package,
    job: &SealJob,
    place: &Place,
    pages: &[u32],
) -> Result<Vec<u8>, DocumentError> {
    let mut xml = Xml::new("Signature", &[]);
    xml.open("SignedInfo", &[]);
    let version = env!("CARGO_PKG_VERSION");
    xml.empty(
        "Provider",
        &[
            ("ProviderName", PROVIDER),
            ("Version", version),
            ("Company", PROVIDER),
        ],
    )
    .leaf("SignatureMethod", &[], SM2_WITH_SM3)
    .leaf("SignatureDateTime", &[], &utc(job.at))
    .open("References", &[("CheckMethod", SM3)]);
    for (name, data) in package.entries() {
        if job.leave_open && name == place.list {
            continue;
        }
        xml.open("Reference", &[("FileRef", &format!("/{name}"))])
            .leaf("CheckValue", &[], &STANDARD.encode(sm3(data)))
            .close();
    }
    xml.close();
    for (index, position) in job.positions.iter().enumerate() {
        let page = pages.get(position.page).ok_or_else(|| {
            DocumentError::new(
                "seal",
                format!("文件没有第 {} 页，无法盖章", position.page + 1),
            )
        })?;
        let boundary = numbers(&[
            position.x_mm,
            position.y_mm,
            position.width_mm,
            position.height_mm,
        ]);
        let id = format!("stamp{}_{}", place.number + 1, index + 1);
        xml.empty(
            "StampAnnot",
            &[
                ("ID", &id),
                ("PageRef", &page.to_string()),
                ("Boundary", &boundary),
            ],
        );
    }
    xml.open("Seal", &[])
        .leaf("BaseLoc", &[], &format!("/{}", place.file("Seal.esl")))
        .close()
        .close()
        .leaf(
            "SignedValue",
            &[],
            &format!("/{}", place.file("SignedValue.dat")),
        );
    Ok(xml.finish())
}

/// As signers in the field write it: 20261122060500Z.
fn utc(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp_millis(at.0)
        .map(|t| t.format("%Y%m%d%H%M%SZ").to_string())
        .unwrap_or_default()
}
