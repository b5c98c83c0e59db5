//! What the answer to a file rests on: words, verdict and exit code say the same, and the register knows more than a file.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use tongban_documents::{Answer, Ground, Verdict};
use tongban_licences::{FileFormat, TimeProof, exit_code, verify_file};
use tongban_testkit::actors::{self, MONDAY_MORNING};
use tongban_testkit::{Html, covers, sqlite};

use crate::house::{House, ZHANG, file_form, migrations};

#[tokio::test]
async fn the_register_proves_when_a_licence_was_sealed_and_a_file_alone_does_not() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let (file, _) = house
        .licences
        .download(&holder, id, FileFormat::Pdf)
        .await
        .unwrap();
    // Eleven years on, the certificate of the seal has ended.
    let mut later = actors::anonymous();
    later.now = MONDAY_MORNING.plus_minutes(11 * 366 * 24 * 60);
    let trust = house.licences.authority().trust();
    let alone = verify_file(&file, trust, later.now);
    assert_eq!(
        (alone.verdict, alone.ground),
        (Verdict::Unknown, Ground::TimeUnproven)
    );
    let report = house
        .licences
        .verify_upload(&later, file.clone())
        .await
        .unwrap();
    let told = report.file.unwrap();
    assert_eq!(
        (told.verdict, told.ground),
        (Verdict::Valid, Ground::Genuine)
    );
    assert_eq!(told.time_proof, TimeProof::Register);
    assert_eq!(
        report.answer,
        Answer::Expired,
        "the seal is good, the licence has ended"
    );
    let words = report.reasons.iter().map(|r| r.message.as_str());
    assert!(
        words
            .clone()
            .any(|w| w.starts_with("签章完整，内容没有改动：于 ")),
        "{:?}",
        report.reasons
    );

    let stranger = sqlite(&migrations()).await;
    let elsewhere = House::on(stranger.db()).await;
    let report = elsewhere
        .licences
        .verify_upload(&later, file)
        .await
        .unwrap();
    assert_eq!(report.answer, Answer::Unknown);
}

#[tokio::test]
async fn any_changed_byte_of_a_licence_makes_it_invalid_and_not_only_unknown() {
    covers!("HA-163");
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    for format in [FileFormat::Ofd, FileFormat::Pdf] {
        let (mut file, _) = house.licences.download(&holder, id, format).await.unwrap();
        for place in (0..file.len()).step_by(file.len() / 60) {
            file[place] ^= 2;
            let trust = house.licences.authority().trust();
            let found = verify_file(&file, trust, MONDAY_MORNING.plus_minutes(1));
            assert_eq!(
                found.verdict,
                Verdict::Invalid,
                "{format:?} {place} {found:?}"
            );
            file[place] ^= 2;
        }
    }
}

#[tokio::test]
async fn verdict_answer_and_exit_code_never_contradict_each_other() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let (good, _) = house
        .licences
        .download(&holder, id, FileFormat::Ofd)
        .await
        .unwrap();
    let mut forged = good.clone();
    forged[good.len() / 2] ^= 1;
    let unsigned = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n".to_vec();
    for (file, answer, verdict, exit) in [
        (good, "valid", "valid", 0),
        (forged, "invalid", "invalid", 1),
        (unsigned, "unknown", "unknown", 2),
        (b"hello".to_vec(), "unknown", "unreadable", 2),
    ] {
        let body = json!({ "file": STANDARD.encode(&file) }).to_string();
        let path = "/api/v1/licences/verify";
        let (_, body) = house
            .post(path, "", "application/json", body.into_bytes())
            .await;
        let report: Json = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&report["answer"], &report["file"]["verdict"]),
            (&json!(answer), &json!(verdict))
        );
        assert_eq!(report["title"], report["file"]["answer"], "{report}");
        let trust = house.licences.authority().trust();
        let alone = verify_file(&file, trust, MONDAY_MORNING.plus_minutes(1));
        assert_eq!((alone.exit_code(), exit_code(alone.verdict)), (exit, exit));
    }
}

#[tokio::test]
async fn the_page_says_what_to_do_with_an_answer_that_is_not_valid() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let (kind, body) = file_form(b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n");
    let (status, page) = house.post("/verify", "", kind, body).await;
    let page = Html::parse(&page);
    assert_eq!(status, StatusCode::OK);
    assert_eq!(page.text(".tb-verify-answer"), "无法核验");
    assert_eq!(
        page.texts(".tb-verify-reasons li"),
        ["文件没有电子签章，无法核验真伪"]
    );
    assert!(
        page.text(".tb-notice")
            .contains("请持证人提供带电子签章的 OFD 或者 PDF 原文件")
    );
}
