//! The page of the settings in force.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Kind};
use tongban_identity::{DEMO_PASSWORD, LogIn, SessionKind, log_in};
use tongban_packs::{NewSetting, change_setting};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{Html, covers, on_both_databases};
use tongban_ui::Authenticator;

use crate::house::{Site, migrations};

const PAGE: &str = "/workbench/settings";

fn value_of(page: &Html, field: &str) -> String {
    page.one(field)
        .attribute("value")
        .unwrap_or_default()
        .to_owned()
}

on_both_databases! {
    &migrations();

    async fn whoever_answers_for_settings_sees_what_is_in_force_and_who_set_it(db: Db) {
        let site = Site::on(db).await;
        let supervisor = site.officer("supervisor").await;
        let page = supervisor.get(PAGE).await.ok().html();
        assert!(page.has(".tb-side a[href='/workbench/settings']"));
        let row = page.text("#correction_days");
        assert!(row.contains("补正期限") && row.contains("15 工作日") && row.contains("定义包"), "{row}");
        assert!(page.text("#correction_lapses").contains("是"));
        assert!(page.text("#special_procedure_kinds").contains("听证、检验"));

        site.db()
            .write(Ctx::system(MONDAY_MORNING), |tx, ctx| {
                Box::pin(async move { change_setting(tx, ctx, NewSetting { code: "correction_days", value: &json!(10), reason: "试" }).await })
            })
            .await
            .unwrap();
        site.house.desk.catalog.refresh(site.db(), site.house.app.now().date()).await.unwrap();
        let administrator = site.officer("administrator").await;
        let row = administrator.get(PAGE).await.ok().html().text("#correction_days");
        assert!(row.contains("10 工作日") && row.contains("2026年11月23日由"), "{row}");
        assert!(row.contains("定义包中为15 工作日"), "{row}");

        for login in ["acceptor", "maker"] {
            let other = site.officer(login).await;
            assert_eq!(other.get(PAGE).await.status, StatusCode::FORBIDDEN, "{login}");
            let menu = other.get("/workbench").await.ok().html();
            assert!(!menu.has(".tb-side a[href='/workbench/settings']"));
        }
    }

    async fn a_changed_lock_of_logins_takes_effect_without_a_restart(db: Db) {
        let site = Site::on(db).await;
        site.db()
            .write(Ctx::system(MONDAY_MORNING), |tx, ctx| {
                Box::pin(async move { change_setting(tx, ctx, NewSetting { code: "login_max_failures", value: &json!(2), reason: "试" }).await })
            })
            .await
            .unwrap();
        site.house.desk.catalog.refresh(site.db(), site.house.app.now().date()).await.unwrap();
        let ctx = site.house.app.ctx_of(None).await.unwrap();
        let mut told = Vec::new();
        for _ in 0..3 {
            let wish = LogIn {
                kind: SessionKind::Citizen,
                login: "ceshi1".into(),
                password: "not the password".into(),
            };
            let refused = log_in(&site.house.identity, &ctx, &wish, "test").await.err().unwrap();
            told.push(refused.kind());
        }
        assert_eq!(told[2], Kind::Locked, "{told:?}");
    }

    async fn a_login_ends_after_as_many_idle_minutes_as_the_page_says(db: Db) {
        covers!("WH-346");
        let site = Site::on(db).await;
        let administrator = &site.officer("administrator").await;
        let address = "/workbench/settings/session_idle_minutes";
        for value in ["4", "241", "lang", ""] {
            let told = administrator.post(address, &[("value", value), ("reason", "试"), ("seen", "30")]).await;
            assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{value}");
            assert_eq!(value_of(&told.html(), "input[name=value]"), value);
        }
        let done = administrator.post(address, &[("value", "10"), ("reason", "试"), ("seen", "30")]).await;
        assert_eq!(done.leads_to(), address);
        let kept = "SELECT detail FROM audit_entry WHERE event = 'setting.changed'";
        let kept: Json = site.rows(kept).await[0].get("detail").unwrap();
        assert_eq!((&kept["old"], &kept["new"]), (&json!(30), &json!(10)));
        let (identity, ctx) = (&site.house.identity, site.house.app.ctx_of(None).await.unwrap());
        let opened = async || {
            let wish = LogIn { kind: SessionKind::Citizen, login: "ceshi1".into(), password: DEMO_PASSWORD.into() };
            log_in(identity, &ctx, &wish, "test").await.unwrap().token
        };
        let (used, left) = (opened().await, opened().await);
        for (token, minutes, holds) in [(&used, 9, true), (&used, 18, true), (&left, 11, false)] {
            let later = ctx.now.plus_minutes(minutes);
            let holder = identity.authenticate(token, later).await.unwrap();
            assert_eq!(holder.is_some(), holds, "{minutes}");
        }
    }

    async fn of_two_who_change_a_setting_the_second_is_told_and_nothing_is_typed_in_vain(db: Db) {
        let site = Site::on(db).await;
        covers!("XC-138", "XC-392");
        let administrator = &site.officer("administrator").await;
        let address = "/workbench/settings/correction_days";
        let page = administrator.get(address).await.ok().html();
        let seen = &value_of(&page, "input[name=seen]");
        let sent = |value: &'static str| {
            let fields = [("value", value), ("reason", "试"), ("seen", seen)];
            async move { administrator.post(address, &fields).await }
        };
        assert_eq!(sent("10").await.status, StatusCode::SEE_OTHER);
        let kept = "SELECT detail FROM audit_entry WHERE event = 'setting.changed'";
        let kept: Json = site.rows(kept).await[0].get("detail").unwrap();
        assert_eq!((&kept["old"], &kept["new"], &kept["reason"]), (&json!(15), &json!(10), &json!("试")));
        let log = administrator.get("/workbench/audit?event=setting.changed").await.ok().html();
        let told = log.text("tbody tr");
        assert!(told.contains("15") && told.contains("10；试"), "{told}");
        // The second click of the same form changes nothing and is no fault.
        assert_eq!(sent("10").await.status, StatusCode::SEE_OTHER);
        let told = sent("20").await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        let told = told.html();
        assert!(told.text("main").contains("刚刚被别人改过"), "{}", told.text("main"));
        assert_eq!(value_of(&told, "input[name=value]"), "20");
        assert_eq!(value_of(&told, "input[name=seen]"), "10");
        let now = value_of(&administrator.get(address).await.ok().html(), "input[name=seen]");
        let fields = [("value", "10"), ("reason", "试"), ("seen", now.as_str())];
        let told = administrator.post(address, &fields).await;
        assert!(told.html().text("main").contains("和现在的值一样，没有修改"));
        assert_eq!(site.audited("setting.changed", "done").await, 1);
        assert_eq!(administrator.get("/workbench/settings/none").await.status, StatusCode::NOT_FOUND);
    }
}
