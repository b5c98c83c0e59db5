//! Rows that are genuine, each by itself, and not what the program left: put back as they were, or taken away.

use std::sync::Arc;

use tongban::integrity::{Alarm, NightWalk, RowWatch};
use tongban::modules;
use tongban_audit::{Anchor, begin_anchor};
use tongban_base::Ctx;
use tongban_store::{ALL_ROWS, Marked, Row, Value, fold_sums, walk_marks};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{Site, migrations};

fn marked(table: &str) -> &'static Marked {
    let mut tables = modules::marked(&modules::all()).into_iter();
    tables.find(|marked| marked.table == table).unwrap()
}

/// Tables whose rows are not, together, what the program wrote.
async fn missed(site: &Site) -> Vec<&'static str> {
    let mut missed = Vec::new();
    for marked in modules::marked(&modules::all()) {
        let walked = walk_marks(site.db(), marked).await.unwrap();
        assert_eq!(walked.broken, [], "each row by itself is genuine");
        if !walked.whole.unwrap() {
            missed.push(marked.table);
        }
    }
    missed
}

/// A change that the program makes with all rows of a table, and each row put back as it was.
async fn change_and_put_back(
    site: &Site,
    table: &'static str,
    column: &'static str,
    value: &'static str,
) {
    let marked = marked(table);
    let (key, columns) = (
        &marked.columns[..marked.key],
        marked.columns.iter().chain(&["mark"]),
    );
    let before = missed(site).await;
    site.beside(&format!(
        "CREATE TABLE earlier_{table} AS SELECT * FROM {table}"
    ))
    .await;
    let rows = site.rows(format!("SELECT * FROM {table}").leak()).await;
    assert!(!rows.is_empty(), "{table} has rows");
    for row in rows {
        let by: Vec<(&'static str, Value)> = key
            .iter()
            .map(|c| (*c, row.value(c).unwrap().clone()))
            .collect();
        site.db()
            .write(by, move |tx, by| {
                Box::pin(async move {
                    let change = |_: &Row| Ok(Some(vec![(column, Value::from(value))]));
                    tx.change(marked, by, change).await.map(drop)
                })
            })
            .await
            .unwrap();
    }
    assert_eq!(missed(site).await, before, "{table} changed by the program");
    let same: Vec<String> = key.iter().map(|c| format!("e.{c} = {table}.{c}")).collect();
    let back = columns.filter(|c| !key.contains(*c)).map(|c| {
        format!(
            "{c} = (SELECT e.{c} FROM earlier_{table} e WHERE {})",
            same.join(" AND ")
        )
    });
    let back = back.collect::<Vec<_>>().join(", ");
    site.beside(&format!("UPDATE {table} SET {back}")).await;
    let now = missed(site).await;
    assert!(
        now.contains(&table) && now.len() == before.len() + 1,
        "{now:?}"
    );
}

async fn with_a_decided_case(db: tongban_store::Db) -> Site {
    let site = Site::on(db).await;
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let case = site.submitted(&citizen, 1).await;
    decide(
        &site,
        &site.officer_at("acceptor", MONDAY_MORNING).await,
        case,
        "accept",
    )
    .await;
    site.drain().await;
    site
}

on_both_databases! {
    &migrations();

    async fn what_the_program_writes_on_its_way_is_never_missed(db: Db) {
        let site = with_a_decided_case(db).await;
        assert_eq!(missed(&site).await, Vec::<&str>::new());
        fold_sums(site.db()).await.unwrap();
        assert_eq!(missed(&site).await, Vec::<&str>::new());
    }

    async fn a_licence_a_letter_a_session_or_an_account_put_back_as_it_was_is_missed(db: Db) {
        let site = with_a_decided_case(db).await;
        for (table, column, value) in [
            ("licence", "status", "revoked"),
            ("case_document", "title", "x"),
            ("session", "kind", "staff"),
            ("account", "mobile", "x"),
        ] {
            change_and_put_back(&site, table, column, value).await;
        }
    }

    async fn a_message_a_hold_or_what_it_is_found_by_taken_away_is_missed(db: Db) {
        let site = with_a_decided_case(db).await;
        let mut gone = Vec::new();
        for table in ["message", "register_history", "register_value", "register_unique", "register_record"] {
            if site.count(format!("SELECT COUNT(*) AS n FROM {table}").leak()).await > 0 {
                site.beside(&format!("DELETE FROM {table}")).await;
                gone.push(table);
            }
        }
        assert!(["message", "register_value", "register_record"].iter().all(|table| gone.contains(table)));
        let mut found = missed(&site).await;
        found.sort_unstable();
        gone.sort_unstable();
        assert_eq!(found, gone);
    }

    async fn the_walk_of_the_night_tells_the_log_and_whoever_asks(db: Db) {
        let site = with_a_decided_case(db).await;
        let night = anchored(&site).await;
        assert!(!night.is_due(MONDAY_MORNING) && night.is_due(MONDAY_MORNING.plus_minutes(2)));
        site.beside("DELETE FROM message").await;
        night.walk(site.db(), MONDAY_MORNING).await.unwrap();
        assert!(!night.is_due(MONDAY_MORNING.plus_minutes(2)));
        assert_eq!(told(&site), ["message"]);
        let alarm = Alarm::of(&site.house, &site.data.ring).unwrap();
        let watch = RowWatch::new(site.house.audit_key.clone(), Some(alarm));
        watch.tell(site.db(), MONDAY_MORNING).await.unwrap();
        let inbox = site.officer("supervisor").await.get("/workbench/messages").await.ok().html().text("main");
        assert!(inbox.contains("数据被系统之外的操作改动") && inbox.contains("涉及数据表 message"), "{inbox}");
        // What is found within the hour is told when it is over.
        site.beside("DELETE FROM session").await;
        night.round(site.db(), MONDAY_MORNING).await.unwrap();
        for (minutes, messages) in [(30, 1), (60, 2), (61, 2)] {
            watch.tell(site.db(), MONDAY_MORNING.plus_minutes(minutes)).await.unwrap();
            let sent = "SELECT COUNT(*) AS n FROM message WHERE event = 'integrity.alarm' AND account =
                (SELECT id FROM staff WHERE login = 'supervisor')";
            assert_eq!(site.count(sent).await, messages, "{minutes}");
        }
        assert_eq!((site.audited("rows.walked", "done").await, site.audited("row.broken", "refused").await), (1, 2));
    }

    async fn entries_taken_out_of_the_log_are_told_by_the_walk_until_they_are_back(db: Db) {
        let site = with_a_decided_case(db).await;
        let night = anchored(&site).await;
        night.walk(site.db(), MONDAY_MORNING).await.unwrap();
        assert_eq!(told(&site), Vec::<&str>::new());
        site.beside("UPDATE audit_entry SET sequence = -sequence WHERE sequence = 2").await;
        night.walk(site.db(), MONDAY_MORNING).await.unwrap();
        assert_eq!(told(&site), ["audit_entry"]);
        site.beside("UPDATE audit_entry SET sequence = -sequence WHERE sequence = -2").await;
        night.walk(site.db(), MONDAY_MORNING).await.unwrap();
        assert_eq!(told(&site), Vec::<&str>::new());
    }

    async fn what_was_put_back_in_a_small_table_is_told_within_minutes(db: Db) {
        let site = with_a_decided_case(db).await;
        let night = anchored(&site).await;
        let later = |minutes| MONDAY_MORNING.plus_minutes(minutes);
        assert!(!night.is_round_due(later(30)), "nothing was walked");
        night.walk(site.db(), MONDAY_MORNING).await.unwrap();
        assert!(!night.is_round_due(later(9)) && night.is_round_due(later(10)));
        site.beside("DELETE FROM session").await;
        night.round(site.db(), later(10)).await.unwrap();
        assert_eq!(told(&site), ["session"]);
        assert!(!night.is_round_due(later(19)) && night.is_round_due(later(20)));
    }
}

/// As a server that has begun: the end of the log is kept beside the database.
async fn anchored(site: &Site) -> NightWalk {
    let (key, folder) = (site.house.audit_key.clone(), &site.data.folder);
    let anchor = Arc::new(Anchor::open(folder, key.clone(), Vec::new()).unwrap());
    begin_anchor(site.db(), &Ctx::system(MONDAY_MORNING), &key, &anchor)
        .await
        .unwrap();
    NightWalk::new((key, folder), 3, MONDAY_MORNING)
}

/// The tables that `/readyz` names.
fn told(site: &Site) -> Vec<&'static str> {
    let broken = site.db().broken_rows();
    broken
        .iter()
        .filter(|row| row.key == ALL_ROWS)
        .map(|row| row.table)
        .collect()
}
