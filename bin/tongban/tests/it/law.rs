//! The law of time in the whole house: days used stay used, more time is granted once, silence counts, what stands
//! still is not late, and a day that nobody knows yet is not promised.

use tongban_base::{Ctx, Kind, Timestamp};
use tongban_cases::{
    CaseId, ClockChange, ClockState, Correction, Decision, Desk, Mend, Period, Status,
    change_clock, complete_task, deem_accepted, escalate, look, open_case, remind, report_overdue,
    return_case, submit_correction, tasks_of, withdraw_case,
};
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::{decide, decision};
use crate::house::{Site, migrations};

pub fn at(day: &str) -> Timestamp {
    Timestamp::start_of(day.parse().unwrap()).plus_minutes(600)
}

pub fn on(day: &str, who: &Ctx) -> Ctx {
    Ctx::new(who.actor.clone(), at(day))
}

pub fn system(day: &str) -> Ctx {
    Ctx::system(at(day))
}

/// The pack of the demonstration with other text in one of its files.
fn pack_with(file: &str, from: &str, to: &str) -> Folder {
    changed(tongban::packs::transport(), file, from, to)
}

fn changed(pack: Folder, file: &str, from: &str, to: &str) -> Folder {
    let text = pack.text(file).unwrap();
    let other = text.replacen(from, to, 1);
    assert_ne!(text, other, "{file} has {from}");
    pack.with(file, other)
}

const ITEM_FILE: &str = "items/road-driver-reissue.toml";
const FLOW_FILE: &str = "flows/permit.bpmn";

/// Twenty days to decide, as the law gives.
pub fn twenty_days() -> Folder {
    pack_with(ITEM_FILE, "promised = 1,", "promised = 20,")
}

/// The reviewer may ask the applicant to mend something after the acceptance.
fn correcting_later(pack: Folder) -> Folder {
    let ask = "<tb:decision name=\"reject\"";
    let also = format!(
        "<tb:decision name=\"correct\" label=\"退回补正\" opinion=\"required\" asks=\"correction\"/>{ask}"
    );
    let pack = changed(pack, FLOW_FILE, ask, &also);
    let pack = changed(
        pack,
        FLOW_FILE,
        "<bpmn:outgoing>review__decide</bpmn:outgoing>",
        "<bpmn:outgoing>review__result</bpmn:outgoing>",
    );
    let pack = changed(
        pack,
        FLOW_FILE,
        "<bpmn:incoming>tell_accepted__review</bpmn:incoming>",
        "<bpmn:incoming>tell_accepted__review</bpmn:incoming><bpmn:incoming>mend__review</bpmn:incoming>",
    );
    let more = "
    <bpmn:exclusiveGateway id=\"review_result\" name=\"审查结果\">
      <bpmn:incoming>review__result</bpmn:incoming>
      <bpmn:outgoing>review__mend</bpmn:outgoing>
      <bpmn:outgoing>review__decide</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:userTask id=\"mend\" name=\"补正\" tb:role=\"applicant\" tb:phase=\"mending\" tb:stage=\"补正中\">
      <bpmn:extensionElements><tb:decision name=\"submit\" label=\"提交补正\" opinion=\"optional\"/></bpmn:extensionElements>
      <bpmn:incoming>review__mend</bpmn:incoming>
      <bpmn:outgoing>mend__review</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id=\"review__result\" sourceRef=\"review\" targetRef=\"review_result\"/>
    <bpmn:sequenceFlow id=\"review__mend\" sourceRef=\"review_result\" targetRef=\"mend\">
      <bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\" language=\"cel\">decision == 'correct'</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id=\"mend__review\" sourceRef=\"mend\" targetRef=\"review\"/>
    <bpmn:sequenceFlow id=\"review__decide\" sourceRef=\"review_result\" targetRef=\"decide\">
      <bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\" language=\"cel\">decision != 'correct'</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
";
    let last =
        "<bpmn:sequenceFlow id=\"review__decide\" sourceRef=\"review\" targetRef=\"decide\"/>";
    let pack = changed(pack, FLOW_FILE, last, more);
    let text = pack.text(FLOW_FILE).unwrap().to_owned();
    // The drawing of one line is gone with the line; pictures are not needed to run.
    let (front, rest) = text.split_once("<bpmndi:BPMNDiagram").unwrap();
    let (_, back) = rest.split_once("</bpmndi:BPMNDiagram>").unwrap();
    pack.with(FLOW_FILE, format!("{front}{back}"))
}

pub struct People {
    pub citizen: Ctx,
    pub acceptor: Ctx,
    pub reviewer: Ctx,
    pub approver: Ctx,
}

pub async fn people(site: &Site) -> People {
    People {
        citizen: site.citizen_at("ceshi1", MONDAY_MORNING).await,
        acceptor: site.officer_at("acceptor", MONDAY_MORNING).await,
        reviewer: site.officer_at("reviewer", MONDAY_MORNING).await,
        approver: site.officer_at("approver", MONDAY_MORNING).await,
    }
}

pub fn pause() -> ClockChange {
    ClockChange::Pause {
        name: "专家评审".into(),
        reason: "需要核实".into(),
        days: 10,
    }
}

fn extend(days: i64) -> ClockChange {
    ClockChange::Extend {
        days,
        reason: "案情复杂".into(),
    }
}

fn asked() -> Decision {
    let mend = Mend {
        place: "address".into(),
        title: "住址".into(),
        problem: "写到门牌号".into(),
    };
    Decision {
        correction: Some(Correction {
            fields: vec![mend],
            ..Correction::default()
        }),
        ..decision("correct")
    }
}

pub fn mended() -> [(String, String); 1] {
    [("address".to_owned(), "示例市示例区示例路9号".to_owned())]
}

pub async fn ask(desk: &Desk, officer: &Ctx, case: CaseId) {
    let task = tasks_of(desk, case).await.unwrap()[0].id;
    complete_task(desk, officer, task, asked()).await.unwrap();
}

async fn send_back(desk: &Desk, officer: &Ctx, case: CaseId) -> tongban_base::Result<CaseId> {
    let task = tasks_of(desk, case).await.unwrap()[0].id;
    let to = Some("prereview".to_owned());
    return_case(desk, officer, task, to, "材料还要看".into()).await
}

/// How often the applicant was told of an event in the inbox.
pub async fn told(site: &Site, event: &'static str) -> usize {
    let rows = site
        .rows("SELECT event, channel FROM message ORDER BY id")
        .await;
    let of = |row: &&tongban_store::Row| {
        row.get::<String>("event").unwrap() == event
            && row.get::<String>("channel").unwrap() == "site"
    };
    rows.iter().filter(of).count()
}

on_both_databases! {
    &migrations();

    async fn an_acceptance_taken_back_and_given_again_goes_on_counting_and_promises_nothing_anew(db: Db) {
        let site = Site::with_pack(db, twenty_days()).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let case = site.submitted(&who.citizen, 1).await;
        decide(&site, &who.acceptor, case, "accept").await;
        send_back(desk, &on("2026-12-14", &who.reviewer), case).await.unwrap();

        let view = open_case(desk, &on("2026-12-14", &who.citizen), case).await.unwrap();
        assert_eq!((view.case.status, view.clock.period), (Status::Submitted, Period::Acceptance));
        assert_eq!((view.clock.used_before, view.clock.due_on), (Some(15), view.case.due_on));
        assert_eq!(told(&site, "case.acceptance_undone").await, 1);
        assert_eq!(report_overdue(desk, &system("2026-12-15")).await.unwrap(), 0);

        decide(&site, &on("2026-12-14", &who.acceptor), case, "accept").await;
        let view = open_case(desk, &on("2026-12-14", &who.citizen), case).await.unwrap();
        assert_eq!((view.clock.used, view.clock.period), (15, Period::Decision));
        assert_eq!(view.case.due_on.unwrap().to_string(), "2026-12-21");
        let notices: Vec<_> = view.documents.iter().filter(|d| d.template == "acceptance-notice").collect();
        assert_eq!((notices.len(), notices[0].status.code()), (2, "void"));
        let promise = &notices[1].data["case"];
        assert_eq!(promise["accepted_on"], "2026年11月23日");
        assert_eq!(promise["promised_by"], "2026年12月21日前（含当日）");
        assert_eq!(view.broken_at, None);
    }

    async fn more_time_is_granted_once_before_the_end_by_who_heads_the_office_and_told_in_writing(db: Db) {
        let site = Site::with_pack(db, pack_with(ITEM_FILE, "promised = 1,", "promised = 5,")).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let case = site.submitted(&who.citizen, 1).await;
        decide(&site, &who.acceptor, case, "accept").await;
        let alone = change_clock(desk, &who.reviewer, case, extend(10)).await.unwrap_err();
        assert_eq!(alone.kind(), Kind::Forbidden);
        change_clock(desk, &who.approver, case, extend(10)).await.unwrap();
        let again = change_clock(desk, &who.approver, case, extend(1)).await.unwrap_err();
        assert_eq!(again.code(), "case.no_extension");
        assert!(again.message().contains("已经延长过一次"));
        let view = open_case(desk, &who.citizen, case).await.unwrap();
        assert_eq!((view.clock.limit, told(&site, "case.extended").await), (15, 1));
        let letter = view.documents.iter().find(|d| d.template == "extension-notice").unwrap();
        assert_eq!(letter.data["change"]["days"], "10");
        assert_eq!(letter.data["change"]["reason"], "案情复杂");
        assert_eq!(letter.data["case"]["promised_by"], "2026年12月14日前（含当日）");
        assert_eq!(site.audited("case.extended", "refused").await, 2);

        // Nor after the end, and a return does not make it possible again.
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        let late = site.submitted(&other, 2).await;
        decide(&site, &who.acceptor, late, "accept").await;
        let refused = change_clock(desk, &on("2026-12-31", &who.approver), late, extend(10)).await.unwrap_err();
        assert!(refused.message().contains("已经届满"), "{}", refused.message());
        send_back(desk, &who.reviewer, case).await.unwrap();
        decide(&site, &who.acceptor, case, "accept").await;
        let anew = change_clock(desk, &who.approver, case, extend(10)).await.unwrap_err();
        assert_eq!(anew.code(), "case.no_extension");
        site.drain().await;
    }

    async fn a_special_procedure_is_told_in_writing_and_a_case_in_it_is_not_sent_back(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let case = site.submitted(&who.citizen, 1).await;
        decide(&site, &who.acceptor, case, "accept").await;
        let endless = ClockChange::Pause { name: "听证".into(), reason: "依法听证".into(), days: 0 };
        assert_eq!(change_clock(desk, &who.reviewer, case, endless).await.unwrap_err().kind(), Kind::Invalid);
        change_clock(desk, &who.reviewer, case, pause()).await.unwrap();
        let refused = send_back(desk, &who.reviewer, case).await.unwrap_err();
        assert_eq!(refused.code(), "case.paused");
        let page = site.officer("reviewer").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(page.has("input[name='change'][value='resume']"), "the way on is offered");
        assert!(!page.has("button[name='decision']") && !page.has("form[action$='/return']"));

        change_clock(desk, &on("2026-11-26", &who.reviewer), case, ClockChange::Resume).await.unwrap();
        assert_eq!((told(&site, "case.paused").await, told(&site, "case.resumed").await), (1, 1));
        let view = open_case(desk, &who.citizen, case).await.unwrap();
        let letter = view.documents.iter().find(|d| d.template == "procedure-notice").unwrap();
        assert_eq!(letter.data["change"]["name"], "专家评审");
        assert_eq!(letter.data["change"]["days"], "10");
        assert!(view.documents.iter().any(|d| d.template == "procedure-end-notice"));
        send_back(desk, &who.reviewer, case).await.unwrap();
        decide(&site, &who.acceptor, case, "accept").await;
        site.drain().await;
    }

    async fn a_correction_after_acceptance_comes_back_to_the_accepted_state_and_its_days_do_not_count(db: Db) {
        covers!("SH-074");
        let site = Site::with_pack(db, correcting_later(twenty_days())).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let case = site.submitted(&who.citizen, 1).await;
        decide(&site, &who.acceptor, case, "accept").await;
        ask(desk, &on("2026-11-25", &who.reviewer), case).await;
        let waiting = open_case(desk, &on("2026-12-01", &who.citizen), case).await.unwrap();
        assert_eq!((waiting.clock.state, waiting.clock.used), (ClockState::Paused, 2));
        assert_eq!((waiting.case.status, waiting.case.due_on), (Status::Correcting, None));
        let late = submit_correction(desk, &on("2026-12-17", &who.citizen), case, &mended()).await;
        assert_eq!(late.unwrap_err().code(), "case.correction_late");

        let more = [mended().to_vec(), vec![("mobile".to_owned(), "13900000000".to_owned())]].concat();
        let before = waiting.case.form.clone();
        let other = submit_correction(desk, &on("2026-12-01", &who.citizen), case, &more).await.unwrap_err();
        assert_eq!(other.field_errors()[0].pointer, "/mobile", "only what was asked for changes");
        submit_correction(desk, &on("2026-12-01", &who.citizen), case, &mended()).await.unwrap();
        let view = open_case(desk, &on("2026-12-02", &who.citizen), case).await.unwrap();
        assert_eq!((view.case.status, view.clock.state), (Status::Accepted, ClockState::Running));
        assert_ne!(view.case.form["address"], before["address"]);
        assert_eq!((view.clock.used, view.case.due_on), (3, view.clock.due_on));
        change_clock(desk, &on("2026-12-02", &who.reviewer), case, pause()).await.unwrap();
        change_clock(desk, &on("2026-12-03", &who.reviewer), case, ClockChange::Resume).await.unwrap();
        change_clock(desk, &on("2026-12-03", &who.approver), case, extend(3)).await.unwrap();
        decide(&site, &on("2026-12-03", &who.reviewer), case, "pass").await;
    }

    async fn who_is_not_answered_in_time_counts_as_accepted_since_the_receipt_and_everybody_is_told(db: Db) {
        let site = Site::with_pack(db, twenty_days()).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let case = site.submitted(&who.citizen, 1).await;
        let view = open_case(desk, &who.citizen, case).await.unwrap();
        assert_eq!(view.case.due_on.unwrap().to_string(), "2026-11-30");
        assert_eq!(remind(desk, &system("2026-11-26")).await.unwrap(), 1);
        assert_eq!(told(&site, "case.due_soon").await, 1, "the acceptor");
        assert_eq!(deem_accepted(desk, &system("2026-11-30")).await.unwrap(), 0);
        look(desk, &system("2026-12-01")).await.unwrap();

        let view = open_case(desk, &on("2026-12-01", &who.citizen), case).await.unwrap();
        assert_eq!(view.case.status, Status::Accepted);
        assert!(view.clock.deemed && view.events.iter().any(|e| e.kind == "case.deemed_accepted"));
        assert_eq!((view.clock.used, view.case.due_on.unwrap().to_string()), (6, "2026-12-21".into()));
        assert_eq!(told(&site, "case.deemed_accepted").await, 1, "the applicant");
        assert_eq!(told(&site, "case.deemed_accepted_staff").await, 2, "acceptor and supervisor");
        assert_eq!(site.audited("case.deemed_accepted", "done").await, 1);
        assert_eq!(deem_accepted(desk, &system("2026-12-02")).await.unwrap(), 0);

        // The office is late with its step: it can accept in form, and no longer refuse to.
        let late = on("2026-12-02", &who.acceptor);
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let refused = complete_task(desk, &late, task, decision("refuse")).await.unwrap_err();
        assert_eq!(refused.code(), "case.accepted_already");
        decide(&site, &late, case, "accept").await;
        let view = open_case(desk, &late, case).await.unwrap();
        assert_eq!(view.case.due_on.unwrap().to_string(), "2026-12-21");
        send_back(desk, &on("2026-12-03", &who.reviewer), case).await.unwrap();
        let view = open_case(desk, &late, case).await.unwrap();
        assert_eq!(view.case.status, Status::Accepted, "silence is not undone by a return");
    }

    async fn the_days_before_acceptance_are_late_where_silence_does_not_count(db: Db) {
        let pack = pack_with(ITEM_FILE, "silence_accepts = true, ", "");
        let site = Site::with_pack(db, pack).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let case = site.submitted(&who.citizen, 1).await;
        assert_eq!(report_overdue(desk, &system("2026-11-30")).await.unwrap(), 0);
        look(desk, &system("2026-12-02")).await.unwrap();
        let view = open_case(desk, &on("2026-12-02", &who.citizen), case).await.unwrap();
        assert_eq!((view.case.status, view.clock.is_overdue()), (Status::Submitted, true));
        assert_eq!((told(&site, "case.overdue").await, told(&site, "case.escalated").await), (1, 1));
    }

    async fn the_delivery_is_watched_like_the_other_periods(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let case = site.submitted(&who.citizen, 1).await;
        let maker = site.officer_at("maker", MONDAY_MORNING).await;
        for (officer, name) in [(&who.acceptor, "accept"), (&who.reviewer, "pass"), (&who.approver, "grant")] {
            decide(&site, officer, case, name).await;
        }
        decide(&site, &on("2026-11-25", &maker), case, "made").await;
        let view = open_case(desk, &on("2026-11-25", &who.citizen), case).await.unwrap();
        assert_eq!((view.clock.period, view.case.due_on.unwrap().to_string()), (Period::Delivery, "2026-12-07".into()));
        assert_eq!(remind(desk, &system("2026-12-04")).await.unwrap(), 1);
        assert_eq!(report_overdue(desk, &system("2026-12-07")).await.unwrap(), 0);
        assert_eq!(report_overdue(desk, &system("2026-12-08")).await.unwrap(), 1);
        assert_eq!(escalate(desk, &system("2026-12-09")).await.unwrap(), 1);
        decide(&site, &on("2026-12-09", &who.acceptor), case, "delivered").await;
        let view = open_case(desk, &on("2026-12-09", &who.citizen), case).await.unwrap();
        assert_eq!((view.clock.state, view.case.due_on), (ClockState::Stopped, None));
        assert_eq!(report_overdue(desk, &system("2026-12-31")).await.unwrap(), 0);
    }

    async fn whatever_an_office_does_there_is_a_way_on_and_the_days_never_become_fewer(db: Db) {
        let site = Site::with_pack(db, correcting_later(twenty_days())).await;
        let desk = &site.house.desk;
        let who = people(&site).await;
        let mut random = 20_261_127_u64;
        for _ in 0..4 {
            let case = site.submitted(&who.citizen, 1).await;
            let (mut now, mut spent) = (MONDAY_MORNING, 0);
            for _ in 0..12 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let draw = random >> 33;
                now = now.plus_minutes(60 * 24 * i64::try_from(draw % 3).unwrap());
                act(desk, &who, case, now, (draw / 3) % 7).await;
                let view = open_case(desk, &Ctx::new(who.citizen.actor.clone(), now), case).await.unwrap();
                let used = match view.clock.period {
                    Period::Acceptance => view.clock.used_before.unwrap_or_default(),
                    Period::Decision | Period::Delivery => view.clock.used,
                };
                assert!(used >= spent, "{used} after {spent}");
                spent = used;
                assert_eq!(view.case.due_on, view.clock.due_on);
                assert_eq!(view.case.paused.is_some() || view.case.status == Status::Correcting, view.case.due_on.is_none());
                let waiting = tasks_of(desk, case).await.unwrap();
                assert!(!waiting.is_empty(), "somebody can go on");
            }
            let end = Ctx::new(who.citizen.actor.clone(), now);
            withdraw_case(desk, &end, case, "不办了".into()).await.unwrap();
        }
    }
}

/// One deed of the office or the applicant; what is refused changes nothing, and something is always possible.
async fn act(desk: &Desk, who: &People, case: CaseId, now: Timestamp, deed: u64) {
    let as_of = |of: &Ctx| Ctx::new(of.actor.clone(), now);
    let (acceptor, reviewer, approver) = (
        as_of(&who.acceptor),
        as_of(&who.reviewer),
        as_of(&who.approver),
    );
    let task = tasks_of(desk, case).await.unwrap()[0].id;
    let done = match deed {
        0 => complete_task(desk, &acceptor, task, decision("accept"))
            .await
            .is_ok(),
        1 => change_clock(desk, &reviewer, case, pause()).await.is_ok(),
        2 => change_clock(desk, &reviewer, case, ClockChange::Resume)
            .await
            .is_ok(),
        3 => send_back(desk, &reviewer, case).await.is_ok(),
        4 => complete_task(desk, &reviewer, task, asked()).await.is_ok(),
        5 => change_clock(desk, &approver, case, extend(2)).await.is_ok(),
        _ => submit_correction(desk, &as_of(&who.citizen), case, &mended())
            .await
            .is_ok(),
    };
    if done {
        return;
    }
    // The way on that every state has.
    let view = open_case(desk, &as_of(&who.citizen), case).await.unwrap();
    if view.case.paused.is_some() {
        change_clock(desk, &reviewer, case, ClockChange::Resume)
            .await
            .unwrap();
    } else if view.case.status == Status::Correcting {
        submit_correction(desk, &as_of(&who.citizen), case, &mended())
            .await
            .unwrap();
    } else if view.case.status == Status::Submitted {
        complete_task(desk, &acceptor, task, decision("accept"))
            .await
            .unwrap();
    } else {
        send_back(desk, &reviewer, case).await.unwrap();
    }
}
