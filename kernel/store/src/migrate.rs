//! Migrations per module: small, in order, each applied once, recorded in `migration`.

use tongban_base::{Kind, Problem, Result, Timestamp};
use tongban_crypto::sm3_hex;

use crate::schema::OWN_TABLE;
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
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "store",
        name: "0001_store",
        sql: include_str!("../migrations/0001_store.sql"),
    },
    Migration {
        module: "store",
        name: "0002_lanes",
        sql: include_str!("../migrations/0002_lanes.sql"),
    },
    Migration {
        module: "store",
        name: "0003_marked_tables",
        sql: include_str!("../migrations/0003_marked_tables.sql"),
    },
    Migration {
        module: "store",
        name: "0004_cut_short",
        sql: include_str!("../migrations/0004_cut_short.sql"),
    },
    Migration {
        module: "store",
        name: "0005_sums",
        sql: include_str!("../migrations/0005_sums.sql"),
    },
];

/// Applies what is missing, the store's own steps first, then the modules' in the order given. A step that was applied
/// in other words than ours means a database of another version: it is refused and left as it is.
pub async fn migrate(db: &Db, migrations: &[Migration], now: Timestamp) -> Result<u32> {
    db.write((), |tx, ()| {
        Box::pin(async move { tx.execute(OWN_TABLE, params![]).await })
    })
    .await?;
    let mut applied = 0;
    for step in MIGRATIONS.iter().chain(migrations) {
        let known = db
            .read(*step, |tx, step| Box::pin(applied_as(tx, step)))
            .await
            .map_err(|cause| other_version(step).with_cause(cause))?;
        match known {
            Some(digest) if digest == step.digest() => {}
            Some(_) => return Err(other_version(step)),
            None => {
                let done = db
                    .write((*step, now), |tx, (step, now)| {
                        Box::pin(async move { apply(tx, step, *now).await })
                    })
                    .await?;
                applied += u32::from(done);
            }
        }
    }
    Ok(applied)
}

impl Migration {
    fn digest(&self) -> String {
        sm3_hex(self.sql.as_bytes())
    }
}

fn other_version(step: &Migration) -> Problem {
    Problem::new(
        Kind::Conflict,
        "store.other_version",
        format!(
            "这个数据库是由另一个版本建立的（{} {}），本版本不能使用它，没有改动任何数据。演示数据可以删除后重新启动",
            step.module, step.name
        ),
    )
}

async fn applied_as(tx: &mut Tx, step: &Migration) -> Result<Option<String>> {
    tx.query_opt(
        "SELECT digest FROM migration WHERE module = $1 AND name = $2",
        params![step.module, step.name],
    )
    .await?
    .map(|row| row.get("digest"))
    .transpose()
}

async fn apply(tx: &mut Tx, step: &Migration, now: Timestamp) -> Result<bool> {
    let fresh = tx
        .execute(
            "INSERT INTO migration (module, name, digest, applied_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            params![step.module, step.name, step.digest(), now],
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
