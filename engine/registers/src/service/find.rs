//! Looking records up for other crates, inside their transactions. Asks no rights: the caller has.

use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Kind, Result};
use tongban_operations::{About, Records};
use tongban_store::{Fut, Tx};

use crate::model::{RecordId, RegisterRecord};
use crate::permissions::READ;
use crate::registers::Registers;
use crate::service::open::permitted;
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

impl Records for Registers {
    fn with_value<'a>(
        &'a self,
        tx: &'a mut Tx,
        register: &'a str,
        field: &'a str,
        value: &'a str,
    ) -> Fut<'a, Vec<Map<String, Json>>> {
        Box::pin(async move {
            // A release may look into a register that its pack has given up since.
            if self.definitions().get(register).is_none() {
                return Ok(Vec::new());
            }
            let records = self.find_all(tx, register, (field, value)).await?;
            Ok(records.into_iter().map(|record| record.data).collect())
        })
    }

    fn one<'a>(&'a self, tx: &'a mut Tx, about: &'a About) -> Fut<'a, Option<Map<String, Json>>> {
        Box::pin(async move {
            if self.definitions().get(&about.register).is_none() {
                return Ok(None);
            }
            let row = records::one(tx, &about.register, RecordId(about.record)).await?;
            let there = row.filter(|row| row.deleted_at.is_none());
            Ok(there
                .map(|row| self.opened(row))
                .transpose()?
                .map(|record| record.data))
        })
    }

    fn is_in_sight<'a>(&'a self, tx: &'a mut Tx, ctx: &'a Ctx, about: &'a About) -> Fut<'a, bool> {
        Box::pin(async move {
            let record = (about.register.as_str(), RecordId(about.record));
            match permitted(tx, self, ctx, record, READ).await {
                Ok(record) => Ok(record.deleted_at.is_none()),
                Err(problem) if matches!(problem.kind(), Kind::NotFound | Kind::Forbidden) => {
                    Ok(false)
                }
                Err(problem) => Err(problem),
            }
        })
    }
}
