//! Officers: their door, their rights, and records changed beside the application.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use tongban_audit::{Outcome, verify};
use tongban_base::{Actor, ActorKind, Kind};
use tongban_identity::{LogIn, OpenedSession, SessionKind, assign_roles, ensure_staff, log_in};
use tongban_testkit::actors::{MONDAY_MORNING, admin, anonymous, staff_of, system};
use tongban_testkit::{covers, on_both_databases};
use tongban_ui::Authenticator;

use crate::house::{House, STAFF_PASSWORD, Site, clerk, migrations};

async fn enter(house: &House) -> tongban_base::Result<OpenedSession> {
    let wish = LogIn {
        kind: SessionKind::Staff,
        login: "acceptor".into(),
        password: STAFF_PASSWORD.into(),
    };
    log_in(&house.identity, &anonymous(), &wish, "").await
}

/// A moment later, when the cache of sessions is read anew.
async fn holder(house: &House, token: &str, minutes: i64) -> Option<Actor> {
    let now = MONDAY_MORNING.plus_minutes(minutes);
    house.identity.authenticate(token, now).await.unwrap()
}

fn role(code: &str) -> BTreeSet<String> {
    [code.to_owned()].into()
}

on_both_databases! {
    &migrations();

    async fn an_officer_has_the_rights_of_his_roles(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let opened = enter(&house).await.unwrap();
        let actor = holder(&house, &opened.token, 1).await.unwrap();
        assert_eq!(actor.kind, ActorKind::Staff);
        let scope = actor.staff.unwrap();
        assert_eq!((scope.organisation.as_str(), scope.division.as_str()), ("transport", "310000000000"));
        assert_eq!(scope.permissions, role("case.accept"));
    }

    async fn a_record_changed_beside_the_application_opens_no_door_and_raises_the_alarm(db: Db) {
        covers!("SH-229", "SH-235", "WH-353");
        let house = House::on(db).await;
        house.seed().await;
        enter(&house).await.unwrap();
        house.meddle("UPDATE staff SET roles = 'acceptor approver'").await;
        let refused = enter(&house).await.err().unwrap();
        assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "staff.tampered"));
        let alarms = house.log("staff.tampered").await;
        assert_eq!(alarms.len(), 1);
        assert_eq!(alarms[0].outcome, Outcome::Refused);
        // The change through the application stays on record with old and new, and its record opens the door.
        house.meddle("UPDATE staff SET roles = 'acceptor'").await;
        let opened = enter(&house).await.unwrap();
        let officer = opened.account;
        let manager = admin(&["staff.manage", "case.decide"]);
        assign_roles(&house.identity, &manager, officer, role("approver")).await.unwrap();
        let change = &house.log("staff.roles_assigned").await[0];
        assert_eq!(change.detail, serde_json::json!({"old": ["acceptor"], "new": ["approver"]}));
        assert_eq!(change.actor_id, manager.actor.account);
        let actor = holder(&house, &opened.token, 1).await.unwrap();
        assert_eq!(actor.staff.unwrap().permissions, role("case.decide"));
        assert!(verify(&house.db, &house.audit).await.unwrap().is_sound());
    }

    async fn a_session_ends_when_its_officers_record_is_changed_beside_the_application(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let opened = enter(&house).await.unwrap();
        assert!(holder(&house, &opened.token, 1).await.is_some());
        house.meddle("UPDATE staff SET division = '000000000000'").await;
        assert!(holder(&house, &opened.token, 2).await.is_none());
        house.meddle("UPDATE staff SET division = '310000000000'").await;
        assert!(holder(&house, &opened.token, 3).await.is_none());
        assert_eq!(house.log("staff.tampered").await.len(), 1);
    }

    async fn a_password_put_in_beside_the_application_opens_no_door(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        house.meddle("UPDATE staff SET password = (SELECT password FROM account WHERE login = 'ceshi1')").await;
        let wish = LogIn {
            kind: SessionKind::Staff,
            login: "acceptor".into(),
            password: tongban_identity::DEMO_PASSWORD.into(),
        };
        let refused = log_in(&house.identity, &anonymous(), &wish, "").await.err().unwrap();
        assert_eq!(refused.code(), "staff.tampered");
    }

    async fn roles_are_assigned_only_in_ones_own_office_and_within_ones_own_rights(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let officer = enter(&house).await.unwrap().account;
        let refusal = async |ctx| {
            assign_roles(&house.identity, &ctx, officer, role("approver")).await.unwrap_err()
        };
        let elsewhere = staff_of("health", "310000000000", "admin", "测试", &["staff.manage", "case.decide"]);
        assert_eq!(refusal(elsewhere).await.kind(), Kind::NotFound);
        assert_eq!(refusal(admin(&["case.decide"])).await.kind(), Kind::Forbidden);
        assert_eq!(refusal(admin(&["staff.manage"])).await.code(), "staff.beyond_own");
    }

    async fn entering_officers_again_changes_nothing(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let mut again = clerk();
        again.password = "Other-Password-1".into();
        assert_eq!(ensure_staff(&house.identity, &system(), &[again]).await.unwrap(), 0);
        enter(&house).await.unwrap();
    }
}

#[tokio::test]
async fn officers_come_in_by_their_own_door_and_land_on_the_workbench() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let form = [
        ("as", "staff"),
        ("login", "acceptor"),
        ("password", STAFF_PASSWORD),
    ];
    assert_eq!(
        browser.post("/login", &form).await.location,
        "/workbench?begin"
    );
    assert_eq!(
        browser
            .get("/me/sessions")
            .await
            .html()
            .text("body.tb-workbench h1"),
        "登录记录"
    );
    // A page of citizens is not theirs, and the citizens' door does not know them.
    assert_eq!(browser.get("/me").await.status, StatusCode::FORBIDDEN);
    let wrong_door = [
        ("as", "citizen"),
        ("login", "acceptor"),
        ("password", STAFF_PASSWORD),
    ];
    assert_eq!(
        site.browser().post("/login", &wrong_door).await.status,
        StatusCode::UNAUTHORIZED
    );
}
