//! The page of an officer's queue, and how a wish for it stands in an address.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, Result};
use tongban_flows::{TaskId, TaskOrder};
use tongban_store::{Cursor, KeyPage};
use tongban_ui::markup::with_query;
use tongban_ui::view::{Badge, Choice, Link, Pager, Tab, Tone};
use tongban_ui::{Answer, App, Page, Visit};

use super::lists::{case_row, views};
use super::people_views::StepLimit;
use super::queue_views::{InQueue, QueueLine, QueuePage, SortHead};
use super::views::{CaseRow, GatePage};
use crate::desk::Desk;
use crate::model::CaseId;
use crate::permissions::SUPERVISE;
use crate::service::gate::closed_gate;
use crate::service::queue::{
    COUNTED, Due, Facet, QueueRow, QueueWish, before, beside, count_waiting, facets, work_queue,
};
use crate::service::remake::{may_remake, overdue_papers};
use crate::store::queue::{Before, CasesOf};

const PAGE: usize = 30;
pub(super) const QUEUE: &str = "/workbench";

/// In addresses, and in words.
const DUES: [(&str, Due, &str); 3] = [
    ("late", Due::Late, "已超期"),
    ("today", Due::Today, "今天到期"),
    ("soon", Due::Soon, "快到期"),
];
const CAME_AGAIN: [(&str, Before, &str); 2] = [
    ("returned", Before::Returned, "退回重办"),
    ("corrected", Before::Corrected, "已补正"),
];
const CLAIMED: (&str, &str) = ("claimed", "由我办理");
const ORDERS: [(&str, TaskOrder); 2] = [("arrival", TaskOrder::Arrival), ("step", TaskOrder::Step)];

/// What an address asks for; what it does not know asks for nothing.
pub(super) fn wish_of(query: &HashMap<String, String>) -> QueueWish {
    let text = |name: &str| query.get(name).map_or("", |text| text.trim());
    let due = DUES.iter().find(|(name, ..)| *name == text("due"));
    let before = CAME_AGAIN.iter().find(|(name, ..)| *name == text("state"));
    let order = ORDERS.iter().find(|(name, _)| *name == text("sort"));
    QueueWish {
        step: text("step").to_owned(),
        due: due.map(|(_, due, _)| *due),
        claimed: text("state") == CLAIMED.0,
        cases: CasesOf {
            item: text("item").to_owned(),
            before: before.map(|(_, before, _)| *before),
            words: text("q").to_owned(),
        },
        order: order.map(|(_, order)| *order).unwrap_or_default(),
        falling: text("way") == "down",
    }
}

/// The same wish as a query, which pages of cases that were opened from it keep.
pub(super) fn query_of(wish: &QueueWish) -> String {
    let due = DUES.iter().find(|(_, due, _)| Some(*due) == wish.due);
    let before = CAME_AGAIN
        .iter()
        .find(|(_, before, _)| Some(*before) == wish.cases.before);
    let state = match wish.claimed {
        true => CLAIMED.0,
        false => before.map_or("", |(name, ..)| name),
    };
    let order = ORDERS.iter().find(|(_, order)| *order == wish.order);
    let pairs = [
        ("step", wish.step.as_str()),
        ("item", &wish.cases.item),
        ("due", due.map_or("", |(name, ..)| name)),
        ("state", state),
        ("q", &wish.cases.words),
        ("sort", order.map_or("", |(name, _)| name)),
        ("way", if wish.falling { "down" } else { "" }),
    ];
    let asked = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(asked);
    query.finish()
}

/// What stands behind `from` on the page of a case.
pub(super) fn wish_in(from: &str) -> QueueWish {
    let pairs = url::form_urlencoded::parse(from.as_bytes()).into_owned();
    wish_of(&pairs.collect())
}

/// Where a task of the queue is opened; the page keeps from where.
pub(super) fn place_of(row: &QueueRow, wish: &QueueWish) -> String {
    let place = format!("/workbench/cases/{}?task={}", row.case.id, row.task.id);
    let from = query_of(wish);
    with_query(&place, "from", (!from.is_empty()).then_some(from.as_str()))
}

/// Where the task of a case stands in the queue from which it was opened.
pub(super) async fn stands(desk: &Desk, ctx: &Ctx, from: &str, task: TaskId) -> Result<InQueue> {
    let wish = wish_in(from);
    let [before, behind] = beside(desk, ctx, &wish, task).await?;
    let link = |row: QueueRow| {
        let words = format!(
            "{} {}，{}",
            row.case.number, row.case.applicant, row.task.name
        );
        Link::new(words, place_of(&row, &wish))
    };
    Ok(InQueue {
        href: back_to(&wish),
        before: before.map(link),
        behind: behind.map(link),
    })
}

/// Whoever supervises and has nothing to do himself looks at how things stand.
async fn begins_with_figures(desk: &Desk, ctx: &Ctx) -> Result<bool> {
    let staff = ctx.actor.staff.as_ref();
    let supervises = staff.is_some_and(|staff| staff.permissions.contains(SUPERVISE.0));
    Ok(supervises && count_waiting(desk, ctx, &QueueWish::default()).await? == 0)
}

pub async fn queue(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    if let Some(gate) = closed_gate(&desk, &ctx).await? {
        let page = page.titled("开始工作以前");
        return Ok(Html(GatePage { page, gate }.render()?).into_response());
    }
    if query.contains_key("begin") && begins_with_figures(&desk, &ctx).await? {
        return Ok(Redirect::to("/workbench/figures").into_response());
    }
    let cursor = Cursor::from_query(query.get("after").map(String::as_str))?;
    let wish = wish_of(&query);
    let rows = work_queue(&desk, &ctx, &wish, (cursor, PAGE)).await?;
    let facets = facets(&desk, &ctx).await?;
    let view = QueuePage {
        pager: Pager::of(&page.path, &rows, None),
        tabs: counted(views(&ctx, "queue"), &page),
        dues: dues(&desk, &ctx, &wish).await?,
        has_failed: has_failed(&desk, &ctx).await?,
        words: wish.cases.words.clone(),
        steps: choices(&facets.steps, &wish.step),
        items: choices(&facets.items, &wish.cases.item),
        states: states(&wish),
        kept: kept(&wish),
        heads: heads(&wish),
        batch: batch(&wish, &rows.rows),
        from: query_of(&wish),
        narrowed: !query_of(&QueueWish {
            order: TaskOrder::default(),
            falling: false,
            ..wish.clone()
        })
        .is_empty(),
        rows: lines(&desk, &ctx, &wish, &rows).await?,
        page: page.titled("待办任务"),
    };
    Ok(Html(view.render()?).into_response())
}

/// The count of the menu stands on the tab too.
fn counted(mut tabs: Vec<Tab>, page: &Page) -> Vec<Tab> {
    let entries = page.menu.iter().flat_map(|group| &group.entries);
    let count = entries
        .filter(|entry| entry.key == QUEUE)
        .find_map(|entry| entry.count);
    for tab in tabs.iter_mut().filter(|tab| tab.current) {
        tab.count = count;
    }
    tabs
}

/// Ways to what presses, each with its number; the one that is chosen leads back.
async fn dues(desk: &Desk, ctx: &Ctx, wish: &QueueWish) -> Result<Vec<Tab>> {
    let mut tabs = Vec::new();
    for (_, due, label) in DUES {
        let only = QueueWish {
            due: Some(due),
            ..wish.clone()
        };
        let current = wish.due == Some(due);
        let other = QueueWish {
            due: (!current).then_some(due),
            ..wish.clone()
        };
        tabs.push(Tab {
            label: label.to_owned(),
            href: back_to(&other),
            count: Some(count_waiting(desk, ctx, &only).await?),
            current,
        });
    }
    Ok(tabs)
}

/// The queue as it was asked for.
pub(super) fn back_to(wish: &QueueWish) -> String {
    match query_of(wish) {
        query if query.is_empty() => QUEUE.to_owned(),
        query => format!("{QUEUE}?{query}"),
    }
}

fn choices(facets: &[Facet], chosen: &str) -> Vec<Choice> {
    let told = |facet: &Facet| {
        let more = if facet.count >= COUNTED as u64 {
            "以上"
        } else {
            ""
        };
        let label = format!("{}（{}{more}）", facet.name, facet.count);
        Choice::new(facet.code.clone(), label, facet.code == chosen)
    };
    let mut all: Vec<Choice> = facets.iter().map(told).collect();
    // What nothing waits at any more stays what was asked for.
    if !chosen.is_empty() && !all.iter().any(|choice| choice.chosen) {
        all.push(Choice::new(chosen, "所选的（0）", true));
    }
    all
}

fn states(wish: &QueueWish) -> Vec<Choice> {
    let before = CAME_AGAIN
        .map(|(name, before, label)| Choice::new(name, label, wish.cases.before == Some(before)));
    let claimed = Choice::new(CLAIMED.0, CLAIMED.1, wish.claimed);
    before.into_iter().chain([claimed]).collect()
}

/// What the form of filters does not show, so that it is not lost.
fn kept(wish: &QueueWish) -> Vec<(String, String)> {
    let of = QueueWish {
        due: wish.due,
        order: wish.order,
        falling: wish.falling,
        ..QueueWish::default()
    };
    let query = query_of(&of);
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Column heads; of those that sort, a press on the one in use turns the order round.
fn heads(wish: &QueueWish) -> Vec<SortHead> {
    let head = |title, order: Option<TaskOrder>| {
        let used = order == Some(wish.order);
        let turned = order.map(|order| QueueWish {
            order,
            falling: used && !wish.falling,
            ..wish.clone()
        });
        SortHead {
            title,
            href: turned.map(|wish| back_to(&wish)).unwrap_or_default(),
            sort: match (used, wish.falling) {
                (false, _) => "",
                (true, false) => "ascending",
                (true, true) => "descending",
            },
        }
    };
    vec![
        head("环节", Some(TaskOrder::Step)),
        head("事项", None),
        head("申请人", None),
        head("办件编号", None),
        head("到达", Some(TaskOrder::Arrival)),
        head("期限", Some(TaskOrder::Danger)),
    ]
}

async fn lines(
    desk: &Desk,
    ctx: &Ctx,
    wish: &QueueWish,
    rows: &KeyPage<QueueRow>,
) -> Result<Vec<QueueLine>> {
    let cases: Vec<CaseId> = rows.rows.iter().map(|row| row.case.id).collect();
    let again = before(desk, cases).await?;
    let line = |row: &QueueRow| {
        let case = case_row(desk, &row.case, ctx, row.task.name.clone());
        let arrived = row.task.opened_at;
        QueueLine {
            task: row.task.id.to_string(),
            batch: row.task.decisions.iter().any(|decision| decision.batch),
            marks: marks(row, &again),
            arrived: match arrived.date() == ctx.now.date() {
                true => format!("今天 {}", arrived.clock()),
                false => arrived.date_words(),
            },
            case: CaseRow {
                // Each line leads to its own task.
                href: place_of(row, wish),
                step: StepLimit::of(&row.task, row.case.paused.as_deref(), ctx.now.date()),
                paper: row.failed.clone().unwrap_or_default(),
                ..case
            },
        }
    };
    Ok(rows.rows.iter().map(line).collect())
}

/// What can be decided for many at once: of one step, which has to be chosen first where the page shows several.
fn batch(wish: &QueueWish, rows: &[QueueRow]) -> Vec<Choice> {
    let mut all: Vec<Choice> = Vec::new();
    let decisions = rows.iter().flat_map(|row| &row.task.decisions);
    let steps: BTreeSet<&str> = rows.iter().map(|row| row.task.element.as_str()).collect();
    let one_step = steps.len() == 1;
    let chosen = !wish.step.is_empty() || one_step;
    for decision in decisions.filter(|decision| decision.batch && chosen) {
        if !all.iter().any(|choice| choice.value == decision.name) {
            all.push(Choice::new(
                decision.name.clone(),
                decision.label.clone(),
                false,
            ));
        }
    }
    all
}

/// What sets a task apart from the others.
fn marks(row: &QueueRow, again: &[(CaseId, Before)]) -> Vec<Badge> {
    let here = |before: &Before| again.contains(&(row.case.id, *before));
    let known = CAME_AGAIN.iter().filter(|(_, before, _)| here(before));
    let mut marks: Vec<Badge> = known
        .map(|(_, before, label)| {
            let tone = match before {
                Before::Returned => Tone::Warn,
                Before::Corrected => Tone::Info,
            };
            Badge::new(*label, tone)
        })
        .collect();
    if row.task.assignment.assignee.is_some() {
        marks.push(Badge::new(CLAIMED.1, Tone::Info));
    }
    marks
}

/// Whether papers of the office failed, for an officer who looks after them.
async fn has_failed(desk: &Desk, ctx: &Ctx) -> Result<bool> {
    if may_remake(ctx).is_err() {
        return Ok(false);
    }
    Ok(!overdue_papers(desk, ctx, None, 1).await?.rows.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_comes_back_from_its_address_and_foreign_words_ask_for_nothing() {
        let queries = [
            "",
            "step=review&item=road-driver-renew&due=late&state=returned&q=%E6%B5%8B%E8%AF%95+1&sort=step&way=down",
            "state=claimed&sort=arrival",
        ];
        for query in queries {
            assert_eq!(query_of(&wish_in(query)), query);
        }
        assert_eq!(
            query_of(&wish_in("due=never&state=x&sort=y&way=up&z=1")),
            ""
        );
    }
}
