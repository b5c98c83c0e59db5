//! Connections to PostgreSQL that a network loses without a word.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tongban_base::Problem;
use tongban_store::{Db, Patience, params};

/// Between program and database. What was opened before `silence` keeps its connection and hears nothing any more.
struct Relay {
    url: String,
    silence: Arc<Notify>,
}

impl Relay {
    async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = listener.local_addr().unwrap();
        let (scheme, rest) = server.split_once("://").unwrap();
        let (place, database) = rest.split_once('/').unwrap();
        let (user, far) = place.split_once('@').unwrap();
        let url = format!("{scheme}://{user}@{near}/{database}");
        let (silence, far) = (Arc::new(Notify::new()), far.to_owned());
        let heard = Arc::clone(&silence);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (heard, far) = (Arc::clone(&heard), far.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(far).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        () = heard.notified() => std::future::pending().await,
                    }
                });
            }
        });
        Self { url, silence }
    }
}

async fn one(db: &Db) -> Result<i64, Problem> {
    db.read((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT CAST(1 AS BIGINT) FROM pg_sleep(0.05)";
            tx.query_one(sql, params![]).await?.at(0)
        })
    })
    .await
}

async fn connected(patience: Patience) -> (Relay, Db) {
    let server = std::env::var("TONGBAN_TEST_POSTGRES").unwrap();
    let relay = Relay::to(&server).await;
    let db = Db::open_postgres_with(&relay.url, patience).await.unwrap();
    for outcome in join_all((0..16).map(|_| one(&db))).await {
        outcome.unwrap();
    }
    (relay, db)
}

/// Long enough for a machine that is busy.
const SHORT: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_went_silent_in_use_are_given_up_all_at_once() {
    let patience = Patience {
        read: SHORT,
        ..Patience::default()
    };
    let (relay, db) = connected(patience).await;
    relay.silence.notify_waiters();
    // Whoever reads first is told so; nobody after that meets a silent one.
    assert_eq!(one(&db).await.unwrap_err().code(), "store.unavailable");
    for outcome in join_all((0..16).map(|_| one(&db))).await {
        outcome.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_went_silent_at_rest_are_seen_before_they_are_used() {
    let patience = Patience {
        rest: Duration::ZERO,
        reply: SHORT,
        ..Patience::default()
    };
    let (relay, db) = connected(patience).await;
    relay.silence.notify_waiters();
    for outcome in join_all((0..16).map(|_| one(&db))).await {
        outcome.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_gives_no_silent_connection_to_the_next() {
    let (relay, db) = connected(Patience::default()).await;
    relay.silence.notify_waiters();
    let gone = join_all((0..16).map(|_| tokio::time::timeout(SHORT, one(&db)))).await;
    assert!(gone.iter().all(Result::is_err), "all had gone");
    one(&db).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_survey_takes_as_long_as_it_must() {
    let patience = Patience {
        read: Duration::from_millis(20),
        ..Patience::default()
    };
    let server = std::env::var("TONGBAN_TEST_POSTGRES").unwrap();
    let db = Db::open_postgres_with(&server, patience).await.unwrap();
    let long = db.survey((), |tx, ()| {
        Box::pin(async move {
            let sql = "SELECT CAST(1 AS BIGINT) FROM pg_sleep(0.1)";
            tx.query_one(sql, params![]).await?.at::<i64>(0)
        })
    });
    assert_eq!(long.await.unwrap(), 1);
    assert!(one(&db).await.is_err(), "a read is cut off");
}
