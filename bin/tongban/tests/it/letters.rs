//! The letters of a case: which step makes which, what they say, how they are numbered and sealed.

use tongban_base::{Ctx, Kind, Timestamp};
use tongban_cases::{
    CaseDocument, CaseId, Correction, Decision, Mend, Status, complete_task, letter_content,
    open_case, submit_correction, tasks_of, upload_correction,
};
use tongban_documents::Verdict;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::{decide, decision};
use crate::house::{MATERIAL, PDF, Site, migrations};

const TAXI: &str = "taxi-driver-reissue";

async fn letters(site: &Site, citizen: &Ctx, case: CaseId) -> Vec<CaseDocument> {
    open_case(&site.house.desk, citizen, case)
        .await
        .unwrap()
        .documents
}

/// Typeset and sealed by the office: any later change is found.
async fn sealed(site: &Site, citizen: &Ctx, case: CaseId, letter: &CaseDocument) {
    let desk = &site.house.desk;
    let trust = site.house.licences.authority().trust();
    for ofd in [false, true] {
        let (_, file) = letter_content(desk, citizen, case, letter.id, ofd)
            .await
            .unwrap();
        let report = tongban_documents::verify(&file, trust, MONDAY_MORNING.plus_minutes(180));
        assert_eq!(report.verdict, Verdict::Valid, "{}", letter.title);
    }
}

/// What stands in the sealed letter, as a reader finds it there.
async fn words(site: &Site, reader: &Ctx, case: CaseId, letter: &CaseDocument) -> String {
    let content = letter_content(&site.house.desk, reader, case, letter.id, true).await;
    // The package stores its files as they are.
    let content = content.unwrap().1;
    let package = String::from_utf8_lossy(&content);
    let mut words = String::new();
    for piece in package.split("TextCode ").skip(1) {
        let (_, piece) = piece.split_once('>').unwrap();
        words.push_str(piece.split('<').next().unwrap());
    }
    words.retain(|c| !c.is_whitespace());
    words
}

/// The letter says all of this.
async fn says(site: &Site, reader: &Ctx, case: CaseId, letter: &CaseDocument, told: &[&str]) {
    let words = words(site, reader, case, letter).await;
    for told in told {
        assert!(words.contains(told), "{told} in {words}");
    }
}

on_both_databases! {
    &migrations();

    async fn accepting_makes_the_notice_and_nothing_earlier_does(db: Db) {
        covers!("SH-128");
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted_for(&citizen, 1, TAXI).await;
        assert!(letters(&site, &citizen, case).await.is_empty());
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let made = letters(&site, &citizen, case).await;
        assert_eq!(made.len(), 1);
        let notice = &made[0];
        assert_eq!(notice.template, "acceptance-notice");
        assert_eq!(notice.number, "沪交从受〔2026〕0001号");
        assert_eq!(notice.data["document"]["number"], notice.number);
        assert_eq!(notice.data["case"]["item_name"], "巡游出租汽车驾驶员从业资格证补发");
        assert!(notice.data["case"]["promised_days"].as_i64().unwrap() > 0);
        assert!(notice.data["materials"].as_array().unwrap().iter().any(|m| m["name"].as_str().unwrap().contains("损毁")));
        site.drain().await;
        sealed(&site, &citizen, case, notice).await;
        let promised = notice.data["case"]["promised_days"].as_i64().unwrap();
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        let due = tongban_base::date_words(view.case.due_on.unwrap());
        let term = format!("自受理之日起{promised}个工作日内（{due}前（含当日））作出决定");
        let told = [
            "行政许可受理通知书", notice.number.as_str(), "“巡游出租汽车驾驶员从业资格证补发”申请", view.case.number.as_str(),
            "2026年11月23日起予以受理", term.as_str(), "收到的申请材料", "损毁",
        ];
        says(&site, &citizen, case, notice, &told).await;
    }

    async fn the_notice_lists_only_what_was_handed_in(db: Db) {
        covers!("SH-128");
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted_for(&citizen, 1, TAXI).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        let facts = tongban_procedures::Facts::answers_only(view.case.answers.clone(), serde_json::Value::Null, MONDAY_MORNING.date());
        let listed: Vec<&str> = view.documents[0].data["materials"].as_array().unwrap().iter()
            .map(|m| m["name"].as_str().unwrap()).collect();
        let wanted = view.release.materials(&facts);
        let mut absent = 0;
        for material in wanted {
            let there = material.source == tongban_procedures::MaterialSource::Form
                || view.files.iter().any(|f| f.file.material == material.code);
            assert_eq!(listed.contains(&material.name.as_str()), there, "{}", material.name);
            absent += usize::from(!there);
        }
        assert!(absent > 0, "something may be left out");
    }

    async fn a_refusal_needs_a_reason_and_ends_the_matter_before_acceptance_only(db: Db) {
        covers!("SH-129");
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted_for(&citizen, 1, TAXI).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let silent = Decision { opinion: "  ".into(), ..decision("refuse") };
        let told = complete_task(desk, &acceptor, task, silent).await.unwrap_err();
        assert_eq!((told.kind(), told.field_errors()[0].pointer.as_str()), (Kind::Invalid, "/opinion"));
        assert!(letters(&site, &citizen, case).await.is_empty());
        decide(&site, &acceptor, case, "refuse").await;
        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!(view.case.status, Status::Refused);
        assert!(view.case.closed_at.is_some() && tasks_of(desk, case).await.unwrap().is_empty());
        assert_eq!(view.documents[0].template, "refusal-notice");
        assert_eq!(view.documents[0].data["opinion"], "测试意见");
        site.drain().await;
        let told = [
            "不予受理决定书", view.documents[0].number.as_str(), view.case.number.as_str(),
            "“巡游出租汽车驾驶员从业资格证补发”", "测试意见",
        ];
        says(&site, &citizen, case, &view.documents[0], &told).await;

        let accepted = site.submitted_for(&citizen, 1, TAXI).await;
        decide(&site, &acceptor, accepted, "accept").await;
        let task = tasks_of(desk, accepted).await.unwrap()[0].id;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        let told = complete_task(desk, &reviewer, task, decision("refuse")).await.unwrap_err();
        assert_eq!(told.kind(), Kind::Invalid);
        let made = letters(&site, &citizen, accepted).await;
        assert!(made.iter().all(|d| d.template != "refusal-notice"));
    }

    async fn a_correction_lists_what_is_missing_until_when_and_a_late_one_is_refused(db: Db) {
        covers!("SH-130", "XC-125", "XC-132");
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING.plus_minutes(30)).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted_for(&citizen, 1, TAXI).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let with = |materials| Decision {
            correction: Some(Correction { materials, ..Correction::default() }),
            ..decision("correct")
        };
        let nothing = complete_task(desk, &acceptor, task, with(Vec::new())).await.unwrap_err();
        assert_eq!(nothing.kind(), Kind::Invalid);
        assert!(letters(&site, &citizen, case).await.is_empty());
        let mend = Mend { place: MATERIAL.into(), title: "损毁的从业资格证".into(), problem: "拍得不清楚".into() };
        complete_task(desk, &acceptor, task, with(vec![mend])).await.unwrap();
        let made = letters(&site, &citizen, case).await;
        assert_eq!(made[0].template, "correction-notice");
        assert_eq!(made[0].data["materials"][0]["problem"], "拍得不清楚");
        assert_eq!(made[0].data["case"]["correction_due_on"], "2026年12月14日");
        site.drain().await;
        let told = [
            "补正", made[0].number.as_str(), "损毁的从业资格证", "拍得不清楚", "2026年12月14日",
        ];
        says(&site, &citizen, case, &made[0], &told).await;

        let other = upload_correction(desk, &citizen, case, "identity", "a.pdf", PDF.to_vec()).await;
        assert_eq!(other.unwrap_err().kind(), Kind::Forbidden);
        let early = submit_correction(desk, &citizen, case, &[]).await.unwrap_err();
        assert_eq!(early.field_errors()[0].pointer, format!("/materials/{MATERIAL}"));
        let later = Ctx::new(citizen.actor.clone(), MONDAY_MORNING.plus_minutes(60));
        upload_correction(desk, &later, case, MATERIAL, "b.pdf", PDF.to_vec()).await.unwrap();
        let on = |day: &str| Ctx::new(citizen.actor.clone(), Timestamp::start_of(day.parse().unwrap()));
        let late = submit_correction(desk, &on("2026-12-15"), case, &[]).await.unwrap_err();
        assert_eq!(late.code(), "case.correction_late");
        submit_correction(desk, &on("2026-12-14"), case, &[]).await.unwrap();
        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!(view.case.status, Status::Submitted);
    }

    async fn the_decision_has_two_versions_both_sealed_and_none_before_it_is_made(db: Db) {
        covers!("SH-131");
        let site = Site::on(db).await;
        for (person, answer, letter, status) in [
            (1, "grant", "grant-decision", Status::Granted),
            (2, "deny", "denial-decision", Status::Denied),
        ] {
            let citizen = site.citizen_at(&format!("ceshi{person}"), MONDAY_MORNING).await;
            let case = site.submitted_for(&citizen, person, TAXI).await;
            for (login, name) in [("acceptor", "accept"), ("reviewer", "pass")] {
                let officer = site.officer_at(login, MONDAY_MORNING).await;
                decide(&site, &officer, case, name).await;
                let made = letters(&site, &citizen, case).await;
                assert!(made.iter().all(|d| !d.template.ends_with("-decision")));
            }
            decide(&site, &site.officer_at("approver", MONDAY_MORNING).await, case, answer).await;
            site.drain().await;
            let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
            assert_eq!(view.case.status, status);
            let made: Vec<_> = view.documents.iter().filter(|d| d.template.ends_with("-decision")).collect();
            assert_eq!(made.len(), 1);
            assert_eq!(made[0].template, letter);
            sealed(&site, &citizen, case, made[0]).await;
        }
    }

    async fn letters_are_numbered_without_a_gap_and_never_twice_even_at_once(db: Db) {
        covers!("SH-135");
        let site = Site::on(db).await;
        let mut cases = Vec::new();
        for person in 1..=4 {
            let citizen = site.citizen_at(&format!("ceshi{person}"), MONDAY_MORNING).await;
            cases.push(site.submitted(&citizen, person).await);
        }
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        correct_once(&site, &acceptor, cases[0]).await;
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant")] {
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            let mut at_once = tokio::task::JoinSet::new();
            for case in cases.clone() {
                let (desk, officer) = (site.house.desk.clone(), officer.clone());
                at_once.spawn(async move {
                    let task = tasks_of(&desk, case).await.unwrap()[0].id;
                    complete_task(&desk, &officer, task, decision(name)).await.unwrap();
                });
            }
            at_once.join_all().await;
        }
        for (rule, count) in [("沪交从受〔2026〕", 4), ("沪交从准〔2026〕", 4), ("沪交从补〔2026〕", 1)] {
            let expected: Vec<String> = (1..=count).map(|n| format!("{rule}{n:04}号")).collect();
            assert_eq!(numbers(&site, rule).await, expected);
        }
        site.drain().await;
        let open = site.count("SELECT COUNT(*) AS n FROM case_document WHERE status <> 'ready'").await;
        assert_eq!(open, 0, "every letter was produced");
    }
}

async fn correct_once(site: &Site, acceptor: &Ctx, case: CaseId) {
    let desk = &site.house.desk;
    let task = tasks_of(desk, case).await.unwrap()[0].id;
    let mend = Mend {
        place: "address".into(),
        title: "住址".into(),
        problem: "写到门牌号".into(),
    };
    let asked = Decision {
        correction: Some(Correction {
            fields: vec![mend],
            ..Correction::default()
        }),
        ..decision("correct")
    };
    complete_task(desk, acceptor, task, asked).await.unwrap();
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let mended = [("address".to_owned(), "示例市示例区示例路9号".to_owned())];
    submit_correction(desk, &citizen, case, &mended)
        .await
        .unwrap();
}

async fn numbers(site: &Site, rule: &str) -> Vec<String> {
    let rows = site
        .rows("SELECT number FROM case_document ORDER BY number")
        .await;
    let all = rows.iter().map(|row| row.at::<String>(0).unwrap());
    all.filter(|number| number.starts_with(rule)).collect()
}
