//! Table `login_guard`: wrong passwords per account, or per digest of a name that no account has.

use tongban_base::{Result, Timestamp};
use tongban_store::{Tx, params};

/// How a subject stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    pub failures: i64,
    pub locked_until: i64,
}

pub(crate) async fn read(tx: &mut Tx, subject: &str) -> Result<Guard> {
    let row = tx
        .query_opt(
            "SELECT failures, locked_until FROM login_guard WHERE subject = $1",
            params![subject],
        )
        .await?;
    row.map_or(Ok(Guard::default()), |row| {
        Ok(Guard {
            failures: row.get("failures")?,
            locked_until: row.get("locked_until")?,
        })
    })
}

pub(crate) async fn write(tx: &mut Tx, subject: &str, guard: Guard, now: Timestamp) -> Result<()> {
    tx.execute(
        "INSERT INTO login_guard (subject, failures, last_failed_at, locked_until)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (subject) DO UPDATE SET failures = $2, last_failed_at = $3, locked_until = $4",
        params![subject, guard.failures, now, guard.locked_until],
    )
    .await?;
    Ok(())
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
