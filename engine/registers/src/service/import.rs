//! Records that exist already elsewhere: read like all others, written in batches by the caller's transaction.

use serde_json::{Map, Value as Json, json};
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Result};
use tongban_store::Tx;

use super::prepare::{self, division, owner, title};
use crate::audit;
use crate::model::RecordId;
use crate::registers::Registers;
use crate::store::history;
use crate::store::records::{self, Places, RecordRow};

/// A record that was read, judged and encrypted, ready to be stored.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub(crate) row: RecordRow,
    pub(crate) places: Places,
}

impl Prepared {
    pub fn id(&self) -> RecordId {
        self.row.id
    }
}

impl Registers {
    /// Errors: no such register; whatever the form or the checks refuse, field by field.
    pub fn prepare(
        &self,
        ctx: &Ctx,
        register: &str,
        (organisation, otherwise): (&str, &str),
        data: &Json,
    ) -> Result<Prepared> {
        let definition = self.definition(register)?;
        let data = prepare::read(definition, data.into(), Map::new(), ctx.now.date())?;
        let division = division(definition, &data, otherwise);
        let organisation = owner(definition, &data).unwrap_or(organisation);
        self.sealed(ctx, register, (organisation, &division), &data)
    }

    pub(crate) fn sealed(
        &self,
        ctx: &Ctx,
        register: &str,
        (organisation, division): (&str, &str),
        data: &Map<String, Json>,
    ) -> Result<Prepared> {
        let definition = self.definition(register)?;
        let id = RecordId::new();
        let key = data
            .get(&definition.key)
            .map(|value| definition.keys_of(&definition.key, value));
        let key = key.and_then(|texts| texts.into_iter().next());
        let row = RecordRow {
            id,
            register: register.to_owned(),
            key_digest: self.key_digest(definition, &key.unwrap_or_default()),
            title: title(definition, data),
            organisation: organisation.to_owned(),
            division: division.to_owned(),
            data: self.seal(id, data)?,
            version: 1,
            created_at: ctx.now,
            updated_at: ctx.now,
            deleted_at: None,
        };
        Ok(Prepared {
            row,
            places: self.places(definition, data),
        })
    }

    /// Stores prepared records; about a thousand make a good transaction. One audit entry tells of all of them.
    /// Errors: a conflict where something must be unique and is not.
    pub async fn import(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        register: &str,
        prepared: &[Prepared],
    ) -> Result<()> {
        for one in prepared {
            records::insert(tx, &one.row, &one.places)?;
            history::add(tx, ctx, one.row.id, (1, "imported"), ("", None))?;
        }
        // What must be unique and is not is told now.
        tx.flush().await?;
        let entry = Entry::done(audit::IMPORTED, audit::REGISTER, register)
            .with_detail(json!({ "records": prepared.len() }));
        record(tx, ctx, self.audit_key(), entry).await
    }
}
