//! Values of settings that an office has changed.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::{Tx, params};

use super::stamp;

/// What differs from the pack's defaults.
pub async fn changed_settings(tx: &mut Tx) -> Result<BTreeMap<String, Json>> {
    tx.query("SELECT code, value FROM setting", params![])
        .await?
        .iter()
        .map(|row| Ok((row.get("code")?, row.get("value")?)))
        .collect()
}

/// When an office changed a setting, and who did.
#[derive(Clone, Debug)]
pub struct SettingChange {
    pub at: Timestamp,
    pub by: String,
}

/// The last change of every setting that an office has changed.
pub async fn setting_changes(tx: &mut Tx) -> Result<BTreeMap<String, SettingChange>> {
    tx.query(
        "SELECT code, changed_at, changed_by FROM setting",
        params![],
    )
    .await?
    .iter()
    .map(|row| {
        let change = SettingChange {
            at: row.get("changed_at")?,
            by: row.get("changed_by")?,
        };
        Ok((row.get("code")?, change))
    })
    .collect()
}

/// Takes effect on every node as soon as it looks at the stamp.
pub async fn change_setting(tx: &mut Tx, ctx: &Ctx, code: &str, value: &Json) -> Result<()> {
    tx.execute(
        "INSERT INTO setting (code, value, changed_at, changed_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (code) DO UPDATE SET value = $2, changed_at = $3, changed_by = $4",
        params![code, value, ctx.now, &ctx.actor.name],
    )
    .await?;
    stamp::count(tx).await
}
