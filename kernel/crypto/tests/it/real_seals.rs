//! Seals and signatures of other makers, where the folder of test vectors is at hand.

use std::path::Path;

use tongban_base::Timestamp;
use tongban_crypto::{Fault, Seal, SealCheck, SealSignature, SealVersion};

/// A file of the vectors; says so and gives nothing when they are not there.
fn vector(name: &str) -> Option<Vec<u8>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = workspace.join("../shared/facts/vectors/seal").join(name);
    match std::fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(_) => {
            println!("not checked: the test vector seal/{name} is not there");
            None
        }
    }
}

#[test]
fn seals_of_every_version_are_read_and_their_makers_signature_holds() {
    let expected = [
        ("UserV1.esl", SealVersion::V1, "OFDRW测试用印章"),
        ("UserV4.esl", SealVersion::V4, "OFD R&W 测试用印章"),
        ("UserV5.esl", SealVersion::V5, "OFD R&W V5测试用印章"),
    ];
    for (file, version, name) in expected {
        let Some(bytes) = vector(file) else { return };
        let seal = Seal::from_der(&bytes).unwrap();
        assert_eq!((seal.version, seal.name.as_str()), (version, name));
        assert_eq!(
            (seal.picture.width_mm, seal.picture.format.as_str()),
            (40, "PNG")
        );
        let faults = seal.check(None, seal.valid_from);
        assert!(
            !faults.contains(&Fault::SealSignatureInvalid),
            "{file}: {faults:?}"
        );
        let later = seal.check(None, seal.valid_until.plus_millis(60_000));
        assert!(later.contains(&Fault::SealExpired), "{file}");
    }
}

#[test]
fn a_seal_whose_signature_fails_is_told() {
    let Some(bytes) = vector("SESealData.DER") else {
        return;
    };
    let seal = Seal::from_der(&bytes).unwrap();
    assert_eq!(seal.name, "测试单位名称 合同专用章");
    assert_eq!(seal.extensions.len(), 3);
    assert!(
        seal.check(None, seal.valid_from)
            .contains(&Fault::SealSignatureInvalid)
    );
}

#[test]
fn a_changed_seal_is_told() {
    let Some(mut bytes) = vector("UserV4.esl") else {
        return;
    };
    let picture = bytes.len() / 2;
    bytes[picture] ^= 1;
    let seal = Seal::from_der(&bytes).unwrap();
    assert!(
        seal.check(None, seal.valid_from)
            .contains(&Fault::SealSignatureInvalid)
    );
}

#[test]
fn a_version_5_signature_verifies() {
    let Some(bytes) = vector("SignedValueV5.dat") else {
        return;
    };
    let signature = SealSignature::from_der(&bytes).unwrap();
    assert_eq!(signature.version, 5);
    assert_eq!(signature.signed_at, Some(Timestamp(1_777_020_806_000)));
    let digest: [u8; 32] = signature.data_hash.clone().try_into().unwrap();
    let faults = signature.check(&SealCheck {
        digest: &digest,
        property: "/Doc_0/Signs/Sign_0/Signature.xml",
        trust: None,
        now: Timestamp(1_795_305_600_000),
    });
    let codes: Vec<_> = faults.iter().map(Fault::code).collect();
    // Both test certificates ran out years before this seal was made; everything else is in order.
    assert_eq!(
        codes,
        ["seal.maker_certificate", "signature.signer_certificate"]
    );
}
