//! Lists and counts of ratings. Every statement carries the condition of the actor's scope.

use tongban_base::{Result, Scope};
use tongban_store::{InSight, Key, KeyPage, List, Order, Row, Tx, Value};

use super::REVIEWS;
use super::read::view;
use crate::model::{ItemStatistics, QueueView, ReviewView};
use crate::service::queue::QueueFilter;

/// A condition with its parameters from `$1` on.
fn condition(scope: &Scope) -> (&'static str, Vec<Value>) {
    match scope {
        Scope::Everything => ("1 = 1", Vec::new()),
        Scope::Office {
            organisation,
            division_prefix,
        } => (
            "organisation = $1 AND division LIKE $2",
            vec![organisation.into(), format!("{division_prefix}%").into()],
        ),
        Scope::Own(account) => ("account = $1", vec![(*account).into()]),
        Scope::Nothing => ("1 = 0", Vec::new()),
    }
}

fn states(view: QueueView) -> &'static str {
    match view {
        QueueView::ToVerify => "state = 'to_verify'",
        QueueView::Rectifying => "state = 'rectifying'",
        QueueView::Closed => "state IN ('dismissed', 'answered')",
    }
}

const IN_SIGHT: InSight = InSight {
    account: "r.account",
    organisation: "r.organisation",
    division: "r.division",
};

/// The oldest first: it has waited longest. Closed ones the newest first.
pub(crate) async fn queue(
    tx: &mut Tx,
    scope: &Scope,
    filter: &QueueFilter,
    limit: usize,
) -> Result<KeyPage<ReviewView>> {
    let order = Order {
        keys: &[Key::Text("r.id")],
        falling: filter.view == QueueView::Closed,
    };
    let mut list = List::new(REVIEWS.select("r"), "review r", order);
    list.within(scope, IN_SIGHT);
    list.only(states(filter.view));
    let at = (filter.after.as_ref(), limit);
    list.page(tx, at, |tx, row| match tx.fits_at(&REVIEWS, row, 0)? {
        true => view(row).map(Some),
        false => Ok(None),
    })
    .await
}

/// How many wait to be verified, and how many are being put right.
pub(crate) async fn waiting(tx: &mut Tx, scope: &Scope) -> Result<[u64; 2]> {
    let (condition, values) = condition(scope);
    let sql = format!(
        "SELECT COUNT(*) FILTER (WHERE state = 'to_verify') AS to_verify,
                COUNT(*) FILTER (WHERE state = 'rectifying') AS rectifying
         FROM review WHERE {condition} AND state IN ('to_verify', 'rectifying')"
    );
    let row = tx.query_one(&sql, &values).await?;
    let [to_verify, rectifying]: [i64; 2] = [row.get("to_verify")?, row.get("rectifying")?];
    Ok([to_verify, rectifying].map(|count| u64::try_from(count).unwrap_or(0)))
}

pub(crate) async fn statistics(tx: &mut Tx, scope: &Scope) -> Result<Vec<ItemStatistics>> {
    let (condition, values) = condition(scope);
    let sql = format!(
        "SELECT item_code, MAX(item_name) AS item_name,
                COUNT(*) FILTER (WHERE state = 'dismissed') AS dismissed,
                COUNT(*) FILTER (WHERE level = 1 AND state <> 'dismissed') AS level_1,
                COUNT(*) FILTER (WHERE level = 2 AND state <> 'dismissed') AS level_2,
                COUNT(*) FILTER (WHERE level = 3 AND state <> 'dismissed') AS level_3,
                COUNT(*) FILTER (WHERE level = 4 AND state <> 'dismissed') AS level_4,
                COUNT(*) FILTER (WHERE level = 5 AND state <> 'dismissed') AS level_5
         FROM review WHERE {condition} GROUP BY item_code ORDER BY COUNT(*) DESC, item_code"
    );
    tx.query(&sql, &values).await?.iter().map(counted).collect()
}

fn counted(row: &Row) -> Result<ItemStatistics> {
    Ok(ItemStatistics {
        item_code: row.get("item_code")?,
        item_name: row.get("item_name")?,
        counts: [
            row.get("level_1")?,
            row.get("level_2")?,
            row.get("level_3")?,
            row.get("level_4")?,
            row.get("level_5")?,
        ],
        dismissed: row.get("dismissed")?,
    })
}
