//! A record changed by an officer: the whole of it is filled in again, the history keeps what differs.

use serde_json::{Map, Value as Json, json};
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_forms::Input;
use tongban_store::Tx;

use super::open::permitted;
use super::prepare::{self, place_of, title};
use crate::audit;
use crate::model::{RecordId, differences};
use crate::permissions::MANAGE;
use crate::registers::Registers;
use crate::store::records::RecordRow;
use crate::store::{history, records};

/// Two officers at once: the second is told.
pub(crate) fn moved_on() -> Problem {
    Problem::conflict(
        "register.moved_on",
        "这条记录刚刚有人改过，请刷新后核对再改",
    )
}

impl Registers {
    /// `seen` is the version that the officer looked at. Errors: not found out of sight, forbidden without the
    /// right, a conflict when it has changed since, field errors as for a new record.
    pub async fn change(
        &self,
        ctx: &Ctx,
        register: &str,
        (id, seen): (RecordId, i64),
        input: Input<'_>,
    ) -> Result<()> {
        let definition = self.definition(register)?;
        let data = prepare::read(definition, input, ctx.now.date())?;
        let input = (
            self.clone(),
            ctx.clone(),
            register.to_owned(),
            (id, seen),
            data,
        );
        self.db()
            .write(input, |tx, (registers, ctx, register, which, data)| {
                Box::pin(change(tx, registers, ctx, register, *which, data))
            })
            .await
    }
}

async fn change(
    tx: &mut Tx,
    registers: &Registers,
    ctx: &Ctx,
    register: &str,
    (id, seen): (RecordId, i64),
    data: &Map<String, Json>,
) -> Result<()> {
    let definition = registers.definition(register)?;
    let before = permitted(tx, registers, ctx, (register, id), MANAGE).await?;
    if before.version != seen {
        return Err(moved_on());
    }
    let names = definition.form.fields().iter().map(|f| f.name.as_str());
    let changes = differences(names, &before.data, data);
    if changes.is_empty() {
        return Ok(());
    }
    let (_, division) = place_of(ctx, definition, data)?;
    registers
        .must_be_free(tx, definition, data, Some(id))
        .await?;
    let key = data.get(&definition.key).cloned().unwrap_or_default();
    let key = definition.keys_of(&definition.key, &key).pop();
    let row = RecordRow {
        id,
        register: register.to_owned(),
        key_digest: registers.key_digest(definition, &key.unwrap_or_default()),
        title: title(definition, data),
        organisation: before.organisation,
        division,
        data: registers.seal(id, data)?,
        version: seen + 1,
        created_at: before.created_at,
        updated_at: ctx.now,
        deleted_at: None,
    };
    let places = registers.places(definition, data);
    if !records::update(tx, &row, &places).await? {
        return Err(moved_on());
    }
    let sealed = registers.seal_changes(id, &changes)?;
    history::add(tx, ctx, id, (row.version, "changed"), ("", sealed))?;
    let fields: Vec<&str> = changes.iter().map(|c| c.field.as_str()).collect();
    let entry = Entry::done(audit::CHANGED, audit::RECORD, id)
        .with_detail(json!({ "register": register, "fields": fields }));
    record(tx, ctx, registers.audit_key(), entry).await
}
