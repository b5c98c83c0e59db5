//! What a flow may draw: each drawing runs as it is drawn, or is refused with its element and what to draw instead.

use tongban_base::{Actor, Ctx, Kind, Timestamp, Uuid};
use tongban_cases::{
    CaseCalls, CaseId, Status, ask_for_timers, change_clock, complete_task, open_case, ring_timers,
    tasks_of,
};
use tongban_packs::{Findings, Folder, Pack};
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::{decide, decision};
use crate::house::{ITEM, Site, migrations};
use crate::law::{at, pause};

/// The flow of most items, with this between acceptance and decision; it begins at `first` and leads to `dec`.
pub fn pack(first: &str, middle: &str) -> Folder {
    let xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:tb="urn:tongban:flow:1" id="d" targetNamespace="urn:t">
<bpmn:message id="msg1" name="paid"/><bpmn:process id="permit" name="试验" isExecutable="true">
<bpmn:startEvent id="s"/>
{pre}<bpmn:exclusiveGateway id="px"/>
<bpmn:serviceTask id="acc" tb:operation="case.accept"/>
<bpmn:serviceTask id="note" tb:operation="document.make" tb:arguments='{{"template":"acceptance-notice"}}'/>
<bpmn:serviceTask id="ref" tb:operation="case.refuse"/><bpmn:serviceTask id="cref" tb:operation="case.close" tb:arguments='{{"result":"refused"}}'/>
<bpmn:endEvent id="eref"/>
{middle}
{dec}<bpmn:serviceTask id="cl" tb:operation="case.close" tb:arguments='{{"result":"granted"}}'/><bpmn:endEvent id="e"/>
{front}{accept}{refuse}{back}</bpmn:process></bpmn:definitions>"#,
        pre = task(
            "pre",
            "acceptor",
            &["accept", "refuse"],
            "tb:phase=\"filed\"",
            ""
        ),
        dec = user("dec", "approver", ""),
        front = path(&["s", "pre", "px"]),
        accept = branch("px", "acc", "decision == 'accept'"),
        refuse = branch("px", "ref", "decision == 'refuse'"),
        back = [
            path(&["acc", "note", first]),
            path(&["ref", "cref", "eref"]),
            path(&["dec", "cl", "e"])
        ]
        .concat(),
    );
    tongban::packs::transport().with("flows/permit.bpmn", xml)
}

pub fn user(id: &str, role: &str, more: &str) -> String {
    task(id, role, &["ok", "no"], "tb:phase=\"running\"", more)
}

fn task(id: &str, role: &str, decisions: &[&str], attributes: &str, more: &str) -> String {
    let label = |name: &&str| {
        format!("<tb:decision name=\"{name}\" label=\"{name}\" opinion=\"optional\"/>")
    };
    let decisions: String = decisions.iter().map(label).collect();
    format!(
        "<bpmn:userTask id=\"{id}\" name=\"{id}\" tb:role=\"{role}\" {attributes}>\
         <bpmn:extensionElements>{decisions}</bpmn:extensionElements>{more}</bpmn:userTask>\n"
    )
}

pub fn path(ids: &[&str]) -> String {
    ids.windows(2)
        .map(|pair| {
            let (from, to) = (pair[0], pair[1]);
            format!(
                "<bpmn:sequenceFlow id=\"{from}__{to}\" sourceRef=\"{from}\" targetRef=\"{to}\"/>\n"
            )
        })
        .collect()
}

fn branch(from: &str, to: &str, condition: &str) -> String {
    format!(
        "<bpmn:sequenceFlow id=\"{from}__{to}\" sourceRef=\"{from}\" targetRef=\"{to}\">\
         <bpmn:conditionExpression><![CDATA[{condition}]]></bpmn:conditionExpression></bpmn:sequenceFlow>\n"
    )
}

/// The places of a joint sign.
pub fn joint(sequential: bool, signers: &str) -> String {
    format!(
        "<bpmn:multiInstanceLoopCharacteristics isSequential=\"{sequential}\" tb:rule=\"all\" tb:signers=\"{signers}\"/>"
    )
}

fn timer(id: &str, kind: &str, end: &str) -> String {
    format!(
        "<bpmn:{kind} id=\"{id}\" name=\"{id}\"{end}</bpmn:{}>\n",
        kind.split(' ').next().unwrap()
    )
}

const SECOND: &str = "><bpmn:timerEventDefinition><bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition>";
const WORKDAY: &str = "><bpmn:timerEventDefinition tb:workdays=\"1\"/>";

fn waiting(end: &str) -> Folder {
    pack(
        "w",
        &[
            timer("w", "intermediateCatchEvent", end),
            path(&["w", "dec"]),
        ]
        .concat(),
    )
}

fn bounded(end: &str) -> Folder {
    let event = timer("late", "boundaryEvent attachedToRef=\"rv\"", end);
    let flows = [path(&["rv", "dec"]), path(&["late", "dec"])].concat();
    pack("rv", &[user("rv", "reviewer", ""), event, flows].concat())
}

pub fn faults(folder: Folder) -> Vec<String> {
    let mut findings = Findings::default();
    let pack = Pack::load(folder, &mut findings).unwrap();
    tongban_procedures::check(
        &pack,
        &CaseCalls(tongban::modules::known()),
        &tongban_procedures::Known::new(),
        &mut findings,
    );
    findings.0.iter().map(ToString::to_string).collect()
}

fn parallel(middle: &[String]) -> String {
    let gates = "<bpmn:parallelGateway id=\"fork\"/><bpmn:parallelGateway id=\"join\"/>";
    [gates, &middle.concat(), &path(&["join", "dec"])].concat()
}

fn inclusive() -> String {
    let gates = "<bpmn:inclusiveGateway id=\"fork\" default=\"fork__c1\"/><bpmn:inclusiveGateway id=\"join\"/>";
    let tell = "<bpmn:serviceTask id=\"c1\" tb:operation=\"message.send\" tb:arguments='{\"event\":\"case.granted\"}'/>";
    [
        gates,
        tell,
        &user("a1", "reviewer", ""),
        &user("b1", "maker", ""),
        &branch("fork", "a1", "form.driving_class == 'A1'"),
        &branch("fork", "b1", "form.driving_class == 'B1'"),
        &path(&["fork", "c1", "join", "dec"]),
        &path(&["a1", "join"]),
        &path(&["b1", "join"]),
    ]
    .concat()
}

type Run = (&'static str, Folder, Vec<[&'static str; 3]>);

/// A joint sign beside another step.
fn signed_beside(decided: [&'static str; 3]) -> Run {
    let signers = joint(false, "['role:approver', 'role:maker']");
    let both = parallel(&[
        user("a1", "reviewer", ""),
        user("js", "approver", &signers),
        path(&["fork", "a1", "join"]),
        path(&["fork", "js", "join"]),
    ]);
    let signed = |who| ["js", who, "ok"];
    let reviewed = ["a1", "reviewer", "ok"];
    let steps = vec![signed("maker"), reviewed, signed("approver"), decided];
    ("both", pack("fork", &both), steps)
}

/// Each drawing that runs, with who decides what at which step until it is closed.
fn running() -> Vec<Run> {
    let reviewed = ["rv", "reviewer", "ok"];
    let decided = ["dec", "approver", "ok"];
    let rule = "<bpmn:exclusiveGateway id=\"cx\" default=\"cx__dec\"/>";
    let chosen = [
        rule,
        &user("rv", "reviewer", ""),
        &branch("cx", "rv", "form.driving_class == 'A1'"),
        &path(&["cx", "dec"]),
        &path(&["rv", "dec"]),
    ]
    .concat();
    let again = [
        task(
            "rv",
            "reviewer",
            &["ok", "again"],
            "tb:phase=\"running\"",
            "",
        ),
        "<bpmn:exclusiveGateway id=\"lx\"/>".to_owned(),
        path(&["rv", "lx"]),
        branch("lx", "rv", "decision == 'again'"),
        branch("lx", "dec", "decision == 'ok'"),
    ]
    .concat();
    let branches = parallel(&[
        user("a1", "reviewer", ""),
        user("a2", "approver", ""),
        user("b1", "reviewer", ""),
        path(&["fork", "a1", "a2", "join"]),
        path(&["fork", "b1", "join"]),
    ]);
    let same = parallel(&[
        user("a1", "reviewer", ""),
        user("b1", "reviewer", ""),
        path(&["fork", "a1", "join"]),
        path(&["fork", "b1", "join"]),
    ]);
    let sign = |more: &str| [user("js", "reviewer", more), path(&["js", "dec"])].concat();
    let order = joint(true, "['role:reviewer', 'role:approver', 'role:maker']");
    let two = "<bpmn:multiInstanceLoopCharacteristics tb:rule=\"all\"><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>";
    vec![
        ("cond", pack("cx", &chosen), vec![reviewed, decided]),
        (
            "loop",
            pack("rv", &again),
            vec![["rv", "reviewer", "again"], reviewed, decided],
        ),
        (
            "par",
            pack("fork", &branches),
            vec![
                ["b1", "reviewer", "ok"],
                ["a1", "reviewer", "ok"],
                ["a2", "approver", "ok"],
                decided,
            ],
        ),
        (
            "same",
            pack("fork", &same),
            vec![["b1", "reviewer", "ok"], ["a1", "reviewer", "ok"], decided],
        ),
        signed_beside(decided),
        (
            "inc",
            pack("fork", &inclusive()),
            vec![["a1", "reviewer", "ok"], decided],
        ),
        (
            "seq",
            pack("js", &sign(&order)),
            vec![
                ["js", "reviewer", "ok"],
                ["js", "approver", "ok"],
                ["js", "maker", "ok"],
                decided,
            ],
        ),
        (
            "two",
            pack("js", &sign(two)),
            vec![
                ["js", "reviewer", "ok"],
                ["js", "another reviewer", "ok"],
                decided,
            ],
        ),
        ("timer", bounded(SECOND), vec![["", "", ""], decided]),
        ("wait", waiting(SECOND), vec![["", "", ""], decided]),
    ]
}

/// Each drawing that is refused, its element, and what is said.
fn refused() -> Vec<(Folder, [&'static str; 2])> {
    let event = |definition: &str| {
        let event = format!(
            "<bpmn:intermediateCatchEvent id=\"w\">{definition}</bpmn:intermediateCatchEvent>"
        );
        pack("w", &[event, path(&["w", "dec"])].concat())
    };
    let element = |drawn: &str| pack("w", &[drawn.to_owned(), path(&["w", "dec"])].concat());
    let message = "<bpmn:messageEventDefinition messageRef=\"msg1\"/>";
    let boundary = format!(
        "<bpmn:boundaryEvent id=\"w\" attachedToRef=\"rv\">{message}</bpmn:boundaryEvent>{}{}{}",
        user("rv", "reviewer", ""),
        path(&["rv", "dec"]),
        path(&["w", "dec"]),
    );
    let no_message = "没有程序会送来消息“paid”，流程会一直停在这里；等人办的请改为用户任务";
    let spinning = [
        "<bpmn:exclusiveGateway id=\"w\" default=\"w__turn\"/><bpmn:exclusiveGateway id=\"turn\"/>",
        &path(&["w", "turn", "w"]),
        &branch("w", "dec", "form.driving_class == 'A1'"),
    ]
    .concat();
    vec![
        (
            pack("w", &spinning),
            ["w", "这个循环里没有任何等待人或事件的环节，会一直空转"],
        ),
        (event(message), ["w", no_message]),
        (pack("rv", &boundary), ["w", no_message]),
        (
            element("<bpmn:receiveTask id=\"w\" messageRef=\"msg1\"/>"),
            ["w", no_message],
        ),
        (
            event("<bpmn:signalEventDefinition/>"),
            ["w", "不支持 signalEventDefinition，等时间的请改为定时事件"],
        ),
        (
            element("<bpmn:businessRuleTask id=\"w\"/>"),
            ["w", "不支持的流程元素 businessRuleTask，没有程序去查规则表"],
        ),
        (
            element("<bpmn:manualTask id=\"w\"/>"),
            ["w", "请改为用户任务"],
        ),
        (
            event(
                "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>",
            ),
            ["w", "不支持循环定时和表达式"],
        ),
        (
            element(&user("w", "reviewer", "<bpmn:potentialOwner/>")),
            ["w", "potentialOwner 没有人读"],
        ),
    ]
}

fn another(of: &Ctx) -> Ctx {
    let scope = of.actor.staff.clone().unwrap_or_default();
    Ctx::new(Actor::staff(Uuid::now_v7(), "测试同事", scope), of.now)
}

/// Another item of this code that runs on the drawing.
fn item_with_flow(folder: Folder, code: &str, drawn: &Folder) -> Folder {
    let item = folder.text(&format!("items/{ITEM}.toml")).unwrap();
    let item = item.replace(&format!("code = \"{ITEM}\""), &format!("code = \"{code}\""));
    let item = item.replace("flow = \"permit\"", &format!("flow = \"{code}\""));
    let flow = drawn.text("flows/permit.bpmn").unwrap().to_owned();
    let folder = folder.with(&format!("items/{code}.toml"), item);
    folder.with(&format!("flows/{code}.bpmn"), flow)
}

async fn accepted(site: &Site, now: Timestamp) -> CaseId {
    accepted_for(site, now, ITEM).await
}

async fn accepted_for(site: &Site, now: Timestamp, item: &str) -> CaseId {
    let citizen = site.citizen_at("ceshi1", now).await;
    let case = site.submitted_for(&citizen, 1, item).await;
    decide(
        site,
        &site.officer_at("acceptor", now).await,
        case,
        "accept",
    )
    .await;
    case
}

async fn elements(site: &Site, case: CaseId) -> Vec<String> {
    let tasks = tasks_of(&site.house.desk, case).await.unwrap();
    tasks.into_iter().map(|task| task.element).collect()
}

async fn act(site: &Site, case: CaseId, [element, who, name]: [&str; 3], now: Timestamp) {
    let desk = &site.house.desk;
    if element.is_empty() {
        let later = Ctx::system(now.plus_minutes(1));
        assert_eq!(ring_timers(desk, &later).await.unwrap(), 1);
        return;
    }
    let ctx = match who.strip_prefix("another ") {
        Some(login) => another(&site.officer_at(login, now).await),
        None => site.officer_at(who, now).await,
    };
    let tasks = tasks_of(desk, case).await.unwrap();
    let mine = tasks
        .iter()
        .find(|t| t.element == element && ctx.actor.has_role(&t.role));
    complete_task(desk, &ctx, mine.unwrap().id, decision(name))
        .await
        .unwrap();
}

on_both_databases! {
    &migrations();

    async fn what_a_flow_draws_runs(db: Db) {
        covers!("XC-393");
        let mut folder = tongban::packs::transport();
        for (name, drawn, _) in running() {
            folder = item_with_flow(folder, name, &drawn);
        }
        assert_eq!(faults(folder.clone()), Vec::<String>::new());
        let site = &Site::with_pack(db, folder).await;
        for (name, _, steps) in running() {
            let case = accepted_for(site, MONDAY_MORNING, name).await;
            for step in steps {
                act(site, case, step, MONDAY_MORNING).await;
            }
            site.drain_at(MONDAY_MORNING).await;
            let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
            let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
            assert_eq!(view.case.status, Status::Closed, "{name}");
        }
    }

    async fn a_timer_of_working_days_rings_on_its_day_and_once(db: Db) {
        let site = Site::with_pack(db, bounded(WORKDAY)).await;
        let desk = &site.house.desk;
        let friday = at("2026-11-27");
        let case = accepted(&site, friday).await;
        assert_eq!(elements(&site, case).await, ["rv"]);
        assert_eq!(ring_timers(desk, &Ctx::system(at("2026-11-30"))).await.unwrap(), 0);
        let due = Ctx::system(at("2026-12-01"));
        // Two nodes at once: one of them rings it.
        let (one, two) = tokio::join!(ring_timers(desk, &due), ring_timers(desk, &due));
        assert_eq!(one.unwrap() + two.unwrap(), 1);
        assert_eq!(elements(&site, case).await, ["dec"]);
        assert_eq!(ring_timers(desk, &due).await.unwrap(), 0);
        assert_eq!(site.audited("case.timer_rang", "done").await, 1);
    }

    async fn a_timer_stands_still_while_a_special_procedure_is_under_way(db: Db) {
        let site = Site::with_pack(db, waiting("><bpmn:timerEventDefinition><bpmn:timeDuration>P2D</bpmn:timeDuration></bpmn:timerEventDefinition>")).await;
        let desk = &site.house.desk;
        let case = accepted(&site, at("2026-11-23")).await;
        let on = |day: &'static str| {
            let site = &site;
            async move { site.officer_at("approver", at(day)).await }
        };
        change_clock(desk, &on("2026-11-24").await, case, pause()).await.unwrap();
        assert_eq!(ring_timers(desk, &Ctx::system(at("2026-11-26"))).await.unwrap(), 0);
        change_clock(desk, &on("2026-11-27").await, case, tongban_cases::ClockChange::Resume).await.unwrap();
        assert_eq!(ring_timers(desk, &Ctx::system(at("2026-11-27"))).await.unwrap(), 0);
        assert_eq!(ring_timers(desk, &Ctx::system(at("2026-11-28"))).await.unwrap(), 1);
        assert_eq!(elements(&site, case).await, ["dec"]);
    }

    async fn a_timer_that_fails_stops_no_other(db: Db) {
        let site = Site::with_pack(db, waiting(SECOND)).await;
        let desk = &site.house.desk;
        let now = site.house.app.now();
        let broken = accepted(&site, now.plus_minutes(-30)).await;
        let citizen = site.citizen_at("ceshi2", now.plus_minutes(-20)).await;
        let whole = site.submitted(&citizen, 2).await;
        decide(&site, &site.officer_at("acceptor", citizen.now).await, whole, "accept").await;
        site.db()
            .write(broken, |tx, id| {
                Box::pin(async move {
                    tx.execute("UPDATE case_record SET form = 'x' WHERE id = $1", params![*id]).await
                })
            })
            .await
            .unwrap();
        // The server asks for them, and a job rings them.
        ask_for_timers(desk, &Ctx::system(now)).await.unwrap();
        site.drain_now().await;
        assert_eq!(elements(&site, whole).await, ["dec"]);
        assert_eq!(elements(&site, broken).await, Vec::<String>::new());
        // It is tried by itself now, and the look leaves it alone.
        let asked = "SELECT COUNT(*) AS n FROM job WHERE name = 'cases.ring_timer' AND error IS NOT NULL";
        assert_eq!(site.count(asked).await, 1);
        assert_eq!(ring_timers(desk, &Ctx::system(now)).await.unwrap(), 0);
        assert_eq!(site.count(asked).await, 1);
    }

    async fn one_officer_signs_one_place_of_a_joint_sign(db: Db) {
        let order = joint(false, "['role:reviewer', 'role:reviewer']");
        let middle = [user("js", "reviewer", &order), path(&["js", "dec"])].concat();
        let site = Site::with_pack(db, pack("js", &middle)).await;
        let desk = &site.house.desk;
        let case = accepted(&site, MONDAY_MORNING).await;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        decide(&site, &reviewer, case, "ok").await;
        let rest = tasks_of(desk, case).await.unwrap();
        assert_eq!(rest.len(), 1);
        let told = complete_task(desk, &reviewer, rest[0].id, decision("ok")).await.unwrap_err();
        assert_eq!(told.kind(), Kind::Conflict);
        assert!(told.message().contains("在「js」会签过；同一会签须由不同的人办理"), "{}", told.message());
        let queue = site.officer("reviewer").await.get("/workbench").await.ok().text();
        assert!(!queue.contains(&case.to_string()));
        decide(&site, &another(&reviewer), case, "ok").await;
        assert_eq!(elements(&site, case).await, ["dec"]);
    }
}

#[test]
fn what_nothing_drives_is_refused_with_its_element_and_what_to_draw_instead() {
    covers!("XC-393");
    for (folder, [element, words]) in refused() {
        let told = faults(folder);
        let fits = |fault: &String| {
            fault.starts_with("flows/permit.bpmn")
                && fault.contains(element)
                && fault.contains(words)
        };
        assert!(told.iter().any(fits), "{element} {words}: {told:?}");
    }
}
