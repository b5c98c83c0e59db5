//! A backup made while people work, brought back elsewhere, is the same state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use tongban::data::{keys_folder, objects_folder};
use tongban_crypto::{KeyRing, sm3_hex};
use tongban_identity::DEMO_PASSWORD;
use tongban_store::{ObjectId, Objects};

use crate::house::{ITEM, MATERIAL, PDF};
use crate::server::{Client, Server, encrypted, new_database, path, run};

/// Lines `table, rows, digest` of what a command printed.
fn digest(said: &str) -> Vec<String> {
    let lines: Vec<String> = said.lines().skip(1).map(str::to_owned).collect();
    assert!(lines.len() > 20, "{said}");
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_serving_comes_back_the_same_on_the_embedded_database() {
    comes_back_the_same(None, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_serving_comes_back_the_same_on_postgres_over_encrypted_connections() {
    let folder = tempfile::tempdir().unwrap();
    let database = encrypted(&new_database().await, folder.path()).await;
    let other = encrypted(&new_database().await, folder.path()).await;
    comes_back_the_same(Some(&database), Some(&other)).await;
}

/// What the backup said of itself is what the restored installation is, though people went on working all the time.
async fn comes_back_the_same(database: Option<&str>, other: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let [data, kept, back] = ["data", "kept", "back"].map(|name| folder.path().join(name));
    let server = Server::start(&data, database);
    let mut busy = client(&server).await;
    upload(&mut busy).await;
    let saved = Arc::new(AtomicU32::new(0));
    let work = tokio::spawn(works(busy, Arc::clone(&saved)));
    let before = copied(&data, database, &kept).await;
    let during = saved.load(Ordering::SeqCst);
    while saved.load(Ordering::SeqCst) < during + 2 {
        assert!(!work.is_finished(), "the server answers while it is copied");
        tokio::task::yield_now().await;
    }
    work.abort();
    assert!(during > 0, "nobody worked during the backup");
    drop(server);
    let keys = keys_folder(&data);
    let restore = ["restore", path(&kept), "--keys", path(&keys)];
    assert_eq!(digest(&run(&back, other, &restore)), before);
    the_same_files(&[&data, &kept, &back]);
    assert_eq!(file_of(&back).await, PDF);
    serves(&back, other).await;
}

/// Every file of `objects/` lies byte for byte in all three folders: what people did meanwhile made none. The keys are
/// where they were, and where they were brought.
fn the_same_files(folders: &[&Path; 3]) {
    let [source, kept, back] = folders.map(|folder| {
        let mut all = BTreeMap::new();
        digests_below(&objects_folder(folder), folder, &mut all);
        assert!(!all.is_empty(), "nothing in {}", folder.display());
        all
    });
    assert_eq!(kept, source);
    assert_eq!(back, source);
    let [source, kept, back] = folders.map(|folder| keys_folder(folder).join("master.key"));
    assert!(!kept.exists());
    assert_eq!(std::fs::read(back).unwrap(), std::fs::read(source).unwrap());
}

/// The digest of each file below a folder, by its path under `root`.
pub fn digests_below(folder: &Path, root: &Path, all: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            digests_below(&path, root, all);
        } else {
            let name = path.strip_prefix(root).unwrap().to_owned();
            all.insert(name, sm3_hex(&std::fs::read(&path).unwrap()));
        }
    }
}

/// Saves drafts until it is stopped.
async fn works(mut client: Client, saved: Arc<AtomicU32>) {
    let draft = begin(&mut client, "taxi-driver-reissue").await;
    loop {
        let number = saved.load(Ordering::SeqCst);
        let form = json!({ "form": { "address": format!("示例市示例区示例路{number}号") } });
        let (status, _) = client.call("POST", &draft, Some(&form)).await.unwrap();
        assert_eq!(status, 200);
        saved.fetch_add(1, Ordering::SeqCst);
    }
}

async fn begin(client: &mut Client, item: &str) -> String {
    let item = json!({ "item": item });
    let begun = client.call("POST", "/api/v1/drafts", Some(&item)).await;
    let (status, begun) = begun.unwrap();
    assert_eq!(status, 200, "{begun}");
    format!("/api/v1/drafts/{}", begun["draft"].as_str().unwrap())
}

pub async fn upload(client: &mut Client) {
    let draft = begin(client, ITEM).await;
    let answers = json!({ "answers": { "reason": "damaged" } });
    client.call("POST", &draft, Some(&answers)).await.unwrap();
    let address = draft.replace("/api/v1/", "/me/") + "/files/" + MATERIAL;
    let text = std::str::from_utf8(PDF).unwrap();
    let (status, said) = client.upload(&address, "原证.pdf", text).await.unwrap();
    assert_eq!(status, 303, "{said}");
}

/// The keys came along: what was uploaded opens.
async fn file_of(data: &Path) -> Vec<u8> {
    let cipher = KeyRing::open(&keys_folder(data)).unwrap().file_cipher();
    let objects = Objects::open(&objects_folder(data), cipher.unwrap()).unwrap();
    objects.get(&ObjectId::of(PDF)).await.unwrap()
}

async fn copied(data: &Path, database: Option<&str>, kept: &Path) -> Vec<String> {
    let (data, database) = (data.to_owned(), database.map(str::to_owned));
    let kept = kept.to_str().unwrap().to_owned();
    let said =
        tokio::task::spawn_blocking(move || run(&data, database.as_deref(), &["backup", &kept]));
    digest(&said.await.unwrap())
}

pub async fn client(server: &Server) -> Client {
    let mut client = Client::connect(&server.address).await.unwrap();
    let wish = json!({ "kind": "citizen", "login": "ceshi1", "password": DEMO_PASSWORD });
    let (status, opened) = client
        .call("POST", "/api/v1/sessions", Some(&wish))
        .await
        .unwrap();
    assert_eq!(status, 200, "{opened}");
    client.token = opened["token"].as_str().unwrap().to_owned();
    client
}

/// Accounts, keys and objects came along: people log in and find their drafts, and the audit log is whole.
async fn serves(data: &Path, database: Option<&str>) {
    let server = Server::start(data, database);
    let mut client = client(&server).await;
    let (status, me) = client.call("GET", "/api/v1/me", None).await.unwrap();
    assert_eq!((status, me["name"].as_str()), (200, Some("测*一")));
    drop(server);
    run(data, database, &["audit", "verify"]);
}
