//! The test kit itself, on both databases.

#![expect(clippy::unwrap_used, reason = "tests")]

mod damaged;

use tongban_store::{Db, Migration, params};
use tongban_testkit::on_both_databases;

const MIGRATIONS: &[Migration] = &[Migration {
    module: "testkit",
    name: "0001_note",
    sql: "CREATE TABLE note (text TEXT PRIMARY KEY)",
}];

/// The second test of each pair would meet the first one's row if they shared a database.
async fn add_the_only_note(db: Db) {
    let count = db
        .write((), |tx, ()| {
            Box::pin(async move {
                tx.execute("INSERT INTO note (text) VALUES ($1)", params!["一"])
                    .await?;
                let row = tx.query_one("SELECT count(*) AS n FROM note", params![]);
                row.await?.get::<i64>("n")
            })
        })
        .await
        .unwrap();
    assert_eq!(count, 1);
}

on_both_databases! {
    MIGRATIONS;
    async fn a_test_begins_with_migrated_empty_tables(db: Db) {
        add_the_only_note(db).await;
    }
    async fn another_test_has_another_database(db: Db) {
        add_the_only_note(db).await;
    }
}
