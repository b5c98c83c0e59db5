//! A fresh database of each kind for a test. PostgreSQL's address comes from the environment and must be there.

use std::future::Future;

use tongban_base::{Timestamp, Uuid};
use tongban_store::{Db, migrate};

/// Runs `test` on an empty SQLite file and on an empty PostgreSQL database of its own.
pub async fn on_both<F, R>(test: F)
where
    F: Fn(Db) -> R,
    R: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Db::open_sqlite(&folder.path().join("t.db")).unwrap();
    migrate(&sqlite, &[], Timestamp(0)).await.unwrap();
    test(sqlite).await;

    let server = std::env::var("TONGBAN_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("TONGBAN_TEST_POSTGRES names no server; run the tests with make test, or start one with cargo xtask postgres")
    });
    let name = format!("t_{}", Uuid::now_v7().simple());
    let admin = Db::open_postgres(&server).await.unwrap();
    create(&admin, &name).await;
    let url = match server.rsplit_once('/') {
        Some((front, _)) if front.contains("//") && front.len() > front.find("//").unwrap() + 2 => {
            format!("{front}/{name}")
        }
        _ => format!("{server}/{name}"),
    };
    let postgres = Db::open_postgres(&url).await.unwrap();
    migrate(&postgres, &[], Timestamp(0)).await.unwrap();
    test(postgres).await;
}

async fn create(admin: &Db, name: &str) {
    admin
        .execute_outside(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
}
