//! Certificates and chains, in our eyes and in OpenSSL's.

use tongban_crypto::{Certificate, ChainFault, KeyUse, Trust};

use crate::actors::{Actors, NEW_YEAR, NOW, YEAR_MS, issue};
use crate::openssl::Openssl;

#[test]
fn openssl_reads_and_verifies_our_chain_strictly() {
    let openssl = Openssl::new();
    let actors = Actors::new();
    let middle = issue(&actors.root, "示例二级机构", KeyUse::Authority { below: 0 });
    let leaf = issue(&middle, "示例签章人", KeyUse::Signing);
    openssl.write("root.pem", actors.root.certificate().to_pem());
    openssl.write("middle.pem", middle.certificate().to_pem());
    openssl.write("leaf.pem", leaf.certificate().to_pem());

    let text = openssl.run("x509 -in leaf.pem -noout -text -nameopt utf8,sep_comma_plus");
    assert!(text.contains("CN=示例签章人"), "{text}");
    assert!(text.contains("SM2-with-SM3"), "{text}");
    assert!(
        text.contains("Digital Signature, Non Repudiation"),
        "{text}"
    );
    // OpenSSL 3.0 applies the user identity to the certificate in question only, so the links are checked one by one.
    let verify = "verify -x509_strict -vfyopt distid:1234567812345678 -attime 1795305600";
    openssl.run(&format!("{verify} -CAfile root.pem middle.pem"));
    openssl.run(&format!(
        "{verify} -partial_chain -trusted middle.pem leaf.pem"
    ));
    assert!(
        openssl
            .try_run(&format!("{verify} -CAfile root.pem leaf.pem"))
            .is_err()
    );
}

#[test]
fn we_read_and_verify_a_certificate_of_openssl() {
    let openssl = Openssl::new();
    openssl.run("genpkey -algorithm SM2 -out key.pem");
    openssl.run(
        "req -x509 -new -key key.pem -sm3 -sigopt distid:1234567812345678 -subj /C=CN/CN=root -days 30 -out root.pem",
    );
    let root =
        Certificate::from_pem(&String::from_utf8(openssl.read("root.pem")).unwrap()).unwrap();
    assert_eq!(root.subject().get("CN"), Some("root"));
    assert!(root.is_authority());
    root.is_signed_by(&root).unwrap();
}

#[test]
fn a_chain_holds_only_within_its_dates_its_anchor_and_its_rights() {
    let actors = Actors::new();
    let leaf = actors.officer.certificate();
    let check = |leaf, at| actors.trust.verify(leaf, &[], at).map(|chain| chain.len());
    assert_eq!(check(leaf, NOW), Ok(2));
    assert_eq!(
        check(leaf, NEW_YEAR.plus_millis(-1)),
        Err(ChainFault::NotYetValid)
    );
    assert_eq!(
        check(leaf, NEW_YEAR.plus_millis(3 * YEAR_MS)),
        Err(ChainFault::Expired)
    );
    assert_eq!(
        check(actors.root.certificate(), NOW),
        Err(ChainFault::UsageForbidden)
    );

    let stranger = Actors::new();
    let foreign = stranger.officer.certificate();
    // Of the same name, but another key: an authority that nobody here knows.
    assert_eq!(check(foreign, NOW), Err(ChainFault::IssuerUnknown));
    let mut changed = leaf.to_der().to_vec();
    let name = "交通运输局".as_bytes();
    let at = changed.windows(name.len()).position(|w| w == name).unwrap();
    changed[at..at + name.len()].copy_from_slice("交通运输厅".as_bytes());
    let changed = Certificate::from_der(&changed).unwrap();
    assert_eq!(check(&changed, NOW), Err(ChainFault::SignatureInvalid));
    let nobody = Trust::default().verify(leaf, &[actors.root.certificate().clone()], NOW);
    assert_eq!(nobody, Err(ChainFault::IssuerUnknown));
}

#[test]
fn an_authority_cannot_reach_deeper_than_it_was_allowed() {
    let actors = Actors::new();
    assert!(actors.officer.issue(&request_like(&actors)).is_err());
    let middle = issue(&actors.root, "二级", KeyUse::Authority { below: 0 });
    let third = issue(&middle, "三级", KeyUse::Authority { below: 0 });
    let leaf = issue(&third, "签章人", KeyUse::Signing);
    let along = [middle.certificate().clone(), third.certificate().clone()];
    let verdict = actors.trust.verify(leaf.certificate(), &along, NOW);
    assert_eq!(verdict, Err(ChainFault::TooLong));
}

fn request_like(actors: &Actors) -> tongban_crypto::IssueRequest {
    tongban_crypto::IssueRequest {
        subject: actors.officer.certificate().subject().clone(),
        public_key: actors.officer.key().verifying_key(),
        not_before: NEW_YEAR,
        not_after: NOW,
        key_use: KeyUse::Signing,
    }
}
