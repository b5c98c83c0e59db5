//! How each item was rated, within the sight of whoever asks.

use tongban_base::{Ctx, Result, Scope};
use tongban_store::Db;

use crate::model::ItemStatistics;
use crate::service::queue::require;
use crate::store::list;

/// The item with the most ratings first. Dismissed ratings stand apart and count in no level.
pub async fn item_statistics(db: &Db, ctx: &Ctx) -> Result<Vec<ItemStatistics>> {
    require(ctx)?;
    db.read(Scope::of(&ctx.actor), |tx, scope| {
        Box::pin(list::statistics(tx, scope))
    })
    .await
}
