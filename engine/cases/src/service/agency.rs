//! Acting for others: whoever has a mandate does with an application and a case of his principal what the principal could,
//! as long as the mandate lasts, and so does the window that took it in. That is asked in the transaction that reads or
//! writes.

use tongban_base::{Ctx, Date, Kind, Problem, Result, Uuid, authorize_own};
use tongban_identity::Power;
use tongban_store::Tx;

use crate::agent::{Acting, Agent, Means};
use crate::desk::Desk;
use crate::model::{Case, Draft};
use crate::permissions::APPLY;
use crate::service::counter::is_window_officer;

/// Whose it is, and who acts for him in what.
#[derive(Clone, Copy)]
pub(crate) struct Sides<'a> {
    principal: Uuid,
    agent: Option<&'a Agent>,
    item: &'a str,
}

impl<'a> Sides<'a> {
    pub fn of_draft(draft: &'a Draft) -> Self {
        Self {
            principal: draft.account,
            agent: draft.agent.as_ref(),
            item: &draft.item_code,
        }
    }

    pub fn of_case(case: &'a Case) -> Self {
        Self {
            principal: case.account,
            agent: case.agent.as_ref(),
            item: &case.item_code,
        }
    }

    /// Whether whoever asks is the one who acts for another one, or stands at the window that does.
    pub fn are_acted_by(&self, ctx: &Ctx) -> bool {
        match self.agent {
            None => false,
            Some(Agent {
                by: Means::Window { office, .. },
                ..
            }) => stands_at(ctx, office),
            Some(agent) => {
                ctx.actor.account == Some(agent.account) && agent.account != self.principal
            }
        }
    }

    /// Whether whoever asks stands at the window that took it in.
    pub fn are_at_window(&self, ctx: &Ctx) -> bool {
        self.agent.is_some_and(Agent::is_at_window) && self.are_acted_by(ctx)
    }

    /// The mandate of whoever acts, if it lasts.
    async fn power(&self, tx: &mut Tx, desk: &Desk, on: Date) -> Result<Option<Power>> {
        let Some(agent) = self.agent.filter(|agent| !agent.is_at_window()) else {
            return Ok(None);
        };
        let powers = powers(tx, desk, agent.account, on).await?;
        let mut powers = powers.into_iter();
        Ok(powers.find(|power| power.principal == self.principal && power.covers(self.item)))
    }
}

/// Whether whoever asks may take in applications at a window of this office.
fn stands_at(ctx: &Ctx, office: &str) -> bool {
    let staff = ctx.actor.staff.as_ref();
    is_window_officer(ctx) && staff.is_some_and(|staff| staff.organisation == office)
}

async fn powers(tx: &mut Tx, desk: &Desk, agent: Uuid, on: Date) -> Result<Vec<Power>> {
    match &desk.brought.mandates {
        Some(mandates) => mandates.powers(tx, agent, on).await,
        None => Ok(Vec::new()),
    }
}

fn ended() -> Problem {
    Problem::conflict(
        "case.mandate_ended",
        "您的代办授权已经结束或者过期，不能再替对方办理这件事。已经填写和提交的内容都还在，由申请人本人接着办；\
         还需要您代办的，请对方在“亲友代办”里重新授权",
    )
}

fn not_mandated() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "case.not_mandated",
        "您现在没有替这个人办理这件事的授权。请对方在“亲友代办”里授权，您确认以后再办理",
    )
}

/// Whoever acts for somebody hears no number of what that one has filed himself.
pub(crate) fn open_already(agent: &Agent) -> Problem {
    let words = format!(
        "{}已有一件同样的申请正在办理，办结后才能再次申请",
        agent.principal
    );
    Problem::conflict("case.open_already", words)
}

/// Errors: whoever asks acts for another one, and his mandate has ended.
pub(crate) async fn must_last(tx: &mut Tx, desk: &Desk, ctx: &Ctx, of: Sides<'_>) -> Result<()> {
    if !of.are_acted_by(ctx) || of.agent.is_some_and(Agent::is_at_window) {
        return Ok(());
    }
    let power = of.power(tx, desk, ctx.now.date()).await?;
    power.map(drop).ok_or_else(ended)
}

/// For what only the applicant may do with an application, and whoever acts for him. To everybody else it is not there.
pub(crate) async fn authorize_draft(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    draft: &Draft,
) -> Result<()> {
    let sides = Sides::of_draft(draft);
    match sides.are_acted_by(ctx) {
        true => must_last(tx, desk, ctx, sides).await,
        false => authorize_own(ctx, APPLY, draft).map(drop),
    }
}

/// Whoever acts in a case that is filed now; nobody, where the mandate by which it was begun counts no more and the
/// applicant files himself. Errors: whoever files acts for him, and the mandate has ended.
pub(crate) async fn at_filing(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    draft: &Draft,
) -> Result<Option<Agent>> {
    let (sides, Some(agent)) = (Sides::of_draft(draft), &draft.agent) else {
        return Ok(None);
    };
    if agent.is_at_window() {
        // What was begun at a window its applicant may file himself.
        return Ok(sides.are_acted_by(ctx).then(|| agent.clone()));
    }
    match sides.power(tx, desk, ctx.now.date()).await? {
        Some(power) => Ok(Some(Agent::of(agent.account, &power))),
        None if sides.are_acted_by(ctx) => Err(ended()),
        None => Ok(None),
    }
}

/// The draft as that of whoever gave the mandate. Errors: there is none for this item in force.
pub(crate) async fn on_behalf(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (draft, mandate): (&Draft, Option<Uuid>),
) -> Result<Draft> {
    let Some(mandate) = mandate else {
        return Ok(draft.clone());
    };
    let powers = powers(tx, desk, draft.account, ctx.now.date()).await?;
    let mut powers = powers.iter();
    let power = powers.find(|power| power.mandate == mandate && power.covers(&draft.item_code));
    let power = power.ok_or_else(not_mandated)?;
    Ok(Draft {
        account: power.principal,
        agent: Some(Agent::of(draft.account, power)),
        ..draft.clone()
    })
}

/// For whom whoever asks may act in an item today, besides for himself.
pub async fn principals(desk: &Desk, ctx: &Ctx, item: &str) -> Result<Vec<Power>> {
    let (Some(account), None) = (ctx.actor.account, &ctx.actor.staff) else {
        return Ok(Vec::new());
    };
    let input = (desk.clone(), account, ctx.now.date(), item.to_owned());
    let read = desk.db.read(input, |tx, (desk, account, on, item)| {
        Box::pin(async move {
            let mut powers = powers(tx, desk, *account, *on).await?;
            powers.retain(|power| power.covers(item));
            Ok(powers)
        })
    });
    read.await
}

/// Whose cases whoever asks sees besides his own.
pub(crate) async fn acting(tx: &mut Tx, desk: &Desk, ctx: &Ctx) -> Result<Vec<Acting>> {
    let (Some(account), None) = (ctx.actor.account, &ctx.actor.staff) else {
        return Ok(Vec::new());
    };
    let powers = powers(tx, desk, account, ctx.now.date()).await?;
    let acting = powers.into_iter().map(|power| Acting {
        principal: power.principal,
        items: power.items,
    });
    Ok(acting.collect())
}

/// Whether one of these is for the draft.
pub(crate) fn is_for(acting: &[Acting], draft: &Draft) -> bool {
    acting.iter().any(|acting| {
        let items = acting.items.as_ref();
        acting.principal == draft.account
            && items.is_none_or(|items| items.contains(&draft.item_code))
    })
}

/// Whoever acts in a case, while his mandate lasts: he is told what the applicant is told.
pub(crate) async fn told(tx: &mut Tx, desk: &Desk, case: &Case, on: Date) -> Result<Option<Power>> {
    Sides::of_case(case).power(tx, desk, on).await
}
