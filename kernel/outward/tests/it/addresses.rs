//! Which addresses may be used at all.

use tongban_outward::{Authorities, Counterpart, Unusable};
use tongban_testkit::certificates::CertificateAuthority;

#[test]
fn in_clear_is_for_this_machine_only() {
    for near in [
        "http://127.0.0.1:8090/sms/",
        "http://127.3.2.1",
        "http://localhost:1",
        "http://[::1]:8090",
    ] {
        assert!(Counterpart::at(near, None).is_ok(), "{near}");
    }
    for far in [
        "http://gateway.example:8090",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://[::2]",
    ] {
        assert_eq!(
            Counterpart::at(far, None).err(),
            Some(Unusable::InClear),
            "{far}"
        );
    }
}

#[test]
fn an_encrypted_address_needs_an_authority_that_vouches_for_it() {
    let address = "https://gateway.example:8443/sms/";
    assert_eq!(
        Counterpart::at(address, None).err(),
        Some(Unusable::NoAuthority)
    );
    let folder = tempfile::tempdir().unwrap();
    let file = CertificateAuthority::new("ours").write(folder.path());
    let trusted = Authorities::read(&file).unwrap();
    let gateway = Counterpart::at(address, Some(&trusted)).unwrap();
    assert_eq!(gateway.authority(), "gateway.example:8443");
    assert_eq!(gateway.path("/v1/messages"), "/sms/v1/messages");
    let far = Counterpart::at("http://gateway.example", Some(&trusted));
    assert_eq!(far.err(), Some(Unusable::InClear));
}

#[test]
fn an_address_is_host_port_and_path_and_nothing_else() {
    for faulty in [
        "gateway",
        "http://",
        "ftp://127.0.0.1",
        "http://a@127.0.0.1/",
        "http://127.0.0.1/?a=b",
        "http://127.0.0.1/#a",
        "",
    ] {
        assert_eq!(
            Counterpart::at(faulty, None).err(),
            Some(Unusable::Form),
            "{faulty}"
        );
    }
}

#[test]
fn a_file_without_certificates_trusts_nobody_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.pem");
    let refused = || Authorities::read(&file).unwrap_err().message().to_owned();
    assert!(refused().contains("none.pem"));
    for text in [
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(&file, text).unwrap();
        assert!(refused().contains("none.pem"), "{text}");
    }
}
