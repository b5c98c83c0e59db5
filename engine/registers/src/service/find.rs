//! Looking records up for other crates, inside their transactions. Asks no rights: the caller has.

use tongban_base::Result;
use tongban_store::Tx;

use crate::model::{RecordId, RegisterRecord};
use crate::registers::Registers;
use crate::store::records;

/// Nobody has more; whoever has is cut off, not forgotten: the register's page shows all.
const MOST: i64 = 50;

impl Registers {
    /// The id under a key, if the record is not deleted.
    pub async fn find(&self, tx: &mut Tx, register: &str, key: &str) -> Result<Option<RecordId>> {
        let definition = self.definition(register)?;
        records::holder(tx, register, &self.key_digest(definition, key)).await
    }

    /// The records with this value in a searchable field.
    pub async fn find_all(
        &self,
        tx: &mut Tx,
        register: &str,
        (field, value): (&str, &str),
    ) -> Result<Vec<RegisterRecord>> {
        let definition = self.definition(register)?;
        let value = self.stored_value(definition, field, value);
        let rows = records::with_value(tx, register, field, &value, MOST).await?;
        rows.into_iter().map(|row| self.opened(row)).collect()
    }
}
