//! Kill -9 while many people submit: what was acknowledged is there, and nothing is half there.
//! The real program, real sockets, both databases.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tongban_crypto::random_bytes;
use tongban_identity::{DEMO_PASSWORD, demo_people};
use tongban_store::{Db, params};

use crate::server::{Client, Server, new_database, run};

/// Submissions acknowledged on each database, and how often the server is killed on the way.
const SUBMISSIONS: usize = 2_000;
const KILLS: usize = 6;
/// A few submissions take place in this time: the kill may come at any instant of one.
const LONGEST_WAIT_MICROS: u64 = 50_000;
/// Two at once for each person; of one family only one case may be open.
const ITEMS: [[&str; 2]; 2] = [
    ["road-driver-cancel", "ride-hailing-cancel"],
    ["road-driver-change", "ride-hailing-cancel"],
];

/// What the server said yes to.
#[derive(Clone, Default)]
struct Acknowledged {
    submitted: BTreeSet<String>,
    withdrawn: BTreeSet<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_acknowledged_on_the_embedded_database() {
    let folder = tempfile::tempdir().unwrap();
    killed_again_and_again(folder.path(), None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_acknowledged_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let database = new_database().await;
    killed_again_and_again(folder.path(), Some(&database)).await;
}

async fn killed_again_and_again(data: &Path, database: Option<&str>) {
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let mut tokens = Vec::new();
    for round in 1..=KILLS {
        let mut server = Server::start(data, database);
        if tokens.is_empty() {
            tokens = log_in(&server.address).await;
        }
        let enough = SUBMISSIONS * round / KILLS;
        let (full, mut filling) = tokio::sync::watch::channel(0);
        let mut people = tokio::task::JoinSet::new();
        for (person, token) in (1..).zip(&tokens) {
            for item in ITEMS[person % 2] {
                let (address, token) = (server.address.clone(), token.clone());
                let (acknowledged, full) = (Arc::clone(&acknowledged), full.clone());
                people.spawn(async move {
                    applies_until_the_end(&address, token, person, item, &acknowledged, &full).await
                });
            }
        }
        drop(full);
        // All are in the midst of something, and of what is left to chance.
        filling.wait_for(|count| *count >= enough).await.unwrap();
        tokio::time::sleep(any_wait()).await;
        server.kill();
        people.join_all().await;
        let known = acknowledged.lock().unwrap().clone();
        whole(data, database, &known).await;
    }
    let said = run(data, database, &["audit", "verify"]);
    assert!(said.contains("审计日志"), "{said}");
}

fn any_wait() -> Duration {
    let chance = u64::from_be_bytes(random_bytes().unwrap());
    Duration::from_micros(chance % LONGEST_WAIT_MICROS)
}

async fn log_in(address: &str) -> Vec<String> {
    let mut client = Client::connect(address).await.unwrap();
    let mut tokens = Vec::new();
    for person in 1..=5 {
        let wish = json!({ "kind": "citizen", "login": format!("ceshi{person}"), "password": DEMO_PASSWORD });
        let (_, opened) = client
            .call("POST", "/api/v1/sessions", Some(&wish))
            .await
            .unwrap();
        tokens.push(opened["token"].as_str().unwrap().to_owned());
    }
    tokens
}

/// Applies and withdraws until the server is gone.
async fn applies_until_the_end(
    address: &str,
    token: String,
    person: usize,
    item: &str,
    acknowledged: &Mutex<Acknowledged>,
    full: &tokio::sync::watch::Sender<usize>,
) -> Option<()> {
    let mut client = Client::connect(address).await?;
    client.token = token;
    let (_, open) = client
        .call("GET", "/api/v1/cases?status=submitted", None)
        .await?;
    for case in open["cases"]
        .as_array()?
        .iter()
        .filter(|c| c["item"] == item)
    {
        withdraw(&mut client, case["id"].as_str()?, acknowledged).await?;
    }
    loop {
        let (_, begun) = client
            .call("POST", "/api/v1/drafts", Some(&json!({ "item": item })))
            .await?;
        let draft = format!("/api/v1/drafts/{}", begun["draft"].as_str()?);
        let (_, saved) = client
            .call("POST", &draft, Some(&application(person, item)))
            .await?;
        assert_eq!(
            saved,
            json!({ "errors": [], "refusals": [] }),
            "{item} of {person}"
        );
        let (status, done) = client
            .call("POST", &format!("{draft}/submit"), None)
            .await?;
        assert_eq!(status, 200, "{done}");
        let case = done["case"].as_str()?.to_owned();
        let count = {
            let mut acknowledged = acknowledged.lock().unwrap();
            acknowledged.submitted.insert(case.clone());
            acknowledged.submitted.len()
        };
        full.send_replace(count);
        withdraw(&mut client, &case, acknowledged).await?;
    }
}

async fn withdraw(
    client: &mut Client,
    case: &str,
    acknowledged: &Mutex<Acknowledged>,
) -> Option<()> {
    let (status, said) = client
        .form(&format!("/me/cases/{case}/withdraw"), "reason=test")
        .await?;
    assert_eq!(status, 303, "{said}");
    acknowledged
        .lock()
        .unwrap()
        .withdrawn
        .insert(case.to_owned());
    Some(())
}

pub fn application(person: usize, item: &str) -> Json {
    let known = &demo_people()[person - 1];
    if item.ends_with("-cancel") {
        json!({
            "answers": { "reason": "own", "paper": "no" },
            "form": { "mobile": known.mobile, "understand": true, "commitment": true },
        })
    } else {
        json!({
            "answers": { "matter": "driving_class" },
            "form": { "new_driving_class": "C1", "delivery": "electronic", "commitment": true },
        })
    }
}

/// Each of these finds what is half there.
const HALVES: [&str; 9] = [
    "SELECT COUNT(*) AS n FROM case_record c WHERE NOT EXISTS
     (SELECT 1 FROM case_event e WHERE e.case_id = c.id AND e.seq = 1 AND e.kind = 'case.submitted')",
    "SELECT COUNT(*) AS n FROM case_record c WHERE c.event_seq <>
     (SELECT MAX(e.seq) FROM case_event e WHERE e.case_id = c.id)",
    "SELECT COUNT(*) AS n FROM case_record c WHERE NOT EXISTS
     (SELECT 1 FROM flow_instance i WHERE i.subject = c.id)",
    "SELECT COUNT(*) AS n FROM case_record c WHERE (c.status = 'submitted') <> EXISTS
     (SELECT 1 FROM flow_task t WHERE t.subject = c.id AND t.closed_at IS NULL)",
    "SELECT COUNT(*) AS n FROM case_record c WHERE NOT EXISTS
     (SELECT 1 FROM audit_entry a WHERE a.subject_id = c.id AND a.event = 'case.submitted')",
    "SELECT COUNT(*) AS n FROM case_record c WHERE (c.status = 'withdrawn') <> EXISTS
     (SELECT 1 FROM audit_entry a WHERE a.subject_id = c.id AND a.event = 'case.withdrawn')",
    "SELECT COUNT(*) AS n FROM case_record c WHERE NOT EXISTS
     (SELECT 1 FROM message m WHERE m.subject_id = c.id)",
    "SELECT COUNT(*) AS n FROM flow_instance i WHERE NOT EXISTS
     (SELECT 1 FROM case_record c WHERE c.id = i.subject)",
    "SELECT COUNT(*) AS n FROM audit_entry a WHERE a.event = 'case.submitted' AND NOT EXISTS
     (SELECT 1 FROM case_record c WHERE c.id = a.subject_id)",
];

async fn whole(data: &Path, database: Option<&str>, acknowledged: &Acknowledged) {
    let db = match database {
        Some(url) => Db::open_postgres(url).await.unwrap(),
        None => Db::open_sqlite(&data.join("tongban.db")).unwrap(),
    };
    for sql in HALVES {
        let found = rows(&db, sql).await;
        assert_eq!(found[0].get::<i64>("n").unwrap(), 0, "{sql}");
    }
    let ids = async |sql| -> BTreeSet<String> {
        let found = rows(&db, sql).await;
        found.iter().map(|row| row.at(0).unwrap()).collect()
    };
    let there = ids("SELECT id FROM case_record").await;
    let lost: Vec<_> = acknowledged.submitted.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    let withdrawn = ids("SELECT id FROM case_record WHERE status = 'withdrawn'").await;
    let lost: Vec<_> = acknowledged.withdrawn.difference(&withdrawn).collect();
    assert!(lost.is_empty(), "withdrawn and not so: {lost:?}");
}

async fn rows(db: &Db, sql: &'static str) -> Vec<tongban_store::Row> {
    db.read((), move |tx, ()| Box::pin(tx.query(sql, params![])))
        .await
        .unwrap()
}
