//! Makes and clones databases on the test server. Knows the server's catalogue and no table of ours, but how marks are
//! given anew.

use std::path::Path;

use tokio_postgres::{Client, Error, NoTls};
use tongban_base::{Problem, Result, Uuid};
use tongban_store::{Db, Marked, Migration, migrate, params};

use crate::actors::MONDAY_MORNING;

/// Any number: it only has to be the same in every test process.
const TEMPLATE_LOCK: i64 = 7_461;

const TESTS: &str = "test_";

/// More than a test makes, so that what is left grows less.
const LEFT_AT_ONCE: usize = 3;

/// Clones `template` as `name`; the first test that asks makes the template while the others wait.
pub(super) async fn clone_database(
    server: &str,
    template: &str,
    name: &str,
    migrations: &[Migration],
) -> Result<()> {
    let client = connect(server).await.map_err(Problem::internal)?;
    // Held until the connection closes: cloning needs a template that nobody is connected to.
    client
        .execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
        .await
        .map_err(Problem::internal)?;
    drop_left(&client).await.map_err(Problem::internal)?;
    if !exists(&client, template).await.map_err(Problem::internal)? {
        build_template(&client, server, template, migrations).await?;
    }
    let clone = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
    client
        .batch_execute(&clone)
        .await
        .map_err(Problem::internal)
}

/// The name tells the process that uses it: a test's end drops nothing, the next tests do.
pub(super) fn database_name() -> String {
    let test = std::process::id();
    format!("{TESTS}{test}_{}", Uuid::now_v7().simple())
}

/// Databases of tests that have ended, a few at a time: thousands of them would fill the disk.
async fn drop_left(client: &Client) -> std::result::Result<(), Error> {
    let sql = "SELECT datname FROM pg_database WHERE starts_with(datname, $1)";
    let names = client.query(sql, &[&TESTS]).await?;
    let names = names.iter().map(|row| row.get::<_, String>(0));
    for name in names.filter(|name| has_ended(name)).take(LEFT_AT_ONCE) {
        let sql = format!("DROP DATABASE {name} WITH (FORCE)");
        client.batch_execute(&sql).await?;
    }
    Ok(())
}

fn has_ended(database: &str) -> bool {
    let test = database
        .strip_prefix(TESTS)
        .and_then(|name| name.split_once('_'));
    test.is_some_and(|(process, _)| !Path::new("/proc").join(process).exists())
}

/// Built under another name first, so that a template is never seen half migrated.
async fn build_template(
    client: &Client,
    server: &str,
    template: &str,
    migrations: &[Migration],
) -> Result<()> {
    let draft = format!("{template}_draft");
    for statement in [
        format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
        format!("CREATE DATABASE {draft}"),
    ] {
        client
            .batch_execute(&statement)
            .await
            .map_err(Problem::internal)?;
    }
    let db = Db::open_postgres(&database_url(server, &draft)).await?;
    migrate(&db, migrations, MONDAY_MORNING).await?;
    drop(db);
    // The pool closes its connections in the background; the rename needs them gone.
    client
        .execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1",
            &[&draft],
        )
        .await
        .map_err(Problem::internal)?;
    let rename = format!("ALTER DATABASE {draft} RENAME TO {template}");
    client
        .batch_execute(&rename)
        .await
        .map_err(Problem::internal)
}

async fn exists(client: &Client, database: &str) -> std::result::Result<bool, Error> {
    let sql = "SELECT 1 FROM pg_database WHERE datname = $1";
    Ok(client.query_opt(sql, &[&database]).await?.is_some())
}

async fn connect(url: &str) -> std::result::Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends with the client; its error reaches the caller through the client's next call.
    tokio::spawn(connection);
    Ok(client)
}

/// Gives the rows of a table the marks that fit them: for tests that bring about by SQL what happened long ago.
pub async fn mark_anew(db: &Db, table: &'static Marked) {
    db.write(table, |tx, table| {
        Box::pin(async move {
            let (name, key) = (table.table, &table.columns[..table.key]);
            let sql = format!("SELECT {} FROM {name}", table.columns.join(", "));
            for row in tx.query(&sql, params![]).await? {
                let mark = tx.mark(table, row.values())?;
                let equal = (2..).zip(key).map(|(n, c)| format!("{c} = ${n}"));
                let equal = equal.collect::<Vec<_>>().join(" AND ");
                let values = [params![mark], &row.values()[..key.len()]].concat();
                let sql = format!("UPDATE {name} SET mark = $1 WHERE {equal}");
                tx.execute(&sql, &values).await?;
            }
            Ok(())
        })
    })
    .await
    .expect("the rows are marked anew");
}

/// The same server, another database: the last part of the URL's path is replaced.
pub(super) fn database_url(server: &str, database: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, ""), |(b, q)| (b, q));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let host_end = base
        .get(authority..)
        .and_then(|rest| rest.find('/'))
        .map_or(base.len(), |at| authority + at);
    let host = base.get(..host_end).unwrap_or(base);
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{host}/{database}{separator}{query}")
}

#[cfg(test)]
mod tests {
    use super::database_url;

    #[test]
    fn only_the_database_of_the_url_changes() {
        let with = |url| database_url(url, "b");
        assert_eq!(with("postgres://u@h:1/a"), "postgres://u@h:1/b");
        assert_eq!(with("postgres://u@h:1"), "postgres://u@h:1/b");
        assert_eq!(with("postgres://u@h/a?x=1"), "postgres://u@h/b?x=1");
    }
}
