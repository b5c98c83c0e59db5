//! Approval chains in a pack: what the check tells of them, what a release keeps of them, and how they run to their end.

use std::process::Command;

use tongban::packs::transport;
use tongban_cases::{Status, complete_task, open_case, tasks_of};
use tongban_packs::Folder;
use tongban_procedures::Known;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::sqlite;

use crate::at_once::decision;
use crate::drawn::faults;
use crate::house::{ITEM, Site, migrations};

/// The pack with this changed in the chain that cancels certificates.
fn changed(from: &str, to: &str) -> Folder {
    let folder = transport();
    let before = folder.text("flows/cancel.toml").unwrap();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "{from}");
    folder.clone().with("flows/cancel.toml", after)
}

/// What is changed in the chain, and what the check says of it.
const SLIPS: &[(&str, &str, &str)] = &[
    (
        "name = \"审查\"",
        "name = \"审查\"\nwhen = \"false\"",
        "flows/cancel.toml:21 [审查] 条件“false”里没有可变的内容",
    ),
    (
        "on = \"deny\"",
        "on = [\"deny\", \"grant\"]",
        "flows/cancel.toml:40 [送达] 没有人走得到这一步",
    ),
    (
        "who = \"reviewer\"",
        "who = [\"reviewer\"]\njoin = \"all\"",
        "flows/cancel.toml:22 [审查] 只有一个岗位",
    ),
    (
        "who = \"reviewer\"",
        "who = \"reviewer_\"",
        "flows/cancel.toml:20 [审查] 没有岗位 reviewer_",
    ),
    (
        "licence.cancel",
        "licence.destroy",
        "flows/cancel.toml:34 [决定] 操作 licence.destroy 不存在",
    ),
    (
        "licence.cancel",
        "licence.cancel(now = 1)",
        "flows/cancel.toml:34 [决定] 操作 licence.cancel 没有参数，now 不起作用",
    ),
    (
        "(cancel-decision)",
        "(cancel-note)",
        "flows/cancel.toml:32 [决定] 没有文书 cancel-note",
    ),
    (
        "(case.granted)",
        "(event = case.given)",
        "flows/cancel.toml:33 [决定] 没有事件 case.given 的消息",
    ),
    (
        "(case.granted)",
        "(evnt = case.granted)",
        "flows/cancel.toml:33 [决定] 操作 message.send 没有参数 evnt",
    ),
    (
        "case.close(granted)",
        "case.close(given)",
        "flows/cancel.toml:35 [决定] 操作 case.close 的参数 result（办结结果）应为",
    ),
    (
        "name = \"审查\"",
        "name = \"审查\"\nwhen = \"answers.reason = 1\"",
        "flows/cancel.toml:21 [审查] 表达式「answers.reason = 1」有误",
    ),
    (
        "who = \"reviewer\"",
        "whom = \"reviewer\"",
        "flows/cancel.toml:21 [whom] 不认识的字段 `whom`",
    ),
    (
        "limit = 1",
        "remind = 1",
        "flows/cancel.toml:22 [remind] 不认识的字段 `remind`",
    ),
    ("limit = 1", "remind = 1", "链里不写的（定时提醒、"),
    (
        "who = \"reviewer\"",
        "who = 3",
        "flows/cancel.toml:21 [who] 应是一个词，或几个词的列表",
    ),
    (
        "limit = 1",
        "limit = \"1\"",
        "flows/cancel.toml:22 [limit] 类型不对",
    ),
    (
        "\"case.close(refused)\"",
        "\"case.refuse\"",
        "走到这里办件没有办结",
    ),
    (
        "asks=correction ",
        "",
        "flows/cancel.toml:12 [预审] 决定 correct 没有人读",
    ),
    (
        "name = \"审查\"",
        "name = \"预审\"",
        "flows/cancel.toml:20 [预审] 有两个环节叫这个名称",
    ),
];

#[test]
fn the_check_tells_file_line_step_and_reason_of_a_slip_in_a_chain() {
    for (from, to, said) in SLIPS {
        let found = faults(changed(from, to)).join("\n");
        assert!(found.contains(said), "{to}\nwanted {said}\nfound {found}");
    }
}

#[test]
fn a_name_that_is_written_wrong_in_a_condition_is_told_and_takes_no_step_out() {
    let file = "flows/auto-cancel.toml";
    let text = transport().text(file).unwrap().to_owned();
    for (wrong, said) in [
        ("answers.papper != 'no'", "papper"),
        ("answers.paper != 'non'", "non"),
        ("form.stalls > 10", "stalls"),
        ("case.title != ''", "title"),
    ] {
        let slipped = text.replacen("answers.paper != 'no'", wrong, 1);
        assert_ne!(slipped, text);
        let found = faults(transport().with(file, slipped)).join("\n");
        assert!(
            found.contains(file) && found.contains(said),
            "{wrong}: {found}"
        );
    }
}

#[test]
fn a_flow_that_is_drawn_and_written_as_a_chain_is_refused() {
    let folder = transport();
    let drawn = folder.text("flows/permit.bpmn").unwrap().to_owned();
    let found = faults(folder.with("flows/cancel.bpmn", drawn));
    let words = "flows/cancel.toml flows/cancel.bpmn 也在，不知道用哪一个，请删去一个";
    assert_eq!(found, [words]);
}

#[test]
fn a_release_keeps_the_chain_and_changes_with_it() {
    let code = "road-driver-cancel";
    let release = |folder: Folder| {
        let mut findings = tongban_packs::Findings::default();
        let pack = tongban_packs::Pack::load(folder, &mut findings).unwrap();
        let known = tongban_cases::CaseCalls(tongban::modules::known());
        let checked = tongban_procedures::check(&pack, &known, &Known::new(), &mut findings);
        let found = checked.offers.unwrap().into_iter();
        let offer = found.into_iter().find(|offer| offer.code == code).unwrap();
        (offer.hash, offer.files)
    };
    let (before, kept) = release(transport());
    let text = transport().text("flows/cancel.toml").unwrap().to_owned();
    assert_eq!(kept.text("flows/cancel.toml").unwrap(), text);
    let (after, _) = release(changed("limit = 10", "limit = 9"));
    assert_ne!(before, after);
}

#[test]
fn the_program_draws_a_chain_and_never_over_a_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, out) = (
        folder.path().join("cancel.toml"),
        folder.path().join("cancel.bpmn"),
    );
    let text = transport().text("flows/cancel.toml").unwrap().to_owned();
    std::fs::write(&chain, &text).unwrap();
    let draw = || {
        let program = Command::new(env!("CARGO_BIN_EXE_tongban"))
            .arg("flow")
            .arg(&chain)
            .arg("--bpmn")
            .arg(&out)
            .output()
            .unwrap();
        (
            program.status.code(),
            String::from_utf8(program.stdout).unwrap(),
        )
    };
    assert_eq!(draw().0, Some(0));
    let drawn = std::fs::read_to_string(&out).unwrap();
    // The drawing in the place of the chain is a pack without a fault.
    let item = "items/road-driver-cancel.toml";
    let moved = transport()
        .text(item)
        .unwrap()
        .replace("flow = \"cancel\"", "flow = \"drawn\"");
    let pack = transport()
        .with(item, moved)
        .with("flows/drawn.bpmn", drawn.clone());
    assert_eq!(faults(pack), Vec::<String>::new());

    assert_eq!(draw().0, Some(1));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), drawn);
    std::fs::write(&chain, text.replace("limit = 10", "limit = 0")).unwrap();
    let (code, said) = draw();
    assert_eq!(code, Some(1));
    assert!(said.contains("[送达] 办理时限（limit）须为"), "{said}");
}

/// What the guide writes into files, in its order.
fn written_in_the_guide() -> Vec<String> {
    let guide = include_str!("../../../../docs/guides/write-an-approval-chain.md");
    let mut blocks = guide.split("```toml\n").skip(1);
    let text = |block: &str| {
        let lines = block.split_once("```").unwrap().0.lines();
        lines
            .map(|line| format!("{}\n", line.trim_start()))
            .collect()
    };
    let found: Vec<String> = blocks.by_ref().map(text).collect();
    assert_eq!(found.len(), 2);
    found
}

/// The pack with an item of this code that runs on a chain of the same name.
fn with_chain(folder: Folder, code: &str, chain: &str) -> Folder {
    let item = folder.text(&format!("items/{ITEM}.toml")).unwrap();
    let item = item.replace(&format!("code = \"{ITEM}\""), &format!("code = \"{code}\""));
    let item = item.replace("flow = \"permit\"", &format!("flow = \"{code}\""));
    folder
        .with(&format!("items/{code}.toml"), item)
        .with(&format!("flows/{code}.toml"), chain.to_owned())
}

/// Who decides what at which step, until none waits.
async fn worked(site: &Site, item: &str, steps: &[[&str; 3]]) -> Status {
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let case = site.submitted_for(&citizen, 1, item).await;
    for [step, who, name] in steps {
        let officer = site.officer_at(who, MONDAY_MORNING).await;
        let tasks = tasks_of(&site.house.desk, case).await.unwrap();
        let waits: Vec<_> = tasks.iter().map(|task| task.name.as_str()).collect();
        assert!(waits.iter().all(|waiting| waiting == step), "{waits:?}");
        let mine = tasks.iter().find(|task| officer.actor.has_role(&task.role));
        let id = mine.unwrap().id;
        let done = complete_task(&site.house.desk, &officer, id, decision(name)).await;
        done.unwrap();
    }
    site.drain_at(MONDAY_MORNING).await;
    let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
    view.case.status
}

#[tokio::test]
async fn a_condition_on_the_day_is_asked_on_the_day() {
    let [whole, _] = written_in_the_guide().try_into().unwrap();
    let dated = |day: &str| {
        let when = format!("when = \"today == '{day}'\"");
        whole.replacen("when = \"answers.reason == 'damaged'\"", &when, 1)
    };
    let folder = with_chain(transport(), "seal", &dated("2026-11-23"));
    let folder = with_chain(folder, "seal-late", &dated("2026-11-24"));
    assert_eq!(faults(folder.clone()), Vec::<String>::new());
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), folder).await;
    let way = [
        ["受理", "acceptor", "accept"],
        ["会签", "reviewer", "agree"],
        ["会签", "maker", "agree"],
        ["领导审批", "approver", "pass"],
    ];
    assert_eq!(worked(&site, "seal", &way).await, Status::Closed);
    assert_eq!(worked(&site, "seal-late", &way[..3]).await, Status::Closed);
}

#[tokio::test]
async fn the_chains_of_the_guide_run_as_the_guide_says() {
    let [whole, more] = written_in_the_guide().try_into().unwrap();
    let folder = with_chain(transport(), "seal", &whole);
    let folder = with_chain(folder, "seal-more", &format!("{whole}\n{more}"));
    assert_eq!(faults(folder.clone()), Vec::<String>::new());
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), folder).await;
    let whole_way = [
        ["受理", "acceptor", "accept"],
        ["会签", "reviewer", "agree"],
        ["会签", "maker", "object"],
        ["领导审批", "approver", "back"],
        ["会签", "maker", "agree"],
        ["会签", "reviewer", "agree"],
        ["领导审批", "approver", "pass"],
    ];
    assert_eq!(worked(&site, "seal", &whole_way).await, Status::Closed);
    let accepted = [["受理", "acceptor", "accept"]];
    assert_eq!(worked(&site, "seal-more", &accepted).await, Status::Closed);
    let refused = [["受理", "acceptor", "refuse"]];
    assert_eq!(worked(&site, "seal-more", &refused).await, Status::Refused);
}
