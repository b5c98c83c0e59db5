//! Whether the database is still made as its migrations make it: a trigger, a view in the place of a table, a unique index
//! that is gone would change or double rows beside the program. Compared with what the same migrations make anew.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use tongban_base::{Problem, Result, Uuid};

use crate::migrate::MIGRATIONS;
use crate::sqlite::{SqliteTx, problem};
use crate::tx::Inner;
use crate::{Db, Migration, Row, Tx, params};

/// What `migrate` makes before any step.
pub(crate) const OWN_TABLE: &str = "CREATE TABLE IF NOT EXISTS migration (
    module TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at BIGINT NOT NULL,
    PRIMARY KEY (module, name))";

/// Columns and constraints by table; an index is its definition, whatever it is called.
const SQLITE: &str = "
    SELECT 'column' AS kind, m.name AS place, p.name || ' ' || p.type || ' ' || p.\"notnull\" || ' ' || p.pk || ' '
        || coalesce(p.dflt_value, '') AS made
    FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
    UNION ALL
    SELECT CASE l.\"unique\" WHEN 1 THEN 'unique' ELSE 'index' END, m.name,
        (SELECT group_concat(coalesce(i.name, '()')) FROM pragma_index_info(l.name) i) || CASE l.partial WHEN 1
            THEN ' ' || coalesce((SELECT substr(x.sql, instr(upper(x.sql), ' WHERE ')) FROM sqlite_master x
                WHERE x.type = 'index' AND x.name = l.name), '') ELSE '' END
    FROM sqlite_master m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
    UNION ALL
    SELECT m.type, m.tbl_name, m.name || ' ' || coalesce(m.sql, '') FROM sqlite_master m
    WHERE m.type IN ('trigger', 'view')";

/// The same of the schema in which this connection works.
const POSTGRES: &str = "
    WITH ours AS (SELECT c.oid, c.relname::text AS place, c.relkind, c.relrowsecurity FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace)
    SELECT 'column' AS kind, o.place, a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
        || ' ' || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS made
    FROM ours o JOIN pg_attribute a ON a.attrelid = o.oid LEFT JOIN pg_attrdef d ON d.adrelid = o.oid AND d.adnum = a.attnum
    WHERE o.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT CASE WHEN i.indisunique THEN 'unique' ELSE 'index' END, o.place,
        substr(pg_get_indexdef(i.indexrelid), strpos(pg_get_indexdef(i.indexrelid), ' USING '))
        || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
    FROM ours o JOIN pg_index i ON i.indrelid = o.oid
    UNION ALL
    SELECT 'constraint', o.place, pg_get_constraintdef(c.oid) FROM ours o JOIN pg_constraint c ON c.conrelid = o.oid
    WHERE c.contype IN ('c', 'f') AND c.convalidated
    UNION ALL
    SELECT 'trigger', o.place, t.tgname || ' ' || pg_get_triggerdef(t.oid) FROM ours o JOIN pg_trigger t ON t.tgrelid = o.oid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'trigger', o.place, '约束检查已停用' FROM ours o JOIN pg_trigger t ON t.tgrelid = o.oid
    WHERE t.tgisinternal AND t.tgenabled = 'D'
    UNION ALL
    SELECT 'rule', o.place, r.rulename || ' ' || pg_get_ruledef(r.oid) FROM ours o JOIN pg_rewrite r ON r.ev_class = o.oid
    WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', o.place, '行级策略' FROM ours o WHERE o.relrowsecurity
    UNION ALL
    SELECT 'view', o.place, '' FROM ours o WHERE o.relkind IN ('v', 'm', 'f')";

/// What stands in a database, by the table that it belongs to.
pub(crate) type Make = BTreeMap<String, BTreeSet<(String, String)>>;

/// What is not as the migrations make it, in words; kept, so that `/readyz` tells it too.
pub async fn compare_schema(db: &Db, migrations: &[Migration]) -> Result<Vec<String>> {
    let wanted = match db.is_postgres() {
        true => made_beside(db, migrations).await?,
        false => made_in_memory(migrations.to_vec()).await?,
    };
    let found = db
        .read((), |tx, ()| Box::pin(async move { look(tx, "").await }))
        .await?;
    let faults = faults(&wanted, &found);
    db.keep_schema_faults(faults.clone());
    Ok(faults)
}

async fn made_in_memory(migrations: Vec<Migration>) -> Result<Make> {
    let made = tokio::task::spawn_blocking(move || {
        let connection = Connection::open_in_memory().map_err(problem)?;
        let mut tx = SqliteTx { connection };
        tx.batch(OWN_TABLE)?;
        for step in MIGRATIONS.iter().chain(&migrations) {
            tx.batch(step.sql)?;
        }
        of_rows(&tx.query(SQLITE, &[])?, "")
    });
    made.await.map_err(Problem::internal)?
}

/// In a schema of its own, which is gone before anybody else sees it.
async fn made_beside(db: &Db, migrations: &[Migration]) -> Result<Make> {
    let schema = format!("made_{}", Uuid::now_v7().simple());
    let input = (schema, migrations.to_vec());
    db.write(input, |tx, (schema, migrations)| {
        Box::pin(async move {
            let row = tx
                .query_one("SELECT current_schemas(false)::text AS path", params![])
                .await?;
            let path: String = row.get("path")?;
            let path = path.trim_matches(['{', '}']).to_owned();
            batch(
                tx,
                &format!("CREATE SCHEMA {schema}; SET LOCAL search_path TO {schema}"),
            )
            .await?;
            batch(tx, OWN_TABLE).await?;
            for step in MIGRATIONS.iter().chain(migrations) {
                batch(tx, step.sql).await?;
            }
            let made = look(tx, schema).await?;
            // Deferred rows of the new tables, of which there are none, would keep them from being dropped.
            let end = format!(
                "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; DROP SCHEMA {schema} CASCADE;
                 SET LOCAL search_path TO {path}"
            );
            batch(tx, &end).await?;
            Ok(made)
        })
    })
    .await
}

async fn batch(tx: &mut Tx, sql: &str) -> Result<()> {
    match &mut tx.inner {
        Inner::Sqlite(tx) => tx.batch(sql),
        Inner::Postgres(tx) => tx.batch(sql).await,
    }
}

async fn look(tx: &mut Tx, schema: &str) -> Result<Make> {
    let sql = match tx.inner {
        Inner::Sqlite(_) => SQLITE,
        Inner::Postgres(_) => POSTGRES,
    };
    let rows = tx.query(sql, params![]).await?;
    of_rows(&rows, schema)
}

/// Definitions without the name of the schema, without remarks, in one spacing.
fn of_rows(rows: &[Row], schema: &str) -> Result<Make> {
    let mut make = Make::new();
    for row in rows {
        let (kind, place): (String, String) = (row.get("kind")?, row.get("place")?);
        let made: Option<String> = row.get("made")?;
        let mut made = made.unwrap_or_default();
        for name in [schema, "public"] {
            if !name.is_empty() {
                made = made.replace(&format!("{name}."), "");
            }
        }
        let made = made.split_whitespace().collect::<Vec<_>>().join(" ");
        make.entry(place).or_default().insert((kind, made));
    }
    Ok(make)
}

/// A table or an index more is nobody's harm; whatever acts by itself or binds rows is.
fn faults(wanted: &Make, found: &Make) -> Vec<String> {
    let mut faults = Vec::new();
    for (table, parts) in wanted {
        let Some(there) = found.get(table) else {
            faults.push(format!("缺少数据表 {table}"));
            continue;
        };
        for (kind, made) in parts.difference(there) {
            faults.push(format!("数据表 {table} 缺少或改动了{} {made}", title(kind)));
        }
        let added = there.difference(parts);
        let acting = added.filter(|(kind, _)| kind != "index");
        let told = acting.map(|(kind, made)| {
            let short: String = made.chars().take(80).collect();
            format!("数据表 {table} 多出{} {short}", title(kind))
        });
        faults.extend(told);
    }
    let others = found
        .iter()
        .filter(|(table, _)| !wanted.contains_key(*table));
    for (table, parts) in others {
        let acting = parts
            .iter()
            .filter(|(kind, _)| kind == "trigger" || kind == "rule");
        faults.extend(acting.map(|(kind, _)| format!("多出{}，在 {table} 上", title(kind))));
    }
    faults
}

fn title(kind: &str) -> &'static str {
    match kind {
        "column" => "列",
        "unique" => "唯一索引",
        "index" => "索引",
        "constraint" => "约束",
        "trigger" => "触发器",
        "rule" => "规则",
        "policy" => "行级策略",
        _ => "视图",
    }
}
