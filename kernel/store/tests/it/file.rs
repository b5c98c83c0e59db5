//! The file of the embedded database in the hands of others.

use tongban_store::{Db, params};

#[tokio::test]
async fn a_database_file_that_somebody_wrote_into_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tongban.db");
    let db = Db::open_sqlite(&path).unwrap();
    let fill = [
        "CREATE TABLE thing (words TEXT NOT NULL)",
        "INSERT INTO thing (words) VALUES (hex(randomblob(20000)))",
    ];
    for sql in fill {
        let done = db.write((), move |tx, ()| Box::pin(tx.execute(sql, params![])));
        done.await.unwrap();
    }
    assert!(!tongban_store::is_broken());
    db.close().await.unwrap();
    let length = std::fs::metadata(&path).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &vec![0xff; 4096], 4096).unwrap();
    assert!(length > 4096);
    let db = Db::open_sqlite(&path).unwrap();
    let read = db.read((), |tx, ()| {
        Box::pin(tx.query("SELECT words FROM thing", params![]))
    });
    assert_eq!(read.await.unwrap_err().code(), "store.broken");
    assert!(tongban_store::is_broken());
}

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

#[tokio::test]
async fn what_is_written_into_a_file_that_was_taken_away_or_replaced_is_not_told_as_kept() {
    let folder = tempfile::tempdir().unwrap();
    let [path, log, aside] = ["t.db", "t.db-wal", "aside"].map(|name| folder.path().join(name));
    let db = Db::open_sqlite(&path).unwrap();
    let sql = "CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY)";
    let made = db.write((), move |tx, ()| Box::pin(tx.execute(sql, params![])));
    made.await.unwrap();
    let write = |id: i64| {
        db.write(id, |tx, id| {
            let sql = "INSERT INTO thing (id) VALUES ($1)";
            Box::pin(async move { tx.execute(sql, params![*id]).await })
        })
    };
    for (number, file) in (0..).step_by(10).zip([&path, &log]) {
        write(number).await.unwrap();
        std::fs::rename(file, &aside).unwrap();
        let told = write(number + 1).await.unwrap_err();
        assert_eq!(told.code(), "store.replaced");
        std::fs::copy(&aside, file).unwrap();
        let told = write(number + 2).await.unwrap_err();
        assert_eq!(told.code(), "store.replaced");
        std::fs::rename(&aside, file).unwrap();
        write(number + 3).await.unwrap();
    }
}
