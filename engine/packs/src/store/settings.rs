//! Values of settings that an office has changed.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::{Marked, Row, Tx, params};

use super::stamp;

pub(crate) static SETTINGS: Marked = Marked::new(
    "setting",
    &["code", "value", "changed_at", "changed_by"],
    &[],
);

pub(crate) static SETTING_CHANGES: Marked = Marked::keyed(
    "setting_change",
    2,
    &[
        "code",
        "number",
        "value",
        "reason",
        "changed_at",
        "changed_by",
    ],
    &[],
);

/// What differs from the pack's defaults. Errors: a setting was changed beside the program.
pub async fn changed_settings(tx: &mut Tx) -> Result<BTreeMap<String, Json>> {
    let rows = rows(tx).await?;
    rows.iter()
        .map(|row| Ok((row.get("code")?, row.get("value")?)))
        .collect()
}

async fn rows(tx: &mut Tx) -> Result<Vec<Row>> {
    let sql = format!("SELECT {} FROM setting s", SETTINGS.select("s"));
    let rows = tx.query(&sql, params![]).await?;
    rows.iter()
        .try_for_each(|row| tx.genuine(&SETTINGS, row))
        .map(|()| rows)
}

/// A change of a setting by an office.
#[derive(Clone, Debug)]
pub struct SettingChange {
    pub value: Json,
    pub at: Timestamp,
    pub by: String,
    /// Empty in the last change of a setting; its history has it.
    pub reason: String,
}

/// The last change of every setting that an office has changed.
pub async fn setting_changes(tx: &mut Tx) -> Result<BTreeMap<String, SettingChange>> {
    let rows = rows(tx).await?;
    let change = |row: &Row| Ok((row.get("code")?, change_of(row, String::new())?));
    rows.iter().map(change).collect()
}

/// Every change of one setting, the last one first.
/// Errors: one was changed beside the program.
pub async fn setting_history(tx: &mut Tx, code: &str) -> Result<Vec<SettingChange>> {
    let sql = format!(
        "SELECT {} FROM setting_change s WHERE code = $1 ORDER BY number DESC",
        SETTING_CHANGES.select("s")
    );
    let rows = tx.query(&sql, params![code]).await?;
    let changes = rows.iter().map(|row| {
        tx.genuine(&SETTING_CHANGES, row)?;
        change_of(row, row.get("reason")?)
    });
    changes.collect()
}

fn change_of(row: &Row, reason: String) -> Result<SettingChange> {
    Ok(SettingChange {
        value: row.get("value")?,
        at: row.get("changed_at")?,
        by: row.get("changed_by")?,
        reason,
    })
}

/// What an office wants of a setting, and why.
pub struct NewSetting<'n> {
    pub code: &'n str,
    pub value: &'n Json,
    pub reason: &'n str,
}

/// Takes effect on every node as soon as it looks at the stamp.
pub async fn change_setting(tx: &mut Tx, ctx: &Ctx, new: NewSetting<'_>) -> Result<()> {
    let value = plain(new.value);
    let by = &ctx.actor.name;
    tx.insert_marked_or(
        &SETTINGS,
        params![new.code, &value, ctx.now, by],
        "ON CONFLICT (code) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at,
             changed_by = excluded.changed_by, mark = excluded.mark",
    )?;
    let sql = "SELECT COALESCE(MAX(number), 0) AS number FROM setting_change WHERE code = $1";
    let last: i64 = tx.query_one(sql, params![new.code]).await?.get("number")?;
    let row = params![new.code, last + 1, &value, new.reason, ctx.now, by];
    tx.insert_marked(&SETTING_CHANGES, row)?;
    stamp::count(tx).await
}

/// As a column of either database gives it back: SQLite keeps `5.0` as the number 5.
fn plain(value: &Json) -> Json {
    let whole = value.as_f64().filter(|number| number.fract() == 0.0);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "settings are small numbers"
    )]
    whole.map_or_else(|| value.clone(), |number| Json::from(number as i64))
}
