//! Sealing and verdicts.

use tongban_crypto::Trust;
use tongban_documents::{DocumentKind, SealJob, Verdict, seal_ofd, seal_pdf, verify};

use crate::desk::{DESK, Desk, NOW, SEALED_OFD, SEALED_PDF, letter, ofd_options, pdf_options};

fn codes(bytes: &[u8], trust: &Trust) -> Vec<String> {
    verify(bytes, trust, NOW)
        .reasons
        .into_iter()
        .map(|r| r.code)
        .collect()
}

#[test]
fn sealed_files_are_valid_and_tell_signer_seal_and_time() {
    for (bytes, kind) in [
        (&*SEALED_OFD, DocumentKind::Ofd),
        (&*SEALED_PDF, DocumentKind::Pdf),
    ] {
        let found = verify(bytes, &DESK.trust, NOW);
        assert_eq!(found.reasons, []);
        assert_eq!((found.kind, found.verdict), (kind, Verdict::Valid));
        assert_eq!(found.signer.as_deref(), Some("示例市交通运输局"));
        assert_eq!(found.seal_name.as_deref(), Some("示例市交通运输局演示印章"));
        assert_eq!(found.signed_at, Some(NOW));
    }
}

#[test]
fn a_signer_that_nobody_vouches_for_is_not_believed() {
    let stranger = Desk::open("示例市交通运输局");
    for bytes in [&*SEALED_OFD, &*SEALED_PDF] {
        assert_eq!(codes(bytes, &stranger.trust), ["file.authority_unknown"]);
        assert_eq!(
            verify(bytes, &Trust::default(), NOW).verdict,
            Verdict::Unknown
        );
    }
}

#[test]
fn unsealed_and_foreign_files_are_never_valid() {
    let pages = letter();
    for bytes in [
        pages.to_ofd(&ofd_options()).unwrap(),
        pages.to_pdf(&pdf_options()).unwrap(),
    ] {
        assert_eq!(codes(&bytes, &DESK.trust), ["signature.none"]);
    }
    assert_eq!(
        verify(b"hello", &DESK.trust, NOW).verdict,
        Verdict::Unreadable
    );
    assert_eq!(
        verify(b"PK\x03\x04", &DESK.trust, NOW).verdict,
        Verdict::Unreadable
    );
}

#[test]
fn what_is_appended_or_cut_off_is_noticed() {
    let mut longer = SEALED_PDF.clone();
    longer.extend_from_slice(b"\n1 0 obj\n<<>>\nendobj\n");
    assert_eq!(codes(&longer, &DESK.trust), ["file.appended"]);
    for bytes in [&*SEALED_OFD, &*SEALED_PDF] {
        let shorter = &bytes[..bytes.len() - 1];
        assert_ne!(verify(shorter, &DESK.trust, NOW).verdict, Verdict::Valid);
    }
}

#[test]
fn a_second_seal_keeps_the_first_and_the_last_one_locks() {
    let second = Desk::open("示例市数据局");
    let trust = Trust::new([DESK.trust.anchors(), second.trust.anchors()].concat());
    let open = SealJob {
        leave_open: true,
        ..DESK.job()
    };
    let ofd = seal_ofd(&letter().to_ofd(&ofd_options()).unwrap(), &open).unwrap();
    let twice = seal_ofd(&ofd, &second.job()).unwrap();
    assert_eq!(codes(&twice, &trust), [""; 0]);
    assert_eq!(verify(&twice, &trust, NOW).signatures.len(), 2);
    assert!(
        seal_ofd(&twice, &second.job()).is_err(),
        "the last seal locks the file"
    );

    let twice = seal_pdf(&SEALED_PDF, &second.job()).unwrap();
    assert_eq!(codes(&twice, &trust), [""; 0]);
    assert_eq!(verify(&twice, &trust, NOW).signatures.len(), 2);
}

#[test]
fn a_seal_on_a_missing_page_is_refused() {
    let mut job = DESK.job();
    job.positions[0].page = 7;
    assert!(seal_ofd(&letter().to_ofd(&ofd_options()).unwrap(), &job).is_err());
    assert!(seal_pdf(&letter().to_pdf(&pdf_options()).unwrap(), &job).is_err());
}

#[test]
fn hostile_xml_and_packages_are_refused_without_harm() {
    let nested = "<a>".repeat(150_000);
    let entities = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
    for root in [nested.as_str(), entities, "<OFD/>", "", "\u{feff}"] {
        let found = verify(&package(root.as_bytes()), &DESK.trust, NOW);
        assert_eq!(found.verdict, Verdict::Unreadable);
    }
    let mut huge = package(b"<OFD/>");
    let at = huge.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    huge[at + 24..at + 28].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(verify(&huge, &DESK.trust, NOW).verdict, Verdict::Unreadable);
}

/// A package of one stored file, OFD.xml.
fn package(content: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    let length = (content.len() as u32).to_le_bytes();
    let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    for part in [crc.sum().to_le_bytes(), length, length] {
        fields.extend(part);
    }
    fields.extend([7, 0, 0, 0]);
    let local = [b"PK\x03\x04", fields.as_slice(), b"OFD.xml", content].concat();
    let directory = [b"PK\x01\x02\x14\0", fields.as_slice(), &[0; 14], b"OFD.xml"].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend((directory.len() as u32).to_le_bytes());
    end.extend((local.len() as u32).to_le_bytes());
    end.extend([0, 0]);
    [local, directory, end].concat()
}
