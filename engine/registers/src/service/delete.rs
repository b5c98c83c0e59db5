//! Deleting is marking: the record leaves the lists, what it said and its history stay.

use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_store::Tx;

use super::open::permitted;
use crate::audit;
use crate::model::RecordId;
use crate::permissions::Doing;
use crate::registers::Registers;

const LIMIT: usize = 200;

impl Registers {
    /// Errors: not found, forbidden, a conflict when it has changed since, a field error without a reason.
    pub async fn delete(
        &self,
        ctx: &Ctx,
        register: &str,
        (id, seen): (RecordId, i64),
        reason: &str,
    ) -> Result<()> {
        let reason = reason.trim().to_owned();
        self.writable(ctx, register, id, audit::DELETED).await?;
        let input = (
            self.clone(),
            ctx.clone(),
            register.to_owned(),
            (id, seen),
            reason,
        );
        self.db()
            .write(input, |tx, (registers, ctx, register, which, reason)| {
                Box::pin(delete(tx, registers, ctx, register, *which, reason))
            })
            .await
    }
}

async fn delete(
    tx: &mut Tx,
    registers: &Registers,
    ctx: &Ctx,
    register: &str,
    (id, seen): (RecordId, i64),
    reason: &str,
) -> Result<()> {
    permitted(tx, registers, ctx, (register, id), Doing::Write).await?;
    let length = reason.chars().count();
    if length == 0 || length > LIMIT {
        let message = format!("请写明删除的理由，最多 {LIMIT} 个字");
        let fault = FieldError::new("/reason", "required", message);
        return Err(Problem::fields(vec![fault]));
    }
    let which = (register, id, seen);
    let retired = registers.retire(tx, ctx, which, ("deleted", reason));
    retired.await.map(drop)
}
