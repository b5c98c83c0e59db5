//! Writing a record inside a transaction: checks over other records, marks, history and the audit entry. Pages and cases
//! write by these functions and by nothing else. Asks no rights: the caller has.

use serde_json::{Map, Value as Json, json};
use tongban_audit::{AuditEvent, Entry, record};
use tongban_base::{Ctx, Problem, Result, Uuid};
use tongban_store::Tx;

use super::prepare::title;
use crate::audit;
use crate::definition::RegisterDefinition;
use crate::model::{Change, RecordId, RegisterRecord, differences};
use crate::registers::Registers;
use crate::store::records::RecordRow;
use crate::store::{history, holders, records};

/// Two officers at once: the second is told.
pub(crate) fn moved_on() -> Problem {
    Problem::conflict(
        "register.moved_on",
        "这条记录刚刚有人改过，请刷新后核对再改",
    )
}

/// A record as it is to be, read and judged.
pub(crate) struct Written<'w> {
    pub data: &'w Map<String, Json>,
    /// Organisation and division.
    pub place: (String, String),
    /// The account that a new record comes with.
    pub holder: Option<Uuid>,
    /// Why, as the history says it.
    pub reason: &'w str,
    /// As the history calls it.
    pub kind: &'static str,
}

impl Registers {
    /// Errors: a field error where something must be unique and is not, or there are too many.
    pub(crate) async fn insert(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        register: &str,
        new: &Written<'_>,
    ) -> Result<RecordId> {
        let definition = self.definition(register)?;
        self.must_fit(tx, definition, new.data, None).await?;
        let (organisation, division) = (new.place.0.as_str(), new.place.1.as_str());
        let prepared = self.sealed(ctx, register, (organisation, division), new.data)?;
        let id = prepared.row.id;
        let changes = differences(
            definition.names.iter().map(String::as_str),
            &Map::new(),
            new.data,
        );
        records::insert(tx, &prepared.row, &prepared.places)?;
        if let Some(account) = new.holder {
            holders::hold(tx, id, account)?;
        }
        let sealed = self.seal_changes(id, &changes)?;
        history::add(tx, ctx, id, (1, new.kind), (new.reason, sealed))?;
        // What must be unique and is not is told now.
        tx.flush().await?;
        holders::note_files(tx, id, new.data).await?;
        self.noted(
            tx,
            ctx,
            (audit::CREATED, id),
            json!({ "register": register }),
        )
        .await?;
        Ok(id)
    }

    /// The version that it has then; that of before where nothing differs.
    /// Errors: as for a new one, a conflict where it has moved on.
    pub(crate) async fn replace(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        before: &RegisterRecord,
        new: &Written<'_>,
    ) -> Result<i64> {
        let definition = self.definition(&before.register)?;
        let names = definition.names.iter().map(String::as_str);
        let changes = differences(names, &before.data, new.data);
        if changes.is_empty() {
            return Ok(before.version);
        }
        self.must_fit(tx, definition, new.data, Some(before.id))
            .await?;
        let row = self.row(ctx, definition, before, new)?;
        let places = self.places(definition, new.data);
        if !records::update(tx, &row, &places).await? {
            return Err(moved_on());
        }
        holders::note_files(tx, before.id, new.data).await?;
        let sealed = self.seal_changes(before.id, &changes)?;
        let line = (row.version, new.kind);
        history::add(tx, ctx, before.id, line, (new.reason, sealed))?;
        let fields: Vec<&str> = changes.iter().map(|c| c.field.as_str()).collect();
        let detail = json!({ "register": before.register, "fields": fields });
        self.noted(tx, ctx, (audit::CHANGED, before.id), detail)
            .await?;
        Ok(row.version)
    }

    fn row(
        &self,
        ctx: &Ctx,
        definition: &RegisterDefinition,
        before: &RegisterRecord,
        new: &Written<'_>,
    ) -> Result<RecordRow> {
        let key = new.data.get(&definition.key).cloned().unwrap_or_default();
        let key = definition.keys_of(&definition.key, &key).pop();
        Ok(RecordRow {
            id: before.id,
            register: before.register.clone(),
            key_digest: self.key_digest(definition, &key.unwrap_or_default()),
            title: title(definition, new.data),
            organisation: new.place.0.clone(),
            division: new.place.1.clone(),
            data: self.seal(before.id, new.data)?,
            version: before.version + 1,
            created_at: before.created_at,
            updated_at: ctx.now,
            deleted_at: None,
        })
    }

    /// Marks it; the version that it has then. Errors: a conflict where it has moved on.
    pub(crate) async fn retire(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (register, id, seen): (&str, RecordId, i64),
        (kind, reason): (&'static str, &str),
    ) -> Result<i64> {
        if !records::mark_deleted(tx, id, seen, ctx.now).await? {
            return Err(moved_on());
        }
        history::add(tx, ctx, id, (seen + 1, kind), (reason, None))?;
        let detail = json!({ "register": register, "reason": reason });
        self.noted(tx, ctx, (audit::DELETED, id), detail).await?;
        Ok(seen + 1)
    }

    /// Brings back what was deleted. Errors: a conflict where it has moved on, a field error where its place is taken.
    pub(crate) async fn restore(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        before: &RegisterRecord,
        reason: &str,
    ) -> Result<()> {
        let definition = self.definition(&before.register)?;
        self.must_fit(tx, definition, &before.data, Some(before.id))
            .await?;
        let as_it_was = Written {
            data: &before.data,
            place: (before.organisation.clone(), before.division.clone()),
            holder: None,
            reason,
            kind: "undone",
        };
        let row = self.row(ctx, definition, before, &as_it_was)?;
        let places = self.places(definition, &before.data);
        if !records::bring_back(tx, &row, &places).await? {
            return Err(moved_on());
        }
        history::add(tx, ctx, before.id, (row.version, "undone"), (reason, None))?;
        let detail = json!({ "register": before.register, "reason": reason });
        self.noted(tx, ctx, (audit::RESTORED, before.id), detail)
            .await
    }

    async fn noted(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (event, id): (AuditEvent, RecordId),
        detail: Json,
    ) -> Result<()> {
        let entry = Entry::done(event, audit::RECORD, id).with_detail(detail);
        record(tx, ctx, self.audit_key(), entry).await
    }

    /// What the lines of a history say that are newer than a version, the newest first.
    pub(crate) async fn lines_since(
        &self,
        tx: &mut Tx,
        record: &RegisterRecord,
        version: i64,
    ) -> Result<Vec<(history::HistoryRow, Vec<Change>)>> {
        let more = (record.version - version).max(0);
        let mut lines = Vec::new();
        for line in history::of(tx, (record.id, record.version), more).await? {
            let changes = self.open_changes(record.id, line.changes.as_deref())?;
            lines.push((line, changes));
        }
        Ok(lines)
    }
}
