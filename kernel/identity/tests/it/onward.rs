//! Whoever was on the way somewhere gets there: over registration, real name, forgotten password and login.

use tongban_identity::{DEMO_PASSWORD, demo_people};

use crate::house::{Browser, PASSWORD, Site};

const WISH: &str = "/me/sessions";
const CARRIED: &str = "next=%2Fme%2Fsessions";

/// The links of a page, which carry on where one was going.
async fn links(browser: &mut Browser, page: &str, to: &[&str]) {
    let page = browser.get(page).await.html();
    for path in to {
        let link = format!("a[href='{path}?{CARRIED}']");
        assert!(page.has(&link), "{link}");
    }
}

#[tokio::test]
async fn whoever_has_no_account_gets_over_registration_and_real_name_to_where_he_was_going() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let sent_to = browser.get(WISH).await.location;
    assert_eq!(sent_to, format!("/login?{CARRIED}"));
    let others = ["/register", "/forgotten-password"];
    links(&mut browser, &sent_to, &others).await;
    links(&mut browser, &format!("/register?{CARRIED}"), &["/login"]).await;
    let form = [
        ("login", "lixia"),
        ("mobile", "19800000006"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("next", WISH),
    ];
    let asked = browser.post("/register", &form).await;
    let page = browser.get(&asked.location).await.html();
    let kept = page.one("form.tb-form input[name='next']");
    assert_eq!(kept.attribute("value"), Some(WISH));
    assert!(page.has(&format!("a[href='/register?{CARRIED}']")));
    let digits = site.house.digits();
    let entered = [("code", digits.as_str()), ("next", WISH)];
    let proof = browser.post(&asked.location, &entered).await.location;
    assert_eq!(proof, format!("/me/real-name?{CARRIED}"));

    let person = &demo_people()[5];
    let card = [
        ("name", person.name.as_str()),
        ("id_number", &person.id_number),
        ("next", WISH),
    ];
    assert_eq!(browser.post("/me/real-name", &card).await.location, proof);
    let waiting = browser.get(&proof).await.html();
    let again = format!("#proof[hx-get='{proof}']");
    assert!(waiting.has(&again));
    site.house.run_jobs().await;
    let proven = browser.get(&proof).await.html();
    assert_eq!(proven.text(&format!("#proof a[href='{WISH}']")), "接着办");
    assert!(
        browser
            .get("/me/real-name")
            .await
            .html()
            .has("#proof a[href='/']")
    );
}

#[tokio::test]
async fn whoever_forgot_his_password_gets_to_where_he_was_going() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let page = format!("/forgotten-password?{CARRIED}");
    links(&mut browser, &page, &["/login"]).await;
    let person = &demo_people()[0];
    let form = [("mobile", person.mobile.as_str()), ("next", WISH)];
    let asked = browser.post("/forgotten-password", &form).await.location;
    assert!(asked.ends_with(CARRIED), "{asked}");
    let digits = site.house.digits();
    let entered = [
        ("code", digits.as_str()),
        ("id_number", &person.id_number),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("next", WISH),
    ];
    let login = browser.post(&asked, &entered).await.location;
    assert_eq!(login, format!("/login?{CARRIED}"));
    let form = [("login", "ceshi1"), ("password", PASSWORD), ("next", WISH)];
    assert_eq!(browser.post("/login", &form).await.location, WISH);
    let other = [
        ("login", "ceshi2"),
        ("password", DEMO_PASSWORD),
        ("next", "/logout"),
    ];
    let led = site.browser().post("/login", &other).await.location;
    assert_eq!(led, "/", "no target of a form is a way on");
}
