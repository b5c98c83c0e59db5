//! Ending every session: when a backup comes back, nobody who was logged in then is now.

use tongban_base::Result;
use tongban_store::Db;

use crate::store::session;

/// Only for the command line: it asks for no right.
pub async fn end_all_sessions(db: &Db) -> Result<()> {
    db.write((), |tx, ()| Box::pin(session::delete_all(tx)))
        .await
}
