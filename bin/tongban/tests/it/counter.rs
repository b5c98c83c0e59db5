//! The counter: an officer files for whoever stands at the window; and what somebody handed in and filled in once is
//! offered again.

use axum::http::StatusCode;
use serde_json::json;
use tongban_base::{Problem, Timestamp};
use tongban_cases::{
    AtWindow, Begun, CaseId, DraftId, begin_application, begin_at_window, complete_task,
    fill_again, open_application, open_case, save_answers, save_form, submit_case, tasks_of,
    upload_file, use_again,
};
use tongban_identity::{Met, demo_people, fictional_id_number};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::acts::kept_from;
use crate::at_once::{colleague, decide, decision};
use crate::house::{ITEM, MATERIAL, PDF, Site, form, migrations};
use crate::lapsed::asked_to_correct;
use crate::main_job::shown;

const OTHER_MATERIAL: &str = "identity";

fn card(person: usize) -> Vec<(&'static str, String)> {
    let known = &demo_people()[person - 1];
    vec![
        ("shown", "居民身份证".into()),
        ("name", known.name.clone()),
        ("id_number", known.id_number.clone()),
        ("mobile", "13900001234".into()),
        ("agreed", "yes".into()),
    ]
}

fn sent<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    let fields = fields.iter();
    fields
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

pub fn at_window(person: usize) -> AtWindow {
    let known = &demo_people()[person - 1];
    AtWindow {
        met: Met {
            name: known.name.clone(),
            id_number: known.id_number.clone(),
            mobile: known.mobile.clone(),
        },
        shown: "居民身份证".into(),
        agreed: true,
    }
}

/// Somebody of whom nothing is known yet.
fn stranger() -> AtWindow {
    let met = Met {
        name: "测试生".into(),
        id_number: fictional_id_number("1950-05-05".parse().unwrap(), 7).unwrap(),
        mobile: "13900009999".into(),
    };
    AtWindow {
        met,
        ..at_window(1)
    }
}

/// Decided and handed out.
async fn granted(site: &Site, case: CaseId, at: Timestamp) {
    decided(site, case, at, &ALL).await;
}

const ALL: [(&str, &str); 5] = [
    ("acceptor", "accept"),
    ("reviewer", "pass"),
    ("approver", "grant"),
    ("maker", "made"),
    ("acceptor", "delivered"),
];

async fn decided(site: &Site, case: CaseId, at: Timestamp, steps: &[(&str, &str)]) {
    for (login, name) in steps {
        decide(site, &site.officer_at(login, at).await, case, name).await;
    }
}

fn code<T>(outcome: Result<T, Problem>) -> String {
    outcome.err().unwrap().code().to_owned()
}

on_both_databases! {
    &migrations();

    async fn a_window_files_for_whoever_stands_there_and_prints_what_was_taken_in(db: Db) {
        covers!("HD-057", "HD-069");
        let site = Site::on(db).await;
        let (acceptor, citizen) = (site.officer("acceptor").await, site.citizen("ceshi1").await);
        let menu = acceptor.get("/workbench").await.ok().html();
        let counter = menu.one("nav a[href='/workbench/counter']").attribute("href").unwrap().to_owned();
        let items = acceptor.get(&counter).await.ok().html();
        assert!(items.has(&format!("a[href='/workbench/counter/{ITEM}']")));
        let found = acceptor.get(&format!("{counter}?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%B8%AA")).await.ok();
        assert!(found.text().contains("没有找到"));

        let page = format!("/workbench/counter/{ITEM}");
        let fields = card(1);
        let begun = acceptor.post(&page, &sent(&fields)).await.leads_to().to_owned();
        let draft: DraftId = begun.trim_start_matches("/workbench/drafts/").parse().unwrap();
        let again = acceptor.post(&page, &sent(&fields)).await.leads_to().to_owned();
        assert_eq!(again, begun, "a second click begins no other");
        // What the answers call for is asked for, and nothing else.
        let materials = async |reason: &str| {
            acceptor.post(&format!("{begun}/questions"), &[("reason", reason), ("go", "next")]).await.leads_to();
            acceptor.get(&format!("{begun}/materials")).await
        };
        let lost = materials("lost").await;
        assert!(!lost.text().contains(&format!("/files/{MATERIAL}")));
        let damaged = materials("damaged").await.ok();
        assert!(damaged.text().contains(&format!("/files/{MATERIAL}")));
        assert!(damaged.html().text("[data-acting]").contains("测试一到"));
        let points = damaged.html().texts("[data-points]");
        assert!(points.iter().any(|one| one.contains("审核要点：在有效期内")), "for the window: {points:?}");
        // Of two answers that exclude each other one counts.
        let both = [("reason", "lost"), ("reason", "damaged"), ("go", "next")];
        acceptor.post(&format!("{begun}/questions"), &both).await.leads_to();
        let filled = form(1);
        let desk = &site.house.desk;
        let officer = site.officer_at("acceptor", MONDAY_MORNING).await;
        let saved = save_form(desk, &officer, draft, &filled).await.unwrap();
        assert_eq!(saved.draft.answers, json!({ "reason": "damaged" }));
        let confirm = format!("{begun}/confirm");
        let missing = acceptor.post(&confirm, &[]).await;
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
        acceptor.upload(&format!("{begun}/files/{MATERIAL}"), "原证.pdf", PDF).await.leads_to();
        // Nobody else goes on with it; it waits on the page of the counter.
        for other in ["reviewer", "huangpu-acceptor"] {
            assert_eq!(site.officer(other).await.get(&confirm).await.status, StatusCode::NOT_FOUND, "{other}");
        }
        assert!(acceptor.get(&counter).await.ok().html().text("[data-drafts]").contains("测试一到"));
        let case = acceptor.post(&confirm, &[]).await.leads_to().to_owned();
        let fresh = acceptor.get(&case).await.ok();
        assert!(fresh.text().contains("申请已提交") && fresh.text().contains("打印收件回执"));
        let id: CaseId = case.trim_start_matches("/workbench/mine/").trim_end_matches("?fresh=1").parse().unwrap();

        let slip = acceptor.get(&format!("/workbench/mine/{id}/slip")).await.ok().html();
        let copies = slip.texts("[data-slip]");
        assert_eq!(copies.len(), 2);
        let view = open_case(desk, &officer, id).await.unwrap();
        for copy in &copies {
            for told in [&view.case.number, "测试一", "损毁的从业资格证", "1 个", "收到材料不等于受理"] {
                assert!(copy.contains(told), "{told} is missing: {copy}");
            }
        }
        assert!(slip.has(&format!("img[src='/c/{}/qr.png']", view.case.code)));
        let tracked = site.browser().get(&format!("/c/{}", view.case.code)).await.ok().text();
        assert!(tracked.contains("待预审") && !tracked.contains("测试一"), "whoever scans it reads no name");
        let maker = site.officer("maker").await.get(&format!("/workbench/mine/{id}/slip")).await;
        assert!(maker.status.is_client_error(), "{}", maker.status);

        // It is the applicant's, who sees by whom it was filed, and so does the desk.
        assert_eq!((view.case.account, view.case.applicant.as_str(), view.case.unit.as_deref()),
            (site.citizen_at("ceshi1", MONDAY_MORNING).await.actor.account.unwrap(), "测试一", None));
        let own = citizen.get(&format!("/me/cases/{id}")).await.ok().html();
        assert!(own.text("[data-acting]").contains("由工作人员录入"));
        let listed = acceptor.get("/workbench/mine?window=1").await.ok().text();
        assert!(listed.contains(&view.case.number));
        let desk_page = acceptor.get(&format!("/workbench/cases/{id}")).await.ok().html();
        assert!(desk_page.text("[data-agent]").contains("核对了居民身份证原件"));
        assert!(citizen.get("/me/messages").await.ok().text().contains(&view.case.number));
        assert_eq!(site.audited("case.at_window", "done").await, 2);
    }

    async fn whoever_is_not_shown_and_asked_is_not_filed_for(db: Db) {
        let site = Site::on(db).await;
        let acceptor = site.officer("acceptor").await;
        let page = format!("/workbench/counter/{ITEM}");
        let nothing = acceptor.post(&page, &[("name", "测试一")]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = nothing.html();
        assert_eq!(told.texts(".tb-summary li").len(), 4, "paper, number, mobile, consent: {:?}", told.texts(".tb-summary li"));
        assert_eq!(told.one("#f-name").attribute("value"), Some("测试一"), "what was typed stands there");
        let mut other = card(1);
        other[1].1 = "测试二".into();
        let other = acceptor.post(&page, &sent(&other)).await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
        let words = other.html().text("#f-name-error");
        assert!(words.contains("另一个姓名") && !words.contains("测试一"), "whose it is is not told: {words}");
        // No right, another office, an item of nobody.
        for (login, status) in [("reviewer", StatusCode::FORBIDDEN), ("huangpu-acceptor", StatusCode::NOT_FOUND)] {
            let officer = site.officer(login).await;
            let fields = card(1);
            let refused = officer.post(&page, &sent(&fields)).await;
            assert!(refused.status == status || refused.status == StatusCode::FORBIDDEN, "{login}: {}", refused.status);
        }
        let fields = card(1);
        assert_eq!(acceptor.post("/workbench/counter/none", &sent(&fields)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM draft").await, 0);
        assert_eq!(site.audited("account.met", "done").await, 0);
    }

    async fn what_was_filed_at_one_end_goes_on_at_the_other_and_is_taken_once(db: Db) {
        covers!("XC-008");
        let site = Site::on(db).await;
        let (desk, now) = (&site.house.desk, site.house.app.now());
        let officer = site.officer_at("acceptor", now).await;
        let Begun::Draft(draft) = begin_at_window(desk, &officer, ITEM, &at_window(1)).await.unwrap() else {
            panic!("refused");
        };
        let given = [("reason".to_owned(), "damaged".to_owned())];
        save_answers(desk, &officer, draft, &given).await.unwrap();
        save_form(desk, &officer, draft, &form(1)).await.unwrap();
        upload_file(desk, &officer, draft, MATERIAL, "原证.pdf", PDF.to_vec()).await.unwrap();
        let windowed = submit_case(desk, &officer, draft).await.unwrap().case;
        // The applicant follows it on the site under the same number, and cannot file it there once more.
        let number = open_case(desk, &officer, windowed).await.unwrap().case.number;
        let citizen = site.citizen("ceshi1").await;
        assert!(citizen.get("/me/cases").await.ok().text().contains(&number));
        let told = kept_from(&site, "ceshi1", ITEM, json!({ "reason": "damaged" })).await;
        assert!(told.contains("您有一件同类业务正在办理"), "{told}");
        decide(&site, &colleague(&officer), windowed, "accept").await;
        assert_eq!(shown(&citizen, windowed).await["status"], "accepted");

        // What was filed on the site goes on at the window, which files it no second time.
        let online = site.submitted(&site.citizen_at("ceshi2", now).await, 2).await;
        let Begun::Refused(refused) = begin_at_window(desk, &officer, ITEM, &at_window(2)).await.unwrap() else {
            panic!("it was begun");
        };
        assert!(refused.refusals()[0].contains("您有一件同类业务正在办理"), "{:?}", refused.refusals());
        let number = open_case(desk, &officer, online).await.unwrap().case.number;
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{online}")).await.ok().html();
        assert!(page.has("form#task") && page.text("main").contains(&number));
        decide(&site, &officer, online, "accept").await;
        assert_eq!(shown(&site.citizen("ceshi2").await, online).await["status"], "accepted");
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 2);
    }

    async fn whoever_is_unknown_is_not_taken_in_while_the_population_register_is_silent(db: Db) {
        let site = Site::on(db).await;
        let (desk, officer) = (&site.house.desk, site.officer_at("acceptor", MONDAY_MORNING).await);
        let silent = begin_at_window(desk, &officer, ITEM, &stranger()).await.err().unwrap();
        assert_eq!(silent.code(), "population.silent");
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM account WHERE login LIKE 'window-%'").await, 0);
        assert_eq!(site.audited("case.at_window", "refused").await, 1);
        // Whoever is known is not kept waiting by it.
        assert!(matches!(begin_at_window(desk, &officer, ITEM, &at_window(1)).await.unwrap(), Begun::Draft(_)));
    }

    async fn a_window_does_for_the_applicant_what_he_agrees_to_and_no_more(db: Db) {
        let site = Site::on(db).await;
        let (desk, officer) = (&site.house.desk, site.officer_at("acceptor", MONDAY_MORNING).await);
        let Begun::Draft(draft) = begin_at_window(desk, &officer, ITEM, &at_window(1)).await.unwrap() else {
            panic!("refused");
        };
        let colleague = colleague(&officer);
        let again = begin_at_window(desk, &colleague, ITEM, &at_window(1)).await.unwrap();
        assert!(matches!(again, Begun::Draft(same) if same == draft), "the next window goes on with it");
        save_answers(desk, &officer, draft, &[("reason".to_owned(), "damaged".to_owned())]).await.unwrap();
        save_form(desk, &officer, draft, &form(1)).await.unwrap();
        upload_file(desk, &colleague, draft, MATERIAL, "原证.pdf", PDF.to_vec()).await.unwrap();
        let case = submit_case(desk, &officer, draft).await.unwrap().case;
        let acceptor = site.officer("acceptor").await;
        let (mine, page) = (format!("/workbench/mine/{case}"), format!("/workbench/cases/{case}"));
        // As the office he notes and answers, as the window he does not end it.
        acceptor.post(&format!("{page}/say"), &[("kind", "note"), ("said", "原件已收")]).await.leads_to();
        assert!(acceptor.get(&page).await.ok().text().contains("原件已收"));
        assert_eq!(acceptor.post(&format!("{mine}/withdraw"), &[]).await.status, StatusCode::FORBIDDEN);
        assert!(!acceptor.get(&mine).await.ok().text().contains("撤回申请"));
        asked_to_correct(&site, case).await;
        let correction = format!("{mine}/correction");
        let address = ("address", "示例市示例区示例路9号");
        let silent = acceptor.post(&correction, &[address]).await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(silent.text().contains("征得本人同意"));
        acceptor.post(&correction, &[address, ("_agreed", "yes")]).await.leads_to();
        let slip = acceptor.get(&format!("{mine}/slip")).await.ok().text();
        assert!(slip.contains("收到补正时间"));
    }

    async fn what_was_handed_in_and_filled_in_once_is_offered_again(db: Db) {
        covers!("HD-066", "HD-068", "XC-137");
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let long_ago = site.house.app.now().plus_minutes(-400 * 24 * 60);
        let citizen = site.citizen_at("ceshi1", long_ago).await;
        let draft = site.complete_draft(&citizen, 1).await;
        upload_file(desk, &citizen, draft, OTHER_MATERIAL, "身份证.pdf", PDF.to_vec()).await.unwrap();
        let first = submit_case(desk, &citizen, draft).await.unwrap().case;
        granted(&site, first, long_ago).await;
        let number = open_case(desk, &citizen, first).await.unwrap().case.number;

        let officer = site.officer_at("acceptor", site.house.app.now()).await;
        let Begun::Draft(draft) = begin_at_window(desk, &officer, ITEM, &at_window(1)).await.unwrap() else {
            panic!("refused");
        };
        let acceptor = site.officer("acceptor").await;
        let base = format!("/workbench/drafts/{draft}");
        acceptor.post(&format!("{base}/questions"), &[("reason", "damaged"), ("go", "next")]).await.leads_to();
        let step = acceptor.get(&base).await.leads_to().to_owned();
        let page = acceptor.get(&step).await.ok().html();
        assert!(page.text("[data-again]").contains(&number), "how it was filled in then is offered");
        let typed = ("mobile", "19900000099");
        let fields = [("_again", &*first.to_string()), ("go", "again"), typed];
        let back = acceptor.post(&step, &fields).await.leads_to().to_owned();
        assert_eq!(back, step, "all of it is looked through from the first page");
        let application = open_application(desk, &officer, draft).await.unwrap();
        let filled = &application.draft.form;
        assert_eq!(filled["delivery"], form(1)["delivery"]);
        assert_eq!(filled["mobile"], "19900000099", "what was typed stays");
        assert!(filled.get("commitment").is_none(), "a pledge is given anew: {filled}");
        save_form(desk, &officer, draft, &form(1)).await.unwrap();
        let materials = acceptor.get(&format!("{base}/materials")).await.ok().html();
        let offered = materials.text("[data-again]");
        assert!(offered.contains("身份证.pdf") && offered.contains(&number), "{offered}");
        assert!(offered.contains("已满一年，请核对是否还有效"), "what is old says so: {offered}");
        assert!(!offered.contains("原证.pdf"), "what belongs to the earlier matter stays there: {offered}");
        let look = materials.one("[data-again] a").attribute("href").unwrap().to_owned();
        assert_eq!(acceptor.get(&look).await.ok().body, PDF, "it can be looked at before");
        site.house.reads.flush().await.unwrap();
        assert_eq!(site.audited("case.file_opened", "done").await, 1, "what a window looks at is on record");
        for other in ["reviewer", "huangpu-acceptor"] {
            let refused = site.officer(other).await.get(&look).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{other} has no right to it");
        }
        let fields = [("case", first.to_string())];
        let again = format!("{base}/files/{OTHER_MATERIAL}/again");
        for _ in 0..2 {
            acceptor.post(&again, &sent(&fields)).await.leads_to();
        }
        let application = open_application(desk, &officer, draft).await.unwrap();
        assert_eq!(application.files.len(), 1, "a second click takes no second one");
        let shown = acceptor.get(&format!("{base}/materials")).await.ok().text();
        assert!(shown.contains(&format!("取自办件 {number}")));
        let day = application.files[0].uploaded_at.date();
        assert_eq!(day, long_ago.date(), "it does not become younger");
        upload_file(desk, &officer, draft, MATERIAL, "新拍的.pdf", PDF.to_vec()).await.unwrap();
        let case = submit_case(desk, &officer, draft).await.unwrap().case;
        let office = acceptor.get(&format!("/workbench/cases/{case}")).await.ok().text();
        assert!(office.contains(&format!("取自办件 {number}")), "whoever decides reads where it comes from");

        // Of another one nothing is offered and nothing can be taken.
        let second = site.citizen_at("ceshi2", site.house.app.now()).await;
        let open = begin_application(desk, &second, ITEM).await.unwrap();
        let material = (OTHER_MATERIAL, first);
        assert_eq!(code(use_again(desk, &second, open, material).await), "not_found");
        assert_eq!(code(fill_again(desk, &second, open, first).await), "not_found");
    }

    async fn what_is_written_down_with_a_decision_is_asked_for_kept_and_told(db: Db) {
        let site = Site::on(db).await;
        let (citizen, acceptor) = (site.citizen_at("ceshi1", MONDAY_MORNING).await, site.officer("acceptor").await);
        let desk = &site.house.desk;
        let case = site.submitted(&citizen, 1).await;
        decided(&site, case, MONDAY_MORNING, &ALL[..4]).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let (page, action) = (format!("/workbench/cases/{case}"), format!("/workbench/tasks/{task}"));
        assert!(acceptor.get(&page).await.ok().text().contains("已寄出"));
        // It is asked for, and nobody is told off before.
        let asked = acceptor.post(&action, &[("decision", "posted")]).await.ok().html();
        assert!(asked.has("#f-entry\\.parcel") && !asked.has(".tb-summary"));
        let seen = ("seen", "");
        let missing = acceptor.post(&action, &[("decision", "posted"), seen, ("entry.carrier", "示例快递")]).await;
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(missing.text().contains("请填写快递单号") && missing.text().contains("示例快递"));
        let long = "9".repeat(101);
        let long = acceptor.post(&action, &[("decision", "posted"), seen, ("entry.carrier", "示例快递"), ("entry.parcel", &long)]).await;
        assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
        // Whoever goes back finds it again.
        let back = acceptor.post(&action, &[("back", "1"), seen, ("entry.carrier", "示例快递")]).await.html();
        assert_eq!(back.one("#task input[name='entry.carrier']").attribute("value"), Some("示例快递"));
        // Whose number is not the applicant's gets nothing.
        let other = &demo_people()[1].id_number;
        let theirs = [("decision", "handed_over"), seen, ("entry.id_number", other), ("entry.signed", "测试二")];
        let refused = acceptor.post(&action, &theirs).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("与申请人的证件号码不一致"));
        let sent = [("decision", "posted"), seen, ("entry.carrier", "示例快递"), ("entry.parcel", "SL20261130")];
        acceptor.post(&action, &sent).await.leads_to();
        site.drain_now().await;
        let told = site.citizen("ceshi1").await;
        for words in ["快递公司：示例快递", "快递单号：SL20261130"] {
            assert!(told.get(&format!("/me/cases/{case}")).await.ok().text().contains(words));
            assert!(told.get("/me/messages").await.ok().text().contains(words));
        }
        let batch = acceptor.post("/workbench/batch", &[("decision", "posted"), ("task", &task.to_string())]).await;
        assert!(batch.text().contains("不能批量办理") || batch.text().contains("没有办成"));
    }

    async fn number_opinion_and_licence_stand_together_and_nothing_is_issued_before_it_is_granted(db: Db) {
        covers!("SH-002", "WH-253");
        let site = Site::on(db).await;
        let (desk, now) = (&site.house.desk, site.house.app.now());
        let officer = site.officer_at("acceptor", now).await;
        let Begun::Draft(draft) = begin_at_window(desk, &officer, ITEM, &at_window(1)).await.unwrap() else {
            panic!("refused");
        };
        save_answers(desk, &officer, draft, &[("reason".to_owned(), "damaged".to_owned())]).await.unwrap();
        save_form(desk, &officer, draft, &form(1)).await.unwrap();
        upload_file(desk, &officer, draft, MATERIAL, "原证.pdf", PDF.to_vec()).await.unwrap();
        let case = submit_case(desk, &officer, draft).await.unwrap().case;
        let old = site.licence(1).await;
        let page = format!("/workbench/cases/{case}");
        let before = site.officer("acceptor").await.get(&page).await.ok().html();
        assert!(before.text("[data-held]").contains(old["number"].as_str().unwrap()));
        decided(&site, case, now, &ALL[..2]).await;
        // Whoever makes licences has nothing to make before it is granted.
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let maker = site.officer_at("maker", now).await;
        let early = complete_task(desk, &maker, task, decision("made")).await;
        assert_eq!(code(early), "forbidden");
        assert_eq!(site.licence(1).await["number"], old["number"]);
        decided(&site, case, now, &ALL[2..4]).await;
        let after = site.officer("approver").await.get(&page).await.ok().html();
        let number = open_case(desk, &officer, case).await.unwrap().case.number;
        assert!(after.text("main").contains(&number) && after.text("main").contains("测试意见"));
        let new = site.licence(1).await;
        assert!(after.text("[data-held]").contains(new["number"].as_str().unwrap()), "{}", after.text("[data-held]"));
        // All of its course can be taken away, and is what the journal says.
        let export = after.one("a[href$='/course.csv']").attribute("href").unwrap().to_owned();
        let file = site.officer("approver").await.get(&export).await.ok().text();
        for told in ["提交申请", "原证.pdf", "预审：受理", "决定：准予许可", "测试意见", "受理通知书", "测试甲", "测试丙"] {
            assert!(file.contains(told), "{told} is missing: {file}");
        }
        let of_district = site.officer("huangpu-acceptor").await.get(&export).await;
        assert_eq!(of_district.status, StatusCode::NOT_FOUND);
        site.meddle("UPDATE case_event SET actor_name = '别人' WHERE kind = 'case.accepted'").await;
        assert!(open_case(desk, &officer, case).await.unwrap().broken_at.is_some());
    }

    async fn what_was_not_granted_is_not_offered_again(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let refused = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, refused, "refuse").await;
        site.drain_now().await;
        let draft = begin_application(desk, &citizen, ITEM).await.unwrap();
        assert_eq!(code(fill_again(desk, &citizen, draft, refused).await), "not_found");
        save_form(desk, &citizen, draft, &form(1)).await.unwrap();
        let file = upload_file(desk, &citizen, draft, MATERIAL, "a.pdf", PDF.to_vec()).await;
        assert!(file.is_err(), "the answer does not call for it yet");
        let page = site.citizen("ceshi1").await.get(&format!("/me/drafts/{draft}/materials")).await.ok().html();
        assert!(!page.has("[data-again]"));
    }
}
