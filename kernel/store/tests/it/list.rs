//! The builder of lists: every row once in either direction, nothing out of sight, no page for a forged place.

use serde_json::json;
use tongban_base::{Result, Scope, Uuid};
use tongban_store::{Cursor, Db, InSight, Key, KeyPage, List, Order, Row, Tx, params};

use crate::support::on_both;

const IN_SIGHT: InSight = InSight {
    account: "t.account",
    organisation: "t.organisation",
    division: "t.division",
};
/// This row stands for one that was changed beside the program.
const BROKEN: i64 = 4;

/// Seven rows, two of each day; the third lies in another division, the last in another organisation.
async fn things(db: &Db) {
    db.write((), |tx, ()| {
        Box::pin(async move {
            let sql = "CREATE TABLE thing (id TEXT PRIMARY KEY, day BIGINT NOT NULL, account TEXT NOT NULL,
                organisation TEXT NOT NULL, division TEXT NOT NULL)";
            tx.execute(sql, params![]).await?;
            tx.execute("CREATE TABLE word (thing TEXT PRIMARY KEY, text TEXT NOT NULL)", params![]).await?;
            for n in 1..=7_i64 {
                let (id, office) = (format!("t{n}"), if n == 7 { "other" } else { "one" });
                let division = if n == 3 { "320000000000" } else { "310100000000" };
                let account = Uuid::nil().to_string();
                tx.insert(
                    "INSERT INTO thing (id, day, account, organisation, division)",
                    params![&id, n / 2, account, office, division],
                );
                tx.insert("INSERT INTO word (thing, text)", params![&id, format!("第{n}项")]);
            }
            Ok(())
        })
    })
    .await
    .unwrap();
}

fn list(scope: &Scope, falling: bool) -> List {
    let order = Order {
        keys: &[Key::Number("t.day"), Key::Text("t.id")],
        falling,
    };
    let mut list = List::new("t.id AS id, t.day AS day", "thing t", order)
        .beside("page.id, w.text", "JOIN word w ON w.thing = page.id");
    list.within(scope, IN_SIGHT);
    list
}

fn read(_: &Tx, row: &Row) -> Result<Option<String>> {
    let text: String = row.get("text")?;
    Ok((text != format!("第{BROKEN}项")).then_some(text))
}

async fn page(
    db: &Db,
    at: Option<Cursor>,
    (scope, falling): (Scope, bool),
) -> Result<KeyPage<String>> {
    db.read((at, scope), move |tx, (at, scope)| {
        Box::pin(async move { list(scope, falling).page(tx, (at.as_ref(), 2), read).await })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_shows_each_row_once_in_either_direction_and_fills_a_page_from_behind_a_broken_row()
{
    on_both(|db| async move {
        things(&db).await;
        for falling in [false, true] {
            let mut wanted: Vec<String> = [1, 2, 3, 5, 6, 7].map(|n| format!("第{n}项")).to_vec();
            if falling {
                wanted.reverse();
            }
            let all = (Scope::Everything, falling);
            let (mut at, mut there) = (None, Vec::new());
            let last = loop {
                let page = page(&db, at, all.clone()).await.unwrap();
                there.extend(page.rows.clone());
                match page.next {
                    Some(next) => at = Some(next),
                    None => break page,
                }
            };
            assert_eq!(there, wanted);
            let mut back = last.rows;
            let mut at = last.previous;
            while let Some(before) = at {
                let page = page(&db, Some(before), all.clone()).await.unwrap();
                back.splice(0..0, page.rows);
                at = page.previous;
            }
            assert_eq!(back, wanted);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_scope_does_not_show_is_in_no_page_and_not_counted() {
    on_both(|db| async move {
        things(&db).await;
        let office = |division: &str| Scope::Office {
            organisation: "one".to_owned(),
            division_prefix: division.to_owned(),
        };
        let own = Scope::Own(Uuid::nil());
        let scopes = [
            (office("31"), 5),
            (office("3101"), 5),
            (office(""), 6),
            (office("33"), 0),
            (own, 7),
            (Scope::Own(Uuid::max()), 0),
            (Scope::Nothing, 0),
        ];
        for (scope, wanted) in scopes {
            let count = db.read(scope.clone(), |tx, scope| {
                Box::pin(async move { list(scope, false).count(tx, 1_000).await })
            });
            assert_eq!(count.await.unwrap(), wanted, "{scope:?}");
            let page = page(&db, None, (scope.clone(), false)).await.unwrap();
            assert_eq!(page.rows.is_empty(), wanted == 0, "{scope:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_of_another_list_is_refused() {
    on_both(|db| async move {
        things(&db).await;
        let foreign = [
            vec![],
            vec![json!(1)],
            vec![json!("1"), json!("t1")],
            vec![json!(1), json!("t\u{0}")],
            vec![json!(1), json!("t1"), json!(2)],
        ];
        for keys in foreign {
            let at = Some(Cursor::after(keys.clone()));
            let refused = page(&db, at, (Scope::Everything, false)).await.unwrap_err();
            assert_eq!(refused.code(), "cursor.invalid", "{keys:?}");
        }
    })
    .await;
}
