//! Who logged in and who tried: account, address, time and outcome of each, found by the account; what was looked at and
//! taken away afterwards.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use serde_json::json;
use tongban_audit::{FaultReason, verify};
use tongban_cases::{AtWindow, Begun, begin_at_window, delete_draft};
use tongban_identity::{DEMO_PASSWORD, Met, assign_roles, demo_people};
use tongban_testkit::{covers, on_both_databases};

use crate::browser::Answer;
use crate::house::{ITEM, Site, migrations};

/// A login that comes from this address.
async fn enter(site: &Site, from: &str, login: &str, password: &str) -> Answer {
    let wish = json!({ "kind": "staff", "login": login, "password": password });
    let from: SocketAddr = format!("{from}:40000").parse().unwrap();
    let request = Request::post("/api/v1/sessions")
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin")
        .extension(ConnectInfo(from))
        .body(Body::from(wish.to_string()))
        .unwrap();
    site.browser().send(request).await
}

on_both_databases! {
    &migrations();

    async fn each_login_and_each_try_is_on_record_and_found_by_its_account(db: Db) {
        covers!("HD-198");
        let site = Site::on(db).await;
        enter(&site, "192.0.2.7", "approver", DEMO_PASSWORD).await.ok();
        assert!(enter(&site, "192.0.2.9", "approver", "falsch-1").await.status.is_client_error());
        enter(&site, "192.0.2.8", "reviewer", DEMO_PASSWORD).await.ok();

        let reader = site.officer("supervisor").await;
        let all = reader.get("/workbench/audit?event=session.opened").await.ok().html();
        let ids = all.texts("tbody td[data-label=对象] span");
        let lines = all.texts("tbody tr");
        let place = lines.iter().position(|line| line.contains("192.0.2.7")).unwrap();
        let id = ids[place].as_str();
        let found = reader.get(&format!("/workbench/audit?event=session.opened&subject_id={id}")).await.ok().html();
        let told = found.texts("tbody tr");
        assert_eq!(told.len(), 2, "{told:?}");
        let of = |address: &str| told.iter().find(|line| line.contains(address)).unwrap();
        let (failed, entered) = (of("192.0.2.9"), of("192.0.2.7"));
        let day = tongban_base::date_words(site.house.app.now().date());
        for words in ["192.0.2.9", "被拒", "密码错误", id, day.as_str()] {
            assert!(failed.contains(words), "{words} in {failed}");
        }
        for words in ["192.0.2.7", "测试丙", "登录", id, day.as_str()] {
            assert!(entered.contains(words), "{words} in {entered}");
        }
        assert!(!entered.contains("被拒"));
    }

    async fn what_somebody_did_is_found_by_name_and_taken_away_and_nobody_deletes_it(db: Db) {
        covers!("HD-370", "XC-069");
        let site = Site::on(db).await;
        let (administrator, supervisor) = (site.officer("administrator").await, site.officer("supervisor").await);
        // Something is entered and deleted by somebody who came from an address.
        enter(&site, "192.0.2.9", "acceptor", DEMO_PASSWORD).await.ok();
        let acceptor = site.officer_at("acceptor", site.house.app.now()).await;
        let known = &demo_people()[0];
        let at_window = AtWindow {
            met: Met { name: known.name.clone(), id_number: known.id_number.clone(), mobile: known.mobile.clone() },
            shown: "居民身份证".into(),
            agreed: true,
        };
        let Begun::Draft(draft) = begin_at_window(&site.house.desk, &acceptor, ITEM, &at_window).await.unwrap() else {
            panic!("refused");
        };
        delete_draft(&site.house.desk, &acceptor, draft).await.unwrap();
        let file = supervisor.get("/workbench/audit/export?actor=%E6%B5%8B%E8%AF%95%E7%94%B2").await.ok().text();
        for told in ["保存申请草稿", "删除申请草稿", "登录", "测试甲", "192.0.2.9", &draft.to_string()] {
            assert!(file.contains(told), "{told} is missing: {file}");
        }
        let maker = site.officer_at("maker", site.house.app.now()).await.actor.account.unwrap();
        for way in ["off", "on"] {
            administrator.post(&format!("/workbench/staff/{maker}/{way}"), &[]).await.leads_to();
        }
        let ctx = site.officer_at("administrator", site.house.app.now()).await;
        let roles = ["maker".to_owned(), "window".to_owned()].into();
        assign_roles(&site.house.identity, &ctx, maker, roles).await.unwrap();
        let entered = supervisor.get("/workbench/audit?event=staff.entered").await.ok().html();
        assert!(!entered.texts("tbody tr").is_empty(), "who was entered");
        site.house.reads.flush().await.unwrap();
        let log = supervisor.get("/workbench/audit?actor=%E6%B5%8B%E8%AF%95%E5%B7%B1").await.ok().html();
        let lines = log.texts("tbody tr");
        assert!(!lines.is_empty() && lines.iter().all(|line| line.contains("测试己")), "{lines:?}");
        let export = log.one("a[href*='/audit/export']").attribute("href").unwrap().to_owned();
        let file = supervisor.get(&export).await.ok().text();
        for told in ["停用工作人员", "启用工作人员", "调整岗位", "测试己", &maker.to_string(), "网络地址"] {
            assert!(file.contains(told), "{told} is missing: {file}");
        }
        assert!(!file.contains("测试戊"), "nobody else's: {file}");
        assert_eq!(site.officer("acceptor").await.get(&export).await.status, 403);
        for way in ["/workbench/audit", "/workbench/audit/export", "/api/v1/audit"] {
            assert!(administrator.post(way, &[]).await.status.is_client_error(), "{way}");
        }
        assert!(verify(site.db(), &site.house.audit_key).await.unwrap().is_sound());
        site.meddle("DELETE FROM audit_entry WHERE event = 'staff.switched_off'").await;
        assert!(!verify(site.db(), &site.house.audit_key).await.unwrap().is_sound(), "what is gone is missed");
    }

    async fn a_login_a_look_and_an_export_stand_in_the_log_and_stay_as_they_are(db: Db) {
        covers!("HA-367");
        let site = Site::on(db).await;
        enter(&site, "192.0.2.7", "supervisor", DEMO_PASSWORD).await.ok();
        let supervisor = site.officer("supervisor").await;
        let days = "from=2026-11-01&to=2026-12-31";
        supervisor.get(&format!("/workbench/figures?{days}")).await.ok();
        supervisor.get(&format!("/workbench/figures/export?{days}")).await.ok();
        site.house.reads.flush().await.unwrap();
        let day = tongban_base::date_words(site.house.app.now().date());
        for (event, done) in [
            ("session.opened", "登录"),
            ("case.figures_seen", "查看办件统计"),
            ("case.figures_exported", "导出办件统计"),
        ] {
            let log = supervisor.get(&format!("/workbench/audit?event={event}")).await.ok().html();
            let lines = log.texts("tbody tr");
            let told = |line: &String| [done, "测试戊", day.as_str()].iter().all(|words| line.contains(words));
            assert!(lines.iter().any(told), "{event}: {lines:?}");
        }
        assert!(supervisor.post("/workbench/audit", &[]).await.status.is_client_error());
        assert!(verify(site.db(), &site.house.audit_key).await.unwrap().is_sound());
        site.meddle("UPDATE audit_entry SET actor_name = '别人' WHERE event = 'case.figures_exported'").await;
        let found = verify(site.db(), &site.house.audit_key).await.unwrap().faults;
        assert_eq!(found.iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Changed]);
    }
}
