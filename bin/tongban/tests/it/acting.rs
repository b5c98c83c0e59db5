//! Acting for others: who may, for whom, in what and until when; the application is the principal's all the way.

use axum::http::StatusCode;
use serde_json::json;
use tongban_base::{Ctx, Date, Kind, Problem, Timestamp, Uuid};
use tongban_cases::{
    CaseFilter, CaseId, DraftId, Status, begin_application, begin_for, list_cases,
    open_application, open_case, save_answers, save_form, submit_case, submit_correction,
    unfinished, upload_correction, upload_file, withdraw_case,
};
use tongban_identity::{AskMandates, demo_people};
use tongban_mandates::{
    Answered, Invitation, MandateId, Mandates, State, answer, end, invite, own_mandates,
};
use tongban_packs::{NewSetting, change_setting};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::house::{ITEM, MATERIAL, PDF, Site, form, migrations};
use crate::lapsed::asked_to_correct;

const OTHER_ITEM: &str = "road-driver-cancel";
/// The principal of these tests is the first of the demonstration, who acts is the second, a stranger the third.
const LAST_DAY: &str = "2026-12-31";

fn mandates(site: &Site) -> Mandates {
    let service = site.house.app.service::<Mandates>().unwrap();
    Mandates::clone(&service)
}

async fn people(site: &Site) -> [Ctx; 3] {
    [
        site.citizen_at("ceshi1", MONDAY_MORNING).await,
        site.citizen_at("ceshi2", MONDAY_MORNING).await,
        site.citizen_at("ceshi3", MONDAY_MORNING).await,
    ]
}

fn for_second(items: &[&str]) -> Invitation {
    let known = &demo_people()[1];
    Invitation {
        name: known.name.clone(),
        id_number: known.id_number.clone(),
        all: items.is_empty(),
        items: items.iter().map(|code| (*code).to_owned()).collect(),
        last_day: LAST_DAY.to_owned(),
    }
}

/// Given and confirmed.
async fn mandated(site: &Site, [principal, agent, _]: &[Ctx; 3], items: &[&str]) -> MandateId {
    let (mandates, wish) = (mandates(site), for_second(items));
    let id = invite(&mandates, principal, &wish).await.unwrap();
    answer(&mandates, agent, id, Answered::Confirmed)
        .await
        .unwrap();
    id
}

/// Begun and filled in by whoever acts; it only waits to be submitted.
async fn complete(site: &Site, agent: &Ctx, mandate: MandateId) -> DraftId {
    let desk = &site.house.desk;
    let draft = begin_for(desk, agent, ITEM, Some(mandate.0)).await.unwrap();
    let given = [("reason".to_owned(), "damaged".to_owned())];
    save_answers(desk, agent, draft, &given).await.unwrap();
    save_form(desk, agent, draft, &form(1)).await.unwrap();
    let file = PDF.to_vec();
    upload_file(desk, agent, draft, MATERIAL, "原证.pdf", file)
        .await
        .unwrap();
    draft
}

async fn filed(site: &Site, agent: &Ctx, mandate: MandateId) -> CaseId {
    let draft = complete(site, agent, mandate).await;
    let done = submit_case(&site.house.desk, agent, draft).await.unwrap();
    assert!(done.fresh);
    done.case
}

fn code<T>(outcome: Result<T, Problem>) -> String {
    outcome.err().unwrap().code().to_owned()
}

fn on(day: &str, of: &Ctx) -> Ctx {
    let day: Date = day.parse().unwrap();
    Ctx::new(of.actor.clone(), Timestamp::start_of(day).plus_minutes(600))
}

async fn state(site: &Site, of: &Ctx, id: MandateId) -> State {
    let own = own_mandates(&mandates(site), of).await.unwrap();
    let all = own.given.iter().chain(&own.received);
    let found = all.into_iter().find(|mandate| mandate.id == id).unwrap();
    found.state_on(of.now.date())
}

async fn seen(site: &Site, ctx: &Ctx) -> Vec<CaseId> {
    let filter = CaseFilter {
        limit: 20,
        ..CaseFilter::default()
    };
    let page = list_cases(&site.house.desk, ctx, filter).await.unwrap();
    page.rows.iter().map(|case| case.id).collect()
}

on_both_databases! {
    &migrations();

    async fn an_elder_lets_somebody_act_who_files_for_him_and_both_are_on_record(db: Db) {
        covers!("HA-326", "HB-077", "HD-006");
        let site = Site::on(db).await;
        let (elder, helper) = (site.citizen("ceshi1").await, site.citizen("ceshi2").await);
        let known = &demo_people()[1];
        let guide = elder.get(&format!("/items/{ITEM}")).await.ok().html();
        let new = guide.one("a[href^='/me/mandates/new']").attribute("href").unwrap().to_owned();
        let new = elder.get(&new).await.ok().html();
        assert!(new.has(&format!("input[name=items][value={ITEM}][checked]")), "the item of the guide is chosen");
        let wish = [
            ("name", known.name.as_str()), ("id_number", &known.id_number), ("scope", "some"), ("items", ITEM),
            ("last_day", LAST_DAY), ("go", "send"),
        ];
        assert_eq!(elder.post("/me/mandates/new", &wish).await.leads_to(), "/me/mandates");
        let page = elder.get("/me/mandates").await.ok().html();
        assert!(page.text("[data-mandate]").contains("测试二") && page.text("[data-mandate]").contains("等待确认"));
        // He is told where he begins, and begins nothing for anybody before he has confirmed.
        assert!(helper.get("/").await.ok().text().contains("测试一邀请您代办"));
        let apply = format!("/items/{ITEM}/apply");
        let asked = helper.get("/me/mandates").await.ok().html();
        let confirm = asked.one("[data-asked] form[action$='/confirm']").attribute("action").unwrap().to_owned();
        assert_eq!(helper.post(&confirm, &[]).await.leads_to(), "/me/mandates");
        for one in [&elder, &helper] {
            let inbox = one.get("/me/messages").await.ok().text();
            assert!(inbox.contains("亲友代办邀请") && inbox.contains("亲友代办已生效"), "{inbox}");
        }

        let whom = helper.post(&apply, &[]).await.ok().html();
        let choices = whom.texts("[data-for] .tb-choice");
        assert!(choices.len() == 2 && choices[0] == "为我自己" && choices[1].starts_with("为测试一"), "{choices:?}");
        let unsaid = helper.post(&apply, &[("asked", "1")]).await;
        assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
        let mandate = confirm.split('/').nth(3).unwrap().to_owned();
        let begun = helper.post(&apply, &[("asked", "1"), ("for", &mandate)]).await.leads_to().to_owned();
        let draft: DraftId = begun.trim_start_matches("/me/drafts/").parse().unwrap();
        let first = helper.get(&begun).await.leads_to().to_owned();
        let first = helper.get(&first).await.ok().html();
        assert_eq!(first.text("[data-acting]"), "为测试一办理，由测试二代办");

        let [principal, agent, _] = people(&site).await;
        let desk = &site.house.desk;
        assert_eq!(complete(&site, &agent, mandate.parse().unwrap()).await, draft, "the same one goes on");
        let confirming = helper.get(&format!("{begun}/confirm")).await.ok().html();
        assert!(confirming.text("main").contains("测试一"), "the principal's own name");
        let case = helper.post(&format!("{begun}/confirm"), &[]).await.leads_to().to_owned();
        let id: CaseId = case.trim_start_matches("/me/cases/").trim_end_matches("?fresh=1").parse().unwrap();

        let view = open_case(desk, &principal, id).await.unwrap();
        assert_eq!((view.case.account, view.case.applicant.as_str()), (principal.actor.account.unwrap(), "测试一"));
        assert_eq!(view.events[0].actor_name, "测试二", "who really did it");
        assert_eq!(view.events[0].data["agent"]["mandate"], json!(mandate));
        for one in [&elder, &helper] {
            assert!(one.get("/me/cases").await.ok().text().contains("为测试一办理，由测试二代办"));
            let page = one.get(&format!("/me/cases/{id}")).await.ok().html();
            assert_eq!(page.text("[data-acting]"), "为测试一办理，由测试二代办");
            assert!(page.text("main").contains("代办人 测试二"));
            assert!(one.get("/me/messages").await.ok().text().contains(&view.case.number));
        }
        // What he reads of another one is on record, as if he were of the office.
        site.house.reads.flush().await.unwrap();
        let reading = "SELECT COUNT(*) AS n FROM audit_entry WHERE event = 'case.opened' AND actor_name = '测试二'";
        assert_eq!(site.count(reading).await, 1);
        let office = site.officer("acceptor").await.get(&format!("/workbench/cases/{id}")).await.ok().html();
        let told = office.text("[data-agent]");
        let number = format!("{}********{}", &known.id_number[..6], &known.id_number[14..]);
        assert!(told.contains("代办人：测试二") && told.contains(&number) && told.contains("提交时授权有效"), "{told}");
        assert!(!told.contains(&known.id_number));
        // He may ask the office, until it is ended.
        let asks = format!("/me/cases/{id}/say");
        assert_eq!(helper.post(&asks, &[("said", "还要多久？")]).await.leads_to(), format!("/me/cases/{id}"));
        assert_eq!(elder.post(&format!("/me/mandates/{mandate}/end"), &[]).await.leads_to(), "/me/mandates");
        for late in [helper.post(&asks, &[("said", "办好了吗？")]).await, helper.get(&format!("/me/cases/{id}")).await] {
            assert_eq!(late.status, StatusCode::CONFLICT);
            assert!(late.text().contains("授权已经结束"));
        }
        assert_eq!(helper.post(&apply, &[("for", &mandate)]).await.status, StatusCode::FORBIDDEN);
        let row = site.rows("SELECT * FROM mandate").await;
        let row = format!("{row:?}");
        assert!(!row.contains("测试") && !row.contains(&known.id_number), "it lies encrypted");
    }

    async fn whoever_has_no_mandate_for_it_begins_nothing(db: Db) {
        covers!("HA-326", "HD-006");
        let site = Site::on(db).await;
        let (all, desk) = (people(&site).await, &site.house.desk);
        let [principal, agent, stranger] = &all;
        let service = mandates(&site);
        let id = invite(&service, principal, &for_second(&[OTHER_ITEM])).await.unwrap();
        let begins = async |ctx: &Ctx, mandate: Uuid| code(begin_for(desk, ctx, ITEM, Some(mandate)).await);
        assert_eq!(begins(agent, id.0).await, "case.not_mandated", "not confirmed");
        // It is there for nobody but the two.
        for answered in [Answered::Confirmed, Answered::Declined] {
            let refused = answer(&service, stranger, id, answered).await.unwrap_err();
            assert_eq!(refused.kind(), Kind::NotFound);
        }
        assert_eq!(code(end(&service, stranger, id).await), "not_found");
        assert_eq!(code(answer(&service, principal, id, Answered::Confirmed).await), "not_found", "not by himself");
        assert_eq!(site.audited("mandate.confirmed", "refused").await, 2);
        answer(&service, agent, id, Answered::Confirmed).await.unwrap();
        assert_eq!(begins(agent, id.0).await, "case.not_mandated", "another item");
        assert_eq!(begins(stranger, id.0).await, "case.not_mandated", "another one's mandate");
        assert_eq!(begins(agent, Uuid::now_v7()).await, "case.not_mandated");
        let browser = site.citizen("ceshi2").await;
        let refused = browser.post(&format!("/items/{ITEM}/apply"), &[("for", &id.to_string())]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let wish = json!({ "item": ITEM, "for": id.to_string() });
        assert_eq!(browser.post_json("/api/v1/drafts", &wish).await.json()["code"], "case.not_mandated");
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM draft").await, 0);
        // By hand it is no mandate either.
        let third = stranger.actor.account.unwrap();
        site.beside(&format!("UPDATE mandate SET agent = '{third}'")).await;
        assert_eq!(begins(stranger, id.0).await, "case.not_mandated");
    }

    async fn whoever_acts_sees_and_does_nothing_else_of_his_principal(db: Db) {
        let site = Site::on(db).await;
        let (all, desk) = (people(&site).await, &site.house.desk);
        let [principal, agent, stranger] = &all;
        let own = begin_application(desk, principal, OTHER_ITEM).await.unwrap();
        let id = mandated(&site, &all, &[]).await;
        let case = filed(&site, agent, id).await;
        let other = site.submitted_for(principal, 1, "taxi-driver-reissue").await;
        assert_eq!(seen(&site, agent).await, [case]);
        assert_eq!(seen(&site, principal).await.len(), 2);
        assert_eq!(seen(&site, stranger).await, []);
        for refused in [code(open_case(desk, agent, other).await), code(open_application(desk, agent, own).await)] {
            assert_eq!(refused, "not_found");
        }
        assert_eq!(code(open_case(desk, stranger, case).await), "not_found");
        assert_eq!(code(withdraw_case(desk, stranger, case, String::new()).await), "not_found");
        // His own draft of the same item stays his own, and the rule of one open case is the principal's.
        let mine = begin_application(desk, agent, ITEM).await.unwrap();
        assert_eq!(open_application(desk, agent, mine).await.unwrap().draft.account, agent.actor.account.unwrap());
        let second = complete(&site, agent, id).await;
        let refused = submit_case(desk, agent, second).await.unwrap_err();
        assert!(["case.open_already", "case.not_admitted"].contains(&refused.code()), "{refused}");
        let page = site.citizen("ceshi2").await.get("/me/licences").await.ok().text();
        assert!(!page.contains("测试一"));
        assert_eq!(site.citizen("ceshi2").await.get(&format!("/me/cases/{case}/review")).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_mandate_that_ends_between_draft_and_filing_loses_nothing_and_the_principal_goes_on(db: Db) {
        covers!("HA-326", "HD-006");
        let site = Site::on(db).await;
        let (all, desk) = (people(&site).await, &site.house.desk);
        let [principal, agent, _] = &all;
        let id = mandated(&site, &all, &[]).await;
        let draft = complete(&site, agent, id).await;
        let before = open_application(desk, agent, draft).await.unwrap().draft;
        let browser = site.citizen("ceshi2").await;
        end(&mandates(&site), principal, id).await.unwrap();
        end(&mandates(&site), principal, id).await.unwrap();
        assert_eq!(state(&site, principal, id).await, State::Ended);
        // The form was open when he ended it.
        let step = format!("/me/drafts/{draft}/confirm");
        let late = browser.post(&step, &[]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.text().contains("授权已经结束"), "{}", late.text());
        for refused in [
            code(submit_case(desk, agent, draft).await),
            code(save_form(desk, agent, draft, &form(1)).await),
            code(upload_file(desk, agent, draft, MATERIAL, "再传.pdf", PDF.to_vec()).await),
            code(tongban_cases::delete_draft(desk, agent, draft).await),
            code(open_application(desk, agent, draft).await),
        ] {
            assert_eq!(refused, "case.mandate_ended");
        }
        assert!(unfinished(desk, agent).await.unwrap().is_empty());
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 0);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM material_file").await, 1);
        assert_eq!(unfinished(desk, principal).await.unwrap(), [before]);
        let done = submit_case(desk, principal, draft).await.unwrap();
        let view = open_case(desk, principal, done.case).await.unwrap();
        assert!(view.case.agent.is_none() && view.case.applicant == "测试一");
        assert_eq!(code(open_case(desk, agent, done.case).await), "not_found");
    }

    async fn after_the_filing_whoever_acts_goes_on_only_while_the_mandate_lasts(db: Db) {
        let site = Site::on(db).await;
        let (all, desk) = (people(&site).await, &site.house.desk);
        let [principal, agent, _] = &all;
        let id = mandated(&site, &all, &[ITEM]).await;
        let case = filed(&site, agent, id).await;
        asked_to_correct(&site, case).await;
        let mended = |way: &str| [("address".to_owned(), format!("示例市示例区示例路{way}号"))];
        submit_correction(desk, agent, case, &mended("9")).await.unwrap();
        let view = open_case(desk, principal, case).await.unwrap();
        assert_eq!(view.case.status, Status::Submitted);
        let corrected = view.events.iter().find(|event| event.kind == "case.corrected").unwrap();
        assert_eq!(corrected.actor_name, "测试二");
        asked_to_correct(&site, case).await;
        // On its last day it counts, the day after it does not, whether anybody noted it or not.
        let last = on(LAST_DAY, agent);
        assert_eq!(seen(&site, &last).await, [case]);
        let after = on("2027-01-01", agent);
        assert!(seen(&site, &after).await.is_empty());
        assert_eq!(state(&site, &after, id).await, State::Ended);
        for refused in [
            code(open_case(desk, &after, case).await),
            code(submit_correction(desk, &after, case, &mended("8")).await),
            code(upload_correction(desk, &after, case, MATERIAL, "新.pdf", PDF.to_vec()).await),
            code(withdraw_case(desk, &after, case, "不办了".into()).await),
        ] {
            assert_eq!(refused, "case.mandate_ended");
        }
        let messages = "SELECT COUNT(*) AS n FROM message WHERE subject_kind = 'case'";
        let told = site.count(messages).await;
        end(&mandates(&site), agent, id).await.unwrap();
        assert_eq!(code(withdraw_case(desk, agent, case, "不办了".into()).await), "case.mandate_ended");
        submit_correction(desk, principal, case, &mended("7")).await.unwrap();
        withdraw_case(desk, principal, case, "不办了".into()).await.unwrap();
        let both = "SELECT COUNT(DISTINCT account) AS n FROM message WHERE subject_kind = 'case'";
        assert_eq!(site.count(both).await, 2, "both were told while it lasted");
        assert!(site.count(messages).await >= told);
        let ended = open_case(desk, principal, case).await.unwrap();
        assert_eq!(ended.case.status, Status::Withdrawn);
        assert_eq!(ended.broken_at, None);
    }

    async fn the_same_twice_is_one_and_of_two_answers_at_once_one_counts(db: Db) {
        let site = Site::on(db).await;
        let (all, desk) = (people(&site).await, &site.house.desk);
        let [principal, agent, _] = &all;
        let service = mandates(&site);
        let id = invite(&service, principal, &for_second(&[])).await.unwrap();
        assert_eq!(invite(&service, principal, &for_second(&[])).await.unwrap(), id);
        let other = invite(&service, principal, &for_second(&[ITEM])).await;
        assert_eq!(code(other), "mandate.open_already");
        let (yes, no) = tokio::join!(
            tokio::spawn({
                let (service, agent) = (service.clone(), agent.clone());
                async move { answer(&service, &agent, id, Answered::Confirmed).await }
            }),
            tokio::spawn({
                let (service, agent) = (service.clone(), agent.clone());
                async move { answer(&service, &agent, id, Answered::Declined).await }
            }),
        );
        let outcomes = [yes.unwrap(), no.unwrap()];
        let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert_eq!(refused.len(), 1, "{outcomes:?}");
        assert_eq!(refused[0].code(), "mandate.moved_on");
        let counted = match outcomes[0].is_ok() {
            true => State::Confirmed,
            false => State::Declined,
        };
        assert_eq!(state(&site, principal, id).await, counted);
        end(&service, principal, id).await.unwrap();

        let id = mandated(&site, &all, &[]).await;
        answer(&service, agent, id, Answered::Confirmed).await.unwrap();
        let begin = || begin_for(desk, agent, ITEM, Some(id.0));
        let (one, two) = tokio::join!(begin(), begin());
        assert_eq!(one.unwrap(), two.unwrap());
        let draft = complete(&site, agent, id).await;
        let (one, two) = tokio::join!(submit_case(desk, agent, draft), submit_case(desk, principal, draft));
        assert_eq!(one.unwrap().case, two.unwrap().case);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 1);
    }

    async fn a_mandate_hangs_on_the_proofs_with_which_it_was_given(db: Db) {
        let site = Site::on(db).await;
        let (all, desk) = (people(&site).await, &site.house.desk);
        let [principal, agent, _] = &all;
        let id = mandated(&site, &all, &[]).await;
        let number = demo_people()[0].id_number.clone();
        let window = site.officer("supervisor").await;
        let found = window.post("/workbench/proofs", &[("id_number", &number)]).await.ok().html();
        let action = found.one("form[action$='/release']").attribute("action").unwrap().to_owned();
        let reason = [("id_number", number.as_str()), ("reason", "本人到窗口，核对身份证原件")];
        window.post(&action, &reason).await.leads_to();
        assert_eq!(code(begin_for(desk, agent, ITEM, Some(id.0)).await), "case.not_mandated");
        let unproven = invite(&mandates(&site), principal, &for_second(&[])).await;
        assert_eq!(code(unproven), "mandate.unproven");
        let page = site.citizen("ceshi1").await.get("/me/mandates").await.ok().text();
        assert!(page.contains("/me/real-name"));
    }

    async fn what_is_wrong_with_an_invitation_is_told_beside_its_field(db: Db) {
        let site = Site::on(db).await;
        let elder = site.citizen("ceshi1").await;
        let own = &demo_people()[0];
        let wrong = [
            ("name", ""), ("id_number", "123"), ("scope", "some"), ("last_day", "2028-01-01"), ("go", "send"),
        ];
        let page = elder.post("/me/mandates/new", &wrong).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = page.html();
        for field in ["name", "id_number", "items", "last_day"] {
            assert!(page.has(&format!("#f-{field}-error")), "{field}");
        }
        let oneself = [
            ("name", own.name.as_str()), ("id_number", &own.id_number), ("scope", "all"), ("last_day", LAST_DAY), ("go", "send"),
        ];
        assert!(elder.post("/me/mandates/new", &oneself).await.html().has("#f-id_number-error"));
        // Whether somebody has an account is told to nobody.
        for person in [5, 12] {
            let known = &demo_people()[person - 1];
            let wish = [
                ("name", known.name.as_str()), ("id_number", &known.id_number), ("scope", "all"), ("last_day", LAST_DAY), ("go", "send"),
            ];
            assert_eq!(elder.post("/me/mandates/new", &wish).await.leads_to(), "/me/mandates");
        }
        let list = elder.get("/api/v1/mandates").await.ok().json();
        assert_eq!(list["mandates"].as_array().map(Vec::len), Some(2));
        assert_eq!(list["mandates"][0]["state"], "invited");

        site.db()
            .write(Ctx::system(MONDAY_MORNING), |tx, ctx| {
                Box::pin(async move { change_setting(tx, ctx, NewSetting { code: "mandate_from_age", value: &json!(60), reason: "试" }).await })
            })
            .await
            .unwrap();
        site.house.desk.catalog.refresh(site.db(), site.house.app.now().date()).await.unwrap();
        let [principal, agent, _] = people(&site).await;
        let young = invite(&mandates(&site), &principal, &for_second(&[])).await;
        assert_eq!(code(young), "mandate.too_young");
        let powers = site.db().read((mandates(&site), agent.actor.account.unwrap()), |tx, (service, agent)| {
            Box::pin(async move { service.powers(tx, *agent, LAST_DAY.parse().unwrap()).await })
        });
        assert!(powers.await.unwrap().is_empty());
    }

    async fn whoever_is_sixty_lets_somebody_act_and_ends_it_and_whoever_is_younger_does_not(db: Db) {
        covers!("HB-076");
        let site = Site::on(db).await;
        site.db()
            .write(Ctx::system(MONDAY_MORNING), |tx, ctx| {
                Box::pin(async move { change_setting(tx, ctx, NewSetting { code: "mandate_from_age", value: &json!(60), reason: "试" }).await })
            })
            .await
            .unwrap();
        site.house.desk.catalog.refresh(site.db(), site.house.app.now().date()).await.unwrap();
        let (service, [helper, elder, _]) = (mandates(&site), people(&site).await);
        assert_eq!(&demo_people()[1].id_number[6..14], "19710307");
        let known = &demo_people()[0];
        let wish = |last_day: &str| Invitation {
            name: known.name.clone(),
            id_number: known.id_number.clone(),
            all: true,
            items: Vec::new(),
            last_day: last_day.to_owned(),
        };
        let young = invite(&service, &on("2030-12-01", &elder), &wish("2031-02-01")).await.unwrap_err();
        assert_eq!((young.code(), young.message()), ("mandate.too_young", "年满 60 周岁的人才能授权亲友代办"));
        let old = on("2032-03-08", &elder);
        let id = invite(&service, &old, &wish("2032-12-31")).await.unwrap();
        answer(&service, &on("2032-03-08", &helper), id, Answered::Confirmed).await.unwrap();
        assert_eq!(state(&site, &old, id).await, State::Confirmed);
        end(&service, &old, id).await.unwrap();
        assert_eq!(state(&site, &old, id).await, State::Ended);
    }
}
