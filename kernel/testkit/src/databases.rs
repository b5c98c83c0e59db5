//! A database of its own for each test: a fresh file, or a copy of a migrated PostgreSQL template.
//! Starts no server: `make test` and `cargo xtask postgres` do.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot have its database must fail at once and say why"
)]

use tempfile::TempDir;
use tongban_crypto::KeyRing;
use tongban_store::{Db, Marks, Migration, migrate};

use crate::actors::MONDAY_MORNING;

mod store;

pub use store::mark_anew;

/// Set by `make test`: the URL of a server on which databases may be created.
const SERVER: &str = "TONGBAN_TEST_POSTGRES";

/// Keep it until the test ends: the embedded database's folder goes with it.
pub struct TestDatabase {
    db: Db,
    _folder: Option<TempDir>,
}

impl TestDatabase {
    pub fn db(&self) -> Db {
        self.db.clone()
    }
}

/// A new embedded database with the store's and the given migrations.
pub async fn sqlite(migrations: &[Migration]) -> TestDatabase {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = Db::open_sqlite(&folder.path().join("tongban.db")).expect("an embedded database");
    let db = db.with_marks(marks());
    migrate(&db, migrations, MONDAY_MORNING)
        .await
        .expect("the migrations apply to SQLite");
    TestDatabase {
        db,
        _folder: Some(folder),
    }
}

/// A new PostgreSQL database, cloned from a template that is migrated once per run.
pub async fn postgres(migrations: &[Migration]) -> TestDatabase {
    let server = std::env::var(SERVER).unwrap_or_default();
    assert!(
        !server.is_empty(),
        "{SERVER} is not set: run `make test`, or start a server with `cargo xtask postgres` and set what it prints"
    );
    let name = store::database_name();
    let template = template_name(migrations);
    store::clone_database(&server, &template, &name, migrations)
        .await
        .expect("a test database on PostgreSQL");
    let db = Db::open_postgres(&store::database_url(&server, &name))
        .await
        .expect("the test database opens");
    TestDatabase {
        db: db.with_marks(marks()),
        _folder: None,
    }
}

fn marks() -> Marks {
    let ring = KeyRing::ephemeral().expect("random keys");
    Marks::of(&ring).expect("a key of the ring")
}

/// Named after the migrations' text, so that a changed migration makes a new template.
fn template_name(migrations: &[Migration]) -> String {
    use sm3::Digest;
    let mut digest = sm3::Sm3::new();
    for step in tongban_store::MIGRATIONS.iter().chain(migrations) {
        for part in [step.module, step.name, step.sql] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
    }
    let hash = digest.finalize();
    let hex: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("template_{hex}")
}
