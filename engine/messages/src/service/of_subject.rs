//! Who was told what and when about one thing. The caller has checked that the reader may see the thing.

use tongban_base::Result;
use tongban_store::Tx;

use crate::model::MessageView;
use crate::store::list;

/// More than a person reads on one page; the newest stay.
const LIMIT: i64 = 200;

/// The messages about one subject over all channels, the oldest first; of very many, the newest 200.
pub async fn of_subject(tx: &mut Tx, kind: &str, id: &str) -> Result<Vec<MessageView>> {
    list::of_subject(tx, kind, id, LIMIT).await
}
