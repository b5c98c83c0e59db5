//! The connections of the house on real sockets: who takes too long goes, and costs the others nothing.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tongban_ui::{DoorSettings, Doors, Patience, listen, serve};

const A_MOMENT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(3600);
const PAGE: &str = "GET / HTTP/1.1\r\nhost: tongban\r\n\r\n";

/// A server that waits for nothing longer than the test says.
struct Server {
    address: SocketAddr,
    doors: Doors,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    /// Lets `/slow` answer.
    release: Arc<Notify>,
}

fn patient() -> Patience {
    Patience {
        head: LONG,
        idle: LONG,
        silence: LONG,
        body: LONG,
        ahead: LONG,
        slowest: 1,
    }
}

impl Server {
    fn with(patience: Patience) -> Self {
        Self::of(DoorSettings {
            patience,
            ..DoorSettings::default()
        })
    }

    fn of(settings: DoorSettings) -> Self {
        let release = Arc::new(Notify::new());
        let waits = Arc::clone(&release);
        let router = Router::new()
            .route("/", get(|| async { "page" }))
            .route("/large", get(|| async { vec![b' '; 64 << 20] }))
            .route(
                "/",
                post(|body: Bytes| async move { body.len().to_string() }),
            )
            .route("/refused", post(|| async { "refused" }))
            .route(
                "/slow",
                get(move || async move {
                    waits.notified().await;
                    "at last"
                }),
            );
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let doors = Doors::new(settings);
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move { drop(stopped.await) };
        let serving = serve(doors.clone(), router, listener, stopped);
        Self {
            address,
            doors,
            stop: Some(stop),
            serving: tokio::spawn(async move { serving.await.unwrap() }),
            release,
        }
    }

    async fn visitor(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn sends(&self, text: &str) -> TcpStream {
        let mut visitor = self.visitor().await;
        visitor.write_all(text.as_bytes()).await.unwrap();
        visitor
    }

    /// Waits until a figure of the doors is so.
    async fn counts(&self, figure: &str, value: u64) {
        let line = format!("\ntongban_{figure} {value}\n");
        while !self.doors.figures().contains(&line) {
            tokio::task::yield_now().await;
        }
    }
}

/// Everything until the server closes.
async fn rest(mut visitor: TcpStream) -> String {
    let mut said = Vec::new();
    // A close that finds something unread may come as a reset.
    let _ = visitor.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

async fn answered(visitor: &mut TcpStream, request: &str) -> String {
    visitor.write_all(request.as_bytes()).await.unwrap();
    let mut said = vec![0; 4096];
    let read = visitor.read(&mut said).await.unwrap();
    String::from_utf8_lossy(&said[..read]).into_owned()
}

#[tokio::test]
async fn half_a_head_and_none_at_all_are_given_up_after_a_while() {
    let server = Server::with(Patience {
        head: A_MOMENT,
        ..patient()
    });
    let silent = server.visitor().await;
    let half = server.sends("GET / HTTP/1.1\r\nhost: ton").await;
    assert_eq!((rest(silent).await, rest(half).await), Default::default());
    server.counts("connections_timed_out_total", 2).await;
    server.counts("connections", 0).await;
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_has_no_more_time_than_any_other() {
    let server = Server::with(Patience {
        head: A_MOMENT,
        ..patient()
    });
    let mut visitor = server.visitor().await;
    let dripping = async {
        while visitor.write_all(b"G").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    dripping.await;
    server.counts("connections_timed_out_total", 1).await;
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_more_is_given_up_after_a_while() {
    let server = Server::with(Patience {
        idle: A_MOMENT,
        ..patient()
    });
    let mut visitor = server.visitor().await;
    for _ in 0..2 {
        assert!(answered(&mut visitor, PAGE).await.ends_with("page"));
    }
    let form = "POST / HTTP/1.1\r\nhost: tongban\r\ncontent-length: 2\r\n\r\nab";
    assert!(answered(&mut visitor, form).await.ends_with('2'));
    assert_eq!(rest(visitor).await, "");
    server.counts("connections_timed_out_total", 1).await;
}

#[tokio::test]
async fn a_body_that_stops_or_drips_is_given_up() {
    let head = "POST / HTTP/1.1\r\nhost: tongban\r\ncontent-length: 1000000\r\n\r\n";
    let silent = Server::with(Patience {
        silence: A_MOMENT,
        ..patient()
    });
    rest(silent.sends(head).await).await;
    silent.counts("connections_timed_out_total", 1).await;
    let hasty = Server::with(Patience {
        body: A_MOMENT,
        slowest: 1_000_000,
        ..patient()
    });
    let mut visitor = hasty.sends(head).await;
    while visitor.write_all(b"x").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    hasty.counts("connections_timed_out_total", 1).await;
}

#[tokio::test]
async fn an_answer_before_the_body_came_says_that_the_connection_ends() {
    let server = Server::with(patient());
    let head = "POST /refused HTTP/1.1\r\nhost: tongban\r\ncontent-length: 1000\r\n\r\n";
    let mut visitor = server.visitor().await;
    let answer = answered(&mut visitor, head).await;
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    let whole = "POST / HTTP/1.1\r\nhost: tongban\r\ncontent-length: 2\r\n\r\nab";
    let mut visitor = server.visitor().await;
    let answer = answered(&mut visitor, whole).await;
    assert!(!answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn an_answer_that_nobody_takes_in_is_given_up() {
    let server = Server::with(Patience {
        silence: A_MOMENT,
        ..patient()
    });
    let _deaf = server
        .sends("GET /large HTTP/1.1\r\nhost: tongban\r\n\r\n")
        .await;
    server.counts("connections_timed_out_total", 1).await;
    server.counts("connections", 0).await;
}

#[tokio::test]
async fn whoever_is_served_is_not_hurried() {
    let server = Server::with(Patience {
        head: A_MOMENT,
        idle: A_MOMENT,
        silence: A_MOMENT,
        body: A_MOMENT,
        ahead: A_MOMENT,
        slowest: 1_000_000,
    });
    let mut visitor = server.visitor().await;
    let release = Arc::clone(&server.release);
    tokio::spawn(async move {
        tokio::time::sleep(4 * A_MOMENT).await;
        release.notify_one();
    });
    let slow = "GET /slow HTTP/1.1\r\nhost: tongban\r\n\r\n";
    assert!(answered(&mut visitor, slow).await.ends_with("at last"));
}

#[tokio::test]
async fn any_number_of_silent_connections_leaves_room_for_one_that_asks() {
    let server = Server::of(DoorSettings {
        patience: patient(),
        connections: 8,
        connections_per_address: 4,
        ..DoorSettings::default()
    });
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(server.sends("GET / HTTP/1.1\r\n").await);
    }
    let mut visitor = server.visitor().await;
    assert!(answered(&mut visitor, PAGE).await.ends_with("page"));
    server.counts("connections_displaced_total", 37).await;
    server.counts("connections", 4).await;
}

#[tokio::test]
async fn whoever_comes_when_all_are_served_is_told_to_come_again() {
    let server = Server::of(DoorSettings {
        patience: patient(),
        connections_per_address: 1,
        ..DoorSettings::default()
    });
    let slow = "GET /slow HTTP/1.1\r\nhost: tongban\r\n\r\n";
    let mut served = server.visitor().await;
    let first = tokio::spawn(async move { answered(&mut served, slow).await });
    server.counts("connections", 1).await;
    let refused = rest(server.visitor().await).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("retry-after: "));
    server.release.notify_one();
    assert!(first.await.unwrap().ends_with("at last"));
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let server = Server::with(patient());
    for hosts in [
        "",
        "host: tongban\r\nhost: other\r\n",
        "host: a\r\nhost: a\r\n",
    ] {
        let request = format!("GET / HTTP/1.1\r\n{hosts}\r\n");
        let answer = rest(server.sends(&request).await).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{hosts}: {answer}");
        assert!(answer.contains("nosniff"));
    }
}

#[tokio::test]
async fn a_stop_finishes_requests_and_sends_everybody_else_away_at_once() {
    let mut server = Server::with(patient());
    let mut idle = server.visitor().await;
    answered(&mut idle, PAGE).await;
    let half = server.sends("GET / HTTP/1.1\r\nhost").await;
    let mut served = server
        .sends("GET /slow HTTP/1.1\r\nhost: tongban\r\n\r\n")
        .await;
    server.counts("connections", 3).await;
    // All three are where they belong once another request has gone through.
    let mut last = server.visitor().await;
    answered(&mut last, PAGE).await;
    server.stop.take().unwrap().send(()).unwrap();
    assert_eq!((rest(idle).await, rest(half).await), Default::default());
    assert!(TcpStream::connect(server.address).await.is_err());
    server.release.notify_one();
    let mut said = String::new();
    served.read_to_string(&mut said).await.unwrap();
    assert!(said.ends_with("at last"));
    server.serving.await.unwrap();
}

#[tokio::test]
async fn a_stop_waits_for_nothing_beyond_its_grace() {
    let mut server = Server::of(DoorSettings {
        patience: patient(),
        grace: A_MOMENT,
        ..DoorSettings::default()
    });
    let endless = server
        .sends("GET /slow HTTP/1.1\r\nhost: tongban\r\n\r\n")
        .await;
    let stalled = "POST / HTTP/1.1\r\nhost: tongban\r\ncontent-length: 9\r\n\r\n1";
    let stalled = server.sends(stalled).await;
    server.counts("connections", 2).await;
    server.stop.take().unwrap().send(()).unwrap();
    server.serving.await.unwrap();
    assert_eq!(
        (rest(endless).await, rest(stalled).await),
        Default::default()
    );
}

/// A visitor of another runtime: blocking, as a plain program is.
#[tokio::test(flavor = "multi_thread")]
async fn two_requests_sent_at_once_are_answered_in_their_order() {
    let server = Server::with(patient());
    let address = server.address;
    let visitor = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let second = PAGE.replace("host", "connection: close\r\nhost");
        stream
            .write_all(format!("{PAGE}{second}").as_bytes())
            .unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    });
    assert_eq!(visitor.await.unwrap().matches("200 OK").count(), 2);
}
