//! Reading single ratings.

use tongban_base::{Date, Problem, Result, Uuid};
use tongban_store::{Row, Tx, params};

use super::REVIEWS;
use crate::model::{Channel, Level, ReviewId, ReviewState, ReviewView};

/// Errors: the rating was changed beside the program.
pub(crate) async fn one(tx: &mut Tx, id: ReviewId) -> Result<Option<ReviewView>> {
    let columns = REVIEWS.select("r");
    let sql = format!("SELECT {columns} FROM review r WHERE id = $1");
    let row = tx.query_marked(&REVIEWS, &sql, params![id]).await?;
    row.as_ref().map(view).transpose()
}

pub(crate) async fn of_case(tx: &mut Tx, case_id: Uuid) -> Result<Vec<ReviewView>> {
    let columns = REVIEWS.select("r");
    let sql = format!("SELECT {columns} FROM review r WHERE case_id = $1 ORDER BY id");
    let rows = tx.query(&sql, params![case_id]).await?;
    let rows = tx.only_genuine(&REVIEWS, rows)?;
    rows.iter().map(view).collect()
}

pub(crate) fn view(row: &Row) -> Result<ReviewView> {
    let unknown = |what: &str| Problem::internal(format!("a review's {what} is unknown"));
    let tags: serde_json::Value = row.get("tags")?;
    let due_on: Option<String> = row.get("due_on")?;
    let due_on = due_on.map(|day| day.parse::<Date>()).transpose();
    Ok(ReviewView {
        id: row.get("id")?,
        case_id: row.get("case_id")?,
        case_number: row.get("case_number")?,
        account: row.get("account")?,
        item_code: row.get("item_code")?,
        item_name: row.get("item_name")?,
        organisation: row.get("organisation")?,
        division: row.get("division")?,
        channel: Channel::of(&row.get::<String>("channel")?).ok_or_else(|| unknown("channel"))?,
        level: Level::new(row.get("level")?).ok_or_else(|| unknown("level"))?,
        tags: serde_json::from_value(tags)?,
        words: row.get("words")?,
        state: ReviewState::of(&row.get::<String>("state")?).ok_or_else(|| unknown("state"))?,
        created_at: row.get("created_at")?,
        finding: row.get("finding")?,
        ordered: row.get("ordered")?,
        due_on: due_on.map_err(Problem::internal)?,
        verified_at: row.get("verified_at")?,
        verified_by: row.get("verified_by")?,
        feedback: row.get("feedback")?,
        reply: row.get("reply")?,
        closed_at: row.get("closed_at")?,
        closed_by: row.get("closed_by")?,
    })
}
