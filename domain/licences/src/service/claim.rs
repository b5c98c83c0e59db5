//! Joining licences to the account of their holder, once it is proved who that is.

use tongban_base::{Result, Uuid};
use tongban_store::Tx;

use crate::licences::Licences;
use crate::store::licences as store;

impl Licences {
    /// Gives the licences made out to this number to the account; tells how many. The caller vouches for the number.
    pub async fn claim(&self, tx: &mut Tx, account: Uuid, id_number: &str) -> Result<u64> {
        store::claim(tx, &self.holder_digest(id_number), account).await
    }

    /// The licences made out to this number leave the account, which has turned out to be somebody else's.
    pub async fn leave(&self, tx: &mut Tx, account: Uuid, id_number: &str) -> Result<u64> {
        store::leave(tx, &self.holder_digest(id_number), account).await
    }
}
