//! What strangers send: unknown fields, scripts, far too much, files that are not what they say. Each is refused in
//! words at its place, or shown as the text that it is, and nothing of it makes a case.

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::{Value as Json, json};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::browser::{Answer, Browser};
use crate::house::{ITEM, MATERIAL, PDF, Site, form, migrations};

const SCRIPT: &str = "示例市<script>alert(1)</script>\"><img src=x onerror=alert(2)>路8号";

async fn draft(citizen: &Browser) -> String {
    let begun = citizen
        .post_json("/api/v1/drafts", &json!({ "item": ITEM }))
        .await;
    begun.ok().json()["draft"].as_str().unwrap().to_owned()
}

/// Code and places of a problem, which is told in words.
#[track_caller]
fn problem(answer: &Answer, status: StatusCode) -> (String, Vec<String>) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let told = answer.json();
    assert!(!told["detail"].as_str().unwrap().is_empty());
    let errors = told["errors"].as_array().cloned().unwrap_or_default();
    let places = errors
        .iter()
        .map(|e| e["pointer"].as_str().unwrap().to_owned());
    (told["code"].as_str().unwrap().to_owned(), places.collect())
}

async fn save(citizen: &Browser, draft: &str, body: &Json) -> Answer {
    citizen
        .post_json(&format!("/api/v1/drafts/{draft}"), body)
        .await
}

async fn submit(citizen: &Browser, draft: &str) -> Answer {
    citizen
        .post_json(&format!("/api/v1/drafts/{draft}/submit"), &json!({}))
        .await
}

async fn cases(site: &Site) -> i64 {
    site.count("SELECT COUNT(*) AS n FROM case_record").await
}

on_both_databases! {
    &migrations();

    async fn what_a_terminal_asks_wrongly_is_told_by_code_in_words_and_with_the_number_of_the_request(db: Db) {
        covers!("SH-207");
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let missing = citizen.post_json("/api/v1/drafts", &json!({})).await;
        let barred = site.citizen("applicant-held").await.post_json("/api/v1/drafts", &json!({ "item": ITEM })).await.ok().json();
        let barred = site.citizen("applicant-held").await
            .post_json(&format!("/api/v1/drafts/{}/submit", barred["draft"].as_str().unwrap()), &json!({})).await;
        let case = site.submitted(&site.citizen_at("ceshi1", MONDAY_MORNING).await, 1).await;
        site.meddle("UPDATE case_record SET status = 'granted'").await;
        let broken = citizen.get(&format!("/api/v1/cases/{case}")).await;
        let mut codes = Vec::new();
        for (answer, is_ours) in [(&missing, false), (&barred, false), (&broken, true)] {
            assert_eq!(answer.status.is_server_error(), is_ours, "{}", answer.text());
            let told = answer.json();
            assert!(told["instance"].as_str().is_some_and(|id| id.starts_with("urn:uuid:")), "{told}");
            let words = told["detail"].as_str().unwrap();
            assert!(words.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{words}");
            for inner in [".rs", "panic", "sqlite", "SELECT", "case_record"] {
                assert!(!answer.text().contains(inner), "{inner} in {told}");
            }
            codes.push(told["code"].as_str().unwrap().to_owned());
        }
        let count = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), count, "{codes:?}");
    }

    async fn an_unknown_field_is_named_and_refused(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let draft = draft(&citizen).await;
        let answer = save(&citizen, &draft, &json!({ "form": { "surprise": 1 } })).await;
        let (_, places) = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(places, ["/surprise"]);
        let answer = save(&citizen, &draft, &json!({ "surprise": 1 })).await;
        problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        let page = format!("/me/drafts/{draft}/applicant");
        let answer = citizen
            .post(&page, &[("mobile", "19900000001"), ("surprise", "1")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let answer = citizen
            .post_as("/api/v1/drafts", "application/json", b"{\"item\":".to_vec())
            .await;
        problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_script_in_a_field_is_text_on_every_page_and_in_every_letter(db: Db) {
        covers!("SH-027");
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let draft = draft(&citizen).await;
        let mut form = form(1);
        form["address"] = json!(SCRIPT);
        let body = json!({ "answers": { "reason": "damaged" }, "form": form });
        assert_eq!(
            save(&citizen, &draft, &body).await.ok().json()["errors"],
            json!([])
        );
        let files = format!("/me/drafts/{draft}/files/{MATERIAL}");
        citizen
            .upload(&files, "<img src=x onerror=alert(3)>.pdf", PDF)
            .await
            .leads_to();
        let mut pages = vec![
            (citizen.clone(), format!("/me/drafts/{draft}/applicant")),
            (citizen.clone(), format!("/me/drafts/{draft}/materials")),
            (citizen.clone(), format!("/me/drafts/{draft}/confirm")),
        ];
        harmless(&pages).await;
        let case = submit(&citizen, &draft).await.ok().json();
        let case = case["case"].as_str().unwrap();
        let officer = site.officer("acceptor").await;
        pages = vec![
            (citizen.clone(), format!("/me/cases/{case}")),
            (officer.clone(), format!("/workbench/cases/{case}")),
            (
                officer.clone(),
                format!("/workbench/cases?q={}", "%3Cscript%3Ealert(1)%3C/script%3E"),
            ),
        ];
        harmless(&pages).await;
        let page = officer.get(&pages[1].1).await.ok().html();
        let action = page
            .one("form#task")
            .attribute("action")
            .unwrap()
            .to_owned();
        let words = [
            ("decision", "accept"),
            ("opinion", "<script>alert(1)</script>#panic(\"x\")"),
        ];
        officer.post(&action, &words).await.leads_to();
        site.drain().await;
        harmless(&pages).await;
    }

    async fn far_too_much_text_is_refused_in_words(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let draft = draft(&citizen).await;
        let much = "字".repeat(350_000);
        let mut long = form(1);
        long["address"] = json!(much);
        let body = json!({ "answers": { "reason": "damaged" }, "form": long });
        let answer = save(&citizen, &draft, &body).await;
        let told = answer.text();
        assert!(told.len() < 10_000, "the answer does not send it all back");
        if answer.status == StatusCode::OK {
            assert_eq!(answer.json()["errors"][0]["pointer"], "/address", "{told}");
        } else {
            problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let refused = submit(&citizen, &draft).await;
        problem(&refused, StatusCode::UNPROCESSABLE_ENTITY);
        let page = format!("/me/drafts/{draft}/applicant");
        let answer = citizen.post(&page, &[("address", &much)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(
            answer.html().text("main").contains("精简"),
            "{}",
            answer.text()
        );
        assert_eq!(cases(&site).await, 0);
    }

    async fn files_that_are_too_large_empty_or_not_what_they_say_are_refused_in_words(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let draft = draft(&citizen).await;
        let body = json!({ "answers": { "reason": "damaged" }, "form": form(1) });
        save(&citizen, &draft, &body).await.ok();
        let files = format!("/me/drafts/{draft}/files/{MATERIAL}");
        let png = b"\x89PNG\r\n\x1a\n0000";
        for (name, content, words) in [
            ("空.pdf", &b""[..], "空"),
            (
                "原证.pdf",
                &b"MZ\x90\x00 a program"[..],
                "这是程序",
            ),
            ("原证.pdf", &png[..], "图片不完整"),
            ("原证.exe", PDF, "只能上传"),
            ("原证.html", &b"<script>alert(1)</script>"[..], "网页文件"),
        ] {
            let answer = citizen.upload(&files, name, content).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(
                answer.html().text("main").contains(words),
                "{name}: {}",
                answer.text()
            );
        }
        let mut large = PDF.to_vec();
        large.resize(100 * 1024 * 1024, b' ');
        let answer = citizen.upload(&files, "原证.pdf", &large).await;
        too_large(&answer);
        // The same without its length told beforehand.
        let answer = citizen.send(streamed(&files, large)).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(
            answer.html().text("main").contains("请"),
            "{}",
            answer.text()
        );
        assert_eq!(
            site.count("SELECT COUNT(*) AS n FROM material_file").await,
            0
        );
        let refused = submit(&citizen, &draft).await;
        let (_, places) = problem(&refused, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(places, [format!("/materials/{MATERIAL}")]);
    }

    async fn an_identity_number_must_hold_and_nobody_applies_under_another_number(db: Db) {
        let site = Site::on(db).await;
        site.registers("neuzugang", "19900000099", "Vorgang-77").await;
        let new = site.citizen_with("neuzugang", "Vorgang-77").await;
        // The last one has the right check character but a day that does not exist.
        for number in [
            "310000199001018881",
            "31000019900101888",
            "31000019900230888X",
            "abc",
        ] {
            let wish = json!({ "name": "测试百", "id_number": number });
            let answer = new.post_json("/api/v1/me/real-name", &wish).await;
            let (_, places) = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(places, ["/id_number"], "{number}");
        }
        let citizen = site.citizen("ceshi1").await;
        let draft = draft(&citizen).await;
        for (field, value) in [
            ("id_number", "310000199001018880"),
            ("birth_date", "1990-01-01"),
            ("sex", "female"),
        ] {
            let mut other = form(1);
            other[field] = json!(value);
            let body = json!({ "answers": { "reason": "damaged" }, "form": other });
            save(&citizen, &draft, &body).await;
        }
        let files = format!("/me/drafts/{draft}/files/{MATERIAL}");
        citizen.upload(&files, "原证.pdf", PDF).await.leads_to();
        let case = submit(&citizen, &draft).await.ok().json();
        let case = case["case"].as_str().unwrap().parse().unwrap();
        let ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
        let view = tongban_cases::open_case(&site.house.desk, &ctx, case)
            .await
            .unwrap();
        let known = &tongban_identity::demo_people()[0];
        assert_eq!(view.case.form["id_number"], known.id_number);
        assert_eq!(
            view.case.form["birth_date"]
                .as_str()
                .unwrap()
                .replace('-', ""),
            known.id_number[6..14]
        );
    }

    async fn what_is_missing_is_told_all_at_once_each_at_its_place(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let draft = draft(&citizen).await;
        let (_, places) = problem(
            &submit(&citizen, &draft).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
        assert!(places.contains(&"/answers/reason".to_owned()), "{places:?}");
        assert!(places.contains(&"/commitment".to_owned()), "{places:?}");
        let body = json!({ "answers": { "reason": "damaged" }, "form": form(1) });
        save(&citizen, &draft, &body).await.ok();
        let (_, places) = problem(
            &submit(&citizen, &draft).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
        assert_eq!(places, [format!("/materials/{MATERIAL}")]);
        let page = citizen
            .post(&format!("/me/drafts/{draft}/confirm"), &[])
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.html()
                .has(&format!("a[href='/me/drafts/{draft}/materials']"))
        );
        assert_eq!(cases(&site).await, 0);
    }
}

/// No element came out of the text, and the text is there.
async fn harmless(pages: &[(Browser, String)]) {
    for (browser, path) in pages {
        let html = browser.get(path).await.ok().html();
        let scripts = html.texts("script");
        assert!(scripts.iter().all(|s| !s.contains("alert(")), "{path}");
        assert!(!html.has("img[src=x]") && !html.has("[onerror]"), "{path}");
    }
}

#[track_caller]
fn too_large(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let words = answer.html().text("main");
    assert!(words.contains("不能超过 20 MB"), "{words}");
}

fn streamed(path: &str, content: Vec<u8>) -> Request<Body> {
    let head = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n";
    let mut whole = head.as_bytes().to_vec();
    whole.extend_from_slice(&content);
    whole.extend_from_slice(b"\r\n--b--\r\n");
    let whole = Bytes::from(whole);
    let parts = (0..whole.len()).step_by(1 << 20).map(move |at| {
        let end = (at + (1 << 20)).min(whole.len());
        Ok(hyper::body::Frame::data(whole.slice(at..end)))
    });
    Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin")
        .body(Body::new(Parts(parts)))
        .unwrap()
}

/// An iterator as the stream that a body is made of.
struct Parts<I>(I);

impl<I> axum::body::HttpBody for Parts<I>
where
    I: Iterator<Item = Result<hyper::body::Frame<Bytes>, std::convert::Infallible>> + Unpin,
{
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}
