//! The routes: who may open what, and what the pages say.

use std::time::Instant;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use tongban_base::Kind;
use tongban_licences::{FileFormat, LARGEST_FILE, MIGRATIONS, module};
use tongban_testkit::{Html, actors, covers, sqlite};
use tongban_ui::Access;

use crate::house::{House, ZHANG, file_form, migrations};

#[tokio::test]
async fn a_holder_sees_presents_and_downloads_and_another_citizen_finds_nothing() {
    covers!("HB-126", "XC-176");
    let base = sqlite(&migrations()).await;
    let mut house = House::on(base.db()).await;
    let (holder, other) = (actors::citizen(), actors::citizen());
    house.admit("holder", &holder);
    house.admit("other", &other);
    let id = house.issued_to(&holder, ZHANG).await;

    let (_, list) = house.page("/me/licences", "holder").await;
    let link = Html::parse(&list).one("td a.tb-strong");
    assert_eq!(
        link.attribute("href"),
        Some(format!("/me/licences/{id}").as_str())
    );
    assert!(!Html::parse(&house.page("/me/licences", "other").await.1).has("table"));
    let (_, detail) = house.page(&format!("/me/licences/{id}"), "holder").await;
    let detail = Html::parse(&detail);
    let picture = detail
        .one("figure img")
        .attribute("src")
        .map(str::to_owned)
        .unwrap();
    assert!(detail.texts("dd").contains(&"男".to_owned()));
    let (status, content) = house.get(&picture, "holder").await;
    assert!(status == StatusCode::OK && content.starts_with(b"\x89PNG"));

    for place in ["", "/present"] {
        let path = format!("/me/licences/{id}{place}");
        assert_eq!(
            house.get(&path, "other").await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
        assert_eq!(
            house.get(&path, "").await.0,
            StatusCode::SEE_OTHER,
            "{path}"
        );
    }
    for place in ["ofd", "pdf", "picture"] {
        let path = format!("/licences/{id}/{place}");
        assert_eq!(
            house.get(&path, "other").await.0,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        house
            .get(&format!("/api/v1/licences/{id}"), "other")
            .await
            .0,
        StatusCode::NOT_FOUND
    );

    let path = format!("/me/licences/{id}/present");
    for looked in [path.clone(), format!("{path}?code=x")] {
        let (_, page) = house.page(&looked, "holder").await;
        let page = Html::parse(&page);
        assert!(!page.has(".tb-qr img") && page.has("figure img[src*='/picture']"));
        assert_eq!(house.header(&looked, "holder", "refresh").await, None);
    }
    assert_eq!(house.presented().await, 0, "looking makes no code");
    let form = "application/x-www-form-urlencoded";
    let (status, _) = house.post(&path, "other", form, Vec::new()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let begun = Instant::now();
    let token = house.licences.present(&holder, id).await.unwrap();
    assert_eq!(house.presented().await, 1);
    let shown = format!("{path}?code={token}");
    let (_, page) = house.page(&shown, "holder").await;
    assert!(Html::parse(&page).has(".tb-qr img"));
    let refresh = house.header(&shown, "holder", "refresh").await;
    let refresh: u64 = refresh.unwrap().parse().unwrap();
    let earliest = 30 - begun.elapsed().as_secs();
    assert!((earliest..=31).contains(&refresh), "{refresh}");
    let (status, _) = house.post(&path, "holder", form, Vec::new()).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, scanned) = house.page(&format!("/v/p/{token}"), "").await;
    let answer = Html::parse(&scanned);
    assert_eq!(answer.text(".tb-verify-answer"), "有效");
    let until = house.own(&holder, id).await.valid_to.unwrap();
    let facts: Vec<(String, String)> = answer
        .texts("dt")
        .into_iter()
        .zip(answer.texts("dd"))
        .collect();
    let until = ("有效期止".to_owned(), tongban_base::date_words(until));
    assert!(facts.contains(&until), "{facts:?}");
    assert!(!scanned.contains(ZHANG) && !scanned.contains("测试一二三"));
    let mut later = actors::anonymous();
    later.now = later.now.plus_millis(30_000);
    let mut holder_later = holder.clone();
    holder_later.now = later.now;
    let shown = house.licences.shown(&holder_later, id, &token).await;
    let (_, gone) = shown.unwrap();
    assert!(gone.is_none());
    let expired = house
        .licences
        .check_presentation(&later, &token)
        .await
        .unwrap_err();
    assert_eq!(expired.kind(), Kind::Gone);
}

#[tokio::test]
async fn a_shown_code_prolonged_beside_the_program_says_nothing() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let token = house.licences.present(&holder, id).await.unwrap();
    let sql = "UPDATE licence_presentation SET expires_at = expires_at + 600000";
    let changed = base
        .db()
        .write((), move |tx, ()| {
            Box::pin(tx.execute(sql, tongban_store::params![]))
        })
        .await;
    assert_eq!(changed.unwrap(), 1);
    let mut later = actors::anonymous();
    later.now = later.now.plus_millis(30_000);
    let refused = house.licences.check_presentation(&later, &token).await;
    assert_eq!(refused.unwrap_err().code(), "store.row_changed");
}

#[tokio::test]
async fn anybody_verifies_by_code_and_by_file_on_the_page_and_by_json() {
    let base = sqlite(&migrations()).await;
    let house = House::on(base.db()).await;
    let holder = actors::citizen();
    let id = house.issued_to(&holder, ZHANG).await;
    let code = house.own(&holder, id).await.verify_code.to_lowercase();
    let answer = |page: &str| Html::parse(page).text(".tb-verify-answer");
    assert_eq!(
        answer(&house.page(&format!("/v/{code}"), "").await.1),
        "有效"
    );
    let spaced = format!("{}+{}", &code[..4], &code[4..]);
    assert_eq!(
        answer(&house.page(&format!("/verify?code={spaced}"), "").await.1),
        "有效"
    );
    // Full-width, as a Chinese keyboard types it, with a wide space.
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap();
    let wide: String = code.chars().map(wide).collect();
    let wide = format!("\u{202a}{}\u{3000}{}", &wide[..12], &wide[12..]);
    let encoded: String = wide.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(
        answer(&house.page(&format!("/verify?code={encoded}"), "").await.1),
        "有效"
    );
    assert_eq!(answer(&house.page("/v/none", "").await.1), "无法核验");
    let (status, form) = house.page("/verify", "").await;
    assert!(status == StatusCode::OK && !Html::parse(&form).has(".tb-verify"));

    let (file, _) = house
        .licences
        .download(&holder, id, FileFormat::Ofd)
        .await
        .unwrap();
    let (kind, body) = file_form(&file);
    let (_, page) = house.post("/verify", "", kind, body.clone()).await;
    assert_eq!(answer(&page), "有效");
    let (kind, empty) = file_form(b"");
    let (status, page) = house.post("/verify", "", kind, empty).await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && Html::parse(&page).has("#f-file-error"));
    let (kind, huge) = file_form(&vec![7; LARGEST_FILE + 1]);
    assert_eq!(
        house.post("/verify", "", kind, huge).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );

    let path = "/api/v1/licences/verify";
    let post = |body: Json| house.post(path, "", "application/json", body.to_string().into_bytes());
    let valid = |(status, body): (StatusCode, String)| {
        let report: Json = serde_json::from_str(&body).unwrap();
        (
            status.as_u16(),
            report["answer"].as_str().map(str::to_owned),
        )
    };
    let yes = (200, Some("valid".to_owned()));
    assert_eq!(valid(post(json!({ "code": code })).await), yes);
    assert_eq!(
        valid(post(json!({ "file": STANDARD.encode(&file) })).await),
        yes
    );
    assert_eq!(valid(house.post(path, "", kind, body).await), yes);
    for bad in [
        json!({}),
        json!({ "code": "a", "file": "b" }),
        json!({ "file": "%" }),
        json!([1]),
        json!({ "x": 1 }),
    ] {
        assert_eq!(valid(post(bad.clone()).await), (422, None), "{bad}");
    }
}

#[tokio::test]
async fn an_officer_finds_and_revokes_on_the_workbench_and_must_say_why() {
    let base = sqlite(&migrations()).await;
    let mut house = House::on(base.db()).await;
    let id = house.issued_to(&actors::citizen(), ZHANG).await;
    let staff = |rights: &[&str]| {
        actors::staff_of("office", actors::SHANGHAI, "approver", "测试审批人", rights)
    };
    house.admit("approver", &staff(&["licence.revoke"]));
    house.admit("clerk", &staff(&[]));
    let (_, list) = house
        .page(&format!("/workbench/licences?q={ZHANG}"), "approver")
        .await;
    let path = Html::parse(&list)
        .one("td a.tb-number")
        .attribute("href")
        .map(str::to_owned)
        .unwrap();
    assert_eq!(
        house.get("/workbench/licences", "clerk").await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(house.get(&path, "clerk").await.0, StatusCode::FORBIDDEN);
    let (_, view) = house
        .page(&format!("/api/v1/licences/{id}"), "approver")
        .await;
    let view: Json = serde_json::from_str(&view).unwrap();
    assert_eq!(
        (view["holder_number"].as_str(), &view["face"]),
        (Some("310000********0010"), &Json::Null)
    );

    let form = "application/x-www-form-urlencoded";
    let revoke = format!("{path}/revoke");
    let (status, page) = house
        .post(&revoke, "approver", form, b"basis=&reason=x".to_vec())
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(Html::parse(&page).has("#f-basis-error"));
    assert_eq!(
        house
            .post(&revoke, "clerk", form, b"basis=1&reason=x".to_vec())
            .await
            .0,
        StatusCode::FORBIDDEN
    );
    let done = house
        .post(&revoke, "approver", form, b"basis=1&reason=x".to_vec())
        .await
        .0;
    assert_eq!(done, StatusCode::SEE_OTHER);
    let (_, record) = house.page(&path, "approver").await;
    assert_eq!(
        Html::parse(&record).texts(".tb-timeline .tb-event-title"),
        ["撤销", "颁发"]
    );
}

#[test]
fn every_changing_route_names_an_audit_event_and_json_is_described() {
    let routes = (module().routes)();
    for route in routes.table() {
        if route.method == "POST" {
            let event = route.audit.unwrap();
            assert!(
                tongban_licences::EVENTS.iter().any(|e| e.name == event),
                "{event}"
            );
        }
        let is_json = route.path.starts_with("/api/");
        assert_eq!(is_json, route.operation.is_some(), "{}", route.path);
        let is_public = [
            "/verify",
            "/v/{code}",
            "/v/p/{token}",
            "/api/v1/licences/verify",
        ];
        assert_eq!(
            route.access == Access::Public,
            is_public.contains(&route.path),
            "{}",
            route.path
        );
    }
    assert!(!MIGRATIONS.is_empty());
}
