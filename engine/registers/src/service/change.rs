//! A record changed by an officer: the whole of it is filled in again, the history keeps what differs.

use serde_json::{Map, Value as Json};
use tongban_audit::AuditEvent;
use tongban_base::{Ctx, Result};
use tongban_forms::Input;
use tongban_store::Tx;

use super::files::Uploaded;
use super::open::permitted;
use super::prepare::{self, place_of};
use super::write::{Written, moved_on};
use crate::audit;
use crate::definition::parted;
use crate::model::{RecordId, RegisterRecord};
use crate::permissions::Doing;
use crate::registers::Registers;

impl Registers {
    /// `seen` is the version that the officer looked at. Errors: not found out of sight, forbidden without the
    /// right, a conflict when it has changed since, field errors as for a new record.
    pub async fn change(
        &self,
        ctx: &Ctx,
        register: &str,
        which: (RecordId, i64),
        input: Input<'_>,
    ) -> Result<()> {
        self.change_with(ctx, register, which, input, &Uploaded::default())
            .await
    }

    /// The same with files that are kept already, and others taken away.
    pub(crate) async fn change_with(
        &self,
        ctx: &Ctx,
        register: &str,
        (id, seen): (RecordId, i64),
        input: Input<'_>,
        uploaded: &Uploaded,
    ) -> Result<()> {
        let definition = self.definition(register)?;
        let kept = self.files_after(ctx, register, id, uploaded).await?;
        let data = prepare::read(definition, input, kept, ctx.now.date())?;
        let input = (
            (self.clone(), ctx.clone(), register.to_owned()),
            (id, seen),
            data,
            uploaded.clone(),
        );
        self.db()
            .write(input, |tx, (of, which, data, uploaded)| {
                Box::pin(async move {
                    let (registers, ctx, register) = of;
                    uploaded.record(tx, ctx);
                    change(tx, registers, ctx, register, *which, data).await
                })
            })
            .await
    }

    /// The files that the record has after the change. That nobody changes them meanwhile, its version tells.
    async fn files_after(
        &self,
        ctx: &Ctx,
        register: &str,
        id: RecordId,
        uploaded: &Uploaded,
    ) -> Result<Map<String, Json>> {
        let before = self.writable(ctx, register, id, audit::CHANGED).await?;
        let definition = self.definition(register)?;
        let (_, mut files) = parted(&definition.files, before.data);
        files.retain(|name, _| !uploaded.removed.contains(name));
        files.extend(uploaded.files.clone());
        Ok(files)
    }

    /// The record, if the officer may change it; that somebody tried who may not is recorded.
    pub(crate) async fn writable(
        &self,
        ctx: &Ctx,
        register: &str,
        id: RecordId,
        event: AuditEvent,
    ) -> Result<RegisterRecord> {
        let input = (self.clone(), ctx.clone(), register.to_owned(), id);
        let found = self.db().read(input, |tx, (registers, ctx, register, id)| {
            Box::pin(permitted(tx, registers, ctx, (register, *id), Doing::Write))
        });
        let found = found.await;
        if let Err(problem) = &found {
            self.note_refusal(ctx, event, id, problem).await?;
        }
        found
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
    let before = permitted(tx, registers, ctx, (register, id), Doing::Write).await?;
    if before.version != seen {
        return Err(moved_on());
    }
    let new = Written {
        data,
        place: place_of(ctx, definition, data, Some(&before))?,
        holder: None,
        reason: "",
        kind: "changed",
    };
    registers.replace(tx, ctx, &before, &new).await.map(drop)
}
