//! After a clock that was ahead was put right.

use tongban_base::{Result, Timestamp};
use tongban_store::Tx;

use crate::store::{login_guard, session};

/// Locks that would end in that time, and sessions that were used in it, end now.
pub async fn forget_what_is_to_come(tx: &mut Tx, now: Timestamp) -> Result<()> {
    login_guard::forget_after(tx, now).await?;
    session::end_used_after(tx, now).await
}
