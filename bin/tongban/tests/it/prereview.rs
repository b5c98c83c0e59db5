//! The first look at what was applied for: where it waits, what the officer sees of it, and the three answers.

use axum::http::StatusCode;
use serde_json::json;
use tongban_base::Ctx;
use tongban_cases::{CaseId, tasks_of};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, sqlite};

use crate::acts::kept_from;
use crate::house::{ITEM, MATERIAL, Site, migrations};
use crate::main_job::{decide, shown};

async fn applied(site: &Site, person: usize) -> (Ctx, CaseId) {
    let login = format!("ceshi{person}");
    let citizen = site.citizen_at(&login, MONDAY_MORNING).await;
    let case = site.submitted(&citizen, person).await;
    (citizen, case)
}

/// The cases that wait in the queue of an officer.
async fn queue(site: &Site, login: &str) -> Vec<String> {
    let page = site.officer(login).await.get("/workbench").await;
    let links = page.ok().html().all("a[href^='/workbench/cases/']");
    let case = |part: &tongban_testkit::Part| {
        let path = part.attribute("href").unwrap();
        let rest = path.trim_start_matches("/workbench/cases/");
        rest.split('?').next().unwrap().to_owned()
    };
    let mut cases: Vec<String> = links.iter().map(case).collect();
    cases.sort();
    cases.dedup();
    cases
}

#[tokio::test]
async fn an_application_is_passed_refused_or_sent_back_once() {
    covers!("HD-047");
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let acceptor = site.officer("acceptor").await;
    let [(_, passed), (_, refused), (_, corrected)] = [
        applied(&site, 1).await,
        applied(&site, 2).await,
        applied(&site, 3).await,
    ];
    let page = acceptor
        .get(&format!("/workbench/cases/{passed}"))
        .await
        .ok()
        .html();
    assert!(
        page.text("form#task").contains("测试一"),
        "what was filled in"
    );
    let file = page
        .one("form#task a[href*='/files/']")
        .attribute("href")
        .unwrap()
        .to_owned();
    assert!(
        acceptor.get(&file).await.ok().body.starts_with(b"%PDF-"),
        "what was handed in"
    );
    let first = tasks_of(&site.house.desk, passed).await.unwrap()[0].id;

    decide(&acceptor, passed, "accept", &[]).await;
    let letters = site
        .citizen("ceshi1")
        .await
        .get(&format!("/me/cases/{passed}"))
        .await
        .ok()
        .text();
    assert!(letters.contains("受理通知书"));
    decide(
        &acceptor,
        refused,
        "refuse",
        &[("opinion", "不属于本机关职权范围")],
    )
    .await;
    let material = format!("material.{MATERIAL}");
    decide(
        &acceptor,
        corrected,
        "correct",
        &[("opinion", "请重拍"), (&material, "拍得不清楚")],
    )
    .await;
    site.drain_now().await;
    let mut all = Vec::new();
    for (person, case) in [(1, passed), (2, refused), (3, corrected)] {
        let citizen = site.citizen(&format!("ceshi{person}")).await;
        all.push(shown(&citizen, case).await["status"].clone());
    }
    assert_eq!(all, ["accepted", "refused", "correcting"]);
    let told = site
        .citizen("ceshi2")
        .await
        .get("/me/messages")
        .await
        .ok()
        .text();
    assert!(told.contains("不予受理"), "the applicant is told");
    let list = acceptor
        .get("/workbench/cases?status=correcting")
        .await
        .ok()
        .html();
    assert_eq!(list.all("tbody tr").len(), 1);
    assert!(list.has(&format!("tbody a[href='/workbench/cases/{corrected}']")));

    let again = acceptor
        .post(
            &format!("/workbench/tasks/{first}"),
            &[("decision", "refuse"), ("opinion", "再来一次")],
        )
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let status = shown(&site.citizen("ceshi1").await, passed).await["status"].clone();
    assert_eq!(status, "accepted");
}

#[tokio::test]
async fn what_comes_in_waits_in_one_list_for_those_it_is_for() {
    covers!("XC-128");
    let database = sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let mut all = Vec::new();
    for person in 1..=3 {
        all.push(applied(&site, person).await.1.to_string());
    }
    all.sort();
    assert_eq!(queue(&site, "acceptor").await, all);
    for login in [
        "reviewer",
        "approver",
        "maker",
        "huangpu-acceptor",
        "xuhui-acceptor",
    ] {
        assert_eq!(queue(&site, login).await, Vec::<String>::new(), "{login}");
    }
    let told = kept_from(&site, "ceshi1", ITEM, json!({ "reason": "damaged" })).await;
    assert!(told.contains("您有一件同类业务正在办理"), "{told}");
    assert_eq!(queue(&site, "acceptor").await, all);
    decide(
        &site.officer("acceptor").await,
        all[0].parse().unwrap(),
        "accept",
        &[],
    )
    .await;
    assert_eq!(queue(&site, "acceptor").await, all[1..]);
    assert_eq!(queue(&site, "reviewer").await, all[..1]);
}

#[tokio::test]
async fn what_to_look_at_stands_beside_each_material_that_says_so() {
    covers!("HA-438");
    let database = sqlite(&migrations()).await;
    let pack = tongban::packs::transport();
    let file = format!("items/{ITEM}.toml");
    let text = pack.text(&file).unwrap();
    let (before, after) = text.split_once("code = \"driving_licence\"").unwrap();
    let (line, rest) = after.split_once("review_points = ").unwrap();
    let without = format!(
        "{before}code = \"driving_licence\"{line}{}",
        rest.split_once('\n').unwrap().1
    );
    let site = Site::with_pack(database.db(), pack.with(&file, without)).await;
    let (citizen, case) = applied(&site, 1).await;
    let view = tongban_cases::open_case(&site.house.desk, &citizen, case)
        .await
        .unwrap();
    for (login, decision) in [("acceptor", "accept"), ("reviewer", "pass")] {
        let officer = site.officer(login).await;
        let page = officer
            .get(&format!("/workbench/cases/{case}"))
            .await
            .ok()
            .html();
        let shown = page.all("form#task section > div");
        let mut silent = Vec::new();
        for part in &shown {
            let html = tongban_testkit::Html::parse(&part.html);
            let name = html.text("h3");
            let of = |m: &&tongban_procedures::Material| m.name == name;
            let material = view.release.procedure().material.iter().find(of).unwrap();
            assert_eq!(
                html.texts("ul.tb-small > li"),
                material.review_points,
                "{name}"
            );
            if material.review_points.is_empty() {
                silent.push(name);
            }
        }
        assert_eq!(silent, ["机动车驾驶证"]);
        assert!(shown.len() > silent.len());
        decide(&officer, case, decision, &[]).await;
    }
}
