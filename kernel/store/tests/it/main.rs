//! The store on both databases: what is acknowledged is there, what failed left nothing.
#![expect(clippy::unwrap_used, reason = "tests")]

mod encrypted;
mod file;
mod jobs;
mod lanes;
mod list;
mod marks;
mod objects;
mod schema;
mod silent;
mod sums;
mod support;

use support::on_both;
use tongban_base::{Kind, Problem, Timestamp};
use tongban_store::{Db, Migration, migrate, params, state_digest};

async fn account_table(db: &Db) {
    db.write((), |tx, ()| {
        Box::pin(async move {
            tx.execute(
                "CREATE TABLE account (id TEXT PRIMARY KEY, free BIGINT NOT NULL CHECK (free >= 0), note JSON)",
                params![],
            )
            .await?;
            tx.execute("INSERT INTO account VALUES ($1, $2, $3)", params!["a", 50, serde_json::json!({"x": 1})]).await
        })
    })
    .await
    .unwrap();
}

async fn free(db: &Db) -> i64 {
    db.read((), |tx, ()| {
        Box::pin(async move {
            tx.query_one("SELECT free FROM account", params![])
                .await?
                .get("free")
        })
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_place_is_never_sold_twice() {
    on_both(|db| async move {
        account_table(&db).await;
        let mut buyers = Vec::new();
        for _ in 0..80 {
            let db = db.clone();
            buyers.push(tokio::spawn(async move {
                db.write((), |tx, ()| {
                    Box::pin(async move {
                        tx.execute(
                            "UPDATE account SET free = free - $1 WHERE id = $2 AND free >= $1",
                            params![1, "a"],
                        )
                        .await
                    })
                })
                .await
                .unwrap()
            }));
        }
        let mut sold = 0;
        for buyer in buyers {
            sold += buyer.await.unwrap();
        }
        assert_eq!((sold, free(&db).await), (50, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_write_leaves_nothing_and_disturbs_nobody() {
    on_both(|db| async move {
        account_table(&db).await;
        let mut writes = Vec::new();
        for number in 0..40_i64 {
            let db = db.clone();
            writes.push(tokio::spawn(async move {
                db.write(number, |tx, number| {
                    Box::pin(async move {
                        tx.execute(
                            "INSERT INTO account VALUES ($1, 1, NULL)",
                            params![format!("n{number}")],
                        )
                        .await?;
                        if number % 2 == 0 {
                            return Err(Problem::invalid("test.refused", "不行"));
                        }
                        Ok(())
                    })
                })
                .await
            }));
        }
        let mut failed = 0;
        for write in writes {
            failed += i32::from(write.await.unwrap().is_err());
        }
        let rows: i64 = db
            .read((), |tx, ()| {
                Box::pin(async move {
                    tx.query_one("SELECT COUNT(*) AS n FROM account", params![])
                        .await?
                        .get("n")
                })
            })
            .await
            .unwrap();
        assert_eq!((failed, rows), (20, 21));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_duplicate_key_and_a_broken_rule_are_conflicts_and_json_comes_back() {
    on_both(|db| async move {
        account_table(&db).await;
        let twice = db
            .write((), |tx, ()| {
                Box::pin(async move {
                    tx.execute("INSERT INTO account VALUES ('a', 1, NULL)", params![])
                        .await
                })
            })
            .await
            .unwrap_err();
        assert_eq!(
            (twice.kind(), twice.code()),
            (Kind::Conflict, "store.unique")
        );
        let below = db
            .write((), |tx, ()| {
                Box::pin(async move { tx.execute("UPDATE account SET free = -1", params![]).await })
            })
            .await
            .unwrap_err();
        assert_eq!(below.code(), "store.constraint");
        let note: serde_json::Value = db
            .read((), |tx, ()| {
                Box::pin(async move {
                    tx.query_one("SELECT note FROM account", params![])
                        .await?
                        .get("note")
                })
            })
            .await
            .unwrap();
        assert_eq!(note, serde_json::json!({"x": 1}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_with_a_zero_byte_is_refused_as_invalid_by_either_database() {
    on_both(|db| async move {
        account_table(&db).await;
        let kept = db
            .write((), |tx, ()| {
                Box::pin(async move {
                    let sql = "INSERT INTO account VALUES ($1, 1, NULL)";
                    tx.execute(sql, params!["b\0"]).await
                })
            })
            .await
            .unwrap_err();
        let sought = db
            .read((), |tx, ()| {
                Box::pin(async move {
                    let sql = "SELECT free FROM account WHERE id = $1";
                    tx.query(sql, params!["\0"]).await.map(|rows| rows.len())
                })
            })
            .await
            .unwrap_err();
        let together = db
            .write((), |tx, ()| {
                Box::pin(async move {
                    let sql = "UPDATE account SET free = 7 WHERE id = $1";
                    tx.execute_all(&[(sql, params!["a"].to_vec()), (sql, params!["\0"].to_vec())])
                        .await
                })
            })
            .await
            .unwrap_err();
        let later = db
            .write((), |tx, ()| {
                Box::pin(async move {
                    let row = params!["c\0", 1, None::<String>];
                    tx.insert("INSERT INTO account (id, free, note)", row);
                    Ok(())
                })
            })
            .await
            .unwrap_err();
        for refused in [kept, sought, together, later] {
            assert_eq!(
                (refused.kind(), refused.code()),
                (Kind::Invalid, "input.zero_byte")
            );
        }
        assert_eq!(free(&db).await, 50, "nothing of it was kept");
    })
    .await;
}

#[tokio::test]
async fn awaiting_something_else_inside_a_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_sqlite(&folder.path().join("t.db")).unwrap();
    let refused = db
        .write((), |_, ()| {
            Box::pin(async move {
                tokio::task::yield_now().await;
                Ok(())
            })
        })
        .await;
    assert_eq!(refused.unwrap_err().kind(), Kind::Internal);
}

#[tokio::test]
async fn a_full_database_refuses_and_keeps_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_sqlite(&folder.path().join("t.db")).unwrap();
    account_table(&db).await;
    db.write((), |tx, ()| {
        Box::pin(async move { tx.query("PRAGMA max_page_count = 12", params![]).await })
    })
    .await
    .unwrap();
    let mut kept = 1;
    let mut refused = None;
    for number in 0..400_i64 {
        let done = db
            .write(number, |tx, number| {
                Box::pin(async move {
                    let note = serde_json::json!("满".repeat(500));
                    tx.execute(
                        "INSERT INTO account VALUES ($1, 1, $2)",
                        params![format!("n{number}"), note],
                    )
                    .await
                })
            })
            .await;
        match done {
            Ok(_) => kept += 1,
            Err(problem) => refused = Some(problem),
        }
    }
    assert_eq!(refused.unwrap().code(), "store.full");
    let rows: i64 = db
        .read((), |tx, ()| {
            Box::pin(async move {
                tx.query_one("SELECT COUNT(*) AS n FROM account", params![])
                    .await?
                    .get("n")
            })
        })
        .await
        .unwrap();
    assert_eq!(rows, kept);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_writing_has_the_digest_of_its_moment() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_sqlite(&folder.path().join("t.db")).unwrap();
    account_table(&db).await;
    let copy = folder.path().join("copy.db");
    assert!(db.backup_sqlite(&copy).await.unwrap());
    let restored = Db::open_sqlite(&copy).unwrap();
    assert_eq!(
        state_digest(&db).await.unwrap(),
        state_digest(&restored).await.unwrap()
    );
}

const FIRST: Migration = Migration {
    module: "shop",
    name: "0001_shop",
    sql: "CREATE TABLE goods (id TEXT PRIMARY KEY)",
};

#[tokio::test]
async fn a_closed_database_leaves_nothing_beside_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_sqlite(&folder.path().join("t.db")).unwrap();
    account_table(&db).await;
    assert_eq!(free(&db).await, 50);
    db.close().await.unwrap();
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["t.db"]);
}

#[tokio::test]
async fn a_database_of_another_version_is_refused_and_left_as_it_is() {
    on_both(|db| async move {
        assert_eq!(migrate(&db, &[FIRST], Timestamp(1)).await.unwrap(), 1);
        assert_eq!(migrate(&db, &[FIRST], Timestamp(2)).await.unwrap(), 0);
        let other = Migration {
            sql: "CREATE TABLE goods (id TEXT PRIMARY KEY, price BIGINT)",
            ..FIRST
        };
        let refused = migrate(&db, &[other], Timestamp(3)).await.unwrap_err();
        assert_eq!(refused.code(), "store.other_version");
        assert_eq!(migrate(&db, &[FIRST], Timestamp(4)).await.unwrap(), 0);
    })
    .await;
}

/// Fails as writes that meet each other do, unless nobody else can write.
const ONLY_ALONE: &str = "
    CREATE FUNCTION only_alone() RETURNS BIGINT LANGUAGE plpgsql AS $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'migration'::regclass AND granted
                AND mode = 'ExclusiveLock' AND pid = pg_backend_pid()) THEN
            RAISE EXCEPTION 'met another' USING ERRCODE = '40001';
        END IF;
        RETURN 1;
    END $$";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_made_to_fail_again_and_again_gets_its_turn() {
    on_both(|db| async move {
        if !db.is_postgres() {
            return;
        }
        migrate(&db, &[FIRST], Timestamp(1)).await.unwrap();
        let execute = async |sql: &'static str| {
            let done = db.write(sql, |tx, sql| Box::pin(tx.query(sql, params![])));
            done.await.map(|rows| rows.len())
        };
        execute(ONLY_ALONE).await.unwrap();
        let both = tokio::join!(
            execute("SELECT only_alone() AS n"),
            execute("SELECT only_alone() AS n"),
        );
        assert_eq!((both.0.unwrap(), both.1.unwrap()), (1, 1));
        // Afterwards writes go side by side again.
        execute("SELECT 1 AS n").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn rows_without_an_answer_are_there_for_the_next_statement_and_after_the_commit() {
    on_both(|db| async move {
        migrate(&db, &[FIRST], Timestamp(1)).await.unwrap();
        let seen = db
            .write((), |tx, ()| {
                Box::pin(async move {
                    for id in ["a", "b", "c"] {
                        tx.insert("INSERT INTO goods (id)", params![id]);
                    }
                    let row = tx
                        .query_one("SELECT COUNT(*) AS n FROM goods", params![])
                        .await?;
                    tx.insert("INSERT INTO goods (id)", params!["d"]);
                    row.get::<i64>("n")
                })
            })
            .await
            .unwrap();
        let twice = db
            .write((), |tx, ()| {
                Box::pin(async move {
                    tx.insert("INSERT INTO goods (id)", params!["e"]);
                    tx.insert("INSERT INTO goods (id)", params!["a"]);
                    Ok(())
                })
            })
            .await
            .unwrap_err();
        assert_eq!(twice.code(), "store.unique");
        let kept: i64 = db
            .read((), |tx, ()| {
                Box::pin(async move {
                    let sql = "SELECT COUNT(*) AS n FROM goods";
                    tx.query_one(sql, params![]).await?.get("n")
                })
            })
            .await
            .unwrap();
        assert_eq!((seen, kept), (3, 4));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guard_that_meets_no_row_fails_its_write_and_no_other() {
    on_both(|db| async move {
        account_table(&db).await;
        // Of all that come at once one finds fifty free.
        let takers = (0..20i64).map(|number| {
            db.write(number, |tx, number| {
                Box::pin(async move {
                    let sql = "UPDATE account SET free = $1 WHERE id = $2 AND free = 50";
                    tx.guard(sql, params![*number, "a"]);
                    tx.insert(
                        "INSERT INTO account (id, free)",
                        params![format!("taker-{number}"), *number],
                    );
                    match number % 2 {
                        // The guard is heard with the next statement, or at the end.
                        0 => tx
                            .query("SELECT id FROM account", params![])
                            .await
                            .map(drop),
                        _ => Ok(()),
                    }
                })
            })
        });
        let outcomes = futures::future::join_all(takers).await;
        let refused = outcomes.iter().filter_map(|o| o.as_ref().err());
        let codes: Vec<&str> = refused.map(Problem::code).collect();
        assert_eq!(codes, ["store.changed"; 19]);
        let rows = db.read((), |tx, ()| {
            Box::pin(async move { tx.query("SELECT id, free FROM account", params![]).await })
        });
        assert_eq!(
            rows.await.unwrap().len(),
            2,
            "nothing is left of the others"
        );
        assert!(outcomes.iter().any(Result::is_ok));
    })
    .await;
}

#[tokio::test]
async fn a_reader_that_goes_in_the_middle_leaves_no_transaction_behind() {
    on_both(|db| async move {
        account_table(&db).await;
        for round in 1..=20 {
            let slow = db.read((), |tx, ()| {
                Box::pin(async move {
                    tx.query("SELECT free FROM account", params![]).await?;
                    if tx.is_postgres() {
                        tx.query("SELECT pg_sleep(0.2)::text AS slept", params![])
                            .await?;
                    }
                    Ok(())
                })
            });
            let _ = tokio::time::timeout(std::time::Duration::from_millis(5), slow).await;
            db.write((), |tx, ()| {
                Box::pin(async move {
                    let sql = "UPDATE account SET free = free - 1 WHERE id = $1";
                    tx.execute(sql, params!["a"]).await
                })
            })
            .await
            .unwrap();
            assert_eq!(free(&db).await, 50 - round);
        }
    })
    .await;
}

/// A migration changes tables that readers of the same process know already.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_that_was_added_is_there_for_whoever_read_the_table_before() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open_sqlite(&folder.path().join("t.db")).unwrap();
    account_table(&db).await;
    assert_eq!(free(&db).await, 50);
    let add = "ALTER TABLE account ADD COLUMN limited BIGINT NOT NULL DEFAULT 7";
    let added = db.write(add, |tx, add| {
        Box::pin(async move { tx.execute(add, params![]).await.map(drop) })
    });
    added.await.unwrap();
    let limited: i64 = db
        .read((), |tx, ()| {
            Box::pin(async move {
                let row = tx.query_one("SELECT * FROM account", params![]).await?;
                row.get("limited")
            })
        })
        .await
        .unwrap();
    assert_eq!(limited, 7);
}
