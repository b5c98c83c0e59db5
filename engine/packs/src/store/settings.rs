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

/// When an office changed a setting, and who did.
#[derive(Clone, Debug)]
pub struct SettingChange {
    pub at: Timestamp,
    pub by: String,
}

/// The last change of every setting that an office has changed.
pub async fn setting_changes(tx: &mut Tx) -> Result<BTreeMap<String, SettingChange>> {
    let rows = rows(tx).await?;
    let change = |row: &Row| {
        let change = SettingChange {
            at: row.get("changed_at")?,
            by: row.get("changed_by")?,
        };
        Ok((row.get("code")?, change))
    };
    rows.iter().map(change).collect()
}

/// Takes effect on every node as soon as it looks at the stamp.
pub async fn change_setting(tx: &mut Tx, ctx: &Ctx, code: &str, value: &Json) -> Result<()> {
    tx.insert_marked_or(
        &SETTINGS,
        params![code, plain(value), ctx.now, &ctx.actor.name],
        "ON CONFLICT (code) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at,
             changed_by = excluded.changed_by, mark = excluded.mark",
    )?;
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
