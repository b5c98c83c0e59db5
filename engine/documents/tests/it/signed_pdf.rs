//! What is said of signed PDF that other programs made, saved anew or added to.

use tongban_documents::{Ground, Verdict};

use crate::desk::{DESK, SEALED_PDF};
use crate::made::{Sealing, cms, find, rewritten, sealed_ofd, signed_pdf, with_table};
use crate::said::{judged, says};

const SM3_OID: &[u8] = b"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x11";
const SM2_WITH_SM3: &[u8] = b"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75";
const SHA_256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";

#[test]
fn cms_in_ber_with_indefinite_lengths_is_read() {
    let pdf = signed_pdf("adbe.pkcs7.detached", |content| {
        let ber = rewritten(&cms(&DESK)(content), true, &[]);
        assert_eq!(ber[..2], [0x30, 0x80]);
        ber
    });
    assert_eq!(judged(&pdf).reasons, []);
    assert_eq!(judged(&pdf).verdict, Verdict::Valid);
}

#[test]
fn algorithms_and_forms_that_are_not_verified_here_are_named_and_nobody_is_accused() {
    let swapped = |swap: &[(&[u8], &[u8])]| {
        signed_pdf("adbe.pkcs7.detached", |content| {
            rewritten(&cms(&DESK)(content), false, swap)
        })
    };
    says(
        &swapped(&[(SM3_OID, SHA_256), (SM2_WITH_SM3, RSA)]),
        Ground::Unsupported,
        &["RSA", "SM2"],
    );
    says(
        &swapped(&[(SM3_OID, SHA_256)]),
        Ground::Unsupported,
        &["SHA-256"],
    );
    let seal = |_: &[u8]| DESK.seal.to_der()[..2000].to_vec();
    says(
        &signed_pdf("GM.sm2seal", seal),
        Ground::Unsupported,
        &["GB/T 38540", "不核验"],
    );
    says(
        &signed_pdf("ETSI.RFC3161", cms(&DESK)),
        Ground::Unsupported,
        &["文档时间戳"],
    );
    says(
        &signed_pdf("adbe.pkcs7.detached", |_| vec![4, 2, 1, 1]),
        Ground::Unsupported,
        &["也可能是本平台不支持"],
    );
    let bare = Sealing {
        value: Some(vec![0x30, 6, 2, 1, 1, 2, 1, 1]),
        ..Sealing::by(&DESK)
    };
    says(
        &sealed_ofd(&[], &bare),
        Ground::Unsupported,
        &["没有签章人证书"],
    );
}

#[test]
fn a_signature_written_as_two_bare_numbers_is_named_as_such() {
    let pdf = signed_pdf("adbe.pkcs7.detached", |content| {
        let der = cms(&DESK)(content);
        let data = tongban_crypto::SignedData::from_der(&der).unwrap();
        let mut numbers = Vec::new();
        let mut rest = &data.signature[2..];
        while !rest.is_empty() {
            let (number, after) = rest[2..].split_at(usize::from(rest[1]));
            let mut padded = vec![0; 32usize.saturating_sub(number.len())];
            padded.extend(&number[number.len().saturating_sub(32)..]);
            numbers.extend(padded);
            rest = after;
        }
        let from = [&[4, data.signature.len() as u8], data.signature.as_slice()].concat();
        let to = [&[4, 64], numbers.as_slice()].concat();
        rewritten(&der, false, &[(&from, &to)])
    });
    says(&pdf, Ground::Unsupported, &["两个数直接相连"]);
}

#[test]
fn a_pdf_saved_anew_or_cut_gets_one_statement() {
    for pdf in [
        SEALED_PDF.clone(),
        signed_pdf("adbe.pkcs7.detached", cms(&DESK)),
    ] {
        let mut anew = pdf.clone();
        let at = find(&pdf, b"1 0 obj");
        anew.splice(at..at, b"% saved anew\n".to_vec());
        says(&anew, Ground::Changed, &["又被重新保存或改动过"]);
        let cut = &pdf[..pdf.len() - 60];
        says(
            cut,
            Ground::Changed,
            &["已经不完整", &format!("{} 个字节", pdf.len())],
        );
    }
}

#[test]
fn a_pdf_that_only_mentions_signatures_has_none() {
    let mut body = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Length 39>>\nstream\n\
        (see /ByteRange and /SubFilter of ISO)Tj\nendstream\nendobj\n3 0 obj\n<</Type/Sig/SubFilter/adbe.pkcs7.detached>>\nendobj\n".to_vec();
    says(&body, Ground::Unsealed, &["没有电子签章"]);
    // A signed file that is attached unpacked is not this file's signature.
    let attached = signed_pdf("adbe.pkcs7.detached", cms(&DESK));
    body.extend(format!("4 0 obj\n<</Length {}>>\nstream\n", attached.len()).into_bytes());
    body.extend(&attached);
    body.extend(b"\nendstream\nendobj\n");
    says(&body, Ground::Unsealed, &["没有电子签章"]);
}

/// Appends an update: these objects, a table and a trailer.
fn updated(pdf: &[u8], objects: &str, size: u32) -> Vec<u8> {
    let at = pdf.windows(9).rposition(|w| w == b"startxref").unwrap();
    let previous: String = String::from_utf8_lossy(&pdf[at + 9..])
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let longer = [pdf, b"\n", objects.as_bytes()].concat();
    with_table(longer, pdf.len(), size, &format!("/Prev {previous}"))
}

#[test]
fn validation_data_appended_after_signing_is_no_change_and_anything_else_is() {
    let pdf = signed_pdf("adbe.pkcs7.detached", cms(&DESK));
    let catalog = "1 0 obj\n<</Type/Catalog /Pages 2 0 R/AcroForm <</Fields [4 0 R]/SigFlags 3>>/DSS 6 0 R>>\nendobj\n";
    let store = "6 0 obj\n<</Certs[7 0 R]>>\nendobj\n7 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\n";
    let good = updated(&pdf, &format!("{catalog}{store}"), 8);
    let found = judged(&good);
    assert_eq!(found.verdict, Verdict::Valid, "{:?}", found.reasons);
    assert_eq!(found.sealed_length, pdf.len());
    assert!(found.reasons[0].message.contains("DSS"));

    let page = "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n";
    let opened = catalog.replace("/DSS", "/OpenAction 7 0 R/DSS");
    for objects in [
        format!("{catalog}{store}{page}"),
        format!("{opened}{store}"),
        store.to_owned(),
        page.to_owned(),
    ] {
        says(&updated(&pdf, &objects, 8), Ground::Changed, &["追加了"]);
    }
    let found = judged(&[pdf.as_slice(), b"\r\n\0"].concat());
    assert_eq!(found.verdict, Verdict::Valid);
    assert!(found.reasons[0].message.contains("3 个空白字节"));
}

#[test]
fn changed_content_is_told_once_and_the_signature_is_not_accused() {
    let mut changed = SEALED_PDF.clone();
    let at = find(&changed, b"/Type");
    changed[at + 1] ^= 1;
    let codes: Vec<String> = judged(&changed)
        .reasons
        .into_iter()
        .map(|r| r.code)
        .collect();
    assert!(
        !codes.iter().any(|code| code == "signature.form"),
        "{codes:?}"
    );
    assert_eq!(judged(&changed).verdict, Verdict::Invalid);
}
