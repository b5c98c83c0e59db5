//! One record with its history. Whoever may not see it is told that it is not there; that it was looked at, and
//! that it was looked at unmasked, is recorded.

use serde_json::json;
use tongban_audit::{AuditEvent, Entry, note_refused, record};
use tongban_base::{Ctx, Kind, Permission, Problem, Result, authorize};
use tongban_store::Tx;

use crate::audit;
use crate::model::{HistoryLine, OpenRecord, RecordId, RegisterRecord};
use crate::permissions::{MANAGE, READ};
use crate::registers::Registers;
use crate::store::records::RecordRow;
use crate::store::{history, records};

/// More lines than a page shows.
const HISTORY: i64 = 200;

impl Registers {
    /// Errors: not found for whoever may not see it, forbidden without the right.
    pub async fn open(&self, ctx: &Ctx, register: &str, id: RecordId) -> Result<OpenRecord> {
        self.look(ctx, register, id, (READ, audit::OPENED)).await
    }

    /// For the form, which shows everything. Errors as for `open`.
    pub async fn open_unmasked(
        &self,
        ctx: &Ctx,
        register: &str,
        id: RecordId,
    ) -> Result<OpenRecord> {
        self.look(ctx, register, id, (MANAGE, audit::UNMASKED))
            .await
    }

    async fn look(
        &self,
        ctx: &Ctx,
        register: &str,
        id: RecordId,
        why: (Permission, AuditEvent),
    ) -> Result<OpenRecord> {
        self.definition(register)?;
        let input = (self.clone(), ctx.clone(), register.to_owned(), id, why);
        let outcome = self
            .db()
            .write(input, |tx, (registers, ctx, register, id, why)| {
                Box::pin(look(tx, registers, ctx, (register, *id), *why))
            })
            .await;
        if let Err(problem) = &outcome
            && matches!(problem.kind(), Kind::NotFound | Kind::Forbidden)
            && ctx.actor.is_signed_in()
        {
            let entry = Entry::refused(why.1, audit::RECORD, id, problem.code());
            note_refused(self.db(), ctx, self.audit_key(), entry).await?;
        }
        outcome
    }

    pub(crate) fn opened(&self, row: RecordRow) -> Result<RegisterRecord> {
        Ok(RegisterRecord {
            data: self.open_data(row.id, &row.data)?,
            id: row.id,
            register: row.register,
            title: row.title,
            organisation: row.organisation,
            division: row.division,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
        })
    }
}

async fn look(
    tx: &mut Tx,
    registers: &Registers,
    ctx: &Ctx,
    (register, id): (&str, RecordId),
    (right, event): (Permission, AuditEvent),
) -> Result<OpenRecord> {
    let opened = permitted(tx, registers, ctx, (register, id), right).await?;
    let entry = Entry::done(event, audit::RECORD, id).with_detail(json!({ "register": register }));
    record(tx, ctx, registers.audit_key(), entry).await?;
    let mut lines = Vec::new();
    for line in history::of(tx, (id, opened.version), HISTORY).await? {
        lines.push(HistoryLine {
            changes: registers.open_changes(id, line.changes.as_deref())?,
            version: line.version,
            at: line.at,
            kind: line.kind,
            actor_name: line.actor_name,
            reason: line.reason,
        });
    }
    Ok(OpenRecord {
        record: opened,
        history: lines,
    })
}

/// The record, if the actor may do this to it.
pub(crate) async fn permitted(
    tx: &mut Tx,
    registers: &Registers,
    ctx: &Ctx,
    (register, id): (&str, RecordId),
    right: Permission,
) -> Result<RegisterRecord> {
    let row = records::one(tx, register, id).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let record = registers.opened(row)?;
    authorize(ctx, right, &record)?;
    Ok(record)
}
