//! A step whose officer is gone or cannot: it is listed with the reason, somebody is named for it by whoever has the
//! right, and nobody is shown a form that is not theirs.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use tongban_base::{Ctx, Kind, Uuid};
use tongban_cases::{CaseId, Status, change_clock, complete_task, open_case, tasks_of};
use tongban_identity::assign_roles;
use tongban_packs::Folder;
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{Html, covers, on_both_databases};

use crate::at_once::{decide, decision};
use crate::drawn::{faults, joint, pack, path, user};
use crate::house::{Site, migrations};
use crate::kept::{days_of, send};
use crate::law::{at, pause};

const STUCK: &str = "/workbench/stuck";

/// The review is signed by these, in any order.
fn signed_by(signers: &str) -> Folder {
    let more = joint(false, signers);
    pack(
        "js",
        &[user("js", "reviewer", &more), path(&["js", "dec"])].concat(),
    )
}

/// A second officer of the office, with these roles.
fn with_colleague(folder: Folder, login: &str, roles: &str) -> Folder {
    let staff = folder.text("staff.toml").unwrap();
    let staff = format!(
        "{staff}\n[[staff]]\nlogin = \"{login}\"\nname = \"测试同事\"\nroles = [{roles}]\n\
         organisation = \"sh-transport\"\ndivision = \"310000000000\"\nexample = true\n"
    );
    folder.with("staff.toml", staff)
}

async fn accepted(site: &Site) -> CaseId {
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let case = site.submitted(&citizen, 1).await;
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    decide(site, &acceptor, case, "accept").await;
    case
}

/// The account is no longer in use.
async fn stop(site: &Site, login: &str) {
    let sql = "UPDATE staff SET active = 0 WHERE login = $1";
    let stopped = site.db().write(login.to_owned(), move |tx, login| {
        Box::pin(async move { tx.execute(sql, params![login.as_str()]).await })
    });
    assert_eq!(stopped.await.unwrap(), 1);
    site.mark_anew("staff").await;
}

async fn account(site: &Site, login: &str) -> Uuid {
    let officer = site.officer_at(login, MONDAY_MORNING).await;
    officer.actor.account.unwrap()
}

async fn elements(site: &Site, case: CaseId) -> Vec<String> {
    let tasks = tasks_of(&site.house.desk, case).await.unwrap();
    tasks.into_iter().map(|task| task.element).collect()
}

/// What the form of the card sends.
struct Wish<'a> {
    task: String,
    change: &'a str,
    officer: String,
    reason: &'a str,
}

impl Wish<'_> {
    fn fields(&self) -> [(&str, &str); 4] {
        [
            ("task", &self.task),
            ("change", self.change),
            ("officer", &self.officer),
            ("people-reason", self.reason),
        ]
    }
}

async fn wish<'a>(site: &Site, case: CaseId, change: &'a str, login: &str) -> Wish<'a> {
    let officer = match login {
        "" => String::new(),
        login => account(site, login).await.to_string(),
    };
    Wish {
        task: tasks_of(&site.house.desk, case).await.unwrap()[0]
            .id
            .to_string(),
        change,
        officer,
        reason: "原办理人调离",
    }
}

/// The same where so many have to agree.
fn agreed_by(signers: &str, rule: &str) -> Folder {
    let more = joint(false, signers).replace("\"all\"", &format!("\"{rule}\""));
    pack(
        "js",
        &[user("js", "reviewer", &more), path(&["js", "dec"])].concat(),
    )
}

#[test]
fn places_that_are_wrong_as_they_are_drawn_are_told_by_the_check() {
    for (folder, says) in [
        (signed_by("[]"), "会签没有一席"),
        (signed_by("'reviewer'"), "会签人应写成列表"),
        (
            signed_by("['reviewer', 'reviewer']"),
            "会签人 reviewer 写了两次",
        ),
        (
            agreed_by("['role:reviewer']", "2"),
            "要 2 个会签人同意，却只有 1 席",
        ),
    ] {
        let found = faults(folder);
        assert!(
            found.iter().any(|f| f.contains("[js]") && f.contains(says)),
            "{says}: {found:?}"
        );
    }
    assert_eq!(
        faults(agreed_by("['role:reviewer', 'reviewer']", "2")),
        Vec::<String>::new()
    );
}

on_both_databases! {
    &migrations();

    async fn where_some_signers_decide_nobody_without_the_role_is_added_and_no_removal_decides(db: Db) {
        let folder = with_colleague(agreed_by("['role:reviewer', 'role:reviewer']", "any"), "reviewer-two", "\"reviewer\"");
        let folder = with_colleague(folder, "reviewer-three", "\"reviewer\"");
        let mut site = Site::with_pack(db, folder.clone()).await;
        let case = accepted(&site).await;
        let admin = site.officer("manager").await;
        let address = format!("/workbench/cases/{case}/people");
        let told = admin.post(&address, &wish(&site, case, "add_signer", "maker").await.fields()).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(told.text().contains("没有“审查”岗位"), "{}", told.text());
        assert_eq!(elements(&site, case).await, ["js", "js"]);
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        tongban_cases::withdraw_case(&site.house.desk, &citizen, case, "测试".into()).await.unwrap();

        // Two of three: one for, one against, and the third is taken away.
        let three = agreed_by("['role:reviewer', 'role:reviewer', 'role:reviewer']", "2");
        let three = folder.with("flows/permit.bpmn", three.text("flows/permit.bpmn").unwrap().to_owned());
        site.republish(three).await;
        let case = accepted(&site).await;
        for (login, said) in [("reviewer", "ok"), ("reviewer-two", "no")] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, said).await;
        }
        let admin = site.officer("manager").await;
        let address = format!("/workbench/cases/{case}/people");
        let told = admin.post(&address, &wish(&site, case, "remove_signer", "").await.fields()).await;
        assert!(told.html().text("[data-alert]").contains("移除这一席会直接得出结果"), "{}", told.text());
        assert_eq!(elements(&site, case).await, ["js"]);
    }

    async fn a_step_whose_officers_are_gone_is_listed_and_goes_on_with_another(db: Db) {
        let site = Site::on(db).await;
        let case = accepted(&site).await;
        let admin = site.officer("manager").await;
        assert!(admin.get(STUCK).await.ok().html().texts("tbody tr").is_empty());
        let order = wish(&site, case, "hand_over", "approver").await;
        stop(&site, "reviewer").await;
        // then whoever administers finds it, with the reason
        let list = admin.get(STUCK).await.ok().html();
        assert_eq!(list.texts("[data-why]"), ["“审查”岗位的测试乙已停用"]);
        let card = format!("/workbench/cases/{case}?task={}", order.task);
        assert!(list.has(&format!("a[href='{card}#people']")));
        for login in ["acceptor", "huangpu-acceptor"] {
            assert_eq!(site.officer(login).await.get(STUCK).await.status, StatusCode::FORBIDDEN);
        }
        // and the others are told to whom to turn
        let page = site.officer("acceptor").await.get(&card).await.ok().html();
        assert!(page.text("[data-waiting]").contains("审查：现在没有人能办：“审查”岗位的测试乙已停用"));
        assert_eq!(page.text("[data-turn-to]"), "请联系测试子指定办理人。");
        assert!(!page.has("#people"));
        // when it is handed to somebody, with a reason
        let page = admin.get(&card).await.ok().html();
        assert!(page.has("#people details[open]") && !page.has("[value=remove_signer]"));
        let address = format!("/workbench/cases/{case}/people");
        let refused = admin.post(&address, &Wish { reason: " ", ..wish(&site, case, "hand_over", "approver").await }.fields()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.html();
        assert_eq!(page.text("#f-people-reason-error"), "请写明变更办理人的理由");
        assert!(page.has(&format!("#f-officer option[value='{}'][selected]", order.officer)));
        assert!(page.has(".tb-summary a[href='#f-people-reason']"));
        admin.post(&address, &order.fields()).await.leads_to();
        // then that one is told, has it in the queue, and the case goes on
        assert!(admin.get(STUCK).await.ok().html().texts("tbody tr").is_empty());
        let approver = site.officer("approver").await;
        assert!(approver.get("/workbench/messages").await.ok().text().contains("的“审查”环节指定由您办理"));
        assert!(approver.get("/workbench").await.ok().html().has(&format!("a[href='{card}']")));
        let page = approver.get(&card).await.ok().html();
        assert!(page.has("button[value=pass]"));
        assert!(page.text("main").contains("审查转由测试丙办理") && page.text("main").contains("原办理人调离"));
        assert_eq!(site.audited("case.people_changed", "done").await, 1);
        approver.post(&format!("/workbench/tasks/{}", order.task), &[("decision", "pass"), ("opinion", "同意")]).await.leads_to();
        assert_eq!(elements(&site, case).await, ["decide"]);
    }

    async fn who_has_a_step_is_named_to_everybody_else_and_only_that_one_has_its_form(db: Db) {
        let folder = with_colleague(tongban::packs::transport(), "reviewer-two", "\"reviewer\"");
        let site = Site::with_pack(db, folder).await;
        let case = accepted(&site).await;
        let page = site.officer("approver").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert_eq!(page.text("[data-waiting]"), "审查：由“审查”岗位的测试乙、测试同事办理");
        let order = wish(&site, case, "hand_over", "reviewer-two").await;
        let admin = site.officer("manager").await;
        let address = format!("/workbench/cases/{case}/people");
        for _ in 0..2 {
            admin.post(&address, &order.fields()).await.leads_to();
        }
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        assert_eq!(view.events.iter().filter(|e| e.kind == "task.handed_over").count(), 1);
        let reviewer = site.officer("reviewer").await;
        let reason = [("reason", "交接以后核对")];
        reviewer.post(&format!("/workbench/cases/{case}/consult"), &reason).await.leads_to();
        let page = reviewer.get(&format!("/workbench/cases/{case}?task={}", order.task)).await.ok().html();
        assert!(!page.has("button[name=decision]"));
        assert_eq!(page.text("[data-waiting]"), "审查：由测试同事办理");
        assert!(!reviewer.get("/workbench").await.ok().text().contains(&case.to_string()));
        let crafted = reviewer.post(&format!("/workbench/tasks/{}", order.task), &[("decision", "pass")]).await;
        assert_eq!(crafted.status, StatusCode::FORBIDDEN);
        assert!(crafted.html().text("[data-alert]").contains("这一步由测试同事办理"));
        let two = site.officer("reviewer-two").await;
        let page = two.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(page.has("button[value=pass]"));
        // Who loses the role cannot do it any more, although it was handed to them.
        let system = Ctx::system(site.house.app.now());
        assign_roles(&site.house.identity, &system, account(&site, "reviewer-two").await, BTreeSet::new()).await.unwrap();
        let list = admin.get(STUCK).await.ok().html();
        assert_eq!(list.texts("[data-why]"), ["指定的测试同事没有“审查”岗位"]);
        let left = Ctx { now: MONDAY_MORNING, ..site.officer_at("reviewer-two", MONDAY_MORNING).await };
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        assert_eq!(complete_task(&site.house.desk, &left, task, decision("pass")).await.unwrap_err().kind(), Kind::Forbidden);
    }

    async fn only_whoever_has_the_right_changes_who_does_a_step_and_not_to_anybody(db: Db) {
        let site = Site::on(db).await;
        let case = accepted(&site).await;
        let address = format!("/workbench/cases/{case}/people");
        let order = wish(&site, case, "hand_over", "approver").await;
        let post = async |login: &str, wish: &Wish<'_>| site.officer(login).await.post(&address, &wish.fields()).await;
        assert_eq!(post("reviewer", &order).await.status, StatusCode::FORBIDDEN);
        assert_eq!(post("xuhui-reviewer", &order).await.status, StatusCode::NOT_FOUND);
        assert_eq!(site.audited("case.people_changed", "refused").await, 2);
        // Not from somebody who can do it to somebody who has not the role.
        let told = post("manager", &order).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(told.html().text("#f-officer-error"), "测试丙没有“审查”岗位；本单位在这个岗位的有测试乙，请选择他们");
        // Not to oneself, to nobody, or to another office.
        stop(&site, "reviewer").await;
        for (login, words) in [("manager", "不能指定自己"), ("", "请选择本单位在用的一个人"), ("xuhui-reviewer", "请选择本单位在用的一个人")] {
            let told = post("manager", &wish(&site, case, "hand_over", login).await).await;
            assert!(told.html().text("#f-officer-error").contains(words), "{login}");
        }
        assert_eq!(elements(&site, case).await, ["review"]);
        // What waits for the applicant is nobody else's; a task of another case neither.
        let stray = Wish { task: Uuid::now_v7().to_string(), ..wish(&site, case, "hand_over", "approver").await };
        assert_eq!(post("manager", &stray).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_drawing_names_an_officer_by_login_and_the_place_is_theirs(db: Db) {
        let folder = with_colleague(signed_by("['reviewer', 'reviewer-two']"), "reviewer-two", "\"reviewer\"");
        let site = Site::with_pack(db, folder).await;
        let case = accepted(&site).await;
        let page = site.officer("approver").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert_eq!(page.texts("[data-waiting] li"), ["js：由测试乙办理", "js：由测试同事办理"]);
        for login in ["reviewer", "reviewer-two"] {
            let page = site.officer(login).await.get(&format!("/workbench/cases/{case}")).await.ok().html();
            let action = page.one("form#task").attribute("action").unwrap().to_owned();
            site.officer(login).await.post(&action, &[("decision", "ok")]).await.leads_to();
        }
        assert_eq!(elements(&site, case).await, ["dec"]);
    }

    async fn a_joint_sign_that_lacks_a_person_gets_one_and_keeps_two_people(db: Db) {
        let site = Site::with_pack(db, signed_by("['role:reviewer', 'role:reviewer']")).await;
        let case = accepted(&site).await;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        decide(&site, &reviewer, case, "ok").await;
        // then the other place is nobody's, as they are for two people
        let admin = site.officer("manager").await;
        let list = admin.get(STUCK).await.ok().html();
        assert_eq!(list.texts("[data-why]"), ["“审查”岗位的人都已有同一会签的另一席，须由别人会签"]);
        let page = site.officer("reviewer").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(!page.has("button[name=decision]"));
        // when it is taken away, one would sign for two
        let address = format!("/workbench/cases/{case}/people");
        let told = admin.post(&address, &wish(&site, case, "remove_signer", "").await.fields()).await;
        assert!(told.html().text("[data-alert]").contains("移除后签的人不够"));
        let told = admin.post(&address, &wish(&site, case, "hand_over", "reviewer").await.fields()).await;
        assert!(told.html().text("#f-officer-error").contains("测试乙已有这次会签的一席"));
        // so it is handed to another
        admin.post(&address, &wish(&site, case, "hand_over", "approver").await.fields()).await.leads_to();
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        decide(&site, &approver, case, "ok").await;
        assert_eq!(elements(&site, case).await, ["dec"]);
    }

    async fn a_joint_sign_without_signers_waits_for_somebody_who_is_named(db: Db) {
        let site = Site::with_pack(db, signed_by("form.driving_class == 'A1' ? [] : ['role:reviewer']")).await;
        let case = accepted(&site).await;
        assert_eq!(elements(&site, case).await, ["js"]);
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert_eq!(page.text("[data-waiting]"), "js：现在没有人能办：流程没有给出会签人");
        assert_eq!(page.text("[data-turn-to]"), "请联系测试子指定办理人。");
        let admin = site.officer("manager").await;
        assert_eq!(admin.get(STUCK).await.ok().html().texts("[data-why]"), ["流程没有给出会签人"]);
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        let told = complete_task(&site.house.desk, &reviewer, task, decision("ok")).await.unwrap_err();
        assert_eq!(told.message(), "这一步还没有指定办理人，请先由有权人员指定");
        let address = format!("/workbench/cases/{case}/people");
        admin.post(&address, &wish(&site, case, "hand_over", "reviewer").await.fields()).await.leads_to();
        decide(&site, &reviewer, case, "ok").await;
        assert_eq!(elements(&site, case).await, ["dec"]);
    }

    async fn signers_are_added_and_taken_away_but_never_the_last_who_has_the_role(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let case = accepted(&site).await;
        let admin = site.officer("manager").await;
        let address = format!("/workbench/cases/{case}/people");
        let added = wish(&site, case, "add_signer", "maker").await;
        for _ in 0..2 {
            admin.post(&address, &added.fields()).await.leads_to();
        }
        assert_eq!(elements(&site, case).await, ["review", "review"]);
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert_eq!(page.texts("[data-waiting] li"), ["审查：由“审查”岗位的测试乙办理", "审查：由测试丁办理"]);
        let tasks = tasks_of(desk, case).await.unwrap();
        let remove = |at: usize| Wish { task: tasks[at].id.to_string(), change: "remove_signer", officer: String::new(), reason: "不需要" };
        let told = admin.post(&address, &remove(0).fields()).await;
        assert!(told.html().text("[data-alert]").contains("移除后剩下的会签人都没有“审查”岗位"), "{}", told.text());
        for _ in 0..2 {
            admin.post(&address, &remove(1).fields()).await.leads_to();
        }
        assert_eq!(elements(&site, case).await, ["review"]);
        let told = admin.post(&address, &remove(0).fields()).await;
        assert!(told.html().text("[data-alert]").contains("这是最后一位会签人，不能移除"));
        decide(&site, &site.officer_at("reviewer", MONDAY_MORNING).await, case, "pass").await;
        assert_eq!(elements(&site, case).await, ["decide"]);
        let kinds = ["task.signer_added", "task.signer_removed"];
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let view = open_case(desk, &citizen, case).await.unwrap();
        for kind in kinds {
            assert_eq!(view.events.iter().filter(|e| e.kind == kind).count(), 1, "{kind}");
        }
    }

    async fn the_limit_of_a_step_stands_in_the_queue_and_on_its_page(db: Db) {
        let site = Site::on(db).await;
        let now = site.house.app.now();
        let citizen = site.citizen_at("ceshi1", now).await;
        let case = site.submitted(&citizen, 1).await;
        let desk = &site.house.desk;
        let calendar = desk.catalog.calendar();
        let day = |days| calendar.last_day(now.date(), days).short_words();
        let queue = site.officer("acceptor").await.get("/workbench").await.ok().html();
        assert_eq!(queue.text("[data-step]"), format!("本环节应在{}（含当日）前办完", day(2)));
        decide(&site, &site.officer_at("acceptor", now).await, case, "accept").await;
        let reviewer = site.officer("reviewer").await;
        let page = reviewer.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert_eq!(page.text("[data-step]"), format!("本环节应在{}（含当日）前办完", day(1)));
        // When another signs too it is the same work.
        let add = wish(&site, case, "add_signer", "maker").await;
        site.officer("manager").await.post(&format!("/workbench/cases/{case}/people"), &add.fields()).await.leads_to();
        let due: Vec<_> = tasks_of(desk, case).await.unwrap().iter().map(|t| t.due_on).collect();
        assert_eq!(due, [Some(calendar.add_workdays(now.date(), 1)); 2]);
    }

    async fn each_step_has_its_working_days_without_days_off_and_what_is_over_is_marked(db: Db) {
        covers!("SH-124");
        let site = Site::on(db).await;
        let (holidays, workdays) = days_of(&site, "2026");
        let holidays = format!("{holidays}\n2026-11-20 示例假日");
        let fields = [("holidays", holidays.as_str()), ("workdays", workdays.as_str())];
        send(&site.officer("administrator").await, "year/2026", "", &fields).await.leads_to();
        // Two working days for the first look: over on the Thursday, and for the second but for the day off on the Friday.
        let mut filed = Vec::new();
        for (person, day) in [(1, "2026-11-17"), (2, "2026-11-18")] {
            let citizen = site.citizen_at(&format!("ceshi{person}"), at(day)).await;
            filed.push(site.submitted(&citizen, person).await);
        }
        let queue = site.officer("acceptor").await.get("/workbench").await.ok().html();
        let rows = queue.all("tbody tr[data-row]");
        let told = |case: CaseId| {
            let row = rows.iter().find(|row| row.html.contains(&case.to_string())).unwrap();
            Html::parse(&format!("<table>{}</table>", row.html))
        };
        let (late, due) = (told(filed[0]), told(filed[1]));
        assert_eq!(late.text("[data-step]"), "本环节应在11月19日前办完，已超过");
        assert!(late.has(".tb-late[data-step]"));
        assert_eq!(due.text("[data-step]"), "本环节应在11月23日（含当日）前办完");
        assert!(!due.has(".tb-late[data-step]"));
        // Of the five working days for the answer three are left.
        assert!(due.text("td[data-label=期限]").contains("还剩 3 个工作日"), "{}", due.text("td[data-label=期限]"));
    }

    async fn the_limit_of_a_step_stands_still_during_a_special_procedure(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", at("2026-11-23")).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", at("2026-11-23")).await, case, "accept").await;
        let due = async || tasks_of(desk, case).await.unwrap()[0].due_on.map(|day| day.to_string());
        assert_eq!(due().await.as_deref(), Some("2026-11-24"));
        let approver = async |day| site.officer_at("approver", at(day)).await;
        change_clock(desk, &approver("2026-11-24").await, case, pause()).await.unwrap();
        change_clock(desk, &approver("2026-11-30").await, case, tongban_cases::ClockChange::Resume).await.unwrap();
        assert_eq!(due().await.as_deref(), Some("2026-11-30"));
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Accepted);
    }
}
