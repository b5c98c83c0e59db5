//! The queue of an officer: what he may do next, the most pressing first, and the tasks beside one.

use tongban_base::{Ctx, Date, Problem, Result};
use tongban_flows::{Task, TaskFilter, TaskId, TaskOrder, TaskQuery};
use tongban_store::{Cursor, KeyPage, Row, Tx};

use crate::desk::Desk;
use crate::model::{CaseId, CaseLine};
use crate::service::overdue::soon;
use crate::store::queue::{Before, CasesOf, came_again, in_queue, steps_and_items};
use crate::store::{cases, documents};

/// So many tasks are counted, and looked at for one of the same step.
pub const COUNTED: usize = 1_000;
const LOOKED_AT: usize = 100;

/// A line of the queue.
pub struct QueueRow {
    pub task: Task,
    pub case: CaseLine,
    /// A paper of the case that could not be made, in words.
    pub failed: Option<String>,
}

/// When what is asked for has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Late,
    Today,
    Soon,
}

/// Which tasks, in which order.
#[derive(Clone, Debug, Default)]
pub struct QueueWish {
    pub step: String,
    pub due: Option<Due>,
    /// Only those that the officer has taken for himself, or that were given to him.
    pub claimed: bool,
    pub cases: CasesOf,
    pub order: TaskOrder,
    pub falling: bool,
}

impl QueueWish {
    fn filter(&self, desk: &Desk, today: Date) -> TaskFilter {
        let due = self.due.map(|due| match due {
            Due::Late => (Date::default(), today.pred_opt().unwrap_or(today)),
            Due::Today => (today, today),
            Due::Soon => (today.succ_opt().unwrap_or(today), soon(desk, today)),
        });
        TaskFilter {
            element: (!self.step.is_empty()).then(|| self.step.clone()),
            due,
            claimed: self.claimed,
            order: self.order,
            falling: self.falling,
        }
    }
}

/// A step or an item of the queue with its number of tasks.
pub struct Facet {
    pub code: String,
    pub name: String,
    pub count: u64,
}

/// What there is to choose from, of the first tasks.
#[derive(Default)]
pub struct Facets {
    pub steps: Vec<Facet>,
    pub items: Vec<Facet>,
}

/// The open tasks of the actor's roles within the actor's office: one query for a page.
pub async fn work_queue(
    desk: &Desk,
    ctx: &Ctx,
    wish: &QueueWish,
    (at, limit): (Option<Cursor>, usize),
) -> Result<KeyPage<QueueRow>> {
    let input = (desk.clone(), queue_of(desk, ctx, wish)?, at);
    let page = desk.db.read(input, move |tx, (desk, query, at)| {
        Box::pin(async move {
            let read = |tx: &Tx, row: &Row| read(tx, row, desk);
            tongban_flows::open_tasks(tx, query, (at.as_ref(), limit), read).await
        })
    });
    Ok(page.await?.map(row))
}

fn read(tx: &Tx, row: &Row, desk: &Desk) -> Result<Option<(CaseLine, Option<String>)>> {
    let case = cases::genuine_line(tx, row, &desk.cipher)?;
    let failed: Option<String> = row.get("failed")?;
    Ok(case.map(|case| (case, failed)))
}

fn row((task, (case, failed)): (Task, (CaseLine, Option<String>))) -> QueueRow {
    QueueRow { task, case, failed }
}

/// The tasks before and behind one in a queue; it may have been decided meanwhile.
pub async fn beside(
    desk: &Desk,
    ctx: &Ctx,
    wish: &QueueWish,
    task: TaskId,
) -> Result<[Option<QueueRow>; 2]> {
    let input = (desk.clone(), queue_of(desk, ctx, wish)?, task);
    let found = desk.db.read(input, |tx, (desk, query, task)| {
        Box::pin(async move {
            let task = tongban_flows::task(tx, *task).await?;
            let read = |tx: &Tx, row: &Row| read(tx, row, desk);
            tongban_flows::beside_in_queue(tx, query, &task, read, 1).await
        })
    });
    Ok(found.await?.map(|found| found.into_iter().next().map(row)))
}

/// After a task, of the tasks behind it: the first of another case at the same step, else the first of another case at
/// all; behind the last one the queue begins again. It is not taken, and may be gone when it is opened.
pub(crate) async fn next_in_queue(
    desk: &Desk,
    ctx: &Ctx,
    wish: &QueueWish,
    after: &Task,
) -> Result<Option<QueueRow>> {
    let input = (desk.clone(), queue_of(desk, ctx, wish)?, after.clone());
    let found = desk.db.read(input, |tx, (desk, query, task)| {
        Box::pin(async move {
            let read = |tx: &Tx, row: &Row| read(tx, row, desk);
            tongban_flows::beside_in_queue(tx, query, task, read, LOOKED_AT).await
        })
    });
    let [before, behind] = found.await?;
    let mut others: Vec<QueueRow> = behind.into_iter().map(row).collect();
    others.extend(before.into_iter().rev().map(row));
    others.retain(|row| row.task.subject != after.subject);
    let same = |row: &QueueRow| row.task.element == after.element && row.task.role == after.role;
    let at = others.iter().position(same).unwrap_or_default();
    Ok(others.into_iter().nth(at))
}

/// How many lines the queue of the actor has, or a view of it; counting stops at `COUNTED`.
pub async fn count_waiting(desk: &Desk, ctx: &Ctx, wish: &QueueWish) -> Result<u64> {
    let query = queue_of(desk, ctx, wish)?;
    desk.db
        .read(query, |tx, query| {
            Box::pin(tongban_flows::count_open_tasks(tx, query, COUNTED))
        })
        .await
}

/// The steps and items of the first tasks.
pub async fn facets(desk: &Desk, ctx: &Ctx) -> Result<Facets> {
    let query = queue_of(desk, ctx, &QueueWish::default())?;
    let found = desk.db.read(query, |tx, query| {
        Box::pin(steps_and_items(tx, query, COUNTED))
    });
    let mut facets = Facets::default();
    for (step, item, count) in found.await? {
        for (all, (code, name)) in [(&mut facets.steps, step), (&mut facets.items, item)] {
            match all.iter_mut().find(|facet| facet.code == code) {
                Some(facet) => facet.count += count,
                None => all.push(Facet { code, name, count }),
            }
        }
    }
    for all in [&mut facets.steps, &mut facets.items] {
        all.sort_by(|one, other| other.count.cmp(&one.count).then(one.name.cmp(&other.name)));
    }
    Ok(facets)
}

/// What has become of some cases before.
pub async fn before(desk: &Desk, cases: Vec<CaseId>) -> Result<Vec<(CaseId, Before)>> {
    desk.db
        .read(cases, |tx, cases| Box::pin(came_again(tx, cases)))
        .await
}

fn queue_of(desk: &Desk, ctx: &Ctx, wish: &QueueWish) -> Result<TaskQuery> {
    let staff = ctx.actor.staff.as_ref().ok_or_else(Problem::forbidden)?;
    let account = ctx.actor.account.ok_or_else(Problem::forbidden)?;
    let papers = desk.brought.papers.iter().map(|papers| papers.failure());
    let failures = [documents::FAILURE].into_iter().chain(papers);
    Ok(TaskQuery {
        account: account.to_string(),
        roles: staff.roles.iter().cloned().collect(),
        organisation: staff.organisation.clone(),
        division_prefix: tongban_base::division_prefix(&staff.division).to_owned(),
        subjects: Some(in_queue(failures, &wish.cases, &desk.cipher)),
        filter: wish.filter(desk, ctx.now.date()),
    })
}
