//! What an applicant meets on the pages that he fills in, without a script.

use axum::http::StatusCode;
use serde_json::json;
use tongban_cases::{CaseId, save_answers};
use tongban_testkit::Html;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::browser::Browser;
use crate::house::{ITEM, PDF, Site, form, migrations};
use crate::main_job::{decide, shown};

/// A draft with these answers, and where its pages are.
async fn begun(citizen: &Browser, item: &str, answers: &str) -> String {
    let to = citizen
        .post(&format!("/items/{item}/apply{answers}"), &[])
        .await;
    to.leads_to().to_owned()
}

async fn drafts(site: &Site) -> i64 {
    site.count("SELECT COUNT(*) AS n FROM draft").await
}

/// Titles of the steps that are said to be done.
fn done(page: &Html) -> Vec<String> {
    page.texts(".tb-step-done > :first-child")
}

const DELIVERY: [(&str, &str); 3] = [("delivery", "post"), ("commitment", "true"), ("go", "next")];

/// A case of which a field and a material are to be mended.
async fn correcting(site: &Site) -> (CaseId, String) {
    let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let case = site.submitted(&ctx, 1).await;
    let acceptor = site.officer("acceptor").await;
    let marks = [
        ("opinion", "住址不全，原证看不清"),
        ("problem./address", "请写到门牌号"),
        ("material.damaged_licence", "看不清，请重新拍"),
    ];
    decide(&acceptor, case, "correct", &marks).await;
    (case, format!("/me/cases/{case}/correction"))
}

on_both_databases! {
    &migrations();

    async fn what_an_answer_brings_to_light_is_asked_for_before_anybody_is_told_off(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let base = begun(&citizen, ITEM, "?reason=lost").await;
        let step = format!("{base}/delivery");
        let hidden = citizen.get(&step).await.ok().html();
        let rule = hidden.one("fieldset:has([name=post_address])");
        assert_eq!(
            rule.attribute("data-visible-when"),
            Some(r#"["==",["field","delivery","text"],["is","post"]]"#)
        );
        assert!(rule.attribute("hidden").is_some());

        let to = citizen.post(&step, &DELIVERY).await;
        let to = to.leads_to().to_owned();
        assert!(to.ends_with("#field-post_address"), "{to}");
        let page = citizen.get(&to).await.ok().html();
        assert!(!page.has("#errors") && !page.has("#field-post_address-error"));
        assert_eq!(page.text("fieldset:not([hidden]) > [data-appeared]"), "按照您填写的内容，这一项也需要填写");
        let address = page.one("#field-post_address");
        let known = form(1)["address"].as_str().map(str::to_owned);
        assert_eq!(address.attribute("value"), known.as_deref(), "what is known of it is there");

        let empty = [&DELIVERY[..], &[("_asked.post_address", "1"), ("post_address", "")]].concat();
        let told = citizen.post(&step, &empty).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = told.html();
        assert!(told.text("title").starts_with("错误：领取与承诺"), "{}", told.text("title"));
        assert!(told.has("#errors[autofocus] a[href='#field-post_address']"));
    }

    async fn a_step_is_done_when_nothing_of_it_is_missing(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let base = begun(&citizen, ITEM, "?reason=lost").await;
        let first = citizen.get(&base).await;
        assert_eq!(first.leads_to(), format!("{base}/applicant"), "the answer of the guide came along");

        let materials = format!("{base}/materials");
        let refused = citizen.post(&materials, &[("go", "next")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.html();
        assert!(page.has("#errors a[href='#f-loss_statement']"));
        assert_eq!(done(&page), ["选择情形"]);

        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let id = base.rsplit('/').next().unwrap().parse().unwrap();
        tongban_cases::save_form(&site.house.desk, &ctx, id, &form(1)).await.unwrap();
        assert_eq!(citizen.get(&base).await.leads_to(), format!("{base}/request"));
        site.beside("UPDATE draft SET updated_at = 0").await;
        citizen.upload(&format!("{base}/files/loss_statement"), "声明.pdf", PDF).await.leads_to();
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM draft WHERE updated_at > 0").await, 1);
        let page = citizen.get(&materials).await.ok().html();
        let done = done(&page);
        assert!(done.contains(&"领取与承诺".to_owned()) && !done.contains(&"补发原因".to_owned()), "{done:?}");
    }

    async fn what_cannot_be_applied_for_ends_at_once_and_leaves_no_draft(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        // Whoever has a certificate for goods gets no other.
        let answers = "?category=freight";
        let ended = citizen.post(&format!("/items/road-driver-grant/apply{answers}"), &[]).await;
        assert_eq!(ended.status, StatusCode::UNPROCESSABLE_ENTITY);
        let ended = ended.html();
        let said = ended.text("[data-ended] [role=alert]");
        assert!(said.contains("您已经持有道路货物运输驾驶员资格"), "{said}");
        assert!(ended.has("[data-ended] a[href='/items/road-driver-grant']"));
        assert_eq!(drafts(&site).await, 0);

        let base = begun(&citizen, "road-driver-grant", "").await;
        let answered = citizen.post(&format!("{base}/questions"), &[("category", "freight"), ("go", "next")]).await;
        assert!(answered.html().has("[data-ended]"));
        assert_eq!(drafts(&site).await, 0, "nothing had been filled in");
    }

    async fn a_draft_that_cannot_be_filed_any_more_is_deleted_by_its_owner(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let begun = citizen.post_json("/api/v1/drafts", &json!({ "item": "road-driver-grant" })).await.ok().json();
        let base = format!("/me/drafts/{}", begun["draft"].as_str().unwrap());
        let answers = json!({ "answers": { "category": "freight" } });
        citizen.post_json(&base.replace("/me/", "/api/v1/"), &answers).await.ok();
        let page = citizen.get(&format!("{base}/applicant")).await.html();
        assert!(page.text("[data-ended]").contains("您已经持有道路货物运输驾驶员资格"), "{}", page.text("main"));
        assert!(page.has(&format!("[data-ended] a[href='{base}/questions']")), "another answer may be given");
        let delete = page.one("form[action$='/delete']").attribute("action").unwrap().to_owned();
        citizen.post(&delete, &[]).await.leads_to();
        assert_eq!(drafts(&site).await, 0);
    }

    async fn from_the_last_page_one_changes_a_part_and_comes_back(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let base = format!("/me/drafts/{draft}");
        let page = citizen.get(&format!("{base}/confirm")).await.ok().html();
        let change: Vec<_> = page.all("a.form-change").iter().map(|a| a.attribute("href").unwrap().to_owned()).collect();
        for step in ["questions", "applicant", "delivery", "materials"] {
            assert!(change.contains(&format!("{base}/{step}?review=1")), "{step}: {change:?}");
        }
        assert!(!change.iter().any(|to| to.contains("/request?")), "nothing is filled in there: {change:?}");
        let step = citizen.get(&format!("{base}/delivery?review=1")).await.ok().html();
        assert!(step.text("main form").contains("保存，回到确认页"));
        let sent = [("delivery", "electronic"), ("commitment", "true"), ("_review", "1"), ("go", "next")];
        assert_eq!(citizen.post(&format!("{base}/delivery"), &sent).await.leads_to(), format!("{base}/confirm"));
        // Another answer calls for a file that is not there.
        let other = [("reason", "lost"), ("_review", "1"), ("go", "next")];
        let to = citizen.post(&format!("{base}/questions"), &other).await;
        assert_eq!(to.leads_to(), format!("{base}/request"));
    }

    async fn a_step_that_asks_nothing_is_not_gone_through(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let page = citizen.get(&format!("/me/drafts/{draft}/confirm")).await.ok().html();
        let steps = page.texts(".tb-steps li > :first-child");
        assert!(!steps.contains(&"补发原因".to_owned()), "{steps:?}");
        assert!(page.text("main").contains("损毁"), "what stands there is still read");
        let given = [("reason".to_owned(), "lost".to_owned())];
        save_answers(&site.house.desk, &ctx, draft, &given).await.unwrap();
        let page = citizen.get(&format!("/me/drafts/{draft}/confirm")).await.ok().html();
        assert!(page.texts(".tb-steps li > :first-child").contains(&"补发原因".to_owned()));
    }

    async fn a_correction_that_changes_nothing_is_told_before_it_counts(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let (case, page) = correcting(&site).await;
        let shown_first = citizen.get(&page).await.ok().html();
        assert!(shown_first.text("#field-address-mark").contains("请写到门牌号"));
        let address = form(1)["address"].as_str().unwrap().to_owned();
        let same = [("address", address.as_str())];
        let told = citizen.post(&page, &same).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = told.html();
        assert!(told.text("#field-address-error").contains("还是原来的内容"), "{}", told.text("main"));
        assert!(told.text("#f-damaged_licence-error").contains("还是原来的文件“原证.pdf”"));
        assert!(told.text("title").starts_with("错误：补正材料"));
        assert_eq!(shown(&citizen, case).await["status"], "correcting");

        let ticked = [("address", address.as_str()), ("_same./address", "1"), ("_same./materials/damaged_licence", "1")];
        let why = citizen.post(&page, &ticked).await.html();
        assert!(why.text("#field-address-error").contains("请写明"), "a tick alone says nothing");
        assert!(why.has("[name='_same./address'][checked]"), "what was ticked stays so");
        let said = [&ticked[..], &[("_why./address", "没有门牌"), ("_why./materials/damaged_licence", "证件就是这样")]].concat();
        let to = citizen.post(&page, &said).await;
        assert_eq!(to.leads_to(), format!("/me/cases/{case}"));
        assert_eq!(shown(&citizen, case).await["status"], "submitted");
        let acceptor = site.officer("acceptor").await;
        let desk = acceptor.get(&format!("/workbench/cases/{case}")).await.ok().html();
        let course = desk.text("main");
        assert!(course.contains("申请人核对后没有改住址：没有门牌"), "{course}");
        // Field and file each with what the applicant says of it.
        let mended = desk.text("[data-mended]");
        for why in ["申请人核对后没有改：没有门牌", "申请人核对后没有改：证件就是这样"] {
            assert!(mended.contains(why), "{mended}");
        }
    }

    async fn what_is_typed_into_a_correction_goes_along_with_its_files(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let (case, page) = correcting(&site).await;
        let typed = [("address", "示例市示例区示例路88号")];
        let new = [PDF, b"%2\n"].concat();
        let sent = citizen.upload_with(&format!("{page}/damaged_licence"), ("新的.pdf", &new), &typed).await;
        let after = sent.ok().html();
        assert_eq!(after.one("#field-address").attribute("value"), Some(typed[0].1));
        assert!(after.text("[data-part='material-damaged_licence']").contains("新的.pdf"));
        let remove = after.all("[data-part='material-damaged_licence'] button[formaction$='/remove']");
        let remove = remove[0].attribute("formaction").unwrap().to_owned();
        let after = citizen.post(&remove, &typed).await.ok().html();
        assert_eq!(after.one("#field-address").attribute("value"), Some(typed[0].1));
        let wrong = citizen.upload_with(&format!("{page}/damaged_licence"), ("x.exe", b"MZ"), &typed).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(wrong.html().one("#field-address").attribute("value"), Some(typed[0].1));
        citizen.post(&page, &typed).await.leads_to();
        assert_eq!(shown(&citizen, case).await["status"], "submitted");
    }

    async fn what_programs_look_up_themselves_asks_for_no_file(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("applicant-new").await;
        let begun = citizen.post_json("/api/v1/drafts", &json!({ "item": "taxi-driver-grant" })).await.ok().json();
        let draft = begun["draft"].as_str().unwrap();
        let page = citizen.get(&format!("/me/drafts/{draft}/materials")).await.ok().html();
        let score = page.one("section:has(> h2:first-child):not(:has([type=file]))");
        assert!(score.text.contains("由系统"), "{}", score.text);
        assert!(!page.text("main").contains(" 格式，不超过 20 MB 格式"));
        let refused = citizen.upload(&format!("/me/drafts/{draft}/files/exam_result"), "a.pdf", PDF).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
    }

    async fn an_application_is_withdrawn_without_a_reason(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        citizen.post(&format!("/me/cases/{case}/withdraw"), &[("reason", "")]).await.leads_to();
        assert_eq!(shown(&citizen, case).await["status"], "withdrawn");
    }
}
