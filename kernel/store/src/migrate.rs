//! Migrations per module: small, in order, each applied once, recorded in `migration`.

use tongban_base::{Problem, Result, Timestamp};

use crate::tx::Inner;
use crate::{Db, Tx, params};

/// One step of one module; `name` orders the steps.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub module: &'static str,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The tables of the store itself.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "store",
    name: "0001_store",
    sql: include_str!("../migrations/0001_store.sql"),
}];

/// Applies what is missing, the store's own steps first, then the modules' in the order given.
pub async fn migrate(db: &Db, migrations: &[Migration], now: Timestamp) -> Result<u32> {
    db.write((), |tx, ()| {
        Box::pin(async move {
            tx.execute(
                "CREATE TABLE IF NOT EXISTS migration (
                    module TEXT NOT NULL, name TEXT NOT NULL, applied_at BIGINT NOT NULL,
                    PRIMARY KEY (module, name))",
                params![],
            )
            .await
        })
    })
    .await?;
    let mut applied = 0;
    for step in MIGRATIONS.iter().chain(migrations) {
        let done = db
            .write((*step, now), |tx, (step, now)| {
                Box::pin(async move { apply(tx, step, *now).await })
            })
            .await?;
        applied += u32::from(done);
    }
    Ok(applied)
}

async fn apply(tx: &mut Tx, step: &Migration, now: Timestamp) -> Result<bool> {
    let fresh = tx
        .execute(
            "INSERT INTO migration (module, name, applied_at) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
            params![step.module, step.name, now],
        )
        .await?;
    if fresh == 0 {
        return Ok(false);
    }
    match &mut tx.inner {
        Inner::Sqlite(tx) => tx.batch(step.sql),
        Inner::Postgres(tx) => tx.batch(step.sql).await,
    }
    .map_err(|cause| {
        Problem::internal(format!("migration {} {}: {cause}", step.module, step.name))
    })?;
    Ok(true)
}
