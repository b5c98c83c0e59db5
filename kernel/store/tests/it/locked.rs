//! A database file that another process holds.

use tongban_store::{Db, params};

/// SQLite waits ten seconds for whoever holds the file.
#[tokio::test]
async fn whoever_waits_for_a_locked_file_is_told_together_with_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let db = Db::open_sqlite(&path).unwrap();
    let sql = "CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY)";
    let made = db.write((), move |tx, ()| Box::pin(tx.execute(sql, params![])));
    made.await.unwrap();
    let foreign = rusqlite::Connection::open(&path).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writes = (0..3_i64).map(|id| {
        db.write(id, |tx, id| {
            let sql = "INSERT INTO thing (id) VALUES ($1)";
            Box::pin(async move { tx.execute(sql, params![*id]).await })
        })
    });
    let told = futures::future::join_all(writes).await;
    foreign.execute_batch("ROLLBACK").unwrap();
    for told in told {
        assert_eq!(told.unwrap_err().code(), "store.unavailable");
    }
    let after = db.write((), |tx, ()| {
        Box::pin(tx.execute("DELETE FROM thing", params![]))
    });
    assert_eq!(after.await.unwrap(), 0);
}
