//! Whatever is done to a certificate, a seal or signed data, reading it comes to an answer.

use tongban_crypto::{
    Certificate, Seal, SealCheck, SealSignature, SignedDataProfile, sign_detached, sign_with_seal,
    sm3, verify_detached,
};
use tongban_testkit::Fuzz;

use crate::actors::{Actors, NOW};

/// What is read is no longer than its input, but for what stands in it as text.
const MOST: usize = 16 << 20;
/// Elements by tag, lengths that lie, endless ones, an identifier that does not end.
const WORDS: [&[u8]; 14] = [
    b"\x30\x80",
    b"\x24\x80\x04\x01x\0\0",
    b"\0\0",
    b"\x30\x84\xff\xff\xff\xff",
    b"\x30\x81\x80",
    b"\x06\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75",
    b"\x02\x00",
    b"\x02\x05\x00\xff\xff\xff\xff",
    b"\x17\x0d991231235959Z",
    b"\x18\x0f00000101000000Z",
    b"\x18\x1399991231235959+9959",
    b"\x1e\x03\xd8\x00\x00",
    b"\x03\x01\x07",
];

#[test]
fn any_damaged_certificate_is_read_or_refused() {
    let actors = Actors::new();
    let own = [&actors.root, &actors.maker, &actors.officer];
    let mut seeds: Vec<Vec<u8>> = own.map(|s| s.certificate().to_der().to_vec()).into();
    seeds.push(actors.officer.certificate().to_pem().into_bytes());
    Fuzz::of(seeds)
        .words(&WORDS)
        .cases(1_000)
        .memory(MOST)
        .feed(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let read = Certificate::from_der(bytes).or_else(|_| Certificate::from_pem(&text));
            let found = read.map(|certificate| {
                let chain = actors.trust.verify(&certificate, &[], NOW);
                let key = certificate.public_key().map(|key| key.to_bytes());
                let shown = certificate.subject().display_name();
                format!("{certificate:?} {shown} {chain:?} {key:?}")
            });
            found.map_err(|error| error.to_string())
        });
}

#[test]
fn any_damaged_seal_is_read_or_refused() {
    let actors = Actors::new();
    let seal = actors.seal();
    let digest = sm3(b"x");
    let signed = sign_with_seal(&seal, &actors.officer, &digest, "/x", NOW).unwrap();
    Fuzz::of([seal.to_der(), signed.to_der()])
        .words(&WORDS)
        .cases(1_000)
        .memory(MOST)
        .feed(|bytes| {
            let check = SealCheck {
                digest: &digest,
                property: "/x",
                trust: Some(&actors.trust),
                now: NOW,
            };
            let found = SealSignature::from_der(bytes).map(|signature| signature.check(&check));
            let seal = Seal::from_der(bytes).map(|seal| (seal.name, seal.id));
            format!("{found:?} {seal:?}")
        });
}

#[test]
fn any_damaged_signed_data_is_judged() {
    let actors = Actors::new();
    let signed = |profile| sign_detached(b"x", &actors.officer, NOW, profile).unwrap();
    let seeds = [SignedDataProfile::Cms, SignedDataProfile::Gm].map(signed);
    Fuzz::of(seeds)
        .words(&WORDS)
        .cases(1_000)
        .memory(MOST)
        .feed(|bytes| verify_detached(bytes, b"x", Some(&actors.trust), NOW));
}
