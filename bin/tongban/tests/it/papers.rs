//! Papers that fail are a state that people see; nothing closes behind them, and they can be made again.

use std::path::PathBuf;

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use tongban::data::objects_folder;
use tongban_base::Ctx;
use tongban_cases::{CaseId, open_application, open_case};
use tongban_documents::{Fonts, Typesetter};
use tongban_testkit::{covers, on_both_databases, sqlite};

use crate::browser::Browser;
use crate::each_item::PHOTO;
use crate::house::{Site, migrations, typesetter};
use crate::main_job::{decide, shown};

const WHO: &str = "applicant-expiring";
const PAPERS: &str = "/workbench/papers";
/// No compiled-in face has it.
const RARE: &str = "𠮷";
const STEPS: [(&str, &str); 4] = [
    ("acceptor", "accept"),
    ("reviewer", "pass"),
    ("approver", "grant"),
    ("maker", "made"),
];

/// A renewal with a photo, and the identity number of whoever asks for it.
async fn begun(site: &Site, address: &str) -> (CaseId, String) {
    let citizen = site.citizen(WHO).await;
    let begun = json!({ "item": "road-driver-renew" });
    let begun = citizen.post_json("/api/v1/drafts", &begun).await.ok();
    let draft = begun.json()["draft"].as_str().unwrap().to_owned();
    let form = json!({
        "mobile": "19900000066", "address": address, "driving_first_on": "2010-05-04", "driving_class": "A1",
        "delivery": "electronic", "commitment": true,
    });
    let saved = json!({ "answers": { "change": "no" }, "form": form });
    let path = format!("/api/v1/drafts/{draft}");
    let saved = citizen.post_json(&path, &saved).await;
    assert_eq!(saved.ok().json()["errors"], json!([]));
    let photo = format!("/me/drafts/{draft}/files/photo");
    citizen.upload(&photo, "证件照.png", PHOTO).await.leads_to();
    let ctx = site.citizen_at(WHO, site.house.app.now()).await;
    let application = open_application(&site.house.desk, &ctx, draft.parse().unwrap());
    let number = application.await.unwrap().facts.person["id_number"].clone();
    let submit = format!("/api/v1/drafts/{draft}/submit");
    let done = citizen.post_json(&submit, &json!({})).await.ok().json();
    let case = done["case"].as_str().unwrap().parse().unwrap();
    (case, number.as_str().unwrap().to_owned())
}

/// Decided step by step, with what is made in between.
async fn worked(site: &Site, case: CaseId, steps: &[(&str, &str)]) {
    for (login, decision) in steps {
        decide(&site.officer(login).await, case, decision, &[]).await;
        site.drain_now().await;
    }
}

async fn licence(site: &Site, number: &str) -> Json {
    let system = Ctx::system(site.house.app.now());
    let licences = &site.house.licences;
    licences
        .current_of(&system, number, "practitioner")
        .await
        .unwrap()
}

async fn status(site: &Site, case: CaseId) -> Json {
    shown(&site.citizen(WHO).await, case).await["status"].clone()
}

async fn told_ready(site: &Site) -> i64 {
    site.count("SELECT COUNT(DISTINCT subject_id) AS n FROM message WHERE event = 'licence.ready'")
        .await
}

/// The one paper of the list, as whoever looks after it finds it.
async fn listed(maker: &Browser) -> (String, String) {
    let page = maker.get(PAPERS).await.ok().html();
    let paper = page
        .one("[data-paper]")
        .attribute("data-paper")
        .unwrap()
        .to_owned();
    (format!("{PAPERS}/{paper}"), page.text("[data-paper]"))
}

/// Seen by the applicant without its cause, by the office with cause and what to do.
async fn is_seen(site: &Site, case: CaseId, cause: &str, advice: &str) {
    let page = site
        .citizen(WHO)
        .await
        .get(&format!("/me/cases/{case}"))
        .await
        .ok()
        .html();
    assert!(
        page.text("[data-failed]")
            .contains("制作遇到问题，我们正在处理")
    );
    assert!(!page.text("main").contains(cause), "no inner causes");
    let page = site
        .officer("reviewer")
        .await
        .get(&format!("/workbench/cases/{case}"))
        .await;
    let words = page.ok().html().text("[data-failed]");
    assert!(words.contains(cause) && words.contains(advice), "{words}");
    let maker = site.officer("maker").await;
    assert!(
        maker
            .get("/workbench")
            .await
            .ok()
            .html()
            .has("[data-failed] a[href='/workbench/papers']")
    );
    let words = listed(&maker).await.1;
    assert!(words.contains(cause) && words.contains(advice), "{words}");
    assert_eq!(
        site.officer("reviewer").await.get(PAPERS).await.status,
        StatusCode::FORBIDDEN
    );
}

fn stored(site: &Site, object: &str) -> PathBuf {
    let (front, rest) = object.split_at(2);
    objects_folder(&site.data.folder).join(front).join(rest)
}

/// Until the licence counts nothing is closed and nothing told, and the old one is valid.
async fn still_open(site: &Site, case: CaseId, number: &str, old: &Json) {
    assert_eq!(status(site, case).await, "granted");
    let now = licence(site, number).await;
    assert_eq!((&now["id"], &now["status"]), (&old["id"], &json!("valid")));
    assert_eq!(told_ready(site).await, 0);
}

async fn goes_to_its_end(site: &Site, case: CaseId, number: &str, old: &Json) {
    assert_eq!(status(site, case).await, "closed");
    let new = licence(site, number).await;
    assert!(new["id"] != old["id"] && new["status"] == "valid");
    assert_eq!(told_ready(site).await, 1);
    worked(site, case, &[("acceptor", "delivered")]).await;
    assert_eq!(status(site, case).await, "delivered");
    assert!(
        !site
            .officer("maker")
            .await
            .get(PAPERS)
            .await
            .ok()
            .html()
            .has("[data-paper]")
    );
}

on_both_databases! {
    &migrations();

    async fn a_photo_that_cannot_be_drawn_stops_the_licence_until_another_one_is_put_on(db: Db) {
        let site = Site::on(db).await;
        let (case, number) = begun(&site, "示例市示例区示例路66号").await;
        worked(&site, case, &STEPS[..3]).await;
        let old = licence(&site, &number).await;
        let rows = site.rows("SELECT object FROM material_file WHERE material = 'photo'").await;
        let object: String = rows[0].at(0).unwrap();
        std::fs::write(stored(&site, &object), b"broken").unwrap();
        worked(&site, case, &STEPS[3..]).await;
        still_open(&site, case, &number, &old).await;
        is_seen(&site, case, "照片不能用", "在这里换上").await;
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM job").await, 0, "nothing is tried in vain");

        let maker = site.officer("maker").await;
        let photo = format!("{}/photo", listed(&maker).await.0);
        let why = [("reason", "原照片损坏，由申请人当面重新提供")];
        let refused = maker.upload_with(&photo, ("照片.png", PHOTO), &[("reason", " ")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.html().text("[data-paper] .tb-field-invalid").contains("请写明为什么"));
        let refused = maker.upload_with(&photo, ("照片.png", &PHOTO[..20]), &why).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.html();
        assert!(page.has("[data-paper] input[type=file][aria-invalid]"));
        assert_eq!(page.text("[data-paper] textarea"), why[0].1, "what was typed stands there");

        // The stored file is broken, so what is put on differs from it.
        let other = tongban_documents::qr_png("另一张").unwrap();
        assert_eq!(maker.upload_with(&photo, ("照片.png", &other), &why).await.leads_to(), PAPERS);
        let twice = maker.upload_with(&photo, ("照片.png", &other), &why).await;
        assert_eq!(twice.status, StatusCode::CONFLICT);
        site.drain_now().await;
        goes_to_its_end(&site, case, &number, &old).await;
        let page = maker.get(&format!("/workbench/cases/{case}")).await.ok().html().text("main");
        assert!(page.contains("经办部门换上") && page.contains(why[0].1), "{page}");
        assert_eq!(site.audited("case.photo_exchanged", "done").await, 1);
        assert_eq!(site.audited("case.paper_failed", "done").await, 1);
    }
}

fn without_rare_faces() -> Typesetter {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../engine/documents/fonts/node_modules"
    );
    Typesetter::new(Fonts::load(&[PathBuf::from(folder)]).unwrap())
}

#[tokio::test]
async fn a_character_without_a_face_is_named_and_with_the_typeface_the_licence_is_made() {
    let database = sqlite(&migrations()).await;
    let mut site = Site::on(database.db()).await;
    site.restart(tongban::packs::transport(), without_rare_faces())
        .await;
    let (case, number) = begun(&site, &format!("示例市{RARE}路66号")).await;
    worked(&site, case, &STEPS[..3]).await;
    let old = licence(&site, &number).await;
    worked(&site, case, &STEPS[3..]).await;
    still_open(&site, case, &number, &old).await;
    is_seen(&site, case, "有字没有字体可以显示", "TONGBAN_FONTS").await;

    // Asked for twice before it runs, it runs once; without the typeface it fails again.
    let maker = site.officer("maker").await;
    let remake = format!("{}/remake", listed(&maker).await.0);
    let (one, two) = tokio::join!(maker.post(&remake, &[]), maker.post(&remake, &[]));
    assert_eq!((one.leads_to(), two.leads_to()), (PAPERS, PAPERS));
    assert_eq!(site.count("SELECT COUNT(*) AS n FROM job").await, 1);
    assert_eq!(site.audited("case.paper_remade", "done").await, 1);
    site.drain_now().await;
    still_open(&site, case, &number, &old).await;

    site.restart(tongban::packs::transport(), typesetter())
        .await;
    let maker = site.officer("maker").await;
    maker
        .post(&format!("{}/remake", listed(&maker).await.0), &[])
        .await
        .leads_to();
    site.drain_now().await;
    goes_to_its_end(&site, case, &number, &old).await;
}

#[tokio::test]
async fn a_broken_template_holds_the_case_until_a_mended_one_is_in_force() {
    let database = sqlite(&migrations()).await;
    let good = tongban::packs::transport();
    let template = good.text("documents/grant-decision.typ").unwrap();
    // What a trial with sample data does not find.
    let broken = format!(
        "{template}\n#if not json(\"/data.json\").applicant.name.starts-with(\"示例\") {{ panic(\"坏了\") }}\n"
    );
    let pack = good.clone().with("documents/grant-decision.typ", broken);
    let mut site = Site::with_pack(database.db(), pack).await;
    let (case, number) = begun(&site, "示例市示例区示例路66号").await;
    worked(&site, case, &STEPS[..3]).await;
    let maker = site.officer("maker").await;
    let row = maker.get("/workbench").await.ok().html().text("table");
    assert!(row.contains("没有制作出来"), "{row}");
    let old = licence(&site, &number).await;
    worked(&site, case, &STEPS[3..]).await;
    assert_eq!(
        status(&site, case).await,
        "granted",
        "the decision has no file yet"
    );
    is_seen(&site, case, "模板有错误", "检查文书或者证照的模板").await;

    site.republish(good).await;
    let maker = site.officer("maker").await;
    maker
        .post(&format!("{}/remake", listed(&maker).await.0), &[])
        .await
        .leads_to();
    site.drain_now().await;
    goes_to_its_end(&site, case, &number, &old).await;
}

#[tokio::test]
async fn what_passes_by_itself_is_tried_again_and_after_an_hour_somebody_has_to_look() {
    covers!("XC-200", "XC-256");
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let (case, number) = begun(&site, "示例市示例区示例路66号").await;
    let old = licence(&site, &number).await;
    let incoming = objects_folder(&site.data.folder).join("incoming");
    std::fs::remove_dir(&incoming).unwrap();
    worked(&site, case, &STEPS[..1]).await;
    assert_eq!(site.count("SELECT COUNT(*) AS n FROM job").await, 1);
    is_seen(&site, case, "制作中断", "系统会自己重试").await;
    let maker = site.officer("maker").await;
    assert!(listed(&maker).await.1.contains("稍后自动重试"));
    site.drain_at(site.house.app.now().plus_minutes(61)).await;
    assert_eq!(site.count("SELECT COUNT(*) AS n FROM job").await, 0);
    let (paper, words) = listed(&maker).await;
    assert!(words.contains("没有制作出来"), "{words}");
    // What is not sealed is given to nobody.
    let citizen = site.citizen(WHO).await;
    let ctx = site.citizen_at(WHO, site.house.app.now()).await;
    let view = open_case(&site.house.desk, &ctx, case).await.unwrap();
    assert_eq!(view.documents.len(), 1);
    let letter = format!("/me/cases/{case}/documents/{}.pdf", view.documents[0].id);
    assert!(citizen.get(&letter).await.status.is_client_error());

    std::fs::create_dir(&incoming).unwrap();
    maker.post(&format!("{paper}/remake"), &[]).await.leads_to();
    site.drain_now().await;
    maker.post(&format!("{paper}/remake"), &[]).await.leads_to();
    assert_eq!(
        site.count("SELECT COUNT(*) AS n FROM job").await,
        0,
        "what is made is left alone"
    );
    assert!(!maker.get(PAPERS).await.ok().html().has("[data-paper]"));
    assert!(citizen.get(&letter).await.ok().body.starts_with(b"%PDF-"));
    // The case goes on to its end, and nothing was made twice.
    worked(&site, case, &STEPS[1..]).await;
    goes_to_its_end(&site, case, &number, &old).await;
    let view = open_case(&site.house.desk, &ctx, case).await.unwrap();
    let made = view.documents.iter().map(|letter| &letter.template);
    let notices = made.filter(|template| *template == "acceptance-notice");
    assert_eq!(notices.count(), 1);
}

#[tokio::test]
async fn a_licence_whose_predecessor_was_revoked_meanwhile_comes_not_into_force_and_is_sent_back() {
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let (case, number) = begun(&site, "示例市示例区示例路66号").await;
    worked(&site, case, &STEPS[..3]).await;
    let old = licence(&site, &number).await;
    decide(&site.officer("maker").await, case, "made", &[]).await;
    let citizen = site.citizen(WHO).await;
    let withdrawn = citizen
        .post(
            &format!("/me/cases/{case}/withdraw"),
            &[("reason", "不办了")],
        )
        .await;
    assert_eq!(withdrawn.status, StatusCode::CONFLICT);
    let approver = site.officer("approver").await;
    let revoked = format!("/workbench/licences/{}/revoke", old["id"].as_str().unwrap());
    let reasons = [
        ("basis", "示例撤字〔2026〕1号"),
        ("reason", "以欺骗手段取得"),
    ];
    approver.post(&revoked, &reasons).await.leads_to();
    site.drain_now().await;
    assert_eq!(licence(&site, &number).await["status"], "revoked");
    is_seen(&site, case, "原证照已经不再有效", "退回到前面的环节").await;
    assert_eq!(told_ready(&site).await, 0);

    let page = approver
        .get(&format!("/workbench/cases/{case}"))
        .await
        .ok()
        .html();
    let back = page
        .one("form[action$='/return']")
        .attribute("action")
        .unwrap()
        .to_owned();
    let fields = [("to", "decide"), ("reason", "原证照已被撤销")];
    approver.post(&back, &fields).await.leads_to();
    assert_eq!(status(&site, case).await, "accepted");
    assert_eq!(licence(&site, &number).await["status"], "revoked");
    assert!(
        !site
            .officer("maker")
            .await
            .get(PAPERS)
            .await
            .ok()
            .html()
            .has("[data-paper]")
    );
}
