//! Registering, logging in, and the lock on guessing.

use axum::http::StatusCode;
use tongban_audit::Outcome;
use tongban_base::{Ctx, Kind};
use tongban_identity::{DEMO_PASSWORD, LogIn, OpenedSession, SessionKind, log_in};
use tongban_testkit::actors::{MONDAY_MORNING, anonymous};
use tongban_testkit::on_both_databases;

use crate::house::{House, PASSWORD, Site, migrations, new_account};

async fn try_login(
    house: &House,
    login: &str,
    password: &str,
    minutes: i64,
) -> tongban_base::Result<OpenedSession> {
    let mut ctx: Ctx = anonymous();
    ctx.now = MONDAY_MORNING.plus_minutes(minutes);
    let wish = LogIn {
        kind: SessionKind::Citizen,
        login: login.into(),
        password: password.into(),
    };
    log_in(&house.identity, &ctx, &wish, "").await
}

on_both_databases! {
    &migrations();

    async fn five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(db: Db) {
        let house = House::on(db).await;
        house.registered(&new_account("lixia", "19800000001")).await;
        for left in (1..5).rev() {
            let problem = try_login(&house, "lixia", "wrong", 0).await.err().unwrap();
            assert_eq!(problem.code(), "login.wrong");
            let warned = problem.message().contains(&format!("再错 {left} 次"));
            assert_eq!(warned, left <= 2);
        }
        let problem = try_login(&house, "lixia", "wrong", 0).await.err().unwrap();
        assert_eq!((problem.kind(), problem.code()), (Kind::Locked, "login.locked"));
        assert!(problem.message().contains("请 15 分钟后再试"));
        let right = try_login(&house, "lixia", PASSWORD, 14).await.err().unwrap();
        assert!(right.message().contains("请 1 分钟后再试"));
        try_login(&house, "lixia", PASSWORD, 15).await.unwrap();
        let refused = house.log("session.opened").await;
        assert_eq!(refused.iter().filter(|e| e.outcome == Outcome::Refused).count(), 5);
        assert_eq!(house.log("account.locked").await.len(), 1);
    }

    async fn an_unknown_name_is_refused_and_locked_in_the_same_words(db: Db) {
        let house = House::on(db).await;
        house.registered(&new_account("lixia", "19800000002")).await;
        for _ in 0..6 {
            let known = try_login(&house, "lixia", "wrong", 0).await.err().unwrap();
            let unknown = try_login(&house, "nobody", "wrong", 0).await.err().unwrap();
            assert_eq!(known.message(), unknown.message());
            assert_eq!(known.kind(), unknown.kind());
        }
    }

    async fn guesses_at_the_same_moment_are_all_counted(db: Db) {
        let house = House::on(db).await;
        house.registered(&new_account("lixia", "19800000003")).await;
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let identity = house.identity.clone();
            let wish = LogIn { kind: SessionKind::Citizen, login: "lixia".into(), password: "wrong".into() };
            guesses.spawn(async move { log_in(&identity, &anonymous(), &wish, "").await.err().unwrap() });
        }
        let codes: Vec<String> = guesses.join_all().await.iter().map(|p| p.code().to_owned()).collect();
        assert!(codes.iter().filter(|code| *code == "login.wrong").count() <= 4);
        let right = try_login(&house, "lixia", PASSWORD, 1).await.err().unwrap();
        assert_eq!(right.code(), "login.locked");
    }

    async fn a_right_password_gives_all_tries_back(db: Db) {
        let house = House::on(db).await;
        house.registered(&new_account("lixia", "19800000004")).await;
        for _ in 0..3 {
            for _ in 0..4 {
                assert!(try_login(&house, "lixia", "wrong", 0).await.is_err());
            }
            try_login(&house, "LiXia", PASSWORD, 0).await.unwrap();
        }
    }

    async fn no_personal_data_and_no_token_stands_readable_in_the_database(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let opened = try_login(&house, "ceshi1", tongban_identity::DEMO_PASSWORD, 0).await.unwrap();
        let person = &tongban_identity::demo_people()[0];
        let stored = house.db.read((), |tx, ()| Box::pin(async move {
            let mut text = String::new();
            for table in ["account", "real_name_check", "session"] {
                for row in tx.query(&format!("SELECT * FROM {table}"), tongban_store::params![]).await? {
                    text.push_str(&format!("{:?}", row.values()));
                }
            }
            Ok(text)
        })).await.unwrap();
        for secret in [&person.name, &person.id_number, &person.mobile, &person.address, &opened.token] {
            assert!(!stored.contains(secret.as_str()));
        }
    }
}

#[tokio::test]
async fn a_citizen_registers_is_logged_in_and_logs_out() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let page = browser.get("/register").await;
    assert_eq!(page.html().text("h1"), "注册账号");
    let form = [
        ("login", "lixia"),
        ("mobile", "19800000006"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let asked = browser.post("/register", &form).await;
    let page = browser.get(&asked.location).await.html();
    assert!(page.text("main").contains("198****0006"));
    let digits = site.house.digits();
    let answer = browser.post(&asked.location, &[("code", &digits)]).await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, "/me/real-name")
    );
    let cookie = answer
        .set_cookies
        .iter()
        .find(|c| c.starts_with("tongban_session="))
        .unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("Path=/"));
    let profile = browser.get("/me").await.html();
    assert!(profile.texts("dd").contains(&"198****0006".to_owned()));
    let left = browser.post("/logout", &[]).await;
    assert_eq!(left.location, "/");
    let after = browser.get("/me").await;
    assert_eq!(
        (after.status, after.location.as_str()),
        (StatusCode::SEE_OTHER, "/login?next=%2Fme")
    );
}

#[tokio::test]
async fn faults_of_a_registration_stand_beside_their_fields_and_no_password_comes_back() {
    let site = Site::open().await;
    let form = [
        ("login", "李霞"),
        ("mobile", "123"),
        ("password", "geheim-Kuh-77"),
        ("password_again", "geheim-Kuh-78"),
    ];
    let answer = site.browser().post("/register", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.html();
    assert!(
        page.text("#f-mobile-error")
            .contains("手机号应为 11 位数字")
    );
    assert!(page.text("#f-login-error").contains("登录名由"));
    assert!(
        page.text("#f-password_again-error")
            .contains("两次填写的密码不一样")
    );
    assert_eq!(page.one("#f-mobile").attribute("value"), Some("123"));
    assert!(!answer.body.contains("geheim"));
}

#[tokio::test]
async fn a_password_that_is_easy_to_guess_or_ones_own_number_is_refused_beside_its_field() {
    let site = Site::open().await;
    for (password, words) in [
        ("woaini520", "很多人都用"),
        ("mu-19800000007-x", "自己的"),
        (DEMO_PASSWORD, "容易被猜到"),
    ] {
        let form = [
            ("login", "lixia"),
            ("mobile", "19800000007"),
            ("password", password),
            ("password_again", password),
        ];
        let answer = site.browser().post("/register", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = answer.html().text("#f-password-error");
        assert!(told.contains(words), "{password}: {told}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_on_the_page_and_the_fifth_closes_it() {
    let site = Site::open().await;
    let mut browser = site.browser();
    for _ in 0..4 {
        let answer = browser
            .post("/login", &[("login", "ceshi2"), ("password", "falsch")])
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(
            answer
                .html()
                .text("[role=alert]")
                .contains("账号或密码不正确")
        );
    }
    let answer = browser
        .post("/login", &[("login", "ceshi2"), ("password", "falsch")])
        .await;
    assert_eq!(answer.status, StatusCode::LOCKED);
    assert!(
        answer
            .html()
            .text("[role=alert]")
            .contains("请 15 分钟后再试")
    );
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn the_demonstration_offers_its_accounts_on_the_login_page() {
    let site = Site::open_with_demo_accounts().await;
    let page = site.browser().get("/login").await.html();
    assert_eq!(page.all("#demo-accounts li").len(), 5);
    assert!(page.has("a[href^='/login?as=staff']"));
    let staff = site.browser().get("/login?as=staff").await.html();
    assert_eq!(staff.texts("#demo-accounts strong"), ["测试甲"]);
}
