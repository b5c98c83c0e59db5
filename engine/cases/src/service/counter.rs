//! The counter: an officer fills in and files for whoever stands at the window. Who that is is proven by the paper in the
//! officer's hand; draft and case are the applicant's, as if he had begun them himself.

use std::sync::Arc;

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Problem, Result, Scoped, Uuid, authorize};
use tongban_identity::Met;
use tongban_procedures::{Audience, Offered, Procedure};
use tongban_store::Tx;

use crate::agent::{Agent, Means};
use crate::audit;
use crate::desk::Desk;
use crate::model::{Draft, DraftId};
use crate::permissions::COUNTER;
use crate::service::agency::Sides;
use crate::service::applying::{Application, account_of, record};
use crate::service::beginning::{new_draft, refused_in};
use crate::store::drafts;

/// The papers that prove who stands there.
pub const PAPERS: [&str; 3] = ["居民身份证", "临时居民身份证", "电子身份证"];

/// Whoever stands at the window.
#[derive(Clone, Debug, Default)]
pub struct AtWindow {
    pub met: Met,
    /// One of `PAPERS`.
    pub shown: String,
    /// The applicant agrees that the window fills in and files.
    pub agreed: bool,
}

/// What has become of it.
pub enum Begun {
    Draft(DraftId),
    /// The rules do not admit it: nothing was begun.
    Refused(Box<Application>),
}

struct Office<'a> {
    code: &'a str,
    division: &'a str,
}

impl Scoped for Office<'_> {
    fn organisation(&self) -> Option<&str> {
        Some(self.code)
    }

    fn division(&self) -> Option<&str> {
        Some(self.division)
    }
}

/// What a window takes in today: what its office does for the public.
pub fn taken_in(desk: &Desk, ctx: &Ctx) -> Vec<Arc<Offered>> {
    if !is_window_officer(ctx) {
        return Vec::new();
    }
    let mut open = desk.catalog.open_on(ctx.now.date());
    open.retain(|offered| {
        let face = &offered.face;
        face.audience == Audience::Public
            && face.about.is_none()
            && of_his_office(desk, ctx, &face.organisation).is_ok()
    });
    open
}

fn of_his_office(desk: &Desk, ctx: &Ctx, organisation: &str) -> Result<()> {
    let office = desk.catalog.organisation(organisation);
    let office = office.ok_or_else(Problem::not_found)?;
    let of = Office {
        code: organisation,
        division: &office.division,
    };
    authorize(ctx, COUNTER, &of).map(drop)
}

/// An item as a window takes it in. Errors: not found where another office does it, or nobody can apply.
pub fn item_of(desk: &Desk, ctx: &Ctx, item: &str) -> Result<Arc<Offered>> {
    let offered = desk.catalog.offered(item, ctx.now.date())?;
    of_his_office(desk, ctx, &offered.face.organisation)?;
    match (offered.face.audience, &offered.face.about) {
        (Audience::Public, None) => Ok(offered),
        _ => Err(Problem::not_found()),
    }
}

fn checked(ctx: &Ctx, given: &AtWindow) -> Result<AtWindow> {
    let met = given.met.checked(ctx);
    let mut faults = match &met {
        Err(problem) => problem.field_errors().to_vec(),
        Ok(_) => Vec::new(),
    };
    if !PAPERS.contains(&given.shown.as_str()) {
        faults.push(FieldError::new(
            "/shown",
            "required",
            "请选择核对了哪一种证件",
        ));
    }
    if !given.agreed {
        let words = "请先向申请人说明，并在征得本人同意后勾选";
        faults.push(FieldError::new("/agreed", "required", words));
    }
    match met {
        Ok(met) if faults.is_empty() => Ok(AtWindow {
            met,
            ..given.clone()
        }),
        _ => Err(Problem::fields(faults)),
    }
}

/// Errors: no right; a fault in a field.
pub async fn begin_at_window(
    desk: &Desk,
    ctx: &Ctx,
    item: &str,
    given: &AtWindow,
) -> Result<Begun> {
    let offered = item_of(desk, ctx, item)?;
    let given = checked(ctx, given)?;
    let draft = Draft {
        unit: None,
        ..new_draft(desk, ctx, &offered.code, None)?
    };
    let known = match desk.identity.recognise(ctx, &given.met).await {
        Ok(known) => known,
        Err(problem) => {
            let sought = desk.audit_key.sought(&given.met.id_number);
            let entry = Entry::refused(audit::AT_WINDOW, "sought", sought, problem.code());
            tongban_audit::note_refused(&desk.db, ctx, &desk.audit_key, entry).await?;
            return Err(problem);
        }
    };
    let input = (draft, given, known);
    let outcome = desk.write(ctx, input, |tx, desk, ctx, (draft, given, known)| {
        Box::pin(async move {
            let release = desk.catalog.release(tx, &draft.release).await?;
            of_his_office(desk, ctx, &release.procedure().organisation)?;
            let principal = desk.identity.meet(tx, ctx, known).await?;
            let entry = Entry::done(audit::AT_WINDOW, "account", principal).with_detail(
                json!({ "shown": given.shown, "agreed": given.agreed, "item": draft.item_code }),
            );
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
            let draft = Draft {
                account: principal,
                agent: Some(window(desk, ctx, given)?),
                ..draft.clone()
            };
            begin(tx, desk, ctx, (draft, release.procedure())).await
        })
    });
    outcome.await.map_err(|problem| match problem.code() {
        // Two windows met the same person at once.
        "store.unique" => {
            let words = "另一个窗口刚刚登记了同一个人，请再点一次“开始填写”";
            Problem::conflict("case.met_twice", words).with_cause(problem)
        }
        _ => problem,
    })
}

fn window(desk: &Desk, ctx: &Ctx, given: &AtWindow) -> Result<Agent> {
    let staff = ctx.actor.staff.as_ref().ok_or_else(Problem::forbidden)?;
    let office = desk.catalog.organisation(&staff.organisation);
    Ok(Agent {
        account: account_of(ctx)?,
        name: ctx.actor.name.clone(),
        principal: given.met.name.clone(),
        by: Means::Window {
            office: staff.organisation.clone(),
            office_name: office.map_or_else(String::new, |office| office.name.clone()),
            shown: given.shown.clone(),
        },
    })
}

async fn begin(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (draft, procedure): (Draft, &Procedure),
) -> Result<Begun> {
    let several = !procedure.is_one_open();
    if let Some(open) = drafts::open_like(tx, &draft, several).await? {
        return Ok(Begun::Draft(open));
    }
    // A colleague at the next window has begun it.
    if let Some(open) = of_window(tx, desk, ctx, &draft).await? {
        return Ok(Begun::Draft(open));
    }
    if let Some(refused) = refused_in(tx, desk, ctx, (&draft, &[])).await? {
        return Ok(Begun::Refused(Box::new(refused)));
    }
    drafts::insert(tx, &desk.cipher, &draft, several)?;
    record(tx, ctx, desk, draft.id, audit::DRAFT_SAVED).await?;
    Ok(Begun::Draft(draft.id))
}

/// What the window of whoever asks has begun of this item for this person.
async fn of_window(tx: &mut Tx, desk: &Desk, ctx: &Ctx, draft: &Draft) -> Result<Option<DraftId>> {
    let open = drafts::open_of(tx, &desk.cipher, draft.account).await?;
    let mut same = open.iter().filter(|open| open.item_code == draft.item_code);
    let found = same.find(|open| Sides::of_draft(open).are_acted_by(ctx));
    Ok(found.map(|open| open.id))
}

/// The accounts of whoever works or has worked in the office of a window.
pub(crate) async fn colleagues(tx: &mut Tx, desk: &Desk, ctx: &Ctx) -> Result<Vec<Uuid>> {
    let Some(staff) = ctx.actor.staff.as_ref().filter(|_| is_window_officer(ctx)) else {
        return Ok(Vec::new());
    };
    let all = desk.identity.staff_of(tx, &staff.organisation).await?;
    Ok(all.into_iter().map(|officer| officer.id).collect())
}

/// What windows of the office have begun and not filed, the latest first.
pub async fn unfinished_at_window(desk: &Desk, ctx: &Ctx) -> Result<Vec<Draft>> {
    let Some(staff) = ctx.actor.staff.as_ref().filter(|_| is_window_officer(ctx)) else {
        return Ok(Vec::new());
    };
    let office = ("organisation", staff.organisation.clone());
    desk.reads
        .note(ctx, audit::LISTED, office, "窗口没有提交的申请")
        .await?;
    let input = (desk.clone(), ctx.clone());
    let read = desk.db.read(input, |tx, (desk, ctx)| {
        Box::pin(async move {
            let mut all = Vec::new();
            for colleague in colleagues(tx, desk, ctx).await? {
                all.extend(drafts::acted_by(tx, &desk.cipher, colleague).await?);
            }
            all.retain(|draft| Sides::of_draft(draft).are_acted_by(ctx));
            all.sort_by_key(|draft| std::cmp::Reverse(draft.updated_at));
            Ok(all)
        })
    });
    read.await
}

/// Whether somebody takes in applications at a window.
pub(crate) fn is_window_officer(ctx: &Ctx) -> bool {
    let staff = ctx.actor.staff.as_ref();
    staff.is_some_and(|staff| staff.permissions.contains(COUNTER.0))
}
