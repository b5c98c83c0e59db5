//! The database in the hands of whoever runs it: rows changed beside the program are not used, by nobody, and are told.

use axum::http::StatusCode;
use tongban::integrity::RowWatch;
use tongban::modules;
use tongban::wiring::{build, load_pack};
use tongban_audit::put_back;
use tongban_cases::{
    JournalFault, TRACE, complete_task, open_case, tasks_of, walk_journals, withdraw_case,
};
use tongban_identity::demo_people;
use tongban_store::walk_marks;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::{decide, decision};
use crate::house::{Site, migrations, plan};

const WORDS: &str = "没有通过完整性校验，已停止使用";

/// Tables with rows that do not fit, after every row was looked at.
async fn broken(site: &Site) -> Vec<&'static str> {
    let mut broken = Vec::new();
    for marked in modules::marked(&modules::all()) {
        if !walk_marks(site.db(), marked)
            .await
            .unwrap()
            .broken
            .is_empty()
        {
            broken.push(marked.table);
        }
    }
    broken
}

/// Why the program does not start again with these rows; none where it does.
async fn refused_start(site: &Site) -> Option<String> {
    let pack = load_pack(tongban::packs::transport()).unwrap();
    let started = build(&site.data, pack, plan()).await;
    started.err().map(|failure| failure.to_string())
}

on_both_databases! {
    &migrations();

    async fn every_row_that_the_program_wrote_on_the_way_to_a_licence_keeps_its_mark(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        for (officer, choice) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant")] {
            decide(&site, &site.officer_at(officer, MONDAY_MORNING).await, case, choice).await;
        }
        site.drain_now().await;
        for table in ["account", "session", "case_record", "material_file", "case_document", "licence", "licence_event",
            "flow_instance", "flow_token", "flow_task", "flow_firing"] {
            let marked = modules::marked(&modules::all()).into_iter().find(|m| m.table == table).unwrap();
            let walked = walk_marks(site.db(), marked).await.unwrap();
            assert!(walked.rows > 0 || table == "session", "{table} has rows");
        }
        assert_eq!(broken(&site).await, Vec::<&str>::new());
    }

    async fn a_session_given_to_an_officer_by_hand_is_no_session(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen("ceshi1").await;
        site.meddle("UPDATE session SET kind = 'staff', account_id = (SELECT id FROM staff WHERE login = 'approver')").await;
        let refused = citizen.get("/workbench/cases").await;
        assert!(refused.leads_to().starts_with("/login"));
        assert_eq!(broken(&site).await, ["session"]);
    }

    async fn a_licence_put_back_into_force_by_hand_is_not_told_to_be_valid(db: Db) {
        let site = Site::on(db).await;
        let row = site.rows("SELECT verify_code FROM licence WHERE status = 'valid' ORDER BY id LIMIT 1").await;
        let code: String = row[0].get("verify_code").unwrap();
        let address = format!("/v/{code}");
        assert!(site.browser().get(&address).await.ok().text().contains("有效"));
        site.meddle("UPDATE licence SET valid_to = '2099-12-31'").await;
        let answer = site.browser().get(&address).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.text().contains(WORDS), "{}", answer.text());
    }

    async fn a_case_changed_by_hand_opens_for_nobody_and_the_log_says_so_once(db: Db) {
        covers!("WH-353");
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let (case, other) = (site.submitted(&citizen, 1).await, site.citizen_at("ceshi2", MONDAY_MORNING).await);
        let whole = site.submitted(&other, 2).await;
        site.meddle("UPDATE case_record SET status = 'granted' WHERE account = (SELECT id FROM account WHERE login = 'ceshi1')").await;
        for _ in 0..2 {
            let refused = open_case(&site.house.desk, &citizen, case).await.err().unwrap();
            assert_eq!(refused.code(), "store.row_changed");
        }
        // Others are not hidden by it.
        open_case(&site.house.desk, &other, whole).await.unwrap();
        let list = site.officer("acceptor").await.get("/workbench/cases").await.ok().html();
        assert_eq!(list.all("tbody tr").len(), 1);
        let watch = RowWatch::new(site.house.audit_key.clone(), None);
        for _ in 0..2 {
            watch.tell(site.db(), MONDAY_MORNING).await.unwrap();
        }
        assert_eq!(site.audited("row.broken", "refused").await, 1);
    }

    async fn a_person_a_score_or_a_licence_changed_by_hand_is_named_and_a_change_on_the_page_is_not(db: Db) {
        covers!("SH-240");
        let site = Site::on(db).await;
        let keeper = site.officer("administrator").await;
        let known = &demo_people()[0];
        let mut score = vec![
            ("number", "测试成绩1"), ("name", known.name.as_str()), ("id_number", known.id_number.as_str()),
            ("category", "01001"), ("subject", "theory"), ("taken_on", "2026-11-20"), ("score", "95"), ("result", "pass"),
            ("status", "recorded"),
        ];
        let entered = keeper.post("/workbench/registers/exam-result/new", &score).await.leads_to().to_owned();
        score.retain(|(field, _)| *field != "score");
        score.extend([("_version", "1"), ("score", "59")]);
        keeper.post(&format!("{entered}/change"), &score).await.leads_to();
        assert_eq!(broken(&site).await, Vec::<&str>::new());
        for (table, of) in [
            ("register_record", "register = 'practitioner'"),
            ("register_record", "register = 'exam-result'"),
            ("licence", "status = 'valid'"),
        ] {
            let rows = site.rows(format!("SELECT MIN(id) AS id FROM {table} WHERE {of}").leak()).await;
            let id: String = rows[0].get("id").unwrap();
            site.beside(&format!("UPDATE {table} SET title = 'x' WHERE id = '{id}'")).await;
            let marked = modules::marked(&modules::all()).into_iter().find(|m| m.table == table).unwrap();
            let named = walk_marks(site.db(), marked).await.unwrap().broken;
            assert!(named.iter().any(|row| row.key == id), "{table} {id}: {named:?}");
        }
        assert_eq!(broken(&site).await.len(), 2);
    }

    async fn a_step_given_to_another_role_by_hand_is_shown_to_nobody_and_cannot_be_completed(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        site.submitted(&other, 2).await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        site.meddle(
            "UPDATE flow_task SET role = 'reviewer' WHERE subject IN
             (SELECT c.id FROM case_record c JOIN account a ON a.id = c.account WHERE a.login = 'ceshi1')",
        )
        .await;
        for (login, rows) in [("reviewer", 0), ("acceptor", 1)] {
            let queue = site.officer(login).await.get("/workbench").await.ok().html();
            assert_eq!(queue.all("tbody .tb-number").len(), rows, "{login}");
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            let refused = complete_task(&site.house.desk, &officer, task, decision("accept")).await;
            assert_eq!(refused.unwrap_err().code(), "store.row_changed", "{login}");
        }
        assert_eq!(broken(&site).await, ["flow_task"]);
        let watch = RowWatch::new(site.house.audit_key.clone(), None);
        watch.tell(site.db(), MONDAY_MORNING).await.unwrap();
        assert_eq!(site.audited("row.broken", "refused").await, 1);
    }

    async fn a_flow_moved_or_ended_by_hand_goes_no_further(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let decided = async || complete_task(&site.house.desk, &acceptor, task, decision("accept")).await;
        let live = "consumed_by IS NULL AND undone = 0";
        let move_on = format!("UPDATE flow_token SET place = 'ended:' || place WHERE {live}");
        let back = format!("UPDATE flow_token SET place = SUBSTR(place, 7) WHERE {live}");
        let end = "UPDATE flow_instance SET status = 'completed', ended_at = started_at";
        let run = "UPDATE flow_instance SET status = 'running', ended_at = NULL";
        for (table, meddling, back) in [
            ("flow_token", move_on.leak() as &str, back.leak() as &str),
            ("flow_instance", end, run),
        ] {
            site.meddle(meddling).await;
            assert_eq!(decided().await.unwrap_err().code(), "store.row_changed", "{table}");
            assert_eq!(broken(&site).await, [table]);
            site.meddle(back).await;
        }
        assert_eq!(decided().await.unwrap(), case);
    }

    async fn what_is_said_to_have_been_done_is_not_undone_when_somebody_wrote_it_by_hand(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let effect = r#"{"operation":"licence.revoke","arguments":{},"effect":"reversible","result":{}}"#;
        let meddling = format!("UPDATE flow_firing SET operation = '{effect}' WHERE no = 1");
        let kept = site.rows("SELECT operation FROM flow_firing WHERE no = 1").await;
        let kept: Option<serde_json::Value> = kept[0].get("operation").unwrap();
        site.beside(&meddling).await;
        let refused = withdraw_case(desk, &citizen, case, "试".into()).await.unwrap_err();
        assert_eq!(refused.code(), "store.row_changed");
        assert_eq!(broken(&site).await, ["flow_firing"]);
        let back = kept.map_or("NULL".to_owned(), |kept| format!("'{kept}'"));
        site.beside(&format!("UPDATE flow_firing SET operation = {back} WHERE no = 1")).await;
        site.meddle("CREATE TABLE earlier AS SELECT * FROM flow_firing").await;
        site.meddle("DELETE FROM flow_firing WHERE no = 1").await;
        let refused = withdraw_case(desk, &citizen, case, "试".into()).await.unwrap_err();
        assert_eq!(refused.code(), "store.row_changed", "one is missing");
        site.meddle("INSERT INTO flow_firing SELECT * FROM earlier WHERE no = 1").await;
        withdraw_case(desk, &citizen, case, "试".into()).await.unwrap();
    }

    async fn a_step_taken_away_or_put_back_as_it_was_once_is_not_done_without_or_again(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        site.meddle("CREATE TABLE earlier AS SELECT * FROM flow_token").await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let decided = async || complete_task(desk, &reviewer, task, decision("pass")).await;
        // With its mark: nothing is wrong with the row itself.
        let live = "FROM earlier e WHERE e.no = flow_token.no AND e.consumed_by IS NULL";
        let put_back = format!(
            "UPDATE flow_token SET consumed_by = NULL, mark = (SELECT e.mark {live}) WHERE EXISTS (SELECT 1 {live})"
        );
        site.meddle("CREATE TABLE later AS SELECT * FROM flow_token").await;
        site.meddle(put_back.leak()).await;
        assert_eq!(decided().await.unwrap_err().code(), "store.row_changed");
        site.meddle("DELETE FROM flow_token").await;
        site.meddle("INSERT INTO flow_token SELECT * FROM later WHERE consumed_by IS NOT NULL").await;
        assert_eq!(decided().await.unwrap_err().code(), "store.row_changed");
        assert_eq!(broken(&site).await, ["flow_token"]);
        site.meddle("DELETE FROM flow_token").await;
        site.meddle("INSERT INTO flow_token SELECT * FROM later").await;
        assert_eq!(decided().await.unwrap(), case);
    }

    async fn a_journal_cut_off_or_a_case_put_back_with_it_is_found_by_the_walk(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let walk = async || walk_journals(site.db(), &site.data.ring).await.unwrap();
        assert_eq!(walk().await, (1, Vec::new()));
        site.meddle("DELETE FROM case_event WHERE seq > 1").await;
        let (_, found) = walk().await;
        assert_eq!((found[0].case, &found[0].fault), (case, &JournalFault::Changed(2)));
        // Moving the head back by hand breaks the mark of the case.
        site.meddle("UPDATE case_record SET event_seq = 1, event_hash = (SELECT hash FROM case_event WHERE seq = 1)").await;
        assert_eq!((walk().await, broken(&site).await), ((1, Vec::new()), vec!["case_record"]));
    }

    async fn a_case_or_a_licence_put_back_whole_with_its_history_is_betrayed_by_the_log(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        site.meddle("CREATE TABLE earlier AS SELECT * FROM case_record").await;
        let later = site.officer_at("acceptor", MONDAY_MORNING.plus_minutes(5)).await;
        decide(&site, &later, case, "accept").await;
        assert_eq!(put_back(site.db(), TRACE).await.unwrap(), Vec::<String>::new());
        let end = "DELETE FROM case_event WHERE seq > (SELECT event_seq FROM earlier)";
        site.meddle(end).await;
        for column in ["status", "event_seq", "event_hash", "mark", "form", "answers", "applicant", "accepted_at", "due_on"] {
            let back = format!("UPDATE case_record SET {column} = (SELECT {column} FROM earlier)");
            site.meddle(back.leak()).await;
        }
        assert_eq!((walk_journals(site.db(), &site.data.ring).await.unwrap().1, broken(&site).await), (vec![], vec![]));
        assert_eq!(put_back(site.db(), TRACE).await.unwrap(), [case.to_string()]);
    }

    async fn a_definition_changed_by_hand_is_not_used_by_the_next_start(db: Db) {
        let site = Site::on(db).await;
        let swap = "UPDATE release SET body = (SELECT r.body FROM release r WHERE r.hash <> release.hash ORDER BY r.hash LIMIT 1)";
        let meddlings = [
            ("release", swap, "UPDATE release SET body = (SELECT e.body FROM earlier e WHERE e.hash = release.hash)"),
            (
                "offer",
                "UPDATE offer SET hash = (SELECT MIN(hash) FROM release)",
                "UPDATE offer SET hash = (SELECT e.hash FROM earlier e WHERE e.code = offer.code)",
            ),
            (
                "pack_in_force",
                "UPDATE pack_in_force SET published_at = published_at + 1",
                "UPDATE pack_in_force SET published_at = published_at - 1",
            ),
        ];
        site.meddle("CREATE TABLE earlier AS SELECT * FROM release").await;
        for (table, meddling, back) in meddlings {
            site.meddle(meddling).await;
            let told = refused_start(&site).await.unwrap();
            assert!(told.contains("没有启动"), "{table}: {told}");
            assert_eq!(broken(&site).await, [table]);
            site.meddle(back).await;
            assert_eq!(refused_start(&site).await, None, "{table} put right");
        }
        // Not even rows that lay there before marks were given.
        site.long_ago("release", swap).await;
        assert!(refused_start(&site).await.unwrap().contains("没有启动"));
    }

    async fn a_password_or_a_name_put_into_an_account_by_hand_opens_nothing(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        site.meddle("UPDATE account SET password = password || 'x' WHERE login = 'ceshi1'").await;
        let form = [("as", "citizen"), ("login", "ceshi1"), ("password", tongban_identity::DEMO_PASSWORD)];
        let refused = site.browser().post("/login", &form).await;
        assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(refused.text().contains(WORDS));
        let account = citizen.actor.account.unwrap();
        let unknown = site.house.identity.person_of(account).await.err().unwrap();
        assert_eq!(unknown.code(), "store.row_changed");
    }
}
