//! A new record, entered by an officer.

use serde_json::{Map, Value as Json, json};
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Result};
use tongban_forms::Input;
use tongban_store::Tx;

use super::prepare::{self, place_of};
use crate::audit;
use crate::model::{RecordId, differences};
use crate::permissions::{MANAGE, require};
use crate::registers::Registers;
use crate::store::{history, records};

impl Registers {
    /// Errors: forbidden; field errors of the form, of the checks, of what must be unique, of a foreign division.
    pub async fn create(&self, ctx: &Ctx, register: &str, input: Input<'_>) -> Result<RecordId> {
        require(ctx, MANAGE)?;
        let definition = self.definition(register)?;
        let data = prepare::read(definition, input, ctx.now.date())?;
        let input = (self.clone(), ctx.clone(), register.to_owned(), data);
        self.db()
            .write(input, |tx, (registers, ctx, register, data)| {
                Box::pin(create(tx, registers, ctx, register, data))
            })
            .await
    }
}

async fn create(
    tx: &mut Tx,
    registers: &Registers,
    ctx: &Ctx,
    register: &str,
    data: &Map<String, Json>,
) -> Result<RecordId> {
    let definition = registers.definition(register)?;
    let (organisation, division) = place_of(ctx, definition, data)?;
    registers.must_be_free(tx, definition, data, None).await?;
    let new = registers.sealed(ctx, register, (&organisation, &division), data)?;
    let id = new.row.id;
    let names = definition.form.fields().iter().map(|f| f.name.as_str());
    let changes = registers.seal_changes(id, &differences(names, &Map::new(), data))?;
    records::insert(tx, &new.row, &new.places)?;
    history::add(tx, ctx, id, (1, "created"), ("", changes))?;
    // What must be unique and is not is told now.
    tx.flush().await?;
    let entry =
        Entry::done(audit::CREATED, audit::RECORD, id).with_detail(json!({ "register": register }));
    record(tx, ctx, registers.audit_key(), entry).await?;
    Ok(id)
}
