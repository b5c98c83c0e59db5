//! How the files of a case stand before whoever reads them.

use std::collections::HashMap;

use tongban_audit::Entry;
use tongban_base::{Ctx, Problem, Result, Uuid};

use crate::audit;
use crate::desk::Desk;
use crate::model::{CaseId, MaterialFileId};
use crate::service::view::open_case;
use crate::store::turns;

/// Quarters to the right, of the files that do not stand as they came.
pub async fn turns_of(desk: &Desk, case: CaseId) -> Result<HashMap<Uuid, u8>> {
    let read = desk
        .db
        .read(case, |tx, case| Box::pin(turns::of_case(tx, *case)));
    read.await
}

/// Turns a file by a quarter, for everybody who may read it.
pub async fn turn_file(desk: &Desk, ctx: &Ctx, case: CaseId, file: MaterialFileId) -> Result<()> {
    let view = open_case(desk, ctx, case).await?;
    if !view.files.iter().any(|filed| filed.file.id == file) {
        return Err(Problem::not_found());
    }
    desk.write(ctx, (case, file), |tx, desk, ctx, (case, file)| {
        Box::pin(async move {
            turns::turn(tx, *case, *file).await?;
            let entry = Entry::done(audit::FILE_TURNED, "case", *case);
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
        })
    })
    .await
}
