//! What lies in a database before anything is brought into it, and emptying it after that went wrong.

use tongban_base::Result;

use crate::digest::tables;
use crate::{Db, Tx, params};

/// Names of tables, types, functions and name spaces; none in a database as it was created. What belongs to an extension
/// is not counted.
pub async fn holdings(db: &Db) -> Result<Vec<String>> {
    db.survey((), |tx, ()| {
        Box::pin(async move {
            match tx.is_postgres() {
                true => objects_of_postgres(tx).await,
                false => tables(tx).await,
            }
        })
    })
    .await
}

/// Takes away every table. For whoever has just filled a database that was empty.
pub async fn drop_tables(db: &Db) -> Result<()> {
    db.write((), |tx, ()| {
        Box::pin(async move {
            for table in tables(tx).await? {
                let sql = format!("DROP TABLE IF EXISTS \"{table}\" CASCADE");
                tx.execute(&sql, params![]).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn objects_of_postgres(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = "
        WITH own AS (
            SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
        ), extended AS (
            SELECT objid FROM pg_depend WHERE deptype = 'e'
        )
        SELECT relname::text AS name FROM pg_class WHERE relnamespace IN (SELECT oid FROM own)
            AND relkind NOT IN ('i', 'I') AND oid NOT IN (SELECT objid FROM extended)
        UNION SELECT typname::text FROM pg_type WHERE typnamespace IN (SELECT oid FROM own)
            AND typtype IN ('d', 'e') AND oid NOT IN (SELECT objid FROM extended)
        UNION SELECT proname::text FROM pg_proc WHERE pronamespace IN (SELECT oid FROM own)
            AND oid NOT IN (SELECT objid FROM extended)
        UNION SELECT nspname::text FROM own WHERE nspname <> 'public' AND oid NOT IN (SELECT objid FROM extended)
        ORDER BY name";
    let found = tx.query(sql, params![]).await?;
    found.iter().map(|row| row.at(0)).collect()
}
