//! Rows that decide: what was changed beside the program is not used, is told, and can be put right.

use tongban_base::{Problem, Timestamp};
use tongban_crypto::KeyRing;
use tongban_store::{BrokenRow, Db, Marked, Marks, Row, begin_marks, params, walk_marks};

use crate::support::on_both;

static RIGHTS: Marked = Marked::new("rights", &["id", "owner", "level", "note"], &["seen"]);

async fn house(db: Db) -> Db {
    let db = db.with_marks(Marks::of(&KeyRing::ephemeral().unwrap()).unwrap());
    sql(
        &db,
        "CREATE TABLE rights (id TEXT PRIMARY KEY, owner TEXT NOT NULL, level BIGINT, note TEXT, seen BIGINT,
            mark TEXT NOT NULL DEFAULT '')",
    )
    .await;
    db.write((), |tx, ()| {
        Box::pin(async move {
            for (id, level) in [("a", 1), ("b", 9)] {
                tx.insert_marked(
                    &RIGHTS,
                    params![id, "test", level, Option::<String>::None, 0],
                )?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    db
}

async fn sql(db: &Db, text: &'static str) {
    db.write(text, |tx, text| {
        Box::pin(async move { tx.execute(text, params![]).await.map(drop) })
    })
    .await
    .unwrap();
}

async fn level(db: &Db, id: &'static str) -> Result<i64, Problem> {
    db.read(id, |tx, id| {
        Box::pin(async move {
            let sql = format!(
                "SELECT {} FROM rights r WHERE r.id = $1",
                RIGHTS.select("r")
            );
            let row = tx.query_marked(&RIGHTS, &sql, params![*id]).await?;
            row.unwrap().get("level")
        })
    })
    .await
}

async fn raise(db: &Db, id: &'static str, to: i64) -> Result<bool, Problem> {
    db.write((id, to), |tx, (id, to)| {
        Box::pin(async move {
            let lower = |row: &Row| {
                let lower = row.get::<i64>("level")? < *to;
                Ok(lower.then(|| vec![("level", (*to).into()), ("seen", 5.into())]))
            };
            let found = tx.change(&RIGHTS, &[("id", (*id).into())], lower).await?;
            Ok(found.is_some())
        })
    })
    .await
}

fn broken(key: &str) -> BrokenRow {
    BrokenRow {
        table: "rights",
        key: key.into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_changed_beside_the_program_is_not_used_until_it_is_put_right() {
    on_both(|db| async move {
        let db = house(db).await;
        assert_eq!(level(&db, "a").await.unwrap(), 1);
        for meddling in [
            "UPDATE rights SET level = 9 WHERE id = 'a'",
            "UPDATE rights SET note = '' WHERE id = 'a'",
            // Another row's place, mark and all.
            "UPDATE rights SET level = 9, mark = (SELECT mark FROM rights b WHERE b.id = 'b') WHERE id = 'a'",
        ] {
            sql(&db, meddling).await;
            let refused = level(&db, "a").await.unwrap_err();
            assert_eq!(refused.code(), "store.row_changed", "{meddling}");
            assert_eq!(raise(&db, "a", 10).await.unwrap_err().code(), "store.row_changed");
        }
        assert_eq!(db.newly_broken_rows(), [broken("a")]);
        assert_eq!((db.newly_broken_rows(), db.broken_rows()), (vec![], vec![broken("a")]));
        assert_eq!(walk_marks(&db, &RIGHTS).await.unwrap().broken, [broken("a")]);
        sql(&db, "DELETE FROM rights WHERE id = 'a'").await;
        db.write((), |tx, ()| {
            Box::pin(async move {
                tx.insert_marked(&RIGHTS, params!["a", "test", 2, Option::<String>::None, 0])
            })
        })
        .await
        .unwrap();
        assert_eq!((level(&db, "a").await.unwrap(), db.broken_rows()), (2, vec![]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_program_changes_keeps_its_mark_and_what_is_not_covered_may_change_freely() {
    on_both(|db| async move {
        let db = house(db).await;
        assert!(raise(&db, "a", 5).await.unwrap());
        assert!(!raise(&db, "a", 5).await.unwrap(), "not lower any more");
        sql(&db, "UPDATE rights SET seen = 7").await;
        assert_eq!(level(&db, "a").await.unwrap(), 5);
        let walked = walk_marks(&db, &RIGHTS).await.unwrap();
        assert_eq!((walked.rows, walked.broken), (2, vec![]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_from_before_are_trusted_once_and_never_again() {
    on_both(|db| async move {
        let db = house(db).await;
        sql(&db, "UPDATE rights SET mark = ''").await;
        let begin = async |known: bool| begin_marks(&db, &[&RIGHTS], |_| known, Timestamp(1)).await;
        assert_eq!(begin(false).await.unwrap()[0].rows, 2);
        assert_eq!(level(&db, "a").await.unwrap(), 1);
        sql(&db, "UPDATE rights SET mark = '', level = 9").await;
        assert_eq!(begin(false).await.unwrap(), []);
        assert!(level(&db, "a").await.is_err());
        // Whoever removes the note that the marks were given is betrayed by the one beside the database.
        sql(&db, "DELETE FROM marked_table").await;
        assert_eq!(begin(true).await.unwrap_err().code(), "store.marks_removed");
        assert!(level(&db, "a").await.is_err());
    })
    .await;
}

static GROWN: Marked = Marked::new(
    "rights",
    &["id", "owner", "level", "note", "unit"],
    &["seen"],
)
.with_later(&["unit"]);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_that_is_younger_than_the_marks_is_covered_where_it_says_something() {
    on_both(|db| async move {
        let db = house(db).await;
        sql(&db, "ALTER TABLE rights ADD COLUMN unit TEXT").await;
        let broken = async || walk_marks(&db, &GROWN).await.unwrap().broken.len();
        assert_eq!(broken().await, 0);
        sql(&db, "UPDATE rights SET unit = 'mine' WHERE id = 'a'").await;
        assert_eq!(broken().await, 1);
        sql(&db, "UPDATE rights SET unit = NULL WHERE id = 'a'").await;
        let change = |_: &Row| Ok(Some(vec![("unit", "test".into())]));
        db.write((), move |tx, ()| {
            Box::pin(async move {
                tx.change(&GROWN, &[("id", "a".into())], change)
                    .await
                    .map(drop)
            })
        })
        .await
        .unwrap();
        assert_eq!(broken().await, 0);
        sql(&db, "UPDATE rights SET unit = NULL WHERE id = 'a'").await;
        assert_eq!(broken().await, 1, "taken out beside the program");
    })
    .await;
}
