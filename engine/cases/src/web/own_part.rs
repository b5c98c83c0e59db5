//! What a citizen finds of cases where he begins: what waits for him, what he has not filed yet, what is under way.

use tongban_base::{Ctx, Date, Result, date_words};
use tongban_store::Fut;
use tongban_ui::view::Link;
use tongban_ui::{MenuCount, OwnKind, OwnPart, OwnThing};

use super::my_list::draft_link;
use super::place::Place;
use super::words::{acting, badge};
use crate::desk::Desk;
use crate::model::{CaseLine, Status};
use crate::service::beginning::unfinished;
use crate::service::view::list_cases;
use crate::store::case_filter::{CaseFilter, Progress};
use crate::store::open_cases::correcting;

/// More than these are not on the page where somebody begins.
const MOST: usize = 20;

/// For the wiring.
pub fn own_part(desk: &Desk) -> OwnPart {
    let desk = desk.clone();
    OwnPart(Box::new(move |ctx| {
        let (desk, ctx) = (desk.clone(), ctx.clone());
        Box::pin(async move { own(&desk, &ctx).await })
    }))
}

/// The cases that wait for a citizen, beside the menu entry of his cases.
pub fn own_count(desk: &Desk) -> MenuCount {
    let desk = desk.clone();
    MenuCount {
        path: "/me/cases",
        count: Box::new(move |ctx| count(&desk, ctx)),
    }
}

fn count(desk: &Desk, ctx: &Ctx) -> Fut<'static, u64> {
    let (desk, account) = (desk.clone(), ctx.actor.account);
    Box::pin(async move {
        let Some(account) = account else {
            return Ok(0);
        };
        let count = desk
            .db
            .read(account, |tx, account| Box::pin(correcting(tx, *account)));
        count.await
    })
}

async fn own(desk: &Desk, ctx: &Ctx) -> Result<Vec<OwnThing>> {
    let filter = CaseFilter {
        state: Some(Progress::Open),
        limit: MOST,
        ..CaseFilter::default()
    };
    let cases = list_cases(desk, ctx, filter).await?;
    let place = Place::of_officers(false);
    let mut things: Vec<OwnThing> = cases.rows.iter().map(|case| of_case(place, case)).collect();
    let today = ctx.now.date();
    for draft in unfinished(desk, ctx).await? {
        let link = draft_link(desk, place, &draft, today);
        things.push(OwnThing {
            kind: OwnKind::Draft,
            title: link.label,
            badge: None,
            note: String::new(),
            last_day: None,
            ways: vec![Link::new("接着填", link.href)],
        });
    }
    Ok(things)
}

fn of_case(place: Place, case: &CaseLine) -> OwnThing {
    let page = place.case(case.id);
    let acting = acting(case.agent.as_ref());
    let number = match acting.is_empty() {
        true => format!("办件编号 {}", case.number),
        false => format!("{acting}，办件编号 {}", case.number),
    };
    let (kind, note, way) = match case.status {
        Status::Correcting => {
            let by = case.mend_by.as_ref().map(|by| format!("，请在{by}补正"));
            let note = format!("{number}{}", by.unwrap_or_default());
            let way = Link::new("去补正", format!("{page}/correction"));
            (OwnKind::ToDo, note, way)
        }
        status => {
            let next = status.period().map_or("", |period| period.duty());
            let by = case.due_on.filter(|_| !next.is_empty());
            let by = by.map(|day| format!("，最晚 {}{next}", date_words(day)));
            let note = format!("{number}{}", by.unwrap_or_default());
            (OwnKind::Running, note, Link::new("看进度", page))
        }
    };
    OwnThing {
        kind,
        title: case.item_name.clone(),
        badge: Some(badge(case)),
        note,
        last_day: last_day(case),
        ways: vec![way],
    }
}

fn last_day(case: &CaseLine) -> Option<Date> {
    match case.status {
        Status::Correcting => case.mend_on,
        _ => case.due_on,
    }
}
