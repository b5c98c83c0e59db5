//! Cases that cases start: filed in the transaction of the step, linked on both pages, waited for, taken back with their
//! step, ended with a case that is withdrawn.

use serde_json::json;
use tongban_base::Kind;
use tongban_cases::{
    CaseEvent, CaseId, Status, begin_about, complete_task, open_case, return_case, save_form,
    submit_case, tasks_of, withdraw_case,
};
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::drawn::faults;
use crate::house::{Site, migrations};
use crate::internal::{typed, unit};

const PARENT: &str = r#"
code = "joint-check"
name = "联合检查"
audience = "staff"
start = ["unit-clerk"]
about = "unit"
organisation = "sh-transport"
form = "unit-reason"
flow = "joint-check"
effective_from = "2024-01-01"
limits = { promised = 10, acceptance = 2 }

[[sub_case]]
name = "visit"
procedure = "unit-visit"
values = { reason = "'联合检查：' + form.reason" }
wait = true

[[sub_case]]
name = "report"
procedure = "unit-report"
values = { reason = "form.reason" }
unit = "record.code"
"#;

const FLOW: &str = r#"
title = "联合检查"
do = ["case.accept"]

[[step]]
name = "核查"
who = "unit-chief"
decisions = ["pass 同意", "stop 终止 reason=required"]
do.pass = ["case.start(visit)", "case.start(report)"]

[[step]]
name = "复核"
who = "unit-chief"
decisions = ["done 办结"]

[[end]]
do = ["case.close(granted)"]

[[end]]
on = "stop"
do = ["case.close(denied)"]
"#;

const VISIT: &str = r#"
code = "unit-visit"
name = "上门走访"
audience = "system"
about = "unit"
one_open = true
organisation = "sh-transport"
form = "unit-reason"
flow = "unit-visit"
effective_from = "2024-01-01"
limits = { promised = 5, acceptance = 2 }
"#;

const VISIT_FLOW: &str = r#"
title = "上门走访"
do = ["case.accept"]

[[step]]
name = "走访"
who = "unit-chief"
decisions = ["seen 已走访"]

[[step]]
name = "登记"
who = "unit-chief"
decisions = ["noted 已登记"]

[[end]]
do = ["case.close(granted)"]
"#;

fn pack() -> Folder {
    let folder = typed();
    let report = VISIT
        .replace("code = \"unit-visit\"", "code = \"unit-report\"")
        .replace("上门走访", "自查报告")
        .replace(
            "audience = \"system\"",
            "audience = \"unit\"\nstart = [\"liaison\"]",
        )
        .replace("one_open = true\n", "");
    let roles = folder.text("roles.toml").unwrap().replace(
        "code = \"unit-chief\"\ntitle = \"单位管理负责人\"\npermissions = [\"register.read\"]",
        "code = \"unit-chief\"\ntitle = \"单位管理负责人\"\npermissions = [\"register.read\", \"case.return\"]",
    );
    folder
        .with("roles.toml", roles)
        .with("procedures/joint-check.toml", PARENT.to_owned())
        .with("flows/joint-check.toml", FLOW.to_owned())
        .with("procedures/unit-visit.toml", VISIT.to_owned())
        .with("procedures/unit-report.toml", report)
        .with("flows/unit-visit.toml", VISIT_FLOW.to_owned())
}

async fn filed(site: &Site, code: &str) -> CaseId {
    let record = unit(site, code).await.parse().unwrap();
    let clerk = site.officer_at("unit-clerk", MONDAY_MORNING).await;
    let desk = &site.house.desk;
    let draft = begin_about(desk, &clerk, "joint-check", Some(record)).await;
    let draft = draft.unwrap();
    let form = json!({ "reason": "年度检查" });
    save_form(desk, &clerk, draft, &form).await.unwrap();
    submit_case(desk, &clerk, draft).await.unwrap().case
}

/// What was started: the number of each with its id.
async fn started(site: &Site, case: CaseId) -> Vec<(String, CaseId)> {
    let chief = site.officer_at("unit-chief", MONDAY_MORNING).await;
    let view = open_case(&site.house.desk, &chief, case).await.unwrap();
    let refs = view.events.iter().filter_map(|event| match &event.what {
        Some(CaseEvent::SubCaseStarted(one)) => Some((one.title.clone(), one.case)),
        _ => None,
    });
    refs.collect()
}

async fn status(site: &Site, case: CaseId) -> Status {
    let chief = site.officer_at("unit-chief", MONDAY_MORNING).await;
    let view = open_case(&site.house.desk, &chief, case).await.unwrap();
    assert_eq!(view.broken_at, None);
    view.case.status
}

on_both_databases! {
    &migrations();

    async fn a_decision_starts_cases_that_both_pages_show_and_that_are_waited_for(db: Db) {
        let site = Site::with_pack(db, pack()).await;
        let desk = &site.house.desk;
        let case = filed(&site, "sample-unit").await;
        let chief = site.officer_at("unit-chief", MONDAY_MORNING).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        for _ in ["a click", "a second click"] {
            complete_task(desk, &chief, task, decision("pass")).await.unwrap();
        }
        let both = started(&site, case).await;
        let titles: Vec<&str> = both.iter().map(|(title, _)| title.as_str()).collect();
        assert_eq!(titles, ["上门走访", "自查报告"]);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 3);
        let (visit, report) = (both[0].1, both[1].1);
        let view = open_case(desk, &chief, visit).await.unwrap();
        let number = open_case(desk, &chief, case).await.unwrap().case.number;
        assert_eq!(view.case.number, format!("{number}Z1"));
        assert_eq!(view.case.form["reason"], "联合检查：年度检查");
        assert_eq!(view.case.form["name"], "示例单位甲");

        let browser = site.officer("unit-chief").await;
        let page = browser.get(&format!("/workbench/cases/{case}")).await.ok();
        assert_eq!(page.html().all("[data-children] a")[0].attribute("href"), Some(&*format!("/workbench/cases/{visit}")));
        assert!(page.html().text("[data-awaited]").contains("上门走访"));
        let page = browser.get(&format!("/workbench/cases/{visit}")).await.ok();
        assert_eq!(page.html().one("[data-parent] a").attribute("href"), Some(&*format!("/workbench/cases/{case}")));
        // The unit has its report, and no link to a case of the office.
        let liaison = site.officer("liaison-2").await;
        let page = liaison.get(&format!("/workbench/mine/{report}")).await.ok();
        assert!(page.html().text("[data-parent]").contains("联合检查"));
        assert!(!page.html().has("[data-parent] a"));

        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let refused = complete_task(desk, &chief, task, decision("done")).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "case.sub_cases_open"));
        assert!(refused.message().contains("“上门走访”"), "{}", refused.message());
        decide(&site, &chief, visit, "seen").await;
        decide(&site, &chief, visit, "noted").await;
        // The report is not waited for.
        decide(&site, &chief, case, "done").await;
        assert_eq!(status(&site, case).await, Status::Closed);
        assert_eq!(status(&site, report).await, Status::Accepted);
    }

    async fn a_case_that_nobody_worked_on_is_taken_back_with_the_step_that_started_it(db: Db) {
        let site = Site::with_pack(db, pack()).await;
        let desk = &site.house.desk;
        let case = filed(&site, "sample-unit").await;
        let chief = site.officer_at("unit-chief", MONDAY_MORNING).await;
        decide(&site, &chief, case, "pass").await;
        let visit = started(&site, case).await[0].1;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        return_case(desk, &chief, task, None, "检查提纲要改".into()).await.unwrap();
        assert_eq!(status(&site, visit).await, Status::Withdrawn);
        let view = open_case(desk, &chief, visit).await.unwrap();
        assert!(view.events.iter().any(|event| matches!(
            &event.what, Some(CaseEvent::EndedWithParent { reason, .. }) if reason == "检查提纲要改"
        )));
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM message WHERE template = 'ended-with-parent'").await, 2);

        // It is started anew, and then somebody works on it.
        decide(&site, &chief, case, "pass").await;
        let visit = started(&site, case).await[2].1;
        decide(&site, &chief, visit, "seen").await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let refused = return_case(desk, &chief, task, None, "再改一次".into()).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "case.sub_case_worked_on"));
        assert_eq!(status(&site, visit).await, Status::Accepted);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record WHERE closed_at IS NULL").await, 3);
    }

    async fn what_a_withdrawn_case_has_started_ends_with_it_unless_it_is_decided(db: Db) {
        let site = Site::with_pack(db, pack()).await;
        let desk = &site.house.desk;
        let case = filed(&site, "sample-unit").await;
        let chief = site.officer_at("unit-chief", MONDAY_MORNING).await;
        decide(&site, &chief, case, "pass").await;
        let both = started(&site, case).await;
        decide(&site, &chief, both[0].1, "seen").await;
        decide(&site, &chief, both[0].1, "noted").await;
        let clerk = site.officer_at("unit-clerk", MONDAY_MORNING).await;
        withdraw_case(desk, &clerk, case, "检查取消".into()).await.unwrap();
        assert_eq!(status(&site, case).await, Status::Withdrawn);
        assert_eq!(status(&site, both[0].1).await, Status::Closed);
        assert_eq!(status(&site, both[1].1).await, Status::Withdrawn);
        assert!(tasks_of(desk, both[1].1).await.unwrap().is_empty());
        let liaison = site.officer("liaison-1").await;
        let page = liaison.get(&format!("/workbench/mine/{}", both[1].1)).await.ok();
        assert!(page.text().contains("终止") && page.text().contains("检查取消"));
    }

    async fn what_cannot_be_started_is_told_before_the_decision_and_nothing_of_the_decision_is_written(db: Db) {
        let site = Site::with_pack(db, pack()).await;
        let desk = &site.house.desk;
        // No officer of this unit could file the report.
        let case = filed(&site, "nobody").await;
        let chief = site.officer_at("unit-chief", MONDAY_MORNING).await;
        let page = site.officer("unit-chief").await.get(&format!("/workbench/cases/{case}")).await.ok();
        let told = page.html().text("[data-unstarted]");
        assert!(told.contains("现在不能发起“自查报告”：“nobody”没有可以办理的人"), "{told}");
        assert!(!told.contains("上门走访"), "{told}");
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let refused = complete_task(desk, &chief, task, decision("pass")).await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "case.sub_case_refused"));
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM draft").await, 1);
        // Another way is open.
        decide(&site, &chief, case, "stop").await;
        assert_eq!(status(&site, case).await, Status::Denied);
    }
}

/// What is changed in a file, and what the check says of it.
const SLIPS: &[(&str, &str, &str, &str)] = &[
    (
        "procedures/joint-check.toml",
        "procedure = \"unit-visit\"",
        "procedure = \"unit-tour\"",
        "[[sub_case]] visit：没有办理 unit-tour",
    ),
    (
        "procedures/joint-check.toml",
        "wait = true",
        "waits = true",
        "[[sub_case]] 的写法有误",
    ),
    (
        "procedures/joint-check.toml",
        "name = \"report\"",
        "name = \"visit\"",
        "[[sub_case]] visit：写了两次",
    ),
    (
        "procedures/joint-check.toml",
        "form.reason\" }\nwait",
        "form.raeson\" }\nwait",
        "raeson",
    ),
    (
        "procedures/joint-check.toml",
        "{ reason = \"form.reason\" }\nunit",
        "{ remark = \"form.reason\" }\nunit",
        "表单 unit-reason 没有字段 remark",
    ),
    (
        "procedures/joint-check.toml",
        "values = { reason = \"form.reason\" }\nunit",
        "unit",
        "没有写必填的 reason",
    ),
    (
        "procedures/joint-check.toml",
        "unit = \"record.code\"",
        "unit = \"record.code\"\nperson = \"record.code\"",
        "person 和 unit 只能写一个",
    ),
    (
        "procedures/joint-check.toml",
        "wait = true",
        "unit = \"record.code\"",
        "unit 只用于 audience = \"unit\" 的办理",
    ),
    (
        "procedures/joint-check.toml",
        "about = \"unit\"\n",
        "",
        "针对的不是同一个登记簿",
    ),
    (
        "flows/joint-check.toml",
        "case.start(visit)",
        "case.start(tour)",
        "没有名为 tour 的 [[sub_case]]",
    ),
    (
        "procedures/unit-visit.toml",
        "limits",
        "sub_case = [{ name = \"again\", procedure = \"joint-check\", values = { reason = \"form.reason\" } }]\nlimits",
        "办理 joint-check 和 unit-visit 互相发起",
    ),
    (
        "procedures/unit-visit.toml",
        "limits",
        "sub_case = [{ name = \"self\", procedure = \"unit-visit\", values = { reason = \"form.reason\" } }]\nlimits",
        "办理 unit-visit 和 unit-visit 互相发起",
    ),
];

#[test]
fn the_check_tells_what_could_not_be_started_and_refuses_procedures_that_start_each_other() {
    assert_eq!(faults(pack()), Vec::<String>::new());
    for (file, from, to, said) in SLIPS {
        let before = pack().text(file).unwrap().to_owned();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after, "{from}");
        let found = faults(pack().with(file, after)).join("\n");
        assert!(found.contains(said), "{to}\nwanted {said}\nfound {found}");
    }
}
