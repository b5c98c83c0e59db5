//! Who may do what: a wrong role is refused, strangers and other offices find nothing, and each attempt is on record.

use axum::http::{Request, StatusCode, header};
use serde_json::json;
use tongban_audit::{FaultReason, verify};
use tongban_cases::tasks_of;
use tongban_identity::{DEMO_PASSWORD, demo_people};
use tongban_store::{Value, params};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::decide;
use crate::house::{ITEM, MATERIAL, PDF, Site, form, migrations};

on_both_databases! {
    &migrations();

    async fn whoever_has_no_business_with_a_case_finds_nothing_and_is_on_record(db: Db) {
        covers!("XC-141");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        let stranger = site.citizen("ceshi2").await;
        let mut attempts = 0;
        for path in [
            format!("/me/cases/{case}"),
            format!("/api/v1/cases/{case}"),
            format!("/me/cases/{case}/correction"),
        ] {
            let answer = stranger.get(&path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            attempts += 1;
            assert_eq!(site.audited("case.opened", "refused").await, attempts, "{path}");
        }
        for login in ["huangpu-acceptor", "xuhui-reviewer"] {
            let other = site.officer(login).await;
            let answer = other.get(&format!("/workbench/cases/{case}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{login}");
            attempts += 1;
            assert_eq!(site.audited("case.opened", "refused").await, attempts, "{login}");
            assert!(!other.get("/workbench").await.ok().text().contains(&case.to_string()));
            assert!(!other.get("/workbench/cases").await.ok().text().contains(&case.to_string()));
        }
        // A case that does not exist is told in the same words.
        let nothing = stranger.get("/api/v1/cases/0190a0a0-0000-7000-8000-000000000000").await;
        let hidden = stranger.get(&format!("/api/v1/cases/{case}")).await;
        assert_eq!(nothing.json()["detail"], hidden.json()["detail"]);
        let own = site.officer("approver").await;
        assert_eq!(own.get(&format!("/workbench/cases/{case}")).await.status, StatusCode::OK);
        the_log_is_whole(&site).await;
    }

    async fn a_wrong_role_is_refused_and_the_attempt_is_on_record(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let accept = [("decision", "accept")];
        for (count, login) in (1..).zip(["reviewer", "approver", "maker", "supervisor", "administrator"]) {
            let officer = site.officer(login).await;
            let answer = officer.post(&format!("/workbench/tasks/{task}"), &accept).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{login}");
            assert_eq!(site.audited("case.task_completed", "refused").await, count, "{login}");
        }
        let foreign = site.officer("huangpu-acceptor").await;
        let answer = foreign.post(&format!("/workbench/tasks/{task}"), &accept).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let citizen = site.citizen("ceshi1").await;
        let answer = citizen.post(&format!("/workbench/tasks/{task}"), &accept).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let pause = [("change", "pause"), ("name", "听证"), ("reason", "测试")];
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let acceptor = site.officer("acceptor").await;
        let answer = acceptor.post(&format!("/workbench/cases/{case}/clock"), &pause).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "an acceptor may not stop the clock");
        the_log_is_whole(&site).await;
    }

    async fn a_draft_is_resumed_with_everything_by_its_owner_alone_and_ends_with_the_submission(db: Db) {
        covers!("SH-073");
        let site = Site::on(db).await;
        let first = site.citizen("ceshi1").await;
        let draft = first.post_json("/api/v1/drafts", &json!({ "item": ITEM })).await.ok().json();
        let base = format!("/me/drafts/{}", draft["draft"].as_str().unwrap());
        let half = [("address", "示例市示例区示例路77号"), ("go", "save")];
        first.post(&format!("{base}/questions"), &[("reason", "damaged"), ("go", "next")]).await.leads_to();
        assert_eq!(first.post(&format!("{base}/applicant"), &half).await.leads_to(), "/me/cases");
        first.upload(&format!("{base}/files/{MATERIAL}"), "我的原证.pdf", PDF).await.leads_to();
        first.post_json("/api/v1/sessions/current/end", &json!({})).await.ok();
        assert_ne!(first.get(&base).await.location, format!("{base}/questions"));

        let again = site.citizen("ceshi1").await;
        let mine = again.get("/me/cases").await.ok().html();
        assert!(mine.has(&format!("a[href='{base}']")));
        let page = again.get(&format!("{base}/applicant")).await.ok().html();
        assert_eq!(page.one("[name=address]").attribute("value"), Some("示例市示例区示例路77号"));
        let answers = again.get(&format!("{base}/questions")).await.ok().html();
        assert!(answers.one("[name=reason][value=damaged]").attribute("checked").is_some());
        assert!(again.get(&format!("{base}/materials")).await.ok().text().contains("我的原证.pdf"));

        let other = site.citizen("ceshi2").await;
        for step in ["", "/applicant", "/materials", "/confirm"] {
            assert_eq!(other.get(&format!("{base}{step}")).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(other.post(&format!("{base}/confirm"), &[]).await.status, StatusCode::NOT_FOUND);
        assert!(!other.get("/me/cases").await.ok().text().contains(&base));

        let id = draft["draft"].as_str().unwrap();
        let rest = json!({ "form": form(1) });
        again.post_json(&format!("/api/v1/drafts/{id}"), &rest).await.ok();
        again.post(&format!("{base}/confirm"), &[]).await.leads_to();
        let mine = again.get("/me/cases").await.ok().html();
        assert!(!mine.has(&format!("a[href='{base}']")), "no longer among the drafts");
    }

    async fn personal_data_and_passwords_cannot_be_read_in_the_database(db: Db) {
        covers!("SH-238", "WH-353");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant"), ("maker", "made")] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, name).await;
        }
        for login in ["zwilling-a", "zwilling-b"] {
            let mobile = if login.ends_with('a') { "19900000098" } else { "19900000097" };
            site.registers(login, mobile, "Vorgang-77").await;
        }
        site.drain().await;
        let person = &demo_people()[0];
        let secrets = [&person.id_number, &person.mobile, "Vorgang-77", DEMO_PASSWORD, "19900000098"];
        for (table, text) in everything(&site).await {
            for secret in secrets {
                assert!(!text.contains(secret), "{secret} stands in {table}: {text}");
            }
        }
        let twins = site.rows("SELECT password FROM account WHERE login LIKE 'zwilling-%'").await;
        let hashes: Vec<String> = twins.iter().map(|row| row.at(0).unwrap()).collect();
        assert_eq!(hashes.len(), 2);
        assert_ne!(hashes[0], hashes[1], "the same password, salted twice");
    }

    async fn an_entry_of_the_audit_log_that_was_changed_or_removed_is_named(db: Db) {
        covers!("SH-231");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        let sound = verify(site.db(), &site.house.audit_key).await.unwrap();
        assert!(sound.is_sound() && sound.entries > 3);
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let longer = verify(site.db(), &site.house.audit_key).await.unwrap();
        assert!(longer.is_sound() && longer.entries > sound.entries);

        let change = "UPDATE audit_entry SET actor_name = '别人' WHERE event = 'case.submitted'";
        let place = site.count("SELECT sequence AS n FROM audit_entry WHERE event = 'case.submitted'").await;
        meddle(&site, change).await;
        let found = verify(site.db(), &site.house.audit_key).await.unwrap().faults;
        assert_eq!(found.iter().map(|f| (f.sequence, f.reason)).collect::<Vec<_>>(), [(place, FaultReason::Changed)]);
        meddle(&site, "DELETE FROM audit_entry WHERE event = 'case.submitted'").await;
        let found = verify(site.db(), &site.house.audit_key).await.unwrap().faults;
        assert_eq!(found.iter().map(|f| (f.sequence, f.reason)).collect::<Vec<_>>(), [(place, FaultReason::Removed)]);
    }

    async fn the_usual_attacks_come_to_nothing(db: Db) {
        covers!("SH-027");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        // Another's case by its address.
        let other = site.citizen("ceshi2").await;
        let answer = other.get(&format!("/api/v1/cases/{case}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        // Words that would be SQL.
        let staff = site.officer("acceptor").await;
        for words in ["' OR '1'='1", "'; DROP TABLE case_record; --", "%", "\\"] {
            let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
            let found = staff.get(&format!("/api/v1/cases?q={query}")).await.ok().json();
            assert_eq!(found["cases"], json!([]), "{words}");
            let wish = json!({ "kind": "citizen", "login": words, "password": words });
            let login = site.browser().post_json("/api/v1/sessions", &wish).await;
            assert!(login.status.is_client_error(), "{words}");
        }
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 1);
        // A file that is a page.
        let own = site.citizen("ceshi1").await;
        let draft = own.post_json("/api/v1/drafts", &json!({ "item": "taxi-driver-reissue" })).await.ok().json();
        let draft = draft["draft"].as_str().unwrap().to_owned();
        let body = json!({ "answers": { "reason": "damaged" }, "form": { "address": "<script>alert(1)</script>路" } });
        own.post_json(&format!("/api/v1/drafts/{draft}"), &body).await.ok();
        let files = format!("/me/drafts/{draft}/files/{MATERIAL}");
        let page = own.upload(&files, "a.pdf", b"<html><script>alert(1)</script>").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        // A script in a field.
        for page in ["applicant", "confirm"] {
            let shown = own.get(&format!("/me/drafts/{draft}/{page}")).await.ok().text();
            assert!(shown.contains("alert(1)") && !shown.contains("<script>alert(1)"), "{page}");
        }
        // A form of another site in the visitor's browser.
        for (site, origin) in [
            ("cross-site", None),
            ("same-site", None),
            ("none", Some("http://evil.example")),
            ("none", Some("null")),
        ] {
            let foreign = Request::post(format!("/me/cases/{case}/withdraw"))
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", site);
            let foreign = origin.into_iter().fold(foreign, |r, origin| r.header(header::ORIGIN, origin));
            let foreign = foreign.body("reason=x".into()).unwrap();
            assert_eq!(own.send(foreign).await.status, StatusCode::FORBIDDEN, "{site} {origin:?}");
        }
        // Guessing passwords.
        let wish = json!({ "kind": "citizen", "login": "ceshi3", "password": "falsch-1" });
        for _ in 0..5 {
            site.browser().post_json("/api/v1/sessions", &wish).await;
        }
        let right = json!({ "kind": "citizen", "login": "ceshi3", "password": DEMO_PASSWORD });
        let locked = site.browser().post_json("/api/v1/sessions", &right).await;
        assert_eq!(locked.json()["code"], "login.locked");
    }
}

/// Refused attempts are links of the chain like everything else.
async fn the_log_is_whole(site: &Site) {
    let report = verify(site.db(), &site.house.audit_key).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    let all = site.count("SELECT COUNT(*) AS n FROM audit_entry").await;
    assert_eq!(report.entries, all);
}

async fn meddle(site: &Site, sql: &'static str) {
    let touched = site
        .db()
        .write((), move |tx, ()| Box::pin(tx.execute(sql, params![])))
        .await
        .unwrap();
    assert!(touched > 0);
}

/// Every row of every table as text.
async fn everything(site: &Site) -> Vec<(String, String)> {
    let tables = tongban_store::state_digest(site.db()).await.unwrap();
    let mut all = Vec::new();
    for table in tables {
        let rows = site
            .db()
            .read(table.table.clone(), |tx, table| {
                let sql = format!("SELECT * FROM \"{table}\"");
                Box::pin(async move { tx.query(&sql, params![]).await })
            })
            .await
            .unwrap();
        for row in rows {
            let texts = row.values().iter().map(|value| match value {
                Value::Text(text) => text.clone(),
                Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                other => format!("{other:?}"),
            });
            all.push((table.table.clone(), texts.collect::<Vec<_>>().join(" | ")));
        }
    }
    assert!(all.len() > 100);
    all
}
