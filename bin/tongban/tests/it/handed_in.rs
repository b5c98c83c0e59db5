//! What an applicant hands in is taken apart before it is kept, and what cannot be printed is told before acceptance.

use serde_json::json;
use tongban_base::Ctx;
use tongban_cases::{DraftId, open_application, remove_file, upload_file};
use tongban_documents::{FileKind, Ground};
use tongban_store::{ObjectId, params};
use tongban_testkit::on_both_databases;

use crate::house::{ITEM, MATERIAL, PDF, Site, migrations};

const RENEW: &str = "road-driver-renew";

async fn draft(site: &Site, item: &str) -> DraftId {
    let citizen = site.citizen("ceshi1").await;
    let begun = json!({ "item": item });
    let begun = citizen
        .post_json("/api/v1/drafts", &begun)
        .await
        .ok()
        .json();
    let draft = begun["draft"].as_str().unwrap();
    let answers = json!({ "answers": { "reason": "damaged" } });
    citizen
        .post_json(&format!("/api/v1/drafts/{draft}"), &answers)
        .await;
    draft.parse().unwrap()
}

async fn refusal(site: &Site, ctx: &Ctx, draft: DraftId, name: &str, content: &[u8]) -> String {
    let content = content.to_vec();
    let kept = upload_file(&site.house.desk, ctx, draft, MATERIAL, name, content).await;
    kept.unwrap_err().message().to_owned()
}

/// The head of a photo as phones that are held sideways write it.
fn turned(jpg: &[u8]) -> Vec<u8> {
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpg[..2], b"\xFF\xE1", &length, exif, &jpg[2..]].concat()
}

/// A grey picture of 16 by 8 pixels.
fn jpg() -> Vec<u8> {
    let mut out = b"\xFF\xD8\xFF\xDB\0\x43\0".to_vec();
    out.extend([1; 64]);
    out.extend(b"\xFF\xC0\0\x0B\x08\0\x08\0\x10\x01\x01\x11\0");
    for table in [0x00, 0x10] {
        out.extend(b"\xFF\xC4\0\x14");
        out.extend([table, 1]);
        out.extend([0; 16]);
    }
    out.extend(b"\xFF\xDA\0\x08\x01\x01\0\0\x3F\0\x0F\xFF\xD9");
    out
}

on_both_databases! {
    &migrations();

    async fn nothing_that_does_not_open_is_kept_and_the_words_say_what_to_do(db: Db) {
        let site = Site::on(db).await;
        let draft = draft(&site, ITEM).await;
        let ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
        for (name, content, words) in [
            ("a.pdf", &b"%PDF-1.7\n"[..], "不完整或已损坏"),
            ("a.jpg", &b"\xFF\xD8\xFF\xE0"[..], "不完整或已损坏"),
            ("a.jpg", &b"\0\0\0\x18ftypheic\0\0\0\0"[..], "HEIC"),
            ("IMG_0001.HEIC", &b"\0\0\0\x18ftypheic\0\0\0\0"[..], "HEIC"),
            ("a.exe", PDF, "只能上传文件名以 .pdf 结尾"),
        ] {
            let said = refusal(&site, &ctx, draft, name, content).await;
            assert!(said.contains(words), "{name}: {said}");
        }
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM material_file").await, 0);
        let kept = upload_file(&site.house.desk, &ctx, draft, MATERIAL, "a.png", jpg());
        let kept = kept.await.unwrap();
        assert_eq!((kept.name.as_str(), kept.media_type.as_str()), ("a.jpg", FileKind::Jpg.media_type()));
        assert_eq!(kept.verdict, None);
    }

    async fn the_photo_of_a_licence_is_turned_upright_when_it_comes(db: Db) {
        let site = Site::on(db).await;
        let draft = draft(&site, RENEW).await;
        let ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
        let sent = turned(&jpg());
        let kept = upload_file(&site.house.desk, &ctx, draft, "photo", "我.jpg", sent.clone());
        let kept = kept.await.unwrap();
        assert_ne!(kept.object, ObjectId::of(&sent));
        let content = site.data.objects.get(&kept.object).await.unwrap();
        assert!(!content.windows(4).any(|w| w == b"Exif"));
        let pdf = upload_file(&site.house.desk, &ctx, draft, "photo", "我.pdf", PDF.to_vec()).await;
        assert!(pdf.unwrap_err().message().contains("只能上传 JPG、PNG"));
    }

    async fn what_the_seals_of_a_file_say_is_kept_with_it(db: Db) {
        let site = Site::on(db).await;
        let draft = draft(&site, ITEM).await;
        let ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
        // A signature that the file does not hold any more.
        let text = std::str::from_utf8(PDF).unwrap();
        let object = "4 0 obj<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached\
            /ByteRange[0 10 20 9000]/Contents<00>>>endobj\ntrailer";
        let cut = text.replace("trailer", object).into_bytes();
        let kept = upload_file(&site.house.desk, &ctx, draft, MATERIAL, "a.pdf", cut).await.unwrap();
        let verdict = kept.verdict.unwrap();
        assert_eq!(verdict.ground, Ground::Changed);
        let again = open_application(&site.house.desk, &ctx, draft).await.unwrap();
        assert_eq!(again.files[0].verdict.as_ref(), Some(&verdict));
        let page = site.citizen("ceshi1").await;
        let page = page.get(&format!("/me/drafts/{draft}/materials")).await.html();
        assert!(page.text("main").contains("签章无效，疑似被改动"));
    }

    async fn an_account_without_a_proven_name_keeps_little_and_is_told_what_to_do(db: Db) {
        let site = Site::on(db).await;
        let draft = draft(&site, ITEM).await;
        let mut ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
        ctx.address = "203.0.113.66".into();
        upload_file(&site.house.desk, &ctx, draft, MATERIAL, "a.pdf", PDF.to_vec()).await.unwrap();
        site.meddle("UPDATE material_file SET size = 20971520").await;
        site.mark_anew("material_file").await;
        upload_file(&site.house.desk, &ctx, draft, MATERIAL, "b.pdf", PDF.to_vec()).await.unwrap();
        site.meddle("UPDATE account SET assurance = 1").await;
        site.mark_anew("account").await;
        let refused = upload_file(&site.house.desk, &ctx, draft, MATERIAL, "c.pdf", PDF.to_vec()).await.unwrap_err();
        assert_eq!(refused.code(), "upload.unproven_full");
        assert!(refused.field_errors()[0].message.contains("完成实名"));
        site.meddle("UPDATE material_file SET size = 1").await;
        site.mark_anew("material_file").await;
        let mut sent = 0;
        let many = loop {
            match upload_file(&site.house.desk, &ctx, draft, MATERIAL, "d.pdf", PDF.to_vec()).await {
                Ok(file) => remove_file(&site.house.desk, &ctx, draft, file.id).await.unwrap(),
                Err(refused) => break refused,
            }
            sent += 1;
        };
        assert_eq!((sent, many.code()), (100, "upload.unproven_many"));
        ctx.address = "203.0.113.67".into();
        upload_file(&site.house.desk, &ctx, draft, MATERIAL, "e.pdf", PDF.to_vec()).await.unwrap();
    }

    async fn an_account_sends_no_more_in_a_day_than_the_office_allows(db: Db) {
        let site = Site::on(db).await;
        let draft = draft(&site, ITEM).await;
        let ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
        upload_file(&site.house.desk, &ctx, draft, MATERIAL, "a.pdf", PDF.to_vec()).await.unwrap();
        for (megabytes, words) in [(59, ""), (60, "同一份材料"), (1001, "一天内")] {
            site.db()
                .write(megabytes * 1024 * 1024 - 1, |tx, size| {
                    Box::pin(async move {
                        tx.execute("UPDATE material_file SET size = $1", params![*size]).await
                    })
                })
                .await
                .unwrap();
            site.mark_anew("material_file").await;
            if megabytes == 1001 {
                site.long_ago("material_file", "UPDATE material_file SET removed_at = 1").await;
            }
            let sent = upload_file(&site.house.desk, &ctx, draft, MATERIAL, "b.pdf", PDF.to_vec()).await;
            let said = sent.err().map(|problem| problem.message().to_owned());
            assert!(said.unwrap_or_default().contains(words), "{megabytes}");
        }
    }
}
