//! A database that was given a trigger, robbed of an index or of a column beside the program is told from a sound one.

use tongban_store::{Db, Migration, compare_schema, migrate, params};

use crate::support::on_both;

const SEATS: Migration = Migration {
    module: "seats",
    name: "0001_seats",
    sql: "-- Seats.
        CREATE TABLE seat (id TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL UNIQUE, row BIGINT NOT NULL DEFAULT 1);
        CREATE INDEX seat_row ON seat (row);
        CREATE UNIQUE INDEX seat_front ON seat (row, holder) WHERE row < 3;
        ALTER TABLE seat ADD COLUMN note TEXT;",
};

async fn house(db: &Db) {
    migrate(db, &[SEATS], tongban_base::Timestamp(0))
        .await
        .unwrap();
    assert_eq!(compared(db).await, Vec::<String>::new());
    assert!(db.schema_faults().is_empty());
}

async fn compared(db: &Db) -> Vec<String> {
    compare_schema(db, &[SEATS]).await.unwrap()
}

async fn beside(db: &Db, sql: &'static str) {
    db.write(sql, |tx, sql| {
        Box::pin(async move { tx.execute(sql, params![]).await.map(drop) })
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_is_gone_is_told_and_one_more_is_not() {
    on_both(|db| async move {
        house(&db).await;
        beside(&db, "CREATE INDEX seat_note ON seat (note)").await;
        assert_eq!(compared(&db).await, Vec::<String>::new());
        beside(&db, "DROP INDEX seat_front").await;
        let told = compared(&db).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].contains("数据表 seat 缺少或改动了唯一索引"),
            "{told:?}"
        );
        assert_eq!(db.schema_faults(), told);
        // One of the same name that binds other rows.
        beside(
            &db,
            "CREATE UNIQUE INDEX seat_front ON seat (row, holder) WHERE row < 2",
        )
        .await;
        assert_eq!(compared(&db).await.len(), 2);
        beside(&db, "DROP INDEX seat_front").await;
        beside(
            &db,
            "CREATE UNIQUE INDEX other_name ON seat (row, holder) WHERE row < 3",
        )
        .await;
        assert_eq!(compared(&db).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_acts_by_itself_what_is_missing_and_what_holds_otherwise_is_told() {
    on_both(|db| async move {
        house(&db).await;
        match db.is_postgres() {
            true => {
                beside(
                    &db,
                    "CREATE RULE quiet AS ON DELETE TO seat DO INSTEAD NOTHING",
                )
                .await;
                beside(&db, "ALTER TABLE seat ALTER COLUMN row SET DEFAULT 9").await;
            }
            false => {
                beside(
                    &db,
                    "CREATE TRIGGER quiet AFTER DELETE ON seat BEGIN SELECT 1; END",
                )
                .await;
                beside(&db, "ALTER TABLE seat ADD COLUMN more TEXT DEFAULT 9").await;
            }
        }
        let told = compared(&db).await;
        assert!(told.iter().any(|told| told.contains("quiet")), "{told:?}");
        assert!(told.iter().any(|told| told.contains("列")), "{told:?}");
        beside(&db, "DROP TABLE seat").await;
        assert_eq!(compared(&db).await, ["缺少数据表 seat"]);
    })
    .await;
}
