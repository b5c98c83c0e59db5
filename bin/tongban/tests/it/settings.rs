//! The page of the settings in force.

use axum::http::StatusCode;
use serde_json::json;
use tongban_base::{Ctx, Kind};
use tongban_identity::{LogIn, SessionKind, log_in};
use tongban_packs::change_setting;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{Site, migrations};

const PAGE: &str = "/workbench/settings";

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
                Box::pin(async move { change_setting(tx, ctx, "correction_days", &json!(10)).await })
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
                Box::pin(async move { change_setting(tx, ctx, "login_max_failures", &json!(2)).await })
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
}
