//! One program answers on IPv4 and on IPv6 alike, and its log knows from which address somebody came.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tongban_identity::DEMO_PASSWORD;
use tongban_testkit::covers;

use crate::server::{Client, Server, program};
use crate::sms::{said, submit};

/// The start page, the login, a guide, an item that is booked, and a gate for programs.
const PAGES: [&str; 5] = [
    "/",
    "/login",
    "/items/road-driver-reissue",
    "/items/booking-change",
    "/api/v1/items",
];

/// The desk, the items, whoever works there, the licences, the seals and the figures, each with somebody who opens it.
const PARTS: [(&str, &str); 6] = [
    ("acceptor", "/workbench"),
    ("administrator", "/workbench/items"),
    ("administrator", "/workbench/staff"),
    ("approver", "/workbench/licences"),
    ("bureau-maker", "/workbench/registers/seal-file"),
    ("supervisor", "/workbench/figures"),
];

/// What stands there, asked for under one name on whatever way one comes.
async fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asked = format!("GET {path} HTTP/1.1\r\nhost: house.example\r\nconnection: close\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
    body.to_owned()
}

async fn entered(address: &str, login: &str) -> Client {
    let mut client = Client::connect(address).await.unwrap();
    let wish = json!({ "kind": "staff", "login": login, "password": DEMO_PASSWORD });
    let opened = said(&mut client, "POST", "/api/v1/sessions", Some(&wish)).await;
    opened["token"]
        .as_str()
        .unwrap()
        .clone_into(&mut client.token);
    client
}

/// The addresses of all who logged in.
async fn came_from(address: &str) -> Vec<String> {
    let mut supervisor = entered(address, "supervisor").await;
    let log = "/api/v1/audit?event=session.opened";
    let log = said(&mut supervisor, "GET", log, None).await;
    let all = log["items"].as_array().unwrap().iter();
    all.map(|entry| entry["address"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_house_is_the_same_on_both_stacks_and_the_log_knows_the_address() {
    covers!("HB-003", "HD-002");
    let data = tempfile::tempdir().unwrap();
    let serve = ["serve", "--demo", "--listen", "[::]:0"];
    let server = Server::of(program(data.path(), None, &serve));
    let (_, port) = server.address.rsplit_once(':').unwrap();
    let stacks = [format!("127.0.0.1:{port}"), format!("[::1]:{port}")];
    for path in PAGES {
        let (four, six) = (page(&stacks[0], path).await, page(&stacks[1], path).await);
        assert!(four.len() > 1000, "{path}");
        assert_eq!(four, six, "{path}");
    }
    // What was filed over one lies in the queue over either.
    submit(&stacks[1]).await;
    let mut lists = Vec::new();
    for stack in &stacks {
        let mut acceptor = entered(stack, "acceptor").await;
        let queue = acceptor.call("GET", "/workbench", None).await.unwrap();
        assert_eq!(queue.0, 200);
        lists.push(said(&mut acceptor, "GET", "/api/v1/cases", None).await);
    }
    assert_eq!(lists[0]["cases"].as_array().map(Vec::len), Some(1));
    assert_eq!(lists[0], lists[1]);
    let addresses = came_from(&stacks[0]).await;
    for address in ["127.0.0.1", "::1"] {
        let came = addresses.iter().any(|from| from == address);
        assert!(came, "{address} in {addresses:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_of_the_house_opens_on_either_stack_although_the_other_is_closed() {
    covers!("HA-006");
    for (listen, own, other) in [
        ("127.0.0.1:0", "127.0.0.1", "[::1]"),
        ("[::1]:0", "::1", "127.0.0.1"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let serve = ["serve", "--demo", "--listen", listen];
        let server = Server::of(program(data.path(), None, &serve));
        let (_, port) = server.address.rsplit_once(':').unwrap();
        let closed = TcpStream::connect(format!("{other}:{port}")).await;
        assert!(closed.is_err(), "{listen}");
        for path in PAGES {
            page(&server.address, path).await;
        }
        for (login, path) in PARTS {
            let mut officer = entered(&server.address, login).await;
            let opened = officer.call("GET", path, None).await.unwrap();
            assert_eq!(opened.0, 200, "{listen} {path}");
        }
        let addresses = came_from(&server.address).await;
        assert!(addresses.iter().all(|from| from == own), "{addresses:?}");
    }
}
