//! Something breaks again and again while people apply and withdraw: what was acknowledged is there once, nothing is
//! half there, and the house serves again by itself. The real program, real sockets, both databases. `make soak` does the
//! same more often and prints what was found.

mod crowd;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tongban::data::keys_folder;
use tongban_cluster::Cluster;
use tongban_crypto::random_bytes;
use tongban_store::{Db, params};
use tongban_testkit::covers;

use crate::backup::client;
use crate::house::{MATERIAL, PDF, form};
use crate::server::{Client, Server, new_database, new_database_on, path, run};

pub use crowd::application;
use crowd::{Acknowledged, Crowd};

/// So many cases between two faults.
const BETWEEN: usize = 200;
/// A few submissions take place in this time: the fault may come at any instant of one.
const LONGEST_WAIT_MICROS: u64 = 50_000;
const SPACE: &str = "size=160m";
const TOLD_WITHIN: Duration = Duration::from_secs(30);

/// How often something breaks: a few times, or as often as `make soak` says.
fn rounds(few: usize) -> usize {
    let often = std::env::var("TONGBAN_SOAK").ok();
    often.map_or(few, |often| often.parse().unwrap())
}

/// A house in its folder, what people were told, and how long it took until it served again.
struct Soak {
    folder: TempDir,
    database: Option<String>,
    servers: Vec<Server>,
    crowd: Crowd,
    away: Vec<Duration>,
    kills: i64,
}

impl Soak {
    async fn of(database: Option<String>, servers: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::kept_in(folder, database, servers).await
    }

    async fn kept_in(folder: TempDir, database: Option<String>, servers: usize) -> Self {
        let data = folder.path().join("data");
        let start = |_| Server::start(&data, database.as_deref());
        let servers: Vec<Server> = (0..servers).map(start).collect();
        let crowd = Crowd::at(&addresses(&servers)).await;
        Self {
            folder,
            database,
            servers,
            crowd,
            away: Vec::new(),
            kills: 0,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All are in the midst of something, and of what is left to chance.
    async fn in_the_midst(&self) {
        self.crowd.submits(BETWEEN).await;
        let chance = u64::from_be_bytes(random_bytes().unwrap());
        tokio::time::sleep(Duration::from_micros(chance % LONGEST_WAIT_MICROS)).await;
    }

    fn kill(&mut self, server: usize) {
        self.servers[server].kill();
        self.kills += 1;
        self.servers[server] = Server::start(&self.data(), self.database.as_deref());
        self.crowd.goes_to(&addresses(&self.servers));
    }

    async fn serves_again(&mut self, since: Instant) {
        for server in &self.servers {
            becomes(&server.address, 200).await;
        }
        self.away.push(since.elapsed());
    }

    async fn nothing_is_lost(&self) {
        let known = self.crowd.knows();
        whole(&self.data(), self.database.as_deref(), &known).await;
    }

    /// The last look, when nobody works any more; a line for whoever reads along.
    async fn ends(mut self, fault: &str) {
        let known = self.crowd.goes_home().await;
        let (data, database) = (self.folder.path().join("data"), self.database.as_deref());
        whole(&data, database, &known).await;
        for server in &mut self.servers {
            server.terminate();
            assert!(server.wait().success());
        }
        let told = rows(&opened(&data, database).await, STOPS).await;
        assert_eq!(told[0].get::<i64>("n").unwrap(), self.kills);
        let said = run(&data, database, &["audit", "verify"]);
        assert!(said.contains("核验通过"), "{said}");
        self.away.sort();
        let seconds = |at: usize| self.away.get(at).map_or(0.0, Duration::as_secs_f64);
        println!(
            "soak: {fault}, {}: {} instants, {} cases and {} writes acknowledged, 0 lost, 0 doubled, \
             served again after {:.2} s (median), {:.2} s (longest)",
            if database.is_some() {
                "PostgreSQL"
            } else {
                "SQLite"
            },
            self.away.len(),
            known.submitted.len(),
            known.submitted.len() * 3 + known.withdrawn.len(),
            seconds(self.away.len() / 2),
            seconds(self.away.len().saturating_sub(1)),
        );
    }
}

fn addresses(servers: &[Server]) -> Vec<String> {
    servers
        .iter()
        .map(|server| server.address.clone())
        .collect()
}

/// What `/readyz` says, however long it takes until somebody says it.
async fn becomes(address: &str, wanted: u16) {
    let begun = Instant::now();
    let mut last = None;
    while begun.elapsed() < TOLD_WITHIN {
        last = match Client::connect(address).await {
            Some(mut client) => client.call("GET", "/readyz", None).await,
            None => None,
        };
        if last.as_ref().is_some_and(|(status, _)| *status == wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("/readyz never says {wanted}: {last:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_acknowledged_on_the_embedded_database() {
    killed_again_and_again(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_acknowledged_on_postgres() {
    killed_again_and_again(Some(new_database().await)).await;
}

async fn killed_again_and_again(database: Option<String>) {
    let mut soak = Soak::of(database, 1).await;
    for _ in 0..rounds(5) {
        soak.in_the_midst().await;
        let begun = Instant::now();
        soak.kill(0);
        soak.serves_again(begun).await;
        soak.nothing_is_lost().await;
    }
    soak.ends("the server is killed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_servers_is_killed_on_the_embedded_database() {
    one_of_two_is_killed(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_servers_is_killed_on_postgres() {
    covers!("SH-001");
    one_of_two_is_killed(Some(new_database().await)).await;
}

async fn one_of_two_is_killed(database: Option<String>) {
    let mut soak = Soak::of(database, 2).await;
    for round in 0..rounds(2) {
        soak.in_the_midst().await;
        let begun = Instant::now();
        soak.kill(round % 2);
        soak.serves_again(begun).await;
        soak.nothing_is_lost().await;
    }
    a_replacement_is_applied_for(&soak.servers[0]).await;
    soak.ends("one of two servers is killed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_the_database_that_break_lose_nothing_acknowledged() {
    let database = new_database().await;
    let mut soak = Soak::of(Some(database.clone()), 1).await;
    for _ in 0..rounds(4) {
        soak.in_the_midst().await;
        let begun = Instant::now();
        break_connections(&database).await;
        soak.serves_again(begun).await;
        soak.nothing_is_lost().await;
    }
    soak.ends("all connections to the database break").await;
}

/// What nobody of the crowd does; after a fault it succeeds at once.
async fn a_replacement_is_applied_for(server: &Server) {
    let mut citizen = client(server).await;
    let wish = json!({ "item": "taxi-driver-reissue" });
    let begun = citizen.call("POST", "/api/v1/drafts", Some(&wish)).await;
    let draft = begun.unwrap().1["draft"].as_str().unwrap().to_owned();
    let (draft, files) = (
        format!("/api/v1/drafts/{draft}"),
        format!("/me/drafts/{draft}/files/{MATERIAL}"),
    );
    let filled = json!({ "answers": { "reason": "damaged" }, "form": form(1) });
    citizen.call("POST", &draft, Some(&filled)).await.unwrap();
    let content = std::str::from_utf8(PDF).unwrap();
    let sent = citizen.upload(&files, "原证.pdf", content).await.unwrap();
    assert_eq!(sent.0, 303, "{}", sent.1);
    let submit = format!("{draft}/submit");
    let done = citizen.call("POST", &submit, None).await.unwrap();
    assert_eq!(done.0, 200, "{}", done.1);
}

async fn break_connections(database: &str) {
    let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(!client.query(others, &[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_database_server_loses_nothing_acknowledged_and_readiness_tells_it() {
    covers!("SH-001");
    let mut cluster = Cluster::start().unwrap();
    let database = new_database_on(&cluster.url(), "SET synchronous_commit = on").await;
    let mut soak = Soak::of(Some(database), 1).await;
    for _ in 0..rounds(1) {
        soak.in_the_midst().await;
        let begun = Instant::now();
        cluster.kill().unwrap();
        becomes(&soak.servers[0].address, 503).await;
        cluster.start_again().unwrap();
        soak.serves_again(begun).await;
        soak.nothing_is_lost().await;
    }
    a_replacement_is_applied_for(&soak.servers[0]).await;
    soak.ends("the database server is killed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_acknowledged_and_readiness_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::mounted(&folder.path().join("data"));
    let mut soak = Soak::kept_in(folder, None, 1).await;
    for _ in 0..rounds(1) {
        soak.in_the_midst().await;
        disk.fill();
        becomes(&soak.servers[0].address, 503).await;
        let begun = Instant::now();
        disk.empty();
        soak.serves_again(begun).await;
        soak.nothing_is_lost().await;
    }
    soak.ends("the disk is full").await;
}

/// A file system of its own, in memory.
struct Disk(PathBuf);

impl Disk {
    fn mounted(at: &Path) -> Self {
        std::fs::create_dir(at).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SPACE, "tmpfs"])
            .arg(at)
            .status();
        assert!(mount.unwrap().success(), "mounting needs root");
        Self(at.to_owned())
    }

    fn fill(&self) {
        use std::io::Write;
        let mut file = std::fs::File::create(self.0.join("filler")).unwrap();
        for piece in [1_048_576, 4_096, 1] {
            while file.write_all(&vec![7; piece]).is_ok() {}
        }
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What still has a file open there keeps it until it ends.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_has_all_that_was_acknowledged_before_it_on_the_embedded_database() {
    backed_up(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_has_all_that_was_acknowledged_before_it_on_postgres() {
    covers!("SH-001");
    backed_up(Some(new_database().await)).await;
}

async fn backed_up(database: Option<String>) {
    let mut soak = Soak::of(database, 1).await;
    for round in 0..rounds(1) {
        soak.in_the_midst().await;
        let known = soak.crowd.knows();
        let begun = Instant::now();
        let [kept, back] =
            ["kept", "back"].map(|name| soak.folder.path().join(format!("{name}{round}")));
        soak.tongban(
            &soak.data(),
            soak.database.clone(),
            &["backup", path(&kept)],
        )
        .await;
        soak.serves_again(begun).await;
        let other = match &soak.database {
            Some(_) => Some(new_database().await),
            None => None,
        };
        let keys = keys_folder(&soak.data());
        let restore = ["restore", path(&kept), "--keys", path(&keys)];
        soak.tongban(&back, other.clone(), &restore).await;
        whole(&back, other.as_deref(), &known).await;
    }
    soak.ends("a backup is made").await;
}

impl Soak {
    async fn tongban(&self, data: &Path, database: Option<String>, arguments: &[&str]) {
        let data = data.to_owned();
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let done = tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            run(&data, database.as_deref(), &arguments)
        });
        done.await.unwrap();
    }
}

/// Each of these finds what is half there, or twice.
const FAULTS: [&str; 11] = [
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
    "SELECT COUNT(*) AS n FROM
     (SELECT account FROM case_record WHERE status = 'submitted' GROUP BY account, item_code HAVING COUNT(*) > 1) twice",
    "SELECT COUNT(*) AS n FROM (SELECT subject_id FROM audit_entry
     WHERE event IN ('case.submitted', 'case.withdrawn') AND outcome = 'done' GROUP BY subject_id, event HAVING COUNT(*) > 1) twice",
];

/// Starts that found another one killed, and said so.
const STOPS: &str =
    "SELECT COUNT(*) AS n FROM audit_entry WHERE event = 'audit.stopped_hard' AND outcome = 'done'";

async fn whole(data: &Path, database: Option<&str>, acknowledged: &Acknowledged) {
    let db = opened(data, database).await;
    for sql in FAULTS {
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

async fn opened(data: &Path, database: Option<&str>) -> Db {
    match database {
        Some(url) => Db::open_postgres(url).await.unwrap(),
        None => Db::open_sqlite(&data.join("tongban.db")).unwrap(),
    }
}

async fn rows(db: &Db, sql: &'static str) -> Vec<tongban_store::Row> {
    db.read((), move |tx, ()| Box::pin(tx.query(sql, params![])))
        .await
        .unwrap()
}
