//! The steps that nobody can do, in all offices that whoever asks sees: nobody has the role, whoever is named is gone or
//! has no role, a joint sign lacks a person. Looked for by groups of tasks that the same people can do.

use std::collections::{BTreeSet, HashMap};

use tongban_base::{Ctx, Problem, Result, Scope};
use tongban_flows::{GroupQuery, Task, TaskGroup, Where};
use tongban_identity::StaffRecord;
use tongban_store::{Cursor, KeyPage, Tx};

use crate::audit;
use crate::desk::Desk;
use crate::model::Case;
use crate::permissions::REASSIGN;
use crate::service::operations::APPLICANT;
use crate::service::standing::{Demand, Standing, judge, standing};
use crate::store::{cases, unless_changed};

/// So many groups and places of joint signs are listed at once; the rest follows when these are mended.
const MOST: usize = 200;

pub struct StuckRow {
    pub task: Task,
    pub case: Case,
    pub why: String,
}

/// The oldest first.
pub async fn stuck_tasks(
    desk: &Desk,
    ctx: &Ctx,
    at: Option<Cursor>,
    limit: usize,
) -> Result<KeyPage<StuckRow>> {
    let staff = ctx.actor.staff.as_ref();
    if !staff.is_some_and(|staff| staff.permissions.contains(REASSIGN.0)) {
        return Err(Problem::forbidden());
    }
    let what = ("queue", "stuck".to_owned());
    (desk
        .reads
        .note(ctx, audit::LISTED, what, "查看无人能办的环节"))
    .await?;
    let Some(office) = office_of(&Scope::of(&ctx.actor)) else {
        return Ok(KeyPage::default());
    };
    let place = Where {
        office,
        but: APPLICANT.to_owned(),
    };
    desk.db
        .read((desk.clone(), place, at), move |tx, (desk, place, at)| {
            Box::pin(rows(tx, desk, place, (at.clone(), limit)))
        })
        .await
}

/// None where nothing of any office is in sight.
fn office_of(scope: &Scope) -> Option<Option<(String, String)>> {
    match scope {
        Scope::Everything => Some(None),
        Scope::Office {
            organisation,
            division_prefix,
        } => Some(Some((organisation.clone(), division_prefix.clone()))),
        Scope::Own(_) | Scope::Nothing => None,
    }
}

async fn rows(
    tx: &mut Tx,
    desk: &Desk,
    place: &Where,
    (at, limit): (Option<Cursor>, usize),
) -> Result<KeyPage<StuckRow>> {
    let mut offices = Offices::default();
    let mut query = GroupQuery {
        at,
        limit,
        ..GroupQuery::default()
    };
    for group in tongban_flows::open_groups(tx, place).await? {
        if query.groups.len() < MOST && offices.lacks(tx, desk, &group).await? {
            query.groups.push(group);
        }
    }
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    for task in tongban_flows::joint_tasks(tx, place, most).await? {
        let id = task.id;
        let standing = unless_changed(offices.judge(tx, desk, task).await)?;
        if standing.is_some_and(|standing| standing.why.is_some()) {
            query.tasks.push(id);
        }
    }
    let mut rows = Vec::new();
    let page = tongban_flows::tasks_of_groups(tx, &query).await?;
    for task in page.rows {
        let standing = unless_changed(offices.judge(tx, desk, task).await)?;
        let Some(Standing { task, why, .. }) = standing else {
            continue;
        };
        let case = cases::load_genuine(tx, &desk.cipher, task.subject.parse()?).await?;
        let Some(case) = case else {
            continue;
        };
        let why = why.unwrap_or_default();
        rows.push(StuckRow { task, case, why });
    }
    Ok(KeyPage {
        rows,
        previous: page.previous,
        next: page.next,
    })
}

/// The people of each office, read once.
#[derive(Default)]
struct Offices(HashMap<String, Vec<StaffRecord>>);

impl Offices {
    async fn staff(
        &mut self,
        tx: &mut Tx,
        desk: &Desk,
        organisation: &str,
    ) -> Result<&[StaffRecord]> {
        if !self.0.contains_key(organisation) {
            let staff = desk.identity.staff_of(tx, organisation).await?;
            self.0.insert(organisation.to_owned(), staff);
        }
        Ok(self.0.get(organisation).map_or(&[], Vec::as_slice))
    }

    async fn judge(&mut self, tx: &mut Tx, desk: &Desk, task: Task) -> Result<Standing> {
        let places = tongban_flows::places(tx, task.instance).await?;
        let case = cases::load(tx, &desk.cipher, task.subject.parse()?).await?;
        let staff = self.staff(tx, desk, &task.organisation).await?;
        Ok(standing(
            &desk.identity.roles(),
            staff,
            &places,
            (task, case.account),
        ))
    }

    /// Whether nobody can do the tasks of a group, whatever else is known of each.
    async fn lacks(&mut self, tx: &mut Tx, desk: &Desk, group: &TaskGroup) -> Result<bool> {
        let staff = self.staff(tx, desk, &group.organisation).await?;
        let why = judge(
            &desk.identity.roles(),
            staff,
            &Demand::of_group(group),
            &BTreeSet::new(),
        );
        Ok(why.is_err())
    }
}
