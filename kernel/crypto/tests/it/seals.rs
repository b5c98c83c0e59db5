//! Seals and the signatures made with them.

use tongban_crypto::{
    ChainFault, Fault, KeyUse, Seal, SealCheck, SealExtension, SealSignature, SealVersion,
    sign_with_seal, sm3,
};

use crate::actors::{Actors, NEW_YEAR, NOW, YEAR_MS, issue};
use crate::openssl::Openssl;

const PLACE: &str = "/Doc_0/Signs/Sign_0/Signature.xml";

#[test]
fn a_new_seal_reads_back_as_it_was_made() {
    let actors = Actors::new();
    let mut wanted = actors.new_seal();
    wanted.extensions.push(SealExtension {
        id: "1.2.156.112600.7.1".into(),
        critical: false,
        value: b"x".to_vec(),
    });
    let made = wanted.make(&actors.maker).unwrap();
    let seal = Seal::from_der(made.to_der()).unwrap();
    assert_eq!(seal.version, SealVersion::V4);
    assert_eq!((seal.name, seal.id), (wanted.name, wanted.id));
    assert_eq!(
        (seal.picture, seal.extensions),
        (wanted.picture, wanted.extensions)
    );
    assert_eq!(
        (seal.created, seal.valid_until),
        (wanted.created, wanted.valid_until)
    );
    assert_eq!(made.check(Some(&actors.trust), NOW), []);
}

#[test]
fn a_signature_holds_for_its_document_and_tells_every_departure() {
    let actors = Actors::new();
    let digest = sm3(b"<Signature/>");
    let signed = sign_with_seal(&actors.seal(), &actors.officer, &digest, PLACE, NOW).unwrap();
    let read = SealSignature::from_der(signed.to_der()).unwrap();
    assert_eq!(read.signed_at, Some(NOW));
    let good = SealCheck {
        digest: &digest,
        property: PLACE,
        trust: Some(&actors.trust),
        now: NOW,
    };
    assert_eq!(read.check(&good), []);

    let other = sm3(b"<signature/>");
    let changed = SealCheck {
        digest: &other,
        property: "/Doc_0/x",
        ..good
    };
    assert_eq!(
        read.check(&changed),
        [Fault::DigestMismatch, Fault::PropertyMismatch]
    );
    let early = SealCheck {
        now: NEW_YEAR,
        ..good
    };
    assert_eq!(read.check(&early), [Fault::TimeInFuture]);
    let stranger = Actors::new();
    let foreign = SealCheck {
        trust: Some(&stranger.trust),
        ..good
    };
    assert_eq!(
        read.check(&foreign),
        [
            Fault::SealMakerCertificate(ChainFault::IssuerUnknown),
            Fault::SignerCertificate(ChainFault::IssuerUnknown)
        ]
    );
}

#[test]
fn a_seal_is_of_no_use_after_its_time_or_in_other_hands() {
    let actors = Actors::new();
    let seal = actors.seal();
    let late = NEW_YEAR.plus_millis(YEAR_MS + 60_000);
    let digest = sm3(b"x");
    let signed = sign_with_seal(&seal, &actors.officer, &digest, PLACE, late).unwrap();
    let check = SealCheck {
        digest: &digest,
        property: PLACE,
        trust: None,
        now: late,
    };
    assert_eq!(signed.check(&check), [Fault::SealExpired]);
    assert_eq!(
        seal.check(None, NEW_YEAR.plus_millis(-1)),
        [Fault::SealNotYetValid]
    );
    let other = issue(&actors.root, "他人", KeyUse::Signing);
    assert!(sign_with_seal(&seal, &other, &digest, PLACE, NOW).is_err());
}

#[test]
fn openssl_verifies_a_seal_signature_with_nothing_but_its_parts() {
    let openssl = Openssl::new();
    let actors = Actors::new();
    let signed = sign_with_seal(&actors.seal(), &actors.officer, &sm3(b"x"), PLACE, NOW).unwrap();
    openssl.write("signature.der", signed.to_der());
    let parts = openssl.run("asn1parse -inform DER -in signature.der");
    let (offset, header, length) = first_child(&parts);
    openssl.write("signed", &signed.to_der()[offset..offset + header + length]);
    openssl.write("value", &signed.signature);
    openssl.write(
        "public.pem",
        actors.officer.key().verifying_key().to_pem().unwrap(),
    );
    openssl.run(
        "dgst -sm3 -verify public.pem -signature value -sigopt distid:1234567812345678 signed",
    );
}

/// Offset, header length and length of the first element of depth 1 in the output of asn1parse.
fn first_child(text: &str) -> (usize, usize, usize) {
    let line = text.lines().find(|line| line.contains(":d=1 ")).unwrap();
    let offset = line.split(':').next().unwrap().trim().parse().unwrap();
    let number = |name: &str| {
        let (_, rest) = line.split_once(name).unwrap();
        rest.split_whitespace().next().unwrap().parse().unwrap()
    };
    (offset, number(" hl="), number(" l="))
}
