//! A backup made while people work, brought back elsewhere, is the same state.

use std::path::Path;

use serde_json::json;
use tongban_identity::DEMO_PASSWORD;

use crate::server::{Client, Server, new_database, run};

/// Lines `table, rows, digest` of what a command printed.
fn digest(said: &str) -> Vec<String> {
    let lines: Vec<String> = said.lines().skip(1).map(str::to_owned).collect();
    assert!(lines.len() > 20, "{said}");
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_serving_comes_back_the_same_on_the_embedded_database() {
    let folder = tempfile::tempdir().unwrap();
    let [data, kept, back] = ["data", "kept", "back"].map(|name| folder.path().join(name));
    let server = Server::start(&data, None);
    let mut busy = client(&server).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let work = tokio::spawn(async move {
        let mut stopped = stopped;
        let mut saved = 0;
        while stopped.try_recv().is_err() {
            let item = json!({ "item": "taxi-driver-reissue" });
            let (status, begun) = busy
                .call("POST", "/api/v1/drafts", Some(&item))
                .await
                .unwrap();
            assert_eq!(status, 200);
            let draft = format!("/api/v1/drafts/{}", begun["draft"].as_str().unwrap());
            let form = json!({ "form": { "address": format!("示例市示例区示例路{saved}号") } });
            let (status, _) = busy.call("POST", &draft, Some(&form)).await.unwrap();
            assert_eq!(status, 200, "the server answers while it is copied");
            saved += 1;
        }
        saved
    });
    let before = copied(&data, None, &kept).await;
    stop.send(()).unwrap();
    assert!(work.await.unwrap() > 0);
    drop(server);
    assert_eq!(digest(&restored(&back, None, &kept)), before);
    serves(&back, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_serving_comes_back_the_same_on_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let [data, kept, back] = ["data", "kept", "back"].map(|name| folder.path().join(name));
    let (database, other) = (new_database().await, new_database().await);
    let server = Server::start(&data, Some(&database));
    let mut client = client(&server).await;
    let item = json!({ "item": "taxi-driver-reissue" });
    client
        .call("POST", "/api/v1/drafts", Some(&item))
        .await
        .unwrap();
    run(&data, Some(&database), &["audit", "verify"]);
    copied(&data, Some(&database), &kept).await;
    drop(server);
    let said = restored(&back, Some(&other), &kept);
    assert!(
        digest(&said)
            .iter()
            .any(|line| line.starts_with("draft\t1\t")),
        "{said}"
    );
    serves(&back, Some(&other)).await;
}

async fn copied(data: &Path, database: Option<&str>, kept: &Path) -> Vec<String> {
    let (data, database) = (data.to_owned(), database.map(str::to_owned));
    let kept = kept.to_str().unwrap().to_owned();
    let said =
        tokio::task::spawn_blocking(move || run(&data, database.as_deref(), &["backup", &kept]));
    digest(&said.await.unwrap())
}

fn restored(back: &Path, database: Option<&str>, kept: &Path) -> String {
    run(back, database, &["restore", kept.to_str().unwrap()])
}

async fn client(server: &Server) -> Client {
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
