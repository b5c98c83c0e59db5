//! The person behind a case: what else is known of him in the house, and how he is reached. Numbers are shown in full only
//! to whoever says why, and that is on record.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, Result, Scope};
use tongban_identity::Owner;
use tongban_procedures::{Facts, ProcedureRelease};

use crate::audit;
use crate::desk::{Desk, Whose};
use crate::model::{CaseId, CaseLine};
use crate::service::admission::restriction_words;
use crate::service::view::{CaseView, open_case};
use crate::store::case_filter::CaseFilter;
use crate::store::cases;

/// So many of the other cases are listed.
const LISTED: usize = 6;

/// Why somebody wants to see numbers in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Check,
    Call,
}

impl Why {
    pub const ALL: [Why; 2] = [Why::Check, Why::Call];

    pub fn code(self) -> &'static str {
        match self {
            Why::Check => "check",
            Why::Call => "call",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Why::Check => "核对申请信息和材料",
            Why::Call => "联系申请人",
        }
    }
}

/// What stands beside a case of the person who filed it.
#[derive(Default)]
pub struct PersonBehind {
    /// Other cases of the account in sight of the officer, the latest first.
    pub others: Vec<CaseLine>,
    pub more: bool,
    /// What authorities decided of the person, in words.
    pub restrictions: Vec<String>,
    /// What registers of the house hold of him for this procedure: title and words.
    pub held: Vec<(String, String)>,
}

/// Numbers by which the person is known and reached.
#[derive(Default)]
pub struct Numbers {
    pub id_number: String,
    pub mobile: String,
}

pub(crate) async fn behind(desk: &Desk, ctx: &Ctx, view: &CaseView) -> Result<PersonBehind> {
    let filter = CaseFilter {
        account: Some(view.case.account),
        limit: LISTED,
        ..CaseFilter::default()
    };
    let input = (
        desk.clone(),
        (Scope::of(&ctx.actor), filter),
        (view.case.clone(), view.release.clone()),
        ctx.now.date(),
    );
    let (page, (restrictions, held)) = desk
        .db
        .read(
            input,
            |tx, (desk, (scope, filter), (case, release), today)| {
                Box::pin(async move {
                    let page = cases::list(tx, &desk.cipher, scope, filter).await?;
                    let days = (*today, *today);
                    let facts = desk
                        .facts_on(tx, Whose::of_case(case), release, &[], days)
                        .await?;
                    let held = held(desk, release, &facts);
                    Ok((page, (restriction_words(&facts.restrictions), held)))
                })
            },
        )
        .await?;
    let more = page.next.is_some();
    let mut others = page.rows;
    others.retain(|other| other.id != view.case.id);
    Ok(PersonBehind {
        others,
        more,
        restrictions,
        held,
    })
}

fn held(desk: &Desk, release: &ProcedureRelease, facts: &Facts) -> Vec<(String, String)> {
    let words = desk.brought.sources.iter().flat_map(|source| {
        let answer = facts.asked.get(source.info().name);
        let answer = answer.unwrap_or(&serde_json::Value::Null);
        source.words(answer, release.parts(), release.folder())
    });
    words.collect()
}

/// The numbers in full, for whoever may open the case; that they were shown, and why, is on record before.
pub async fn reveal(desk: &Desk, ctx: &Ctx, case: CaseId, why: Why) -> Result<(CaseView, Numbers)> {
    let view = open_case(desk, ctx, case).await?;
    let entry =
        Entry::done(audit::REVEALED, "case", case).with_detail(json!({ "reason": why.words() }));
    let owner = desk
        .write(
            ctx,
            (view.case.account, entry),
            |tx, desk, ctx, (account, entry)| {
                Box::pin(async move {
                    tongban_audit::record(tx, ctx, &desk.audit_key, entry.clone()).await?;
                    desk.identity.owner_in(tx, *account).await
                })
            },
        )
        .await?;
    let numbers = match owner {
        Owner::Citizen(person) => match why {
            Why::Check => Numbers {
                id_number: person.id_number.unwrap_or_default(),
                ..Numbers::default()
            },
            Why::Call => Numbers {
                mobile: person.mobile,
                ..Numbers::default()
            },
        },
        Owner::Officer(_) => Numbers::default(),
    };
    Ok((view, numbers))
}
