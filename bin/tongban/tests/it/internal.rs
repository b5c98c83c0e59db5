//! Procedures that officers start, with the pack that the guide writes: for a unit, for oneself, about a record.

use axum::http::StatusCode;
use serde_json::json;
use tongban::scenarios::Troupe;
use tongban_cases::{
    CaseFilter, DraftId, Status, Whose, begin_about, begin_application, complete_task, open_case,
    own_cases, save_form, submit_case, tasks_of, withdraw_case, work_queue,
};
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{on_both_databases, sqlite};

use crate::at_once::decision;
use crate::drawn::faults;
use crate::house::{Site, migrations};

/// The pack after somebody has typed what the guide says; with the scenario that it ends with.
pub fn typed() -> Folder {
    typed_after(include_str!("../../../../docs/packs/internal-procedure.md"))
}

/// The same of another guide.
pub fn typed_after(guide: &str) -> Folder {
    let mut folder = tongban::packs::transport();
    let mut parts = guide.split("\n```");
    let mut before = parts.next().unwrap().to_owned();
    while let (Some(block), rest) = (parts.next(), parts.next()) {
        let (_, text) = block.split_once('\n').unwrap();
        // The last sentence names the file, over the end of a line too.
        let said = before.replace('\n', " ");
        let at = said.rfind("Make `").max(said.rfind("Add to `"));
        let sentence = &said[at.unwrap()..];
        let file = sentence.split('`').nth(1).unwrap();
        let text = match sentence.starts_with("Add") {
            true => format!("{}\n{text}\n", folder.text(file).unwrap()),
            false => format!("{text}\n"),
        };
        folder = folder.with(file, text);
        before = rest.unwrap_or_default().to_owned();
    }
    folder
}

#[tokio::test]
async fn whoever_types_what_the_guide_says_has_procedures_that_work() {
    let troupe = Troupe::of(typed(), Some("units")).unwrap();
    let played = troupe.play(1).await;
    assert_eq!(played.len(), 1);
    assert_eq!(played[0].fallen.as_ref().map(ToString::to_string), None);
}

/// What is changed in a file, and what the check says of it.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    (
        "procedures/unit-filing.toml",
        "start = [\"liaison\"]",
        "start = [\"lialson\"]",
        "procedures/unit-filing.toml:4 [start] 没有岗位 lialson",
    ),
    (
        "procedures/unit-filing.toml",
        "audience = \"unit\"",
        "audience = \"club\"",
        "procedures/unit-filing.toml",
    ),
    (
        "procedures/unit-filing.toml",
        "audience = \"unit\"",
        "audience = \"public\"",
        "procedures/unit-filing.toml:4 [start] start 是可以发起的岗位",
    ),
    (
        "procedures/unit-filing.toml",
        "audience = \"unit\"",
        "audience = \"public\"",
        "procedures/unit-filing.toml [audience] procedures/ 里是没有办事指南的办理",
    ),
    (
        "procedures/unit-lock.toml",
        "about = \"unit\"",
        "about = \"units\"",
        "procedures/unit-lock.toml:5 [about] 没有登记簿 units（registers/units.toml）",
    ),
    (
        "procedures/unit-lock.toml",
        "about = \"unit\"",
        "summary = \"锁定\"",
        "只有面向公众的事项有办事指南",
    ),
    (
        "procedures/unit-lock.toml",
        "about = \"unit\"\n",
        "",
        "procedures/unit-lock.toml [admission] 表达式 record.status == 'active'",
    ),
    (
        "procedures/unit-check.toml",
        "about = \"unit\"\n",
        "",
        "flows/unit-check.toml:7 [核查] 表达式「record.status == 'active'」有误",
    ),
    (
        "roles.toml",
        "start = \"unit-filing\"",
        "start = \"unit-lock\"",
        "roles.toml [liaison] gate 里的办理 unit-lock 不由这个岗位发起",
    ),
    (
        "roles.toml",
        "units.exists(u, true)",
        "unit.exists(u, true)",
        "roles.toml [liaison] gate 的条件有误",
    ),
    (
        "flows/unit-lock.toml",
        "to = unit-chief",
        "to = chief",
        "flows/unit-lock.toml:2 没有岗位 chief",
    ),
    (
        "flows/unit-lock.toml",
        ", to = unit-chief",
        "",
        "事件 unit.locked 的消息是发给工作人员的",
    ),
    (
        "flows/unit-filing.toml",
        "message.send(unit.done)",
        "message.send(unit.done, to = unit-clerk)",
        "事件 unit.done 的消息是发给申请人的",
    ),
    (
        "flows/unit-lock.toml",
        "do = [\"case.accept\", \"message.send(unit.locked, to = unit-chief)\"]\n\n[[end]]\ndo = [\"case.close(granted)\"]",
        "",
        "链里没有环节，也没有操作",
    ),
];

#[test]
fn the_check_tells_what_is_wrong_with_a_procedure_of_officers() {
    assert_eq!(faults(typed()), Vec::<String>::new());
    for (file, from, to, said) in SLIPS {
        let before = typed().text(file).unwrap().to_owned();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after, "{from}");
        let found = faults(typed().with(file, after)).join("\n");
        assert!(found.contains(said), "{to}\nwanted {said}\nfound {found}");
    }
}

const FILING: &str = "unit-filing";

fn filled() -> serde_json::Value {
    json!({ "contact": "测试寅", "mobile": "19900000066" })
}

async fn filing(site: &Site, login: &str) -> (tongban_base::Ctx, DraftId) {
    let ctx = site.officer_at(login, MONDAY_MORNING).await;
    let desk = &site.house.desk;
    let draft = begin_application(desk, &ctx, FILING).await.unwrap();
    save_form(desk, &ctx, draft, &filled()).await.unwrap();
    (ctx, draft)
}

on_both_databases! {
    &migrations();

    async fn of_two_of_a_unit_who_file_at_once_one_does(db: Db) {
        let site = Site::with_pack(db, typed()).await;
        let (one, first) = filing(&site, "liaison-1").await;
        let (other, second) = filing(&site, "liaison-2").await;
        assert_ne!(first, second);
        let desk = &site.house.desk;
        let (here, there) = tokio::join!(
            submit_case(desk, &one, first),
            submit_case(desk, &other, second),
        );
        let refused: Vec<_> = [&here, &there].into_iter().filter_map(|d| d.as_ref().err()).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].code(), "case.open_already");
        assert_eq!(site.count("SELECT COUNT(*) FROM case_record").await, 1);
        // A second click gets the first answer.
        let done = here.as_ref().or(there.as_ref()).unwrap();
        let (again, draft) = match here.is_ok() {
            true => (&one, first),
            false => (&other, second),
        };
        let repeated = submit_case(desk, again, draft).await.unwrap();
        assert_eq!((repeated.case, repeated.fresh), (done.case, false));
    }

    async fn a_case_of_a_unit_is_seen_and_withdrawn_by_its_officers_and_by_nobody_else(db: Db) {
        let site = Site::with_pack(db, typed()).await;
        let (one, draft) = filing(&site, "liaison-1").await;
        let other = site.officer_at("liaison-2", MONDAY_MORNING).await;
        let desk = &site.house.desk;
        // A draft is its own.
        let peeked = save_form(desk, &other, draft, &filled()).await.err().unwrap();
        assert_eq!(peeked.code(), "not_found");
        let case = submit_case(desk, &one, draft).await.unwrap().case;
        for strange in ["huangpu-acceptor", "acceptor"] {
            let officer = site.officer_at(strange, MONDAY_MORNING).await;
            let refused = withdraw_case(desk, &officer, case, "不要了".into()).await.unwrap_err();
            assert_eq!(refused.code(), "not_found", "{strange}");
            let browser = site.officer(strange).await;
            let page = browser.get(&format!("/workbench/mine/{case}")).await;
            assert!(page.status.is_client_error() || page.status.is_redirection(), "{strange}");
        }
        let list = |whose| own_cases(desk, &other, whose, CaseFilter { limit: 9, ..CaseFilter::default() });
        assert_eq!(list(Whose::Own).await.unwrap().rows.len(), 0);
        let of_unit = list(Whose::Unit).await.unwrap().rows;
        assert_eq!(of_unit.len(), 1);
        assert_eq!(of_unit[0].applicant, "示例申报单位");
        withdraw_case(desk, &other, case, "单位要撤并".into()).await.unwrap();
        let view = open_case(desk, &one, case).await.unwrap();
        assert_eq!(view.case.status, Status::Withdrawn);
        assert_eq!(view.events.last().unwrap().actor_name, "测试卯");
        // What is withdrawn stands in nobody's way.
        let (one, draft) = filing(&site, "liaison-1").await;
        assert!(submit_case(desk, &one, draft).await.unwrap().fresh);
    }
}

/// So many people have not finished when a procedure ends.
const OPEN: usize = 300;

on_both_databases! {
    &migrations();

    async fn three_hundred_drafts_of_a_procedure_that_ends_are_kept_told_and_not_filed(db: Db) {
        let folder = typed();
        let filing = folder.text("procedures/unit-filing.toml").unwrap().replace(
            "one_open = true",
            "one_open = false\neffective_to = \"2026-11-30\"",
        );
        let site = Site::with_pack(db, folder.with("procedures/unit-filing.toml", filing)).await;
        let mut drafts = Vec::new();
        let desk = &site.house.desk;
        let before = site.officer_at("liaison-1", MONDAY_MORNING).await;
        for _ in 0..OPEN {
            let draft = begin_application(desk, &before, FILING).await.unwrap();
            save_form(desk, &before, draft, &filled()).await.unwrap();
            drafts.push(draft);
        }
        let later = site.officer_at("liaison-1", MONDAY_MORNING.plus_minutes(10 * 24 * 60)).await;
        for draft in &drafts {
            let refused = submit_case(desk, &later, *draft).await.unwrap_err();
            assert_eq!(refused.code(), "item.ended");
        }
        let ended = begin_application(desk, &later, FILING).await.unwrap_err();
        assert_eq!(ended.code(), "item.ended");
        assert_eq!(site.count("SELECT COUNT(*) FROM draft WHERE ended_at IS NULL").await, OPEN as i64);
        assert_eq!(site.count("SELECT COUNT(*) FROM case_record").await, 0);
        let listed = tongban_cases::unfinished(desk, &later).await.unwrap();
        assert!(!listed.is_empty() && listed.len() < OPEN, "a list has an end");
        tongban_cases::delete_draft(desk, &later, drafts[0]).await.unwrap();
        // Until the last day one files.
        assert!(submit_case(desk, &before, drafts[1]).await.unwrap().fresh);
    }
}

/// A record of the register `unit`, made on its page; gives its id.
pub async fn unit(site: &Site, code: &str) -> String {
    let clerk = site.officer("unit-clerk").await;
    let fields = [("code", code), ("name", "示例单位甲"), ("status", "active")];
    let made = clerk.post("/workbench/registers/unit/new", &fields).await;
    made.leads_to().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_does_a_step_of_what_he_filed_himself() {
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), typed()).await;
    let desk = &site.house.desk;
    let record = unit(&site, "u1").await.parse().unwrap();
    let chief = site.officer_at("unit-chief", MONDAY_MORNING).await;
    let draft = begin_about(desk, &chief, "unit-check", Some(record))
        .await
        .unwrap();
    save_form(desk, &chief, draft, &json!({ "reason": "年度核查" }))
        .await
        .unwrap();
    let case = submit_case(desk, &chief, draft).await.unwrap().case;
    let task = tasks_of(desk, case).await.unwrap().remove(0);
    let queue = async |ctx| {
        work_queue(desk, ctx, &Default::default(), (None, 9))
            .await
            .unwrap()
            .rows
            .len()
    };
    assert_eq!(queue(&chief).await, 0);
    let refused = complete_task(desk, &chief, task.id, decision("done"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "case.own");
    assert!(
        refused.message().contains("不能由您自己办理"),
        "{}",
        refused.message()
    );
    let browser = site.officer("unit-chief").await;
    let at = browser.get(&format!("/workbench/cases/{case}")).await;
    assert_eq!(at.leads_to(), format!("/workbench/mine/{case}"));
    let other = site.officer_at("unit-chief-2", MONDAY_MORNING).await;
    assert_eq!(queue(&other).await, 1);
    complete_task(desk, &other, task.id, decision("done"))
        .await
        .unwrap();
    let view = open_case(desk, &chief, case).await.unwrap();
    assert_eq!(view.case.status, Status::Closed);
    assert_eq!(view.case.about.unwrap().record, record);
}

#[tokio::test]
async fn who_may_start_and_about_what_is_asked_again_when_it_is_filed() {
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), typed()).await;
    let desk = &site.house.desk;
    let clerk = site.officer("unit-clerk").await;
    let record = unit(&site, "u1").await;
    let start = |about: &str| {
        let (clerk, about) = (&clerk, about.to_owned());
        async move {
            clerk
                .post("/workbench/start/unit-lock", &[("about", about.as_str())])
                .await
        }
    };
    assert_eq!(start("").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(start("x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let absent = "0190a0a0-0000-7000-8000-000000000000";
    assert_eq!(start(absent).await.status, StatusCode::NOT_FOUND);
    let draft = start(&record)
        .await
        .leads_to()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    // What nothing was written into yet is begun once.
    assert!(start(&record).await.leads_to().ends_with(&draft));
    let page = clerk
        .get(&format!("/workbench/drafts/{draft}/reason"))
        .await
        .ok()
        .html();
    assert!(page.has("button[name=go][value=submit]") && page.has(".tb-side"));
    let deleted = clerk
        .post(
            &format!("/workbench/registers/unit/{record}/delete"),
            &[("_version", "1"), ("reason", "登记错了")],
        )
        .await;
    assert!(deleted.leads_to().starts_with("/workbench/registers"));
    let ctx = site.officer_at("unit-clerk", MONDAY_MORNING).await;
    let late = submit_case(desk, &ctx, draft.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(late.code(), "case.record_gone");
    assert_eq!(site.count("SELECT COUNT(*) FROM case_record").await, 0);

    // Whose role has gone in the meantime.
    let liaison = site.officer("liaison-1").await;
    let wish = json!({ "item": FILING });
    let begun = liaison.post_json("/api/v1/drafts", &wish).await.ok().json();
    let draft = format!("/api/v1/drafts/{}", begun["draft"].as_str().unwrap());
    let form = json!({ "form": filled() });
    liaison.post_json(&draft, &form).await.ok();
    let sql = "UPDATE staff SET roles = '' WHERE login = 'liaison-1'";
    site.long_ago("staff", sql).await;
    let late = liaison
        .post_json(&format!("{draft}/submit"), &json!({}))
        .await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    assert_eq!(late.json()["code"], "case.not_to_start");
    assert_eq!(site.count("SELECT COUNT(*) FROM case_record").await, 0);
}

#[tokio::test]
async fn the_public_neither_finds_nor_starts_what_is_for_officers() {
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), typed()).await;
    let citizen = site.citizen("ceshi1").await;
    for path in ["/items/unit-filing", "/api/v1/items/unit-filing"] {
        assert_eq!(
            citizen.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let wish = json!({ "item": FILING });
    let begun = citizen.post_json("/api/v1/drafts", &wish).await;
    assert_eq!(begun.status, StatusCode::NOT_FOUND);
    let listed = citizen.get("/api/v1/items").await.ok().text();
    assert!(!listed.contains(FILING));
    assert!(
        !citizen
            .get("/items?q=备案")
            .await
            .ok()
            .text()
            .contains("申报单位备案")
    );

    let liaison = site.officer("liaison-1").await;
    let menu = liaison.get("/workbench/start").await.ok().html();
    assert_eq!(menu.texts("tbody .tb-cell-main"), ["申报单位备案"]);
    let begun = liaison.post_json("/api/v1/drafts", &wish).await.ok().json();
    let draft = format!("/api/v1/drafts/{}", begun["draft"].as_str().unwrap());
    liaison
        .post_json(&draft, &json!({ "form": filled() }))
        .await
        .ok();
    let done = liaison
        .post_json(&format!("{draft}/submit"), &json!({}))
        .await
        .ok()
        .json();
    let own = liaison.get("/api/v1/cases?own=mine").await.ok().json();
    assert_eq!(own["cases"][0]["id"], done["case"]);
    // Without a right nobody reads the cases of the office by it.
    assert_eq!(
        liaison.get("/api/v1/cases").await.status,
        StatusCode::FORBIDDEN
    );
    // Its progress is nobody else's.
    let code: String = site.rows("SELECT code FROM case_record").await[0]
        .at(0)
        .unwrap();
    assert_eq!(
        citizen.get(&format!("/c/{code}")).await.status,
        StatusCode::NOT_FOUND
    );
}
