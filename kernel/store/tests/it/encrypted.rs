//! PostgreSQL over an encrypted connection. The server of the tests shows a certificate of `localhost`, and takes
//! connections in clear too.

use std::path::Path;

use tongban_base::Problem;
use tongban_store::{Db, params};

/// What the server shows, asked for in clear.
async fn certificate() -> String {
    let server = std::env::var("TONGBAN_TEST_POSTGRES").unwrap();
    let db = Db::open_postgres(&server).await.unwrap();
    one(&db, "SELECT pg_read_file('server.crt')").await
}

async fn one(db: &Db, sql: &'static str) -> String {
    db.read((), move |tx, ()| {
        Box::pin(async move { tx.query_one(sql, params![]).await?.at(0) })
    })
    .await
    .unwrap()
}

async fn open(host: &str, pem: &str) -> Result<Db, Problem> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, pem).unwrap();
    Db::open_postgres(&url(host, &file)).await
}

fn url(host: &str, file: &Path) -> String {
    let server = std::env::var("TONGBAN_TEST_POSTGRES").unwrap();
    let file = file.display();
    let encrypted = server.replacen("127.0.0.1", host, 1);
    format!("{encrypted}?sslmode=verify-full&sslrootcert={file}")
}

#[tokio::test]
async fn an_authority_that_vouches_for_the_server_is_enough() {
    let db = open("localhost", &certificate().await).await.unwrap();
    let sql = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    assert_eq!(one(&db, sql).await, "TLSv1.3");
}

#[tokio::test]
async fn another_authority_or_host_is_told_and_not_connected() {
    let refused = async |host, pem: &str| {
        let problem = open(host, pem).await.err().unwrap();
        assert_eq!(problem.code(), "store.distrusted", "{problem}");
        problem.message().to_owned()
    };
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let said = refused("localhost", &other.cert.pem()).await;
    assert!(said.contains("不是由指定的机构签发"), "{said}");
    let said = refused("127.0.0.1", &certificate().await).await;
    assert!(said.contains("别的主机"), "{said}");
}
