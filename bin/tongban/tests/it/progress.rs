//! How a case stands without a login: by number and last digits, by its code; what is wrong tells nothing.

use axum::http::StatusCode;
use tongban_identity::demo_people;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::browser::{Answer, Browser};
use crate::house::{Site, migrations};

async fn asked(browser: &Browser, number: &str, digits: &str) -> Answer {
    browser
        .post("/progress", &[("number", number), ("digits", digits)])
        .await
}

/// The last four.
fn last(number: &str) -> String {
    number.chars().skip(number.chars().count() - 4).collect()
}

on_both_databases! {
    &migrations();

    async fn number_and_last_digits_lead_to_the_progress_and_anything_else_is_answered_alike(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let view = tongban_cases::open_case(&site.house.desk, &citizen, case).await.unwrap();
        let (number, code) = (view.case.number, view.case.code);
        let (person, browser) = (&demo_people()[0], site.browser());
        let spaced = format!(" {} {} ", &number[..4], &number[4..]);
        for digits in [last(&person.id_number), last(&person.mobile)] {
            let found = asked(&browser, &spaced, &digits.to_lowercase()).await;
            assert_eq!(found.leads_to(), format!("/c/{code}"));
        }
        let page = browser.get(&format!("/c/{code}")).await.ok().html();
        assert_eq!(page.text(".tb-course-now .tb-course-title"), "答复是否受理，正在进行");
        assert!(page.text(".tb-course-now .tb-course-note").starts_with("最晚 "));
        assert!(page.has(".tb-course-ahead") && page.has("[data-course] a.tb-phone[href^='tel:']"));
        assert!(!page.text("main").contains(&person.name), "no person");
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM audit_entry WHERE event = 'case.progress_seen'").await, 2);

        let wrong = asked(&browser, &number, "0000").await;
        let unknown = asked(&browser, "20991231000001", "0000").await;
        for answer in [&wrong, &unknown] {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.html().text("#errors").contains("没有查到"), "{}", answer.text());
        }
        assert_eq!(wrong.html().text("#errors"), unknown.html().text("#errors"));
        let empty = asked(&browser, "", "12").await.html();
        assert!(empty.has("#f-number-error") && empty.has("#f-digits-error"));
        assert!(empty.text("title").starts_with("错误："));
        // Whoever tries digits of one number is held; others are not.
        let mut last_try = wrong;
        for _ in 0..12 {
            last_try = asked(&browser, &number, "0000").await;
        }
        assert_eq!(last_try.status, StatusCode::TOO_MANY_REQUESTS);
        let other = asked(&browser, "20991231000002", "0000").await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn a_code_that_was_changed_is_told_as_of_no_use_and_tells_nothing(db: Db) {
        covers!("XC-086");
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let view = tongban_cases::open_case(&site.house.desk, &citizen, case).await.unwrap();
        let (number, code) = (view.case.number, view.case.code);
        let receipt = site.citizen("ceshi1").await.get(&format!("/me/cases/{case}?fresh=1")).await.ok().html();
        let picture = receipt.one(".tb-receipt img").attribute("src").unwrap().to_owned();
        assert_eq!(picture, format!("/c/{code}/qr.png"));
        let browser = site.browser();
        browser.get(&picture).await.ok();
        let page = browser.get(&format!("/c/{code}")).await.ok().html();
        assert!(page.text("main").contains("待预审") && page.text("main").contains("答复是否受理"));
        for changed in [format!("{code}x"), code[1..].to_owned(), code.replace(&code[..1], "~")] {
            let answer = browser.get(&format!("/c/{changed}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            let text = answer.html().text("main");
            assert!(text.contains("无效码") && !text.contains(&number), "{text}");
        }
    }

    async fn the_receipt_comes_first_and_files_stand_under_the_name_of_their_material(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let number = tongban_cases::open_case(&site.house.desk, &citizen, case).await.unwrap().case.number;
        let browser = site.citizen("ceshi1").await;
        let page = browser.get(&format!("/me/cases/{case}?fresh=1")).await.ok().html();
        let receipt = page.text(".tb-receipt");
        assert!(receipt.contains(&format!("申请已提交，办件编号 {number}")), "{receipt}");
        for way in ["a[download]", "a[href^='sms:']", "a[href^='mailto:']", "button[data-print]"] {
            assert!(page.has(&format!(".tb-receipt {way}")), "{way}");
        }
        let sms = page.one(".tb-receipt a[href^='sms:']").attribute("href").unwrap().to_owned();
        assert!(sms.contains(&number) && sms.contains("/c/"), "{sms}");
        assert!(page.texts("main h3").contains(&"损毁的从业资格证".to_owned()), "{:?}", page.texts("main h3"));
        let later = browser.get(&format!("/me/cases/{case}")).await.ok().html();
        assert!(!later.has(".tb-receipt") && later.has("aside .tb-qr"));
    }
}
