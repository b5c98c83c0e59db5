//! What an officer may ask an applicant to mend: only what the applicant can reach.

use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_forms::{FieldProblem, Mendings};
use tongban_procedures::{Facts, ProcedureRelease};
use tongban_store::Tx;

use crate::desk::{Desk, Whose, known};
use crate::model::{Case, Correction};
use crate::service::applying::values_of;
use crate::service::view::CaseView;
use crate::work::Work;

async fn facts_of(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    case: &Case,
    release: &ProcedureRelease,
) -> Result<Facts> {
    let today = ctx.now.date();
    let of = Whose::of_case(case);
    desk.facts_on(tx, of, release, &[], (today, today)).await
}

/// Who mends each field of a case, for the officer's page.
pub async fn mendings_of(desk: &Desk, ctx: &Ctx, view: &CaseView) -> Result<Mendings> {
    let input = (
        desk.clone(),
        ctx.clone(),
        view.case.clone(),
        view.release.clone(),
    );
    let facts = desk
        .db
        .read(input, |tx, (desk, ctx, case, release)| {
            Box::pin(facts_of(tx, desk, ctx, case, release))
        })
        .await?;
    let values = values_of(&view.case.form);
    Ok(view.release.form().mending(&values, &known(&facts)))
}

/// Refuses each mark that nobody could answer, with who mends it instead.
pub(crate) async fn must_be_mendable(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    correction: &Correction,
) -> Result<()> {
    let (case, release) = (&work.case, &work.release);
    let facts = facts_of(tx, desk, ctx, case, release).await?;
    let form = release.form();
    let mendings = form.mending(&values_of(&case.form), &known(&facts));
    let mut faults = Vec::new();
    for mend in &correction.fields {
        let why = match mendings.get(&mend.place) {
            Some(mending) => mending.words(),
            None => Some("表单里没有这一项"),
        };
        faults.extend(why.map(|why| {
            let words = format!("{}不能要求申请人补正：{why}", mend.title);
            FieldError::new(FieldProblem::place(&mend.place), "not_mendable", words)
        }));
    }
    let asked = release.materials(&facts);
    for mend in &correction.materials {
        let mut found = asked.iter();
        if !found.any(|m| m.code == mend.place && m.takes_files()) {
            let words = format!("{}不是申请人提交的材料，不能要求补正", mend.title);
            let place = format!("/material/{}", mend.place);
            faults.push(FieldError::new(place, "not_mendable", words));
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(faults)),
    }
}
