//! A draft under a newer form, in several tabs, and on the page that shows what will be filed.

use axum::http::StatusCode;
use tongban_cases::{DraftId, open_application, open_case, save_form, submit_case};
use tongban_packs::Folder;
use tongban_testkit::Html;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{ITEM, Site, form, migrations};

const EMPLOYER: &str = "示例运输公司";

/// The pack whose form does not ask for the employer any more.
fn without_employer() -> Folder {
    let pack = tongban::packs::transport();
    let file = "forms/road-driver-reissue.json";
    let text = pack.text(file).unwrap();
    let rest: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("\"employer"))
        .collect();
    let text = rest
        .join("\n")
        .replace(", \"employer\", \"employer_phone\"", "");
    assert!(!text.contains("employer"));
    pack.with(file, text)
}

/// The pack whose form asks for a kind of employer. The newer one has a kind less, and wants the telephone.
fn with_kinds(is_newer: bool) -> Folder {
    let pack = tongban::packs::transport();
    let file = "forms/road-driver-reissue.json";
    let mut text = pack.text(file).unwrap().to_owned();
    let kinds = match is_newer {
        true => r#"{"const": "one", "title": "甲类"}"#,
        false => r#"{"const": "one", "title": "甲类"}, {"const": "two", "title": "乙类"}"#,
    };
    let kinds = format!(r#""employer": {{"title": "类别", "oneOf": [{kinds}]}}"#);
    let mut changes = vec![
        (
            r#""employer": {"type": "string", "title": "工作单位", "minLength": 0, "maxLength": 100}"#,
            kinds.as_str(),
        ),
        (
            r#""visible": "has(form.employer) && form.employer != ''""#,
            r#""help": "示例。""#,
        ),
    ];
    if is_newer {
        changes.push((
            r#""required": ["name","#,
            r#""required": ["employer_phone", "name","#,
        ));
    }
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    pack.with(file, text)
}

const LOST: &str = "“类别”原来选的“乙类”已不在可选范围，请重新选择";

fn hidden(page: &Html, name: &str) -> String {
    let field = page.one(&format!("main input[name='{name}']"));
    field.attribute("value").unwrap().to_owned()
}

async fn with_employer(site: &Site) -> DraftId {
    let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let draft = site.complete_draft(&ctx, 1).await;
    let mut filled = form(1);
    filled["employer"] = EMPLOYER.into();
    save_form(&site.house.desk, &ctx, draft, &filled)
        .await
        .unwrap();
    draft
}

async fn cases(site: &Site) -> i64 {
    site.count("SELECT COUNT(*) AS n FROM case_record").await
}

on_both_databases! {
    &migrations();

    async fn a_draft_given_to_another_by_hand_opens_for_nobody(db: Db) {
        let site = Site::on(db).await;
        let owner = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        let draft = site.complete_draft(&owner, 1).await;
        site.meddle("UPDATE draft SET account = (SELECT id FROM account WHERE login = 'ceshi2')").await;
        for citizen in [&owner, &other] {
            let refused = open_application(&site.house.desk, citizen, draft).await.err().unwrap();
            assert_eq!(refused.code(), "store.row_changed");
        }
        let page = site.citizen("ceshi2").await.get("/me/cases").await.ok().text();
        assert!(!page.contains(&draft.to_string()));
    }

    async fn a_case_lies_where_its_office_is_whatever_somebody_wrote_into_the_draft(db: Db) {
        let site = Site::on(db).await;
        let owner = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&owner, 1).await;
        site.meddle("UPDATE draft SET division = '110000000000'").await;
        let case = submit_case(&site.house.desk, &owner, draft).await.unwrap().case;
        let view = open_case(&site.house.desk, &owner, case).await.unwrap();
        assert_eq!(view.case.division, "310000000000");
    }

    async fn what_a_newer_form_has_no_place_for_is_told_and_dropped(db: Db) {
        let mut site = Site::on(db).await;
        let draft = with_employer(&site).await;
        site.republish(without_employer()).await;
        let citizen = site.citizen("ceshi1").await;
        for step in ["applicant", "confirm"] {
            let page = citizen.get(&format!("/me/drafts/{draft}/{step}")).await.ok().html();
            let told = page.text(".tb-notice.tb-tone-warn");
            assert!(told.contains("表单已更新") && told.contains("工作单位") && told.contains(EMPLOYER), "{told}");
        }
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = submit_case(&site.house.desk, &ctx, draft).await.unwrap().case;
        let view = open_case(&site.house.desk, &ctx, case).await.unwrap();
        assert!(view.case.form.get("employer").is_none());
        assert_eq!(view.case.form["driving_class"], "A1");
    }

    async fn a_choice_that_a_newer_form_does_not_offer_is_named_and_not_filed_unanswered(db: Db) {
        let mut site = Site::with_pack(db, with_kinds(false)).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let mut filled = form(1);
        filled["employer"] = "two".into();
        let draft = site.draft_with(&ctx, ITEM, &filled).await;
        site.republish(with_kinds(true)).await;
        let citizen = site.citizen("ceshi1").await;
        let address = |step: &str| format!("/me/drafts/{draft}/{step}");
        let page = citizen.get(&address("applicant")).await.ok().html();
        assert!(page.text("#field-employer-error").contains(LOST));
        let told = page.text("main");
        assert!(told.contains("现在还需要填写“单位电话”"), "{told}");
        assert!(!told.contains("其他内容都已保留"), "{told}");
        // Neither another page nor this one, put aside, is an answer.
        let other = [("delivery", "electronic"), ("commitment", "true"), ("go", "next")];
        citizen.post(&address("delivery"), &other).await.leads_to();
        let aside = [("mobile", "19900000001"), ("address", "示例市新路99号"), ("go", "back")];
        citizen.post(&address("applicant"), &aside).await.leads_to();
        let page = citizen.get(&address("confirm")).await.ok().html();
        assert!(page.text(".tb-summary").contains(LOST));
        let shown = page.text("[data-pointer='/employer']");
        assert!(shown.contains(LOST) && !shown.contains("two"), "{shown}");
        let refused = citizen.post(&address("confirm"), &[("_shown", &hidden(&page, "_shown"))]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.html().text(".tb-summary").contains(LOST));
        assert_eq!(cases(&site).await, 0);
        // The page sent on without it says that there is none.
        let sent = [
            ("mobile", "19900000001"), ("address", "示例市新路99号"), ("employer_phone", "021-00000000"), ("go", "next"),
        ];
        citizen.post(&address("applicant"), &sent).await.leads_to();
        let page = citizen.get(&address("confirm")).await.ok().html();
        assert!(!page.has(".tb-summary") && !page.text("main").contains("表单已更新"));
        citizen.post(&address("confirm"), &[("_shown", &hidden(&page, "_shown"))]).await.leads_to();
        assert_eq!(cases(&site).await, 1);
    }

    async fn an_old_tab_keeps_its_text_after_a_new_release_and_says_so(db: Db) {
        let mut site = Site::on(db).await;
        let draft = with_employer(&site).await;
        let address = format!("/me/drafts/{draft}/applicant");
        let old = site.citizen("ceshi1").await.get(&address).await.ok().html();
        let (shown, release) = (hidden(&old, "_shown"), hidden(&old, "_release"));
        site.republish(without_employer()).await;
        let citizen = site.citizen("ceshi1").await;
        let sent = [
            ("_shown", shown.as_str()), ("_release", release.as_str()), ("mobile", "19900000001"),
            ("address", "示例市新路99号"), ("employer", "另一家公司"), ("go", "next"),
        ];
        let answer = citizen.post(&address, &sent).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        let told = answer.html().text("main");
        assert!(told.contains("表单已更新") && told.contains("另一家公司"), "{told}");
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let kept = open_application(&site.house.desk, &ctx, draft).await.unwrap();
        assert_eq!(kept.draft.form["address"], "示例市新路99号");
        assert!(kept.fallen.is_empty());
    }

    async fn what_is_confirmed_is_what_is_filed(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let mut filled = form(1);
        filled["post_address"] = "示例市隐藏路1号".into();
        save_form(&site.house.desk, &ctx, draft, &filled).await.unwrap();
        let citizen = site.citizen("ceshi1").await;
        let page = citizen.get(&format!("/me/drafts/{draft}/confirm")).await.ok().html();
        assert!(!page.text("main").contains("隐藏路"));
        let case = citizen.post(&format!("/me/drafts/{draft}/confirm"), &[("_shown", &hidden(&page, "_shown"))]).await;
        let address = case.leads_to().to_owned();
        let shown = citizen.get(&address).await.ok().html();
        assert!(!shown.text("main").contains("隐藏路"));
    }

    async fn another_tabs_change_is_told_and_nothing_is_filed(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let citizen = site.citizen("ceshi1").await;
        let address = format!("/me/drafts/{draft}/confirm");
        let first = hidden(&citizen.get(&address).await.ok().html(), "_shown");
        let step = [("delivery", "post"), ("post_address", "示例市示例路88号"), ("commitment", "true"), ("go", "next")];
        citizen.post(&format!("/me/drafts/{draft}/delivery"), &step).await.leads_to();
        let told = citizen.post(&address, &[("_shown", &first)]).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        let words = told.html().text(".tb-summary");
        assert!(words.contains("领取方式") && words.contains("邮寄到家") && words.contains("示例路88号"), "{words}");
        assert_eq!(cases(&site).await, 0);
        let again = hidden(&told.html(), "_shown");
        citizen.post(&address, &[("_shown", &again)]).await.leads_to();
        assert_eq!(cases(&site).await, 1);
    }

    async fn a_draft_is_deleted_with_its_files_by_its_owner_only(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let address = format!("/me/drafts/{draft}/delete");
        let stranger = site.citizen("ceshi2").await.post(&address, &[]).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND);
        let citizen = site.citizen("ceshi1").await;
        let page = citizen.get("/me/cases").await.ok().html();
        assert!(page.has(&format!("form[action='{address}'][data-confirm]")));
        assert_eq!(citizen.post(&address, &[]).await.leads_to(), "/me/cases");
        for left in [
            "SELECT COUNT(*) AS n FROM draft", "SELECT COUNT(*) AS n FROM material_file",
            "SELECT COUNT(*) AS n FROM object WHERE media_type = 'application/pdf' AND size < 200",
        ] {
            assert_eq!(site.count(left).await, 0, "{left}");
        }
        // What another application has too stays.
        let draft = site.complete_draft(&ctx, 1).await;
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        let case = site.submitted(&other, 2).await;
        tongban_cases::delete_draft(&site.house.desk, &ctx, draft).await.unwrap();
        let view = open_case(&site.house.desk, &other, case).await.unwrap();
        let content = tongban_cases::material_content(&site.house.desk, &other, case, view.files[0].file.id).await;
        assert!(content.is_ok());
    }

    async fn of_two_tabs_on_one_step_the_later_is_told(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let citizen = site.citizen("ceshi1").await;
        let address = format!("/me/drafts/{draft}/applicant");
        let both = hidden(&citizen.get(&address).await.ok().html(), "_shown");
        let send = |shown: String, home: &'static str| {
            let (citizen, address) = (citizen.clone(), address.clone());
            async move {
                let sent = [("_shown", shown.as_str()), ("mobile", "19900000001"), ("address", home), ("go", "next")];
                citizen.post(&address, &sent).await
            }
        };
        send(both.clone(), "示例市第一路1号").await.leads_to();
        let told = send(both.clone(), "示例市第二路2号").await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = told.html();
        assert!(page.text("main").contains("第一路1号"), "{}", page.text("main"));
        assert!(told.text().contains("示例市第二路2号"), "what was typed is not lost");
        let saved = open_application(&site.house.desk, &ctx, draft).await.unwrap();
        assert_eq!(saved.draft.form["address"], "示例市第一路1号");
        send(hidden(&page, "_shown"), "示例市第二路2号").await.leads_to();
        let saved = open_application(&site.house.desk, &ctx, draft).await.unwrap();
        assert_eq!(saved.draft.form["address"], "示例市第二路2号");
    }
}
