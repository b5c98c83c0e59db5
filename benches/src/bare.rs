//! The peer of submissions: single rows through the same drivers and nothing else, each durable before the next
//! of its connection begins.

use std::path::PathBuf;
use std::time::Instant;

use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use tongban_base::{Problem, Result, Uuid};

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS bench_row (id TEXT PRIMARY KEY, content TEXT NOT NULL)";
const INSERT: &str = "INSERT INTO bench_row (id, content) VALUES ($1, $2)";
const CONTENT: &str = "a single row with a little text in it";
/// As many as the store keeps to PostgreSQL.
pub const CONNECTIONS: usize = 16;
const ROWS: usize = 8_000;

#[derive(Clone)]
pub enum Bare {
    /// A file of its own beside the measured one.
    Sqlite(PathBuf),
    Postgres(String),
}

impl Bare {
    /// How many connections can write at once: SQLite has one writer.
    pub fn widths(&self) -> &'static [usize] {
        match self {
            Self::Sqlite(_) => &[1],
            Self::Postgres(_) => &[1, CONNECTIONS],
        }
    }

    pub async fn rows_per_second(&self, connections: usize) -> Result<f64> {
        match self.clone() {
            Self::Sqlite(path) => tokio::task::spawn_blocking(move || sqlite(&path))
                .await
                .map_err(Problem::internal)?
                .map_err(Problem::internal),
            Self::Postgres(url) => {
                let rate = postgres(&url, connections).await;
                rate.map_err(Problem::internal)
            }
        }
    }
}

fn sqlite(path: &std::path::Path) -> rusqlite::Result<f64> {
    let connection = rusqlite::Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;",
    )?;
    connection.execute(TABLE, [])?;
    let mut insert = connection.prepare(INSERT)?;
    let begun = Instant::now();
    for _ in 0..ROWS {
        insert.execute((Uuid::now_v7().to_string(), CONTENT))?;
    }
    Ok(ROWS as f64 / begun.elapsed().as_secs_f64())
}

async fn postgres(
    url: &str,
    connections: usize,
) -> std::result::Result<f64, tokio_postgres::Error> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        clients.push(client);
    }
    if let Some(client) = clients.first() {
        client.execute(TABLE, &[]).await?;
    }
    let mut tasks = JoinSet::new();
    let begun = Instant::now();
    for client in clients {
        tasks.spawn(async move {
            let insert = client.prepare(INSERT).await?;
            for _ in 0..ROWS / connections {
                let id = Uuid::now_v7().to_string();
                client.execute(&insert, &[&id, &CONTENT]).await?;
            }
            Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        if let Ok(outcome) = ended {
            outcome?;
        }
    }
    Ok(ROWS as f64 / begun.elapsed().as_secs_f64())
}
