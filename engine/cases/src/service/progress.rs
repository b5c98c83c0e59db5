//! How a case stands, for whoever knows its number and the last digits of its applicant's identity number or mobile number.
//! Whatever is wrong is answered alike, so that nobody learns which numbers there are.

use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result, typed};
use tongban_forms::Meaning;
use tongban_procedures::Audience;

use crate::audit;
use crate::desk::Desk;
use crate::model::Case;
use crate::store::cases;

/// So many of the last digits are asked for.
const DIGITS: usize = 4;

#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub number: String,
    pub digits: String,
}

impl Asked {
    /// As both are kept.
    /// Errors: one of them is missing or cannot be right.
    pub fn checked(&self) -> Result<Self> {
        let (number, digits) = (typed::code(&self.number), typed::code(&self.digits));
        let mut faults = Vec::new();
        if number.is_empty() {
            let words = "请填写办件编号，它在受理回执和短信里";
            faults.push(FieldError::new("/number", "required", words));
        }
        let fits = |c: char| c.is_ascii_digit() || c == 'X';
        if digits.chars().count() != DIGITS || !digits.chars().all(fits) {
            let words = "请填写申请人身份证号或者手机号的后四位";
            faults.push(FieldError::new("/digits", "digits", words));
        }
        match faults.is_empty() {
            true => Ok(Self { number, digits }),
            false => Err(Problem::fields(faults)),
        }
    }
}

/// The code behind which the progress of the case stands. Takes what was checked.
/// Errors: they do not belong together, or there is no such case.
pub async fn find_progress(desk: &Desk, ctx: &Ctx, asked: &Asked) -> Result<String> {
    let found = found(desk, asked).await?.ok_or_else(unknown)?;
    let input = (desk.clone(), ctx.clone(), found.id);
    desk.db
        .write(input, |tx, (desk, ctx, case)| {
            Box::pin(async move {
                let entry = Entry::done(audit::PROGRESS_SEEN, "case", *case);
                tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
            })
        })
        .await?;
    Ok(found.code)
}

fn unknown() -> Problem {
    let words = "没有查到。请核对办件编号，以及申请人身份证号或者手机号的后四位";
    Problem::invalid("case.progress_unknown", words)
}

async fn found(desk: &Desk, asked: &Asked) -> Result<Option<Case>> {
    let loaded = desk
        .db
        .read((desk.clone(), asked.clone()), |tx, (desk, asked)| {
            Box::pin(async move {
                let case = match cases::by_number(tx, &desk.cipher, &asked.number).await {
                    Ok(case) => case,
                    Err(problem) if problem.kind() == Kind::NotFound => return Ok(None),
                    Err(problem) => return Err(problem),
                };
                let release = desk.catalog.release(tx, &case.release).await?;
                let mobile = release.form().text_of(Meaning::Mobile, &case.form);
                let mobile = mobile.to_owned();
                let is_public = release.procedure().audience == Audience::Public;
                Ok(is_public.then_some((case, mobile)))
            })
        })
        .await?;
    let Some((case, mobile)) = loaded else {
        return Ok(None);
    };
    let person = desk.identity.person_of(case.account).await?;
    let mut known = vec![mobile, person.mobile];
    known.extend(person.id_number);
    let fits = |number: &String| number.len() >= DIGITS && number.ends_with(&asked.digits);
    Ok(known.iter().any(fits).then_some(case))
}
