//! Codes by SMS as people and programs meet them: pages and the interface.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};
use tongban_identity::{
    CodeMessages, CodePurpose, DEMO_PASSWORD, OwnMobile, ask_code, demo_people,
};
use tongban_testkit::actors::anonymous;
use tongban_testkit::covers;

use crate::codes::logs_in;
use crate::house::{PASSWORD, Site};

#[tokio::test]
async fn a_citizen_changes_the_mobile_number_with_both_telephones_and_the_old_number_is_told() {
    covers!("XC-066");
    let site = Site::open().await;
    let mut browser = site.citizen("ceshi1").await;
    let mut elsewhere = site.citizen("ceshi1").await;
    let form = [
        ("mobile", "19800000077"),
        ("address", "上海市示例路9号"),
        ("password", DEMO_PASSWORD),
    ];
    let asked = browser.post("/me/contact", &form).await;
    assert!(asked.location.starts_with("/code/"));
    let before = browser.get("/me").await.html().texts("dd");
    assert!(before.contains(&"199****0001".to_owned()), "{before:?}");
    // Nobody else reaches it.
    let mut other = site.citizen("ceshi2").await;
    assert_eq!(
        other.get(&asked.location).await.status,
        StatusCode::NOT_FOUND
    );
    let digits = site.house.digits();
    assert_eq!(
        other
            .post(&asked.location, &[("code", &digits)])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    // The new telephone alone is not enough, nor a wrong card.
    let sent = site.house.sent();
    let (old, new) = (&sent[sent.len() - 2], &sent[sent.len() - 1]);
    assert_eq!(
        (old.mobile.as_str(), new.mobile.as_str()),
        ("19900000001", "19800000077")
    );
    let half = browser.post(&asked.location, &[("code", &digits)]).await;
    assert!(half.html().has("#f-old_code-error"));
    for proof in [
        ("old_code", digits.as_str()),
        ("id_number", &demo_people()[1].id_number),
    ] {
        let wrong = browser
            .post(&asked.location, &[("code", &digits), proof])
            .await;
        assert!(wrong.html().has("#f-code-error"), "{proof:?}");
    }
    let both = [("code", digits.as_str()), ("old_code", &old.digits)];
    let done = browser.post(&asked.location, &both).await;
    assert_eq!(done.location, "/me");
    let after = browser.get("/me").await.html().texts("dd");
    assert!(after.contains(&"198****0077".to_owned()), "{after:?}");
    // Whoever is logged in elsewhere has to log in again.
    assert!(elsewhere.get("/me").await.location.starts_with("/login"));
    let told = site.house.sent();
    let last = told.last().unwrap();
    assert_eq!(
        (last.event, &last.mobile),
        ("mobile.changed", &demo_people()[0].mobile)
    );
    assert_eq!(
        site.house.log("account.contact_changed").await.len(),
        2,
        "address and number"
    );
}

#[tokio::test]
async fn where_nothing_sends_an_sms_every_number_is_answered_alike() {
    let site = Site::open().await;
    let unconnected = Arc::new(CodeMessages {
        leaves: false,
        send: Box::new(|_, _, _| Box::pin(async { Ok(()) })),
        shown: None,
    });
    let mut told = Vec::new();
    for mobile in ["19900000001", "19800000099"] {
        let wish = OwnMobile {
            mobile: mobile.into(),
        };
        let asked = (CodePurpose::Recover, &wish);
        let refused = ask_code(&site.house.identity, &anonymous(), &unconnected, asked).await;
        let refused = refused.unwrap_err();
        told.push((refused.kind(), refused.message().to_owned()));
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0].1.contains("没有接通短信"));
}

#[tokio::test]
async fn whoever_has_the_earlier_telephone_no_more_shows_the_card_and_a_number_of_another_is_refused()
 {
    let site = Site::open().await;
    let mut browser = site.citizen("ceshi1").await;
    let person = &demo_people()[0];
    let ask = |mobile: &'static str| [("mobile", mobile), ("password", DEMO_PASSWORD)];
    // A password that was left out is no wrong one.
    let empty = [("mobile", "19900000002"), ("password", "")];
    let missing = browser.post("/me/contact", &empty).await;
    let words = missing.html().text("#f-password-error");
    assert!(words.contains("请填写登录密码"), "{words}");
    // It belongs to somebody: its owner is told, and no code opens it.
    let asked = browser.post("/me/contact", &ask("19900000002")).await;
    let told = site.house.sent();
    let last = told.last().unwrap();
    assert_eq!(
        (last.event, last.mobile.as_str()),
        ("mobile.known", "19900000002")
    );
    let card = ("id_number", person.id_number.as_str());
    for code in ["000000", &told[told.len() - 2].digits] {
        let refused = browser.post(&asked.location, &[("code", code), card]).await;
        assert!(refused.html().has("#f-code-error"));
    }
    let asked = browser.post("/me/contact", &ask("19800000077")).await;
    let digits = site.house.digits();
    let done = browser
        .post(&asked.location, &[("code", &digits), card])
        .await;
    assert_eq!(done.location, "/me");
    let shown = browser.get("/me").await.html().texts("dd");
    assert!(shown.contains(&"198****0077".to_owned()), "{shown:?}");
}

#[tokio::test]
async fn the_page_of_a_forgotten_password_leads_to_the_login_and_says_nothing_of_accounts() {
    let site = Site::open().await;
    let mut browser = site.browser();
    assert!(
        browser
            .get("/login")
            .await
            .html()
            .has("a[href='/forgotten-password']")
    );
    let mut words = Vec::new();
    for mobile in ["19900000001", "19800000099"] {
        let asked = browser
            .post("/forgotten-password", &[("mobile", mobile)])
            .await;
        let page = browser.get(&asked.location).await;
        assert_eq!(page.status, StatusCode::OK);
        words.push(page.html().text("main").replace(&mobile[7..], ""));
    }
    assert_eq!(words[0].replace("199", "198"), words[1]);
    let faulty = browser
        .post("/forgotten-password", &[("mobile", "1")])
        .await;
    assert!(faulty.html().has("#f-mobile-error"));
}

#[tokio::test]
async fn whoever_has_an_account_logs_in_with_a_code_and_goes_on_where_he_was_going() {
    covers!("HA-259");
    let site = Site::open().await;
    let mut browser = site.browser();
    let login = browser.get("/login?next=/me/contact").await.html();
    let way = login
        .one("a[href^='/login/sms']")
        .attribute("href")
        .unwrap()
        .to_owned();
    let page = browser.get(&way).await.html();
    let next = page
        .one("[name=next]")
        .attribute("value")
        .unwrap()
        .to_owned();
    let asked = browser
        .post(
            "/login/sms",
            &[("mobile", "199 0000 0001"), ("next", &next)],
        )
        .await;
    let page = browser.get(&asked.location).await.html();
    let next = page
        .one(".tb-form [name=next]")
        .attribute("value")
        .unwrap()
        .to_owned();
    let path = asked.location.split('?').next().unwrap();
    let wrong = browser.post(path, &[("code", "12"), ("next", &next)]).await;
    assert!(
        wrong
            .html()
            .text("#f-code-error")
            .contains("验证码或者身份证号不对")
    );
    let soon = browser
        .post("/login/sms", &[("mobile", "19900000001")])
        .await;
    assert!(soon.html().text("#f-mobile-error").contains("秒后再试"));
    let digits = site.house.digits();
    let over = browser
        .at(&site.later(601))
        .post(path, &[("code", &digits)])
        .await;
    assert!(over.html().text("#f-code-error").contains("过期"));
    // The telephone alone is not enough on a device that is not known.
    let fields = [("code", digits.as_str()), ("next", &next)];
    let refused = browser.post(path, &fields).await;
    assert!(refused.html().has("#f-code-error"));
    let people = demo_people();
    let card = ("id_number", people[0].id_number.as_str());
    let fields = [("code", digits.as_str()), ("next", &next), card];
    let entered = browser.post(path, &fields).await;
    assert_eq!(entered.location, "/me/contact");
    assert_eq!(browser.get("/me/contact").await.status, StatusCode::OK);
    // A number that nobody has registered logs nobody in, and no SMS goes there.
    let sent = site.house.sent().len();
    let mut stranger = site.browser();
    let asked = stranger
        .post("/login/sms", &[("mobile", "19800000099")])
        .await;
    let refused = stranger.post(&asked.location, &[("code", "000000")]).await;
    assert!(
        refused
            .html()
            .text("#f-code-error")
            .contains("验证码或者身份证号不对")
    );
    assert_eq!(site.house.sent().len(), sent);
}

#[tokio::test]
async fn a_program_registers_with_a_code_too() {
    let site = Site::open().await;
    let send = async |path: &str, body: Value| {
        let request = axum::http::Request::post(path)
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body.to_string()));
        site.browser().send(request.unwrap()).await
    };
    let wish = json!({"login": "lixia", "mobile": "19800000001", "password": PASSWORD, "password_again": PASSWORD});
    let asked = send("/api/v1/accounts", wish).await.json();
    assert_eq!(asked["mobile"], "198****0001");
    let path = format!("/api/v1/codes/{}", asked["id"].as_str().unwrap());
    let wrong = send(&path, json!({"code": "1"})).await;
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/code");
    let soon = send(&format!("{path}/again"), json!({})).await;
    assert_eq!(soon.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = send(&path, json!({"code": site.house.digits()}))
        .await
        .json();
    assert_eq!(done["purpose"], "register");
    assert!(logs_in(&site.house, "lixia", PASSWORD).await);
    let asked = send("/api/v1/passwords", json!({"mobile": "19800000001"})).await;
    assert_eq!(
        asked.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a minute has not gone by"
    );
}
