//! An officer whom a decision entered sets the first password with the code that was sent.

use axum::http::StatusCode;
use tongban_base::{Ctx, Result};
use tongban_identity::{
    Identity, LogIn, NewOfficer, OpenedOfficer, SessionKind, TakeUp, log_in, take_up,
};
use tongban_testkit::actors::anonymous;
use tongban_testkit::on_both_databases;

use crate::house::{House, Site, migrations};

const PASSWORD: &str = "Huang-He-88";

fn wanted(login: &str) -> NewOfficer {
    NewOfficer {
        login: login.into(),
        name: "测试专办员".into(),
        mobile: "19900000077".into(),
        organisation: "unit-1".into(),
        division: "310000000000".into(),
        roles: vec!["acceptor".into()],
    }
}

async fn open(
    identity: &Identity,
    db: &tongban_store::Db,
    new: NewOfficer,
) -> Result<OpenedOfficer> {
    db.write((identity.clone(), new), |tx, (identity, new)| {
        Box::pin(async move {
            identity
                .open_officer(tx, &Ctx::system(anonymous().now), new)
                .await
        })
    })
    .await
}

fn with(code: &str) -> TakeUp {
    TakeUp {
        login: "zhuanban1".into(),
        code: code.into(),
        password: PASSWORD.into(),
        password_again: PASSWORD.into(),
    }
}

async fn enters(identity: &Identity, password: &str) -> bool {
    let wish = LogIn {
        kind: SessionKind::Staff,
        login: "zhuanban1".into(),
        password: password.into(),
    };
    log_in(identity, &anonymous(), &wish, "").await.is_ok()
}

on_both_databases! {
    &migrations();

    async fn the_code_sets_the_first_password_once_and_within_seven_days(db: Db) {
        let house = House::on(db).await;
        let opened = open(&house.identity, &house.db, wanted("zhuanban1")).await.unwrap();
        for guess in [opened.code.as_str(), "", "opening"] {
            assert!(!enters(&house.identity, guess).await);
        }
        let wrong = take_up(&house.identity, &anonymous(), &with("AAAAAAAAAA")).await.unwrap_err();
        assert_eq!(wrong.field_errors()[0].pointer, "/code");
        let mut late = anonymous();
        late.now = late.now.plus_minutes(7 * 24 * 60 + 1);
        take_up(&house.identity, &late, &with(&opened.code)).await.unwrap_err();
        let typed = format!(" {} ", opened.code.to_lowercase());
        take_up(&house.identity, &anonymous(), &with(&typed)).await.unwrap();
        assert!(enters(&house.identity, PASSWORD).await);
        let again = take_up(&house.identity, &anonymous(), &with(&opened.code)).await;
        assert_eq!(again.unwrap_err().field_errors()[0].pointer, "/code");
        let account = opened.account;
        let mobile = house.db.read((house.identity.clone(), account), |tx, (identity, account)| {
            Box::pin(identity.mobile_of_officer(tx, *account))
        });
        assert_eq!(mobile.await.unwrap().as_deref(), Some("19900000077"));
    }

    async fn a_login_name_that_is_used_is_an_obstacle_and_one_that_ended_is_opened_anew(db: Db) {
        let house = House::on(db).await;
        let opened = open(&house.identity, &house.db, wanted("zhuanban1")).await.unwrap();
        take_up(&house.identity, &anonymous(), &with(&opened.code)).await.unwrap();
        let twice = open(&house.identity, &house.db, wanted("zhuanban1")).await.unwrap_err();
        assert!(twice.message().contains("已有人使用"), "{twice}");
        let switch = async |active: bool| {
            house.db.write((house.identity.clone(), active), |tx, (identity, active)| {
                Box::pin(async move {
                    let ctx = Ctx::system(anonymous().now);
                    identity.switch_officer_of(tx, &ctx, ("zhuanban1", "unit-1"), *active).await
                })
            })
            .await
        };
        switch(false).await.unwrap();
        assert!(!enters(&house.identity, PASSWORD).await);
        let mut other = wanted("zhuanban1");
        other.organisation = "unit-2".into();
        open(&house.identity, &house.db, other).await.unwrap_err();
        let anew = open(&house.identity, &house.db, wanted("zhuanban1")).await.unwrap();
        assert_eq!(anew.account, opened.account);
        assert!(!enters(&house.identity, PASSWORD).await, "the old password opens nothing");
        take_up(&house.identity, &anonymous(), &with(&anew.code)).await.unwrap();
        assert!(enters(&house.identity, PASSWORD).await);
    }

    async fn a_code_that_was_lost_is_renewed_and_the_old_one_opens_nothing(db: Db) {
        let house = House::on(db).await;
        let opened = open(&house.identity, &house.db, wanted("zhuanban1")).await.unwrap();
        let renew = async || {
            house.db.write(house.identity.clone(), |tx, identity| {
                Box::pin(identity.renew_opening(tx, anonymous().now, ("zhuanban1", "unit-1")))
            })
            .await
            .unwrap()
        };
        let renewed = renew().await.unwrap();
        take_up(&house.identity, &anonymous(), &with(&opened.code)).await.unwrap_err();
        take_up(&house.identity, &anonymous(), &with(&renewed.code)).await.unwrap();
        assert!(renew().await.is_none(), "a password that was set stays");
        assert!(enters(&house.identity, PASSWORD).await);
    }

    async fn whoever_has_no_mobile_or_a_login_name_that_is_none_is_not_entered(db: Db) {
        let house = House::on(db).await;
        for (new, words) in [
            (NewOfficer { mobile: "123".into(), ..wanted("zhuanban1") }, "手机号"),
            (NewOfficer { login: "中".into(), ..wanted("") }, "登录名"),
            (NewOfficer { organisation: String::new(), ..wanted("zhuanban1") }, "单位"),
        ] {
            let told = open(&house.identity, &house.db, new).await.unwrap_err();
            assert!(told.message().contains(words), "{told}");
        }
    }
}

#[tokio::test]
async fn the_page_tells_faults_beside_their_fields_and_leads_into_the_workbench() {
    let site = Site::open().await;
    let opened = open(&site.house.identity, &site.house.db, wanted("zhuanban1"))
        .await
        .unwrap();
    let mut browser = site.browser();
    assert_eq!(browser.get("/open-account").await.status, StatusCode::OK);
    let send = |code: &str, password: &str| {
        [
            ("login", "zhuanban1".to_owned()),
            ("code", code.to_owned()),
            ("password", password.to_owned()),
            ("password_again", PASSWORD.to_owned()),
        ]
    };
    for (code, password, field) in [
        ("", PASSWORD, "#f-code-error"),
        ("AAAAAAAAAA", PASSWORD, "#f-code-error"),
        (opened.code.as_str(), "123", "#f-password-error"),
        (
            opened.code.as_str(),
            "Chang-Jiang-99",
            "#f-password_again-error",
        ),
    ] {
        let form = send(code, password);
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let told = browser.post("/open-account", &form).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!told.html().text(field).is_empty(), "{field}");
    }
    let form = send(&opened.code, PASSWORD);
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let done = browser.post("/open-account", &form).await;
    assert_eq!(done.location, "/workbench");
}
