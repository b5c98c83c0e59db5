//! One record with its history. Whoever may not see it is told that it is not there; that it was looked at, and
//! that it was looked at unmasked, is recorded.

use serde_json::json;
use tongban_audit::{AuditEvent, Entry, note_refused, record};
use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_store::Tx;

use crate::audit;
use crate::definition::RegisterDefinition;
use crate::model::{HistoryLine, OpenRecord, RecordId, RegisterRecord};
use crate::permissions::{Doing, Reach, must_admit, require};
use crate::registers::Registers;
use crate::store::records::RecordRow;
use crate::store::{history, holders, records};

/// More lines than a page shows.
const HISTORY: i64 = 200;

impl Registers {
    /// Errors: not found for whoever may not see it, forbidden without the right.
    pub async fn open(&self, ctx: &Ctx, register: &str, id: RecordId) -> Result<OpenRecord> {
        self.look(ctx, register, id, (Doing::Read, audit::OPENED))
            .await
    }

    /// For the form, which shows everything. Errors as for `open`.
    pub async fn open_unmasked(
        &self,
        ctx: &Ctx,
        register: &str,
        id: RecordId,
    ) -> Result<OpenRecord> {
        self.look(ctx, register, id, (Doing::Write, audit::UNMASKED))
            .await
    }

    async fn look(
        &self,
        ctx: &Ctx,
        register: &str,
        id: RecordId,
        why: (Doing, AuditEvent),
    ) -> Result<OpenRecord> {
        self.definition(register)?;
        let input = (self.clone(), ctx.clone(), register.to_owned(), id, why);
        let outcome = self
            .db()
            .write(input, |tx, (registers, ctx, register, id, why)| {
                Box::pin(look(tx, registers, ctx, (register, *id), *why))
            })
            .await;
        if let Err(problem) = &outcome {
            self.note_refusal(ctx, why.1, id, problem).await?;
        }
        outcome
    }

    /// Somebody tried what he may not.
    pub(crate) async fn note_refusal(
        &self,
        ctx: &Ctx,
        event: AuditEvent,
        id: RecordId,
        problem: &Problem,
    ) -> Result<()> {
        let is_refusal = matches!(problem.kind(), Kind::NotFound | Kind::Forbidden);
        if !is_refusal || !ctx.actor.is_signed_in() {
            return Ok(());
        }
        let entry = Entry::refused(event, audit::RECORD, id, problem.code());
        note_refused(self.db(), ctx, self.audit_key(), entry).await
    }

    /// What of a register can be reached at all; that somebody tried who reaches nothing is recorded.
    pub(crate) async fn required(
        &self,
        ctx: &Ctx,
        definition: &RegisterDefinition,
        (doing, event): (Doing, AuditEvent),
    ) -> Result<Reach> {
        let reach = require(ctx, definition, doing);
        if let Err(problem) = &reach
            && ctx.actor.is_signed_in()
        {
            let code = definition.code.as_str();
            let entry = Entry::refused(event, audit::REGISTER, code, problem.code());
            note_refused(self.db(), ctx, self.audit_key(), entry).await?;
        }
        reach
    }

    /// The registers of which an officer may read something.
    pub fn readable(&self, ctx: &Ctx) -> Vec<&RegisterDefinition> {
        let reads = |d: &&RegisterDefinition| !Reach::of(ctx, d, Doing::Read).is_nothing();
        self.definitions().iter().filter(reads).collect()
    }

    /// Whether an officer may enter records.
    pub(crate) fn may_write(&self, ctx: &Ctx, definition: &RegisterDefinition) -> bool {
        !Reach::of(ctx, definition, Doing::Write).is_nothing()
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
    (doing, event): (Doing, AuditEvent),
) -> Result<OpenRecord> {
    let opened = permitted(tx, registers, ctx, (register, id), doing).await?;
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
    let holder = holders::holder(tx, id).await?;
    let reach = Reach::of(ctx, registers.definition(register)?, Doing::Write);
    Ok(OpenRecord {
        may_write: opened.deleted_at.is_none() && reach.admits(&opened, holder),
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
    doing: Doing,
) -> Result<RegisterRecord> {
    let row = records::one(tx, register, id).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let record = registers.opened(row)?;
    let holder = holders::holder(tx, id).await?;
    let definition = registers.definition(register)?;
    must_admit(ctx, definition, (&record, holder), doing)?;
    Ok(record)
}
