//! Detached signed data, as PDF and OFD signatures hold it.

use tongban_crypto::{
    ChainFault, Fault, FaultKind, SignedData, SignedDataProfile, sign_detached, sm3_hex,
    verify_detached,
};

use crate::actors::{Actors, NOW};
use crate::openssl::Openssl;

#[test]
fn both_profiles_verify_and_padding_does_not_hurt() {
    let actors = Actors::new();
    let signer = actors
        .officer
        .clone()
        .with_chain([actors.root.certificate().clone()]);
    for profile in [SignedDataProfile::Cms, SignedDataProfile::Gm] {
        let mut der = sign_detached(b"bytes of a file", &signer, NOW, profile).unwrap();
        der.extend([0; 100]);
        let found = verify_detached(&der, b"bytes of a file", Some(&actors.trust), NOW);
        assert_eq!(found.faults, []);
        assert!(found.is_valid());
        assert_eq!(found.signed_at, Some(NOW));
        assert_eq!(found.signer.as_ref(), Some(actors.officer.certificate()));
    }
}

#[test]
fn changed_content_and_strangers_are_told() {
    let actors = Actors::new();
    let der = sign_detached(b"content", &actors.officer, NOW, SignedDataProfile::Cms).unwrap();
    let changed = verify_detached(&der, b"Content", Some(&actors.trust), NOW);
    assert_eq!(changed.faults, [Fault::DigestMismatch]);
    let stranger = Actors::new();
    let foreign = verify_detached(&der, b"content", Some(&stranger.trust), NOW);
    let untrusted = Fault::SignerCertificate(ChainFault::IssuerUnknown);
    assert_eq!(foreign.faults, [untrusted]);
    let nothing = verify_detached(b"", b"content", None, NOW);
    assert_eq!(nothing.faults[0].code(), "signature.unreadable");
}

#[test]
fn another_certificate_in_the_place_of_the_signers_is_no_unknown_authority() {
    let actors = Actors::new();
    let der = sign_detached(b"content", &actors.officer, NOW, SignedDataProfile::Cms).unwrap();
    let certificate = actors.officer.certificate().to_der();
    let mut windows = der.windows(certificate.len());
    let start = windows.position(|w| w == certificate).unwrap();
    for place in start..start + certificate.len() {
        for bit in [1, 0x20] {
            let mut changed = der.clone();
            changed[place] ^= bit;
            let found = verify_detached(&changed, b"content", Some(&actors.trust), NOW);
            let kinds: Vec<_> = found.faults.iter().map(Fault::kind).collect();
            let is_excused = kinds
                .iter()
                .all(|kind| *kind == FaultKind::AuthorityUnknown);
            assert!(!is_excused, "byte {place}, bit {bit}: {:?}", found.faults);
        }
    }
}

#[test]
fn openssl_reads_the_structure_and_verifies_the_signed_attributes() {
    let openssl = Openssl::new();
    let actors = Actors::new();
    let der = sign_detached(b"content", &actors.officer, NOW, SignedDataProfile::Cms).unwrap();
    openssl.write("signed.der", &der);
    let text = openssl.run("cms -cmsout -print -noout -inform DER -in signed.der");
    for part in [
        "pkcs7-signedData",
        "SM2-with-SM3",
        "signingTime",
        "messageDigest",
        "id-smime-aa-signingCertificateV2",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(text.contains("Nov 22 00:00:00 2026 GMT"), "{text}");

    let parts = openssl.run("asn1parse -inform DER -in signed.der");
    let digest = sm3_hex(b"content").to_uppercase();
    assert!(parts.contains(&digest), "{parts}");
    openssl.write("attributes", signed_attributes(&der, &parts));
    openssl.write("value", SignedData::from_der(&der).unwrap().signature);
    openssl.write(
        "public.pem",
        actors.officer.key().verifying_key().to_pem().unwrap(),
    );
    openssl.run(
        "dgst -sm3 -verify public.pem -signature value -sigopt distid:1234567812345678 attributes",
    );
}

/// The last `[0]` of depth 5 in the output of asn1parse, as a SET.
fn signed_attributes(der: &[u8], parts: &str) -> Vec<u8> {
    let line = parts
        .lines()
        .rfind(|line| line.contains(":d=5 ") && line.contains("cont [ 0 ]"))
        .unwrap();
    let offset: usize = line.split(':').next().unwrap().trim().parse().unwrap();
    let number = |name: &str| -> usize {
        let (_, rest) = line.split_once(name).unwrap();
        rest.split_whitespace().next().unwrap().parse().unwrap()
    };
    let mut set = der[offset..offset + number(" hl=") + number(" l=")].to_vec();
    set[0] = 0x31;
    set
}
