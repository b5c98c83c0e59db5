//! From the application to a licence that anybody can verify, through the same addresses as browsers and programs.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use tongban_audit::verify;
use tongban_cases::{CaseId, Status, open_case, submit_case};
use tongban_testkit::{covers, on_both_databases};

use crate::browser::Browser;
use crate::house::{ITEM, MATERIAL, PDF, Site, form, migrations};

/// Applies for a new copy of the certificate of the first citizen; gives the case.
async fn apply(citizen: &Browser, person: usize) -> CaseId {
    let draft = citizen
        .post_json("/api/v1/drafts", &json!({ "item": ITEM }))
        .await
        .ok()
        .json();
    let draft = draft["draft"].as_str().unwrap().to_owned();
    let saved = json!({ "answers": { "reason": "damaged" }, "form": form(person) });
    let saved = citizen
        .post_json(&format!("/api/v1/drafts/{draft}"), &saved)
        .await
        .ok()
        .json();
    assert_eq!(saved, json!({ "errors": [], "refusals": [] }));
    citizen
        .upload(
            &format!("/me/drafts/{draft}/files/{MATERIAL}"),
            "原证.pdf",
            PDF,
        )
        .await
        .leads_to();
    let done = citizen
        .post_json(&format!("/api/v1/drafts/{draft}/submit"), &json!({}))
        .await
        .ok()
        .json();
    done["case"].as_str().unwrap().parse().unwrap()
}

/// The officer opens the case from the queue and decides with the buttons of the page.
pub async fn decide(officer: &Browser, case: CaseId, decision: &str, more: &[(&str, &str)]) {
    let queue = officer.get("/workbench").await.ok();
    let address = format!("/workbench/cases/{case}");
    assert!(
        queue.html().has(&format!("a[href^='{address}?task=']")),
        "the case waits in the queue of the role"
    );
    let page = officer.get(&address).await.ok().html();
    let action = page
        .one("form#task")
        .attribute("action")
        .unwrap()
        .to_owned();
    let mut fields = vec![("decision", decision)];
    fields.extend_from_slice(more);
    assert_eq!(officer.post(&action, &fields).await.leads_to(), address);
}

pub async fn shown(browser: &Browser, case: CaseId) -> Json {
    browser
        .get(&format!("/api/v1/cases/{case}"))
        .await
        .ok()
        .json()
}

on_both_databases! {
    &migrations();

    async fn an_application_goes_all_the_way_to_a_licence_that_verifies(db: Db) {
        covers!("SH-079", "XC-141", "XC-200", "XC-206");
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let acceptor = site.officer("acceptor").await;
        let old = site.licence(1).await;
        let case = apply(&citizen, 1).await;
        assert_eq!(shown(&citizen, case).await["status"], "submitted");

        correct(&acceptor, &citizen, case).await;
        decide(&acceptor, case, "accept", &[]).await;
        assert_eq!(shown(&citizen, case).await["status"], "accepted");
        decide(&site.officer("reviewer").await, case, "pass", &[]).await;
        decide(&site.officer("approver").await, case, "grant", &[]).await;
        decide(&site.officer("maker").await, case, "made", &[]).await;
        assert_eq!(shown(&citizen, case).await["status"], "granted", "nothing is closed without its papers");
        site.drain_now().await;
        assert_eq!(shown(&citizen, case).await["status"], "closed");
        decide(&acceptor, case, "delivered", &[]).await;
        assert_eq!(shown(&citizen, case).await["status"], "delivered");
        site.drain_now().await;

        the_letters_are_there(&site, &citizen, case).await;
        the_new_licence_counts(&site, &citizen, &old).await;
        nothing_was_changed_behind_the_back(&site, case).await;
        without_a_certificate_there_is_nothing_to_replace(&site).await;
    }
}

async fn correct(acceptor: &Browser, citizen: &Browser, case: CaseId) {
    let wrong = [
        ("opinion", "住址没有写到门牌号"),
        ("wrong./address", "on"),
        ("problem./address", "请写到门牌号"),
    ];
    decide(acceptor, case, "correct", &wrong).await;
    assert_eq!(shown(citizen, case).await["status"], "correcting");
    let address = format!("/me/cases/{case}/correction");
    let page = citizen.get(&address).await.ok().html();
    assert!(page.has("[name=address]") && !page.has("[name=driving_class]"));
    // Only what was asked for may be sent.
    let fields = [
        ("address", "示例市示例区示例路88号"),
        ("driving_class", "C1"),
    ];
    let refused = citizen.post(&address, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(shown(citizen, case).await["status"], "correcting");
    citizen.post(&address, &fields[..1]).await.leads_to();
    assert_eq!(shown(citizen, case).await["status"], "submitted");
}

/// Every step of the flow left its letter, numbered from one, typeset and sealed.
async fn the_letters_are_there(site: &Site, citizen: &Browser, case: CaseId) {
    let ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
    let view = open_case(&site.house.desk, &ctx, case).await.unwrap();
    assert_eq!(view.case.status, Status::Delivered);
    let form = &view.case.form;
    assert_eq!(
        (&form["address"], &form["driving_class"]),
        (&json!("示例市示例区示例路88号"), &json!("A1"))
    );
    let made: Vec<&str> = view.documents.iter().map(|d| d.template.as_str()).collect();
    for letter in [
        "correction-notice",
        "acceptance-notice",
        "grant-decision",
        "delivery-receipt",
    ] {
        assert!(made.contains(&letter), "{letter} among {made:?}");
    }
    for letter in &view.documents {
        assert_eq!(letter.status.code(), "ready", "{}", letter.title);
        let base = format!("/me/cases/{case}/documents/{}", letter.id);
        let pdf = citizen.get(&format!("{base}.pdf")).await.ok();
        assert!(pdf.body.starts_with(b"%PDF-"));
        let ofd = citizen.get(&format!("{base}.ofd")).await.ok();
        assert!(ofd.body.starts_with(b"PK"));
    }
}

/// The damaged certificate no longer counts; the new one keeps its term and verifies for everyone.
async fn the_new_licence_counts(site: &Site, citizen: &Browser, old: &Json) {
    let new = site.licence(1).await;
    assert_ne!(new["number"], old["number"]);
    assert_eq!(new["valid_to"], old["valid_to"]);
    assert_eq!(new["status"], "valid");
    let ctx = site.citizen_at("ceshi1", site.house.app.now()).await;
    let replaced = site
        .rows("SELECT id FROM licence WHERE status = 'replaced'")
        .await;
    assert_eq!(replaced.len(), 1);
    assert_eq!(replaced[0].at::<String>(0).unwrap(), old["id"]);

    let id = new["id"].as_str().unwrap();
    let open = site
        .house
        .licences
        .open(&ctx, id.parse().unwrap())
        .await
        .unwrap();
    let code = json!({ "code": open.licence.verify_code });
    let anybody = site.browser();
    let report = anybody
        .post_json("/api/v1/licences/verify", &code)
        .await
        .ok()
        .json();
    assert_eq!(report["answer"], "valid", "{report}");
    for format in ["pdf", "ofd"] {
        let file = citizen
            .get(&format!("/licences/{id}/{format}"))
            .await
            .ok()
            .body;
        assert_eq!(verified(&anybody, &file).await["answer"], "valid");
        let mut changed = file.clone();
        changed[file.len() / 2] ^= 1;
        let report = verified(&anybody, &changed).await;
        assert_ne!(report["answer"], "valid");
        assert!(
            !report["reasons"].as_array().unwrap().is_empty(),
            "{report}"
        );
    }
}

async fn verified(anybody: &Browser, file: &[u8]) -> Json {
    anybody
        .upload("/api/v1/licences/verify", "licence", file)
        .await
        .ok()
        .json()
}

/// Whoever holds no certificate in force is told why, and no case comes about.
async fn without_a_certificate_there_is_nothing_to_replace(site: &Site) {
    let approver = site.officer_at("approver", site.house.app.now()).await;
    let id = site.licence(2).await["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    site.house
        .licences
        .revoke_licence(&approver, id, "示例决定〔2026〕1号", "测试撤销")
        .await
        .unwrap();
    let citizen = site.citizen_at("ceshi2", site.house.app.now()).await;
    let draft = site.complete_draft(&citizen, 2).await;
    let refused = submit_case(&site.house.desk, &citizen, draft)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "case.not_admitted");
    assert!(refused.message().contains("撤销"), "{}", refused.message());
    assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 1);
}

async fn nothing_was_changed_behind_the_back(site: &Site, case: CaseId) {
    let now = site.house.app.now();
    let ctx = site.citizen_at("ceshi1", now).await;
    let view = open_case(&site.house.desk, &ctx, case).await.unwrap();
    assert_eq!(view.broken_at, None);
    let kinds: Vec<&str> = view.events.iter().map(|e| e.kind.as_str()).collect();
    assert_eq!(kinds.first(), Some(&"case.submitted"));
    assert_eq!(kinds.last(), Some(&"case.delivered"));
    let report = verify(site.db(), &site.house.audit_key).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert!(report.entries > 10);
}
