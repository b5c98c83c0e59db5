//! The real program is told to stop, loses its log, is killed: it ends in time, goes on, and takes up what was left.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tongban_identity::DEMO_PASSWORD;

use crate::server::{Client, Server, program};

/// Far more than the program may take; only what never ends is cut off here.
const PATIENCE: Duration = Duration::from_secs(60);

async fn ready(address: &str) -> serde_json::Value {
    let mut client = Client::connect(address).await.unwrap();
    client.call("GET", "/readyz", None).await.unwrap().1
}

async fn logs_in(address: &str) {
    let mut client = Client::connect(address).await.unwrap();
    let wish = json!({ "kind": "citizen", "login": "ceshi1", "password": DEMO_PASSWORD });
    let (status, opened) = client
        .call("POST", "/api/v1/sessions", Some(&wish))
        .await
        .unwrap();
    assert_eq!(status, 200, "{opened}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_told_to_stop_ends_although_a_request_never_comes_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), None);
    assert_eq!(ready(&server.address).await["state"], "ready");
    let mut half = TcpStream::connect(&server.address).await.unwrap();
    half.write_all(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nname=")
        .await
        .unwrap();
    server.terminate();
    let ended = tokio::task::spawn_blocking(move || server.wait());
    let ended = tokio::time::timeout(PATIENCE, ended)
        .await
        .unwrap()
        .unwrap();
    assert!(ended.success());
    let starts = folder.path().join("starts");
    assert_eq!(
        std::fs::read_dir(starts).unwrap().count(),
        0,
        "nothing is left to be taken over"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_log_nobody_reads_any_more_goes_on_writing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let serve = ["serve", "--demo", "--listen", "127.0.0.1:0"];
    let mut command = program(folder.path(), None, &serve);
    command.env("RUST_LOG", "warn").stderr(Stdio::piped());
    let mut server = Server::of(command);
    server.stop_listening();
    // Each look finds that no file can be kept, and wants to log it.
    std::fs::remove_dir(folder.path().join("objects/incoming")).unwrap();
    let lost = |told: &serde_json::Value| {
        let findings = told["findings"].as_array().unwrap();
        findings.iter().any(|finding| finding["part"] == "log")
    };
    while !lost(&ready(&server.address).await) {
        tokio::task::yield_now().await;
    }
    logs_in(&server.address).await;
}
