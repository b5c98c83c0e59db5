//! Rows taken away or put back beside the program, genuine as each may be, are missed by the sum of their table.

use tongban_base::Result;
use tongban_crypto::KeyRing;
use tongban_store::{
    Db, Fut, Marked, Marks, Row, Tx, Value, begin_sums, fold_sums, params, sums_reached, walk_marks,
};

use crate::support::on_both;

static SEATS: Marked = Marked::new("seat", &["id", "holder"], &["seen"]);

async fn house(db: Db) -> Db {
    let marks = Marks::of(&KeyRing::ephemeral().unwrap()).unwrap();
    let db = db.with_marks(marks);
    beside(
        &db,
        "CREATE TABLE seat (id TEXT PRIMARY KEY, holder TEXT NOT NULL UNIQUE, seen BIGINT, mark TEXT NOT NULL DEFAULT '')",
    )
    .await;
    begin_sums(&db, &[&SEATS], false).await.unwrap();
    for (id, holder) in [("a", "wang"), ("b", "li")] {
        db.write((id, holder), |tx, (id, holder)| {
            Box::pin(async move { tx.insert_marked(&SEATS, params![*id, *holder, 0]) })
        })
        .await
        .unwrap();
    }
    db
}

/// What the program does not take for one of its own statements.
async fn beside(db: &Db, text: &'static str) {
    db.write(text, |tx, text| {
        Box::pin(async move {
            let sql = format!("-- beside the program\n{text}");
            tx.execute(&sql, params![]).await.map(drop)
        })
    })
    .await
    .unwrap();
}

async fn write<F>(db: &Db, body: F) -> Result<()>
where
    F: for<'t> Fn(&'t mut Tx) -> Fut<'t, ()> + Send + Sync + 'static,
{
    db.write(body, |tx, body| body(tx)).await
}

async fn whole(db: &Db) -> bool {
    let walked = walk_marks(db, &SEATS).await.unwrap();
    assert_eq!(walked.broken, [], "each row by itself is genuine");
    walked.whole.unwrap()
}

async fn holder(db: &Db, id: &'static str, to: &'static str) {
    write(db, move |tx| {
        Box::pin(async move {
            let change = |_: &Row| Ok(Some(vec![("holder", Value::from(to))]));
            tx.change(&SEATS, &[("id", id.into())], change)
                .await
                .map(drop)
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn whatever_the_program_does_with_its_rows_their_sum_follows() {
    on_both(|db| async move {
        let db = house(db).await;
        assert!(whole(&db).await);
        holder(&db, "a", "zhao").await;
        // What is there stays, what is new comes; the second of two is found in its place.
        for (id, name) in [("a", "chen"), ("c", "sun")] {
            write(&db, move |tx| Box::pin(async move {
                tx.insert_marked_or(&SEATS, params![id, name, 0], "ON CONFLICT DO NOTHING")
            })).await.unwrap();
            assert!(whole(&db).await, "kept {id}");
            write(&db, move |tx| Box::pin(async move {
                let tail = "ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, mark = excluded.mark";
                tx.insert_marked_or(&SEATS, params![id, name, 1], tail)
            })).await.unwrap();
            assert!(whole(&db).await, "put {id}");
        }
        write(&db, |tx| Box::pin(async move {
            let mark = tx.mark(&SEATS, params!["b", "qian"])?;
            let sql = "UPDATE seat SET holder = $2, mark = $3 WHERE id = $1 AND holder = 'li'";
            tx.guard(sql, params!["b", "qian", mark]);
            Ok(())
        })).await.unwrap();
        assert!(whole(&db).await);
        write(&db, |tx| Box::pin(async move {
            tx.execute("UPDATE seat SET seen = 7", params![]).await?;
            tx.execute("DELETE FROM seat WHERE holder IN (SELECT holder FROM seat WHERE id = 'c')", params![]).await.map(drop)
        })).await.unwrap();
        assert!(whole(&db).await);
        fold_sums(&db).await.unwrap();
        assert!(whole(&db).await, "folded");
        assert_eq!(walk_marks(&db, &SEATS).await.unwrap().rows, 2);
    })
    .await;
}

#[tokio::test]
async fn a_write_that_fails_leaves_the_sum_as_it_was() {
    on_both(|db| async move {
        let db = house(db).await;
        let many = (0..20).map(|n| {
            let db = db.clone();
            async move {
                db.write(n, |tx, n| {
                    Box::pin(async move {
                        let name = format!("p{}", n / 2);
                        tx.insert_marked(&SEATS, params![format!("s{n}"), name, 0])
                    })
                })
                .await
                .is_ok()
            }
        });
        let kept = futures::future::join_all(many)
            .await
            .into_iter()
            .filter(|kept| *kept)
            .count();
        assert_eq!(kept, 10);
        assert!(whole(&db).await);
        fold_sums(&db).await.unwrap();
        assert!(whole(&db).await);
    })
    .await;
}

#[tokio::test]
async fn an_old_row_put_back_or_one_taken_away_is_missed() {
    on_both(|db| async move {
        let db = house(db).await;
        beside(&db, "CREATE TABLE earlier AS SELECT * FROM seat").await;
        holder(&db, "a", "zhao").await;
        fold_sums(&db).await.unwrap();
        beside(
            &db,
            "UPDATE seat SET holder = (SELECT e.holder FROM earlier e WHERE e.id = seat.id),
            mark = (SELECT e.mark FROM earlier e WHERE e.id = seat.id)",
        )
        .await;
        assert!(!whole(&db).await);
        assert_eq!(db.newly_broken_rows().len(), 1);
        holder(&db, "a", "zhao").await;
        assert!(
            !whole(&db).await,
            "what was put back is not made good by going on"
        );
        beside(&db, "DELETE FROM seat WHERE id = 'b'").await;
        assert!(!whole(&db).await);
    })
    .await;
}

#[tokio::test]
async fn a_note_taken_away_or_brought_again_is_noticed() {
    on_both(|db| async move {
        let db = house(db).await;
        fold_sums(&db).await.unwrap();
        holder(&db, "a", "zhao").await;
        beside(&db, "CREATE TABLE note AS SELECT * FROM mark_note").await;
        fold_sums(&db).await.unwrap();
        beside(&db, "INSERT INTO mark_note SELECT * FROM note").await;
        fold_sums(&db).await.unwrap();
        assert!(whole(&db).await, "it does not count again");
        assert_eq!(db.newly_broken_rows()[0].table, "mark_note");
        holder(&db, "a", "wang").await;
        beside(&db, "DELETE FROM mark_note").await;
        holder(&db, "a", "qian").await;
        fold_sums(&db).await.unwrap();
        assert!(!whole(&db).await);
        assert!(!db.newly_broken_rows().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_total_that_is_put_back_with_everything_it_counts_is_older_than_what_was_seen() {
    on_both(|db| async move {
        let db = house(db).await;
        fold_sums(&db).await.unwrap();
        beside(&db, "CREATE TABLE total AS SELECT * FROM mark_total").await;
        beside(&db, "CREATE TABLE earlier AS SELECT * FROM seat").await;
        holder(&db, "a", "zhao").await;
        fold_sums(&db).await.unwrap();
        let reached = async || {
            db.read((), |tx, ()| Box::pin(sums_reached(tx)))
                .await
                .unwrap()
        };
        let before = reached().await;
        for back in [
            "DELETE FROM seat",
            "INSERT INTO seat SELECT * FROM earlier",
            "DELETE FROM mark_total",
            "INSERT INTO mark_total SELECT * FROM total",
        ] {
            beside(&db, back).await;
        }
        assert!(reached().await < before);
        assert_eq!(db.newly_broken_rows()[0].table, "mark_total");
    })
    .await;
}

#[tokio::test]
async fn rows_from_before_are_counted_once_and_a_total_that_is_gone_is_not_begun_again() {
    on_both(|db| async move {
        let db = house(db).await;
        beside(&db, "DELETE FROM mark_total").await;
        beside(&db, "DELETE FROM mark_note").await;
        let refused = begin_sums(&db, &[&SEATS], true).await.unwrap_err();
        assert_eq!(refused.code(), "store.marks_removed");
        begin_sums(&db, &[&SEATS], false).await.unwrap();
        assert!(whole(&db).await);
    })
    .await;
}
