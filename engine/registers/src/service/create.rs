//! A new record, entered by an officer.

use serde_json::{Map, Value as Json};
use tongban_base::{Ctx, Result};
use tongban_forms::Input;
use tongban_store::Tx;

use super::files::Uploaded;
use super::prepare::{self, place_of};
use super::write::Written;
use crate::audit;
use crate::model::RecordId;
use crate::permissions::Doing;
use crate::registers::Registers;

impl Registers {
    /// Errors: forbidden; field errors of the form, of the checks, of what must be unique or is too many, of a place that
    /// is not the officer's.
    pub async fn create(&self, ctx: &Ctx, register: &str, input: Input<'_>) -> Result<RecordId> {
        self.create_with(ctx, register, input, &Uploaded::default())
            .await
    }

    /// Errors: not found for an unknown register, forbidden where nothing of it may be written.
    pub(crate) async fn may_create(&self, ctx: &Ctx, register: &str) -> Result<()> {
        let why = (Doing::Write, audit::CREATED);
        let reach = self.required(ctx, self.definition(register)?, why);
        reach.await.map(drop)
    }

    /// The same with files that are kept already.
    pub(crate) async fn create_with(
        &self,
        ctx: &Ctx,
        register: &str,
        input: Input<'_>,
        uploaded: &Uploaded,
    ) -> Result<RecordId> {
        let definition = self.definition(register)?;
        self.may_create(ctx, register).await?;
        let data = prepare::read(definition, input, uploaded.files.clone(), ctx.now.date())?;
        let of = (self.clone(), ctx.clone(), register.to_owned());
        self.db()
            .write((of, data, uploaded.clone()), |tx, (of, data, uploaded)| {
                Box::pin(async move {
                    let (registers, ctx, register) = of;
                    uploaded.record(tx, ctx);
                    create(tx, registers, ctx, register, data).await
                })
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
    let new = Written {
        data,
        place: place_of(ctx, definition, data, None)?,
        holder: ctx.actor.account,
        reason: "",
        kind: "created",
    };
    registers.insert(tx, ctx, register, &new).await
}
