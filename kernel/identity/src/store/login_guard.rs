//! Table `login_guard`: wrong passwords per account, or per digest of a name that no account has.

use tongban_base::{Result, Timestamp};
use tongban_store::{Marked, Tx, params};

pub(crate) static GUARDS: Marked = Marked::new(
    "login_guard",
    &["subject", "failures", "last_failed_at", "locked_until"],
    &[],
);

/// How a subject stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    pub failures: i64,
    pub locked_until: i64,
}

pub(crate) async fn read(tx: &mut Tx, subject: &str) -> Result<Guard> {
    let columns = GUARDS.select("g");
    let sql = format!("SELECT {columns} FROM login_guard g WHERE g.subject = $1");
    let row = tx.query_marked(&GUARDS, &sql, params![subject]).await?;
    row.map_or(Ok(Guard::default()), |row| {
        Ok(Guard {
            failures: row.get("failures")?,
            locked_until: row.get("locked_until")?,
        })
    })
}

pub(crate) async fn write(tx: &mut Tx, subject: &str, guard: Guard, now: Timestamp) -> Result<()> {
    tx.insert_marked_or(
        &GUARDS,
        params![subject, guard.failures, now, guard.locked_until],
        "ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures,
             last_failed_at = excluded.last_failed_at, locked_until = excluded.locked_until,
             mark = excluded.mark",
    )?;
    // Two of one subject must not travel in one statement.
    tx.flush().await
}

pub(crate) async fn clear(tx: &mut Tx, subject: &str) -> Result<()> {
    tx.execute(
        "DELETE FROM login_guard WHERE subject = $1",
        params![subject],
    )
    .await?;
    Ok(())
}

/// Forgets what nobody tried again since `before`.
pub(crate) async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<()> {
    tx.execute(
        "DELETE FROM login_guard WHERE last_failed_at < $1 AND locked_until < $1",
        params![before],
    )
    .await?;
    Ok(())
}

pub(crate) async fn forget_after(tx: &mut Tx, moment: Timestamp) -> Result<()> {
    let sql = "DELETE FROM login_guard WHERE last_failed_at > $1";
    tx.execute(sql, params![moment]).await?;
    Ok(())
}
