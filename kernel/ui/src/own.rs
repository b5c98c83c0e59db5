//! What somebody who is logged in finds of his own matters where he begins. Modules bring it and know nothing of each other.

use tongban_base::{ActorKind, Ctx, Date, Problem};
use tongban_store::Fut;

use crate::App;
use crate::view::{Badge, Link};

/// In the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnKind {
    ToDo,
    Ending,
    Draft,
    Running,
}

impl OwnKind {
    const ALL: [OwnKind; 4] = [
        OwnKind::ToDo,
        OwnKind::Ending,
        OwnKind::Draft,
        OwnKind::Running,
    ];

    pub fn title(self) -> &'static str {
        match self {
            OwnKind::ToDo => "等您处理",
            OwnKind::Ending => "快到期的证照",
            OwnKind::Draft => "没有填完的申请",
            OwnKind::Running => "正在办理",
        }
    }
}

/// One matter, with the ways that help: the first is the main one.
#[derive(Clone, Debug)]
pub struct OwnThing {
    pub kind: OwnKind,
    pub title: String,
    pub badge: Option<Badge>,
    /// How it stands.
    pub note: String,
    /// By when something has to be done.
    pub last_day: Option<Date>,
    pub ways: Vec<Link>,
}

/// Asks for the matters of whoever asks.
pub type AskOwn = Box<dyn Fn(&Ctx) -> Fut<'static, Vec<OwnThing>> + Send + Sync>;

/// What one module brings.
pub struct OwnPart(pub AskOwn);

/// The binary offers it as a service.
pub struct OwnParts(pub Vec<OwnPart>);

/// Of one kind, the most pressing first.
pub struct OwnGroup {
    pub kind: OwnKind,
    pub things: Vec<OwnThing>,
    /// More than these are not shown.
    pub more: bool,
}

const MOST: usize = 5;

/// All of a citizen; the page does without what cannot be had.
pub async fn own_groups(app: &App, ctx: &Ctx) -> Vec<OwnGroup> {
    let mut all: Vec<OwnThing> = Vec::new();
    if let (ActorKind::Citizen, Ok(parts)) = (ctx.actor.kind, app.service::<OwnParts>()) {
        for part in &parts.0 {
            match (part.0)(ctx).await {
                Ok(some) => all.extend(some),
                Err(problem) => told(&problem),
            }
        }
    }
    all.sort_by_key(|thing| thing.last_day.unwrap_or(Date::MAX));
    let group = |kind| {
        let of_kind = all.iter().filter(|thing| thing.kind == kind);
        let mut things: Vec<OwnThing> = of_kind.cloned().collect();
        let more = things.len() > MOST;
        things.truncate(MOST);
        OwnGroup { kind, things, more }
    };
    let groups = OwnKind::ALL.into_iter().map(group);
    groups.filter(|group| !group.things.is_empty()).collect()
}

fn told(problem: &Problem) {
    tracing::warn!(%problem, "own matters could not be read");
}
