//! Telephones are told through a gateway: the configured one, or in the demonstration the simulated one beside the
//! server. Real programs on real sockets.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tongban_identity::{DEMO_PASSWORD, demo_people};
use tongban_store::{Db, params};
use tongban_testkit::certificates::{CertificateAuthority, Term, decrypt_for};
use tongban_testkit::covers;

use crate::house::write_pack;
use crate::server::{Client, Server, program};
use crate::soak::application;

const ITEM: &str = "road-driver-cancel";
const SECRET: &str = "known to both sides only";

/// The pack, with messages at any hour: the program goes by the real time.
fn awake(folder: &Path) {
    write_pack(&tongban::packs::transport(), folder);
    let file = folder.join("settings.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let awake = text
        .replacen(
            "unit = \"时\"\ndefault = 21",
            "unit = \"时\"\ndefault = 0",
            1,
        )
        .replacen(
            "unit = \"时\"\ndefault = 8",
            "unit = \"时\"\ndefault = 0",
            1,
        );
    assert_ne!(text, awake);
    std::fs::write(&file, awake).unwrap();
}

fn serve(data: &Path, pack: &Path) -> Command {
    let mut command = program(data, None, &["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command.arg("--pack").arg(pack);
    command
}

pub async fn submit(address: &str) {
    let mut client = Client::connect(address).await.unwrap();
    let wish = json!({ "kind": "citizen", "login": "ceshi1", "password": DEMO_PASSWORD });
    client.token = said(&mut client, "POST", "/api/v1/sessions", Some(&wish)).await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let begun = said(
        &mut client,
        "POST",
        "/api/v1/drafts",
        Some(&json!({ "item": ITEM })),
    )
    .await;
    let draft = format!("/api/v1/drafts/{}", begun["draft"].as_str().unwrap());
    said(&mut client, "POST", &draft, Some(&application(1, ITEM))).await;
    said(&mut client, "POST", &format!("{draft}/submit"), None).await;
}

pub async fn said(client: &mut Client, method: &str, path: &str, body: Option<&Json>) -> Json {
    let (status, said) = client.call(method, path, body).await.unwrap();
    assert!((200..300).contains(&status), "{path}: {status} {said}");
    said
}

/// What the gateway has taken, as soon as it has taken something.
async fn taken(gateway: &str) -> Json {
    let mut client = Client::connect(gateway).await.unwrap();
    for _ in 0..600 {
        let messages = said(&mut client, "GET", "/messages", None).await;
        if messages.as_array().is_some_and(|m| !m.is_empty()) {
            return messages;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Json::Null
}

/// Waits until the receipt has come back.
async fn delivered(data: &Path) -> bool {
    let db = Db::open_sqlite(&data.join("tongban.db")).unwrap();
    let sql = "SELECT COUNT(*) AS n FROM message WHERE channel = 'sms' AND state = 'delivered'";
    for _ in 0..600 {
        let row = db
            .read((), move |tx, ()| Box::pin(tx.query_one(sql, params![])))
            .await;
        if row.unwrap().get::<i64>("n").unwrap() == 1 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::test]
async fn the_configured_gateway_gets_the_sms_encrypted_and_its_receipt_comes_back() {
    let (data, pack) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    awake(pack.path());
    let mut play = Command::new(env!("CARGO_BIN_EXE_tongban"));
    play.args(["simulate", "sms"]);
    play.env("TONGBAN_SMS_ACCOUNT", "an-office")
        .env("TONGBAN_SMS_SECRET", SECRET);
    let gateway = Server::of(play);
    let authority = CertificateAuthority::new("ours");
    let trusted = tempfile::tempdir().unwrap();
    let acceptor = authority.server("localhost", Term::Running);
    let port = decrypt_for(gateway.address.clone(), acceptor).await;
    let mut command = serve(data.path(), pack.path());
    command
        .env("TONGBAN_SMS_GATEWAY", format!("https://localhost:{port}"))
        .env("TONGBAN_COUNTERPART_CA", authority.write(trusted.path()))
        .env("TONGBAN_SMS_ACCOUNT", "an-office")
        .env("TONGBAN_SMS_SECRET", SECRET)
        .env("TONGBAN_SMS_SIGNATURE", "测试局");
    let server = Server::of(command);
    submit(&server.address).await;
    let messages = taken(&gateway.address).await;
    assert_eq!(messages[0]["mobile"], demo_people()[0].mobile);
    assert!(
        messages[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("【测试局】您的“"),
        "{messages}"
    );
    assert!(delivered(data.path()).await, "the receipt came back");
}

#[tokio::test]
async fn the_demonstration_sends_through_a_gateway_beside_it() {
    covers!("XC-397");
    let (data, pack) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    awake(pack.path());
    let mut server = Server::of(serve(data.path(), pack.path()));
    let gateway = server.next_address();
    submit(&server.address).await;
    let messages = taken(&gateway).await;
    assert!(
        messages[0]["text"]
            .as_str()
            .unwrap()
            .starts_with("【示例市政务服务】"),
        "{messages}"
    );
    assert!(delivered(data.path()).await, "the receipt came back");
}

#[test]
fn an_address_without_account_or_secret_is_told_and_nothing_is_served() {
    let (data, pack) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    awake(pack.path());
    let start = |account: Option<&str>| {
        let mut command = serve(data.path(), pack.path());
        command.env("TONGBAN_SMS_GATEWAY", "http://127.0.0.1:1");
        if let Some(account) = account {
            command.env("TONGBAN_SMS_ACCOUNT", account);
        }
        let done = command.output().unwrap();
        assert!(!done.status.success());
        String::from_utf8(done.stderr).unwrap()
    };
    assert!(start(None).contains("--sms-account"));
    assert!(start(Some("an-office")).contains("TONGBAN_SMS_SECRET"));
}
