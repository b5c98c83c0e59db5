//! Looking records up for other crates, inside their transactions. Asks no rights: the caller has.

use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Result, Uuid};
use tongban_operations::{About, Choosable, Choosing, RecordLink, Records, Wanted};
use tongban_store::{Fut, Tx};

use crate::model::{RecordId, RegisterRecord};
use crate::permissions::{Doing, Reach};
use crate::registers::Registers;
use crate::service::prepare::owner;
use crate::store::{holders, records};

/// What depends on more records than these is open, and a person decides.
const MOST: i64 = 1_000;

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
    ) -> Fut<'a, Option<Vec<Map<String, Json>>>> {
        Box::pin(async move {
            // A release may look into a register that its pack has given up since.
            if self.definitions().get(register).is_none() {
                return Ok(None);
            }
            let records = self.find_all(tx, register, (field, value)).await?;
            let records = records.into_iter().map(|record| record.data);
            let records: Vec<Map<String, Json>> = records.collect();
            Ok((records.len() < MOST as usize).then_some(records))
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

    fn choosable<'a>(
        &'a self,
        tx: &'a mut Tx,
        from: Choosing<'a>,
        wanted: Wanted<'a>,
    ) -> Fut<'a, Option<Vec<Choosable>>> {
        Box::pin(self.some_to_choose(tx, from, wanted))
    }

    fn chosen<'a>(
        &'a self,
        tx: &'a mut Tx,
        from: Choosing<'a>,
        record: Uuid,
    ) -> Fut<'a, Option<Choosable>> {
        Box::pin(self.one_to_choose(tx, from, RecordId(record)))
    }

    fn words(&self, register: &str, record: &Map<String, Json>) -> Map<String, Json> {
        let definition = self.definitions().get(register);
        let fields = definition.into_iter().flat_map(|definition| {
            let names = definition.names.iter();
            names.map(|name| {
                let value = record.get(name).unwrap_or(&Json::Null);
                (name.clone(), Json::String(definition.words(name, value)))
            })
        });
        fields.collect()
    }

    fn owner(&self, register: &str, record: &Map<String, Json>) -> Option<String> {
        let definition = self.definitions().get(register)?;
        owner(definition, record).map(str::to_owned)
    }

    fn link<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        about: &'a About,
    ) -> Fut<'a, Option<RecordLink>> {
        Box::pin(async move {
            let Some(record) = self.seen(tx, ctx, about).await? else {
                return Ok(None);
            };
            let register = &self.definition(&about.register)?.title;
            Ok(Some(RecordLink {
                title: format!("{register}：{}", record.title),
                href: format!("/workbench/registers/{}/{}", about.register, record.id),
            }))
        })
    }

    fn may_start<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        procedure: &'a str,
        about: &'a About,
    ) -> Fut<'a, bool> {
        Box::pin(async move {
            let Some(record) = self.seen(tx, ctx, about).await? else {
                return Ok(false);
            };
            let definition = self.definition(&about.register)?;
            Ok(definition.offers(ctx, procedure, &record.data))
        })
    }
}

impl Registers {
    /// A record that is there and that this officer may read.
    async fn seen(&self, tx: &mut Tx, ctx: &Ctx, about: &About) -> Result<Option<RegisterRecord>> {
        let Some(definition) = self.definitions().get(&about.register) else {
            return Ok(None);
        };
        let id = RecordId(about.record);
        let row = records::one(tx, &about.register, id).await?;
        let Some(row) = row.filter(|row| row.deleted_at.is_none()) else {
            return Ok(None);
        };
        let (record, holder) = (self.opened(row)?, holders::holder(tx, id).await?);
        let reach = Reach::of(ctx, definition, Doing::Read);
        Ok(reach.admits(&record, holder).then_some(record))
    }
}
