//! Files of records: judged before they are kept, opened by whoever may read the record.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};
use tongban_documents::{Bounds, FileKind, inspect, kept_name};
use tongban_seals::Gate;
use tongban_store::{Objects, StoredObject, Tx};
use tongban_ui::Upload;

use super::open::permitted;
use crate::audit;
use crate::definition::{FileField, RegisterDefinition};
use crate::model::{FileValue, RecordId};
use crate::permissions::Doing;
use crate::registers::Registers;

const MEGABYTE: usize = 1024 * 1024;

/// Where files of records are kept, and what one may cost when it is taken apart.
pub struct Keeping {
    objects: Objects,
    bounds: Box<dyn Fn() -> Bounds + Send + Sync>,
    gate: Arc<Gate>,
}

impl Keeping {
    pub fn new(objects: Objects, bounds: impl Fn() -> Bounds + Send + Sync + 'static) -> Self {
        Self {
            objects,
            bounds: Box::new(bounds),
            gate: Arc::new(Gate::default()),
        }
    }
}

/// What a form sent besides its fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uploaded {
    pub files: Map<String, Json>,
    /// Kept already; recorded with the record that names them.
    pub objects: Vec<StoredObject>,
    pub removed: Vec<String>,
}

impl Uploaded {
    pub fn record(&self, tx: &mut Tx, ctx: &Ctx) {
        for object in &self.objects {
            object.record(tx, ctx.now);
        }
    }
}

impl Registers {
    /// Judges and keeps what was sent for the file fields of a register.
    /// Errors: a field error for each that cannot be kept.
    pub(crate) async fn keep(
        &self,
        definition: &RegisterDefinition,
        sent: Vec<Upload>,
        removed: Vec<String>,
    ) -> Result<Uploaded> {
        let mut uploaded = Uploaded {
            removed,
            ..Uploaded::default()
        };
        let mut faults = Vec::new();
        for upload in sent {
            let field = definition.file(&upload.field);
            let field = field.ok_or_else(Problem::not_found)?;
            match self.judged(field, upload).await? {
                Err(words) => {
                    let pointer = format!("/{}", field.name);
                    faults.push(FieldError::new(pointer, "file", words));
                }
                Ok((name, kind, content)) => {
                    let kept = self.keeping().objects.keep(content, kind.media_type());
                    let object = kept.await?;
                    let value = FileValue {
                        object: object.id.clone(),
                        name,
                        media_type: object.media_type.clone(),
                    };
                    uploaded.files.insert(field.name.clone(), json!(value));
                    uploaded.objects.push(object);
                }
            }
        }
        match faults.is_empty() {
            true => Ok(uploaded),
            false => Err(Problem::fields(faults)),
        }
    }

    /// Takes a file apart, off the threads that serve requests, and only some at once.
    async fn judged(
        &self,
        field: &FileField,
        upload: Upload,
    ) -> Result<std::result::Result<(String, FileKind, Vec<u8>), String>> {
        let limit = usize::try_from(field.max_mb).unwrap_or(usize::MAX);
        if upload.content.is_empty() {
            return Ok(Err("这个文件是空的，请重新选择".to_owned()));
        }
        if upload.content.len() > limit.saturating_mul(MEGABYTE) {
            return Ok(Err(format!("文件不能超过 {limit} MB，请压缩后再上传")));
        }
        let turn = self.keeping().gate.enter().await.map_err(|_| busy())?;
        let (bounds, formats) = ((self.keeping().bounds)(), field.formats.clone());
        let work = move || {
            let _turn = turn;
            let kind = inspect(&upload.content, &formats, &bounds).map_err(|no| no.words)?;
            let name = kept_name(&upload.name, kind)?;
            Ok((name, kind, upload.content))
        };
        let judged = tokio::task::spawn_blocking(work);
        judged.await.map_err(Problem::internal)
    }

    /// A file of a record, for whoever may read the record. Errors: not found, forbidden.
    pub(crate) async fn file(
        &self,
        ctx: &Ctx,
        register: &str,
        (id, field): (RecordId, &str),
    ) -> Result<(FileValue, Vec<u8>)> {
        let input = (
            self.clone(),
            ctx.clone(),
            register.to_owned(),
            (id, field.to_owned()),
        );
        let found = self
            .db()
            .write(input, |tx, (registers, ctx, register, which)| {
                Box::pin(named(tx, registers, ctx, (register, which.0, &which.1)))
            })
            .await;
        if let Err(problem) = &found {
            self.note_refusal(ctx, audit::FILE_OPENED, id, problem)
                .await?;
        }
        let found = found?;
        let content = self.keeping().objects.get(&found.object).await?;
        Ok((found, content))
    }

    pub(crate) async fn content(&self, file: &FileValue) -> Result<Vec<u8>> {
        self.keeping().objects.get(&file.object).await
    }
}

async fn named(
    tx: &mut Tx,
    registers: &Registers,
    ctx: &Ctx,
    (register, id, field): (&str, RecordId, &str),
) -> Result<FileValue> {
    let definition = registers.definition(register)?;
    let read = permitted(tx, registers, ctx, (register, id), Doing::Read).await?;
    let named = definition
        .file(field)
        .and_then(|file| read.data.get(&file.name));
    let file = named
        .and_then(FileValue::of)
        .ok_or_else(Problem::not_found)?;
    let entry = Entry::done(audit::FILE_OPENED, audit::RECORD, id)
        .with_detail(json!({ "register": register, "field": field }));
    record(tx, ctx, registers.audit_key(), entry).await?;
    Ok(file)
}

fn busy() -> Problem {
    Problem::new(
        Kind::Unavailable,
        "upload.busy",
        "现在上传的人太多，请过一会儿再试",
    )
}
