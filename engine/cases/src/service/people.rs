//! Who does a step is changed by somebody's order: handed to another officer, a signer added or taken away. Judged in
//! the transaction that writes; the reason stays in the journal, and whoever gets the step is told.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result, authorize};
use tongban_flows::{
    Assignment, Outcome, Person, Rule, SignerPlace, SignerPlaceView, Task, TaskId,
};
use tongban_identity::StaffRecord;
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::CaseId;
use crate::permissions::REASSIGN;
use crate::service::ending::follow_end;
use crate::service::operations::{APPLICANT, CaseOperations, instance_of};
use crate::service::standing::{Standing, standings};
use crate::service::telling::tell_officer;
use crate::service::twin;
use crate::service::variables::variables;
use crate::service::work::{drop_correction, follow_phase, not_paused};
use crate::work::Work;

const LONGEST_REASON: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleChange {
    HandOver,
    AddSigner,
    RemoveSigner,
}

impl PeopleChange {
    pub const ALL: [(&'static str, Self); 3] = [
        ("hand_over", PeopleChange::HandOver),
        ("add_signer", PeopleChange::AddSigner),
        ("remove_signer", PeopleChange::RemoveSigner),
    ];

    pub fn title(self) -> &'static str {
        match self {
            PeopleChange::HandOver => "转给另一个人办理",
            PeopleChange::AddSigner => "增加一个会签人",
            PeopleChange::RemoveSigner => "移除这一席会签",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == word);
        found.map(|(_, change)| *change)
    }
}

/// What somebody with the right orders.
#[derive(Clone, Debug)]
pub struct Order {
    pub task: TaskId,
    pub change: Option<PeopleChange>,
    /// The account of the officer; empty when a signer is taken away.
    pub officer: String,
    pub reason: String,
}

pub async fn change_people(desk: &Desk, ctx: &Ctx, case: CaseId, order: Order) -> Result<()> {
    let outcome = desk
        .write(ctx, (case, order), |tx, desk, ctx, (case, order)| {
            Box::pin(write(tx, desk, ctx, *case, order))
        })
        .await;
    if let Err(problem) = &outcome
        && matches!(
            problem.kind(),
            Kind::NotFound | Kind::Forbidden | Kind::Conflict
        )
    {
        let entry = Entry::refused(audit::PEOPLE_CHANGED, "case", case, problem.code());
        tongban_audit::note_refused(&desk.db, ctx, &desk.audit_key, entry).await?;
    }
    outcome
}

async fn write(tx: &mut Tx, desk: &Desk, ctx: &Ctx, id: CaseId, order: &Order) -> Result<()> {
    let work = Work::load(tx, desk, id).await?;
    authorize(ctx, REASSIGN, &work.case)?;
    let task = tongban_flows::task(tx, order.task).await?;
    if task.instance != instance_of(id) {
        return Err(Problem::not_found());
    }
    let change = checked(order)?;
    if ordered_already(tx, ctx, id, &task, change, order).await? {
        return Ok(());
    }
    if task.role == APPLICANT {
        let words = "这一步等申请人办理，不能转给工作人员";
        return Err(Problem::conflict("case.applicants_step", words));
    }
    let standings = standings(tx, desk, &work.case).await?;
    let standing = standings.into_iter().find(|s| s.task.id == task.id);
    let standing = standing.ok_or_else(|| {
        let words = "这一步已经办过或者已有变动，请刷新后再看";
        Problem::conflict("flow.task_changed", words)
    })?;
    let staff = desk.identity.staff_of(tx, &work.case.organisation).await?;
    match change {
        PeopleChange::HandOver => hand_over(tx, desk, ctx, work, (&standing, &staff), order).await,
        PeopleChange::AddSigner => add(tx, desk, ctx, work, (&standing, &staff), order).await,
        PeopleChange::RemoveSigner => remove(tx, desk, ctx, work, (&standing, &staff), order).await,
    }
}

fn checked(order: &Order) -> Result<PeopleChange> {
    let mut faults = Vec::new();
    if order.change.is_none() {
        faults.push(FieldError::new("/change", "required", "请选择怎样变更"));
    }
    if order.reason.trim().is_empty() {
        let words = "请写明变更办理人的理由";
        faults.push(FieldError::new("/reason", "required", words));
    } else if order.reason.chars().count() > LONGEST_REASON {
        let words = format!("理由最多 {LONGEST_REASON} 个字，请精简");
        faults.push(FieldError::new("/reason", "too_long", words));
    }
    match order.change {
        Some(change) if faults.is_empty() => Ok(change),
        _ => Err(Problem::fields(faults)),
    }
}

/// A second click of the same order.
async fn ordered_already(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    task: &Task,
    change: PeopleChange,
    order: &Order,
) -> Result<bool> {
    let same = |what: &CaseEvent| match (what, change) {
        (
            CaseEvent::HandedOver {
                element,
                to,
                reason,
                ..
            },
            PeopleChange::HandOver,
        ) => *element == task.element && to.account == order.officer && *reason == order.reason,
        (
            CaseEvent::SignerAdded {
                element,
                signer,
                reason,
                ..
            },
            PeopleChange::AddSigner,
        ) => *element == task.element && signer.account == order.officer && *reason == order.reason,
        (
            CaseEvent::SignerRemoved {
                element, reason, ..
            },
            PeopleChange::RemoveSigner,
        ) => *element == task.element && *reason == order.reason,
        (_, PeopleChange::HandOver | PeopleChange::AddSigner | PeopleChange::RemoveSigner) => false,
    };
    let has = task.assignment.assignee.as_ref();
    let has_it = has.is_some_and(|person| person.account == order.officer);
    match (change, task.closed_at) {
        (PeopleChange::HandOver, None) if has_it => twin::did(tx, ctx, case, None, same).await,
        (PeopleChange::HandOver | PeopleChange::RemoveSigner, None) => Ok(false),
        (PeopleChange::AddSigner, None) => {
            let open = tongban_flows::tasks_of_instance(tx, task.instance).await?;
            let added = |t: &Task| {
                let named = t.assignment.assignee.as_ref();
                t.element == task.element && named.is_some_and(|p| p.account == order.officer)
            };
            Ok(open.iter().any(added) && twin::did(tx, ctx, case, None, same).await?)
        }
        (_, at) => twin::did(tx, ctx, case, at, same).await,
    }
}

/// The officer of the office who is meant, and whether they need to be named by order.
fn officer<'s>(
    ctx: &Ctx,
    standing: &Standing,
    staff: &'s [StaffRecord],
    order: &Order,
) -> Result<(&'s StaffRecord, bool)> {
    let task = &standing.task;
    let at = |code: &'static str, words: String| {
        Problem::fields(vec![FieldError::new("/officer", code, words)])
    };
    let found = staff.iter().find(|o| o.id.to_string() == order.officer);
    let found = found.filter(|o| o.active && o.sees(&task.division));
    let found = found.ok_or_else(|| at("required", "请选择本单位在用的一个人".to_owned()))?;
    if standing.filer == found.id {
        let words = format!("{}是发起人，不能办理自己发起的办件，请选择别人", found.name);
        return Err(at("own", words));
    }
    if standing.barred.contains(&order.officer) {
        let words = format!("{}已有这次会签的一席，请选择别人", found.name);
        return Err(at("signer_twice", words));
    }
    let has = task.assignment.assignee.as_ref();
    if has.is_some_and(|person| person.account == order.officer) {
        return Err(at(
            "same",
            format!("这一步已经由{}办理，请选择别人", found.name),
        ));
    }
    let by_order = !found.roles.contains(&task.role);
    if by_order && ctx.actor.account == Some(found.id) {
        let words = "您没有这一步的岗位，不能指定自己，请选择别人".to_owned();
        return Err(at("oneself", words));
    }
    Ok((found, by_order))
}

async fn hand_over(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    mut work: Work,
    (standing, staff): (&Standing, &[StaffRecord]),
    order: &Order,
) -> Result<()> {
    let task = &standing.task;
    let (officer, by_order) = officer(ctx, standing, staff, order)?;
    if by_order {
        only_without_holders(desk, standing, staff, officer)?;
    }
    let to = person(officer);
    let release = work.release.clone();
    tongban_flows::hand_over(tx, release.flow(), task.id, to.clone(), by_order).await?;
    let happened = CaseEvent::HandedOver {
        task: task.name.clone(),
        element: task.element.clone(),
        from: had(desk, task),
        to,
        by_order,
        reason: order.reason.clone(),
    };
    work.happened(desk, ctx, happened);
    done(tx, desk, ctx, work, (task, Some(officer)), order).await
}

/// Somebody without the role is named only while nobody of the office has it.
fn only_without_holders(
    desk: &Desk,
    standing: &Standing,
    staff: &[StaffRecord],
    officer: &StaffRecord,
) -> Result<()> {
    let holders = holders(standing, staff);
    if holders.is_empty() {
        return Ok(());
    }
    let roles = desk.identity.roles();
    let title = roles.title(&standing.task.role);
    let words = format!(
        "{}没有“{title}”岗位；本单位在这个岗位的有{}，请选择他们",
        officer.name,
        holders.join("、")
    );
    Err(Problem::fields(vec![FieldError::new(
        "/officer", "no_role", words,
    )]))
}

/// Whether each signer of the step has to agree; so it is too where one was added to a single officer.
fn needs_all(work: &Work, task: &Task) -> bool {
    let flow = work.release.flow();
    let drawn = flow.nodes().find(|(_, node)| node.id == task.element);
    let drawn = drawn.and_then(|(ix, _)| flow.user_task(ix)?.multi.as_ref());
    drawn.is_none_or(|multi| multi.joint.rule == Rule::All)
}

async fn add(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    mut work: Work,
    (standing, staff): (&Standing, &[StaffRecord]),
    order: &Order,
) -> Result<()> {
    not_paused(&work.case)?;
    let task = &standing.task;
    let (officer, by_order) = officer(ctx, standing, staff, order)?;
    // Where one or some of the signers decide, whoever is added could decide instead of those who have the role.
    if by_order && !needs_all(&work, task) {
        only_without_holders(desk, standing, staff, officer)?;
    }
    let signer = Assignment::named(person(officer), by_order);
    let happened = CaseEvent::SignerAdded {
        task: task.name.clone(),
        element: task.element.clone(),
        signer: person(officer),
        by_order,
        reason: order.reason.clone(),
    };
    work.happened(desk, ctx, happened);
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let (place, reason) = (SignerPlace::Beside, &order.reason);
    tongban_flows::add_signer(
        tx, ctx, &engine, task.id, &signer, place, reason, &variables,
    )
    .await?;
    done(
        tx,
        desk,
        ctx,
        runner.into_work(),
        (task, Some(officer)),
        order,
    )
    .await
}

/// The joint sign may be complete without the place: then the flow goes on.
async fn remove(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    mut work: Work,
    (standing, staff): (&Standing, &[StaffRecord]),
    order: &Order,
) -> Result<()> {
    not_paused(&work.case)?;
    let task = &standing.task;
    let places = tongban_flows::places(tx, task.instance).await?;
    if !needs_all(&work, task) && is_last_open(&places, task) {
        let words = "别的会签人都已经签过，移除这一席会直接得出结果，不能移除；请转给别人办理";
        return Err(Problem::conflict("case.last_open_place", words));
    }
    if !holders(standing, staff).is_empty() && !leaves_a_holder(&places, task, staff) {
        let roles = desk.identity.roles();
        let title = roles.title(&task.role);
        let words = format!(
            "移除后剩下的会签人都没有“{title}”岗位，不能移除；请先增加一个有这个岗位的会签人，或者转给别人办理"
        );
        return Err(Problem::conflict("case.no_holder_left", words));
    }
    let happened = CaseEvent::SignerRemoved {
        task: task.name.clone(),
        element: task.element.clone(),
        signer: had(desk, task),
        reason: order.reason.clone(),
    };
    work.happened(desk, ctx, happened);
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let reason = &order.reason;
    let outcome =
        tongban_flows::remove_signer(tx, ctx, &engine, task.id, reason, &variables).await?;
    let mut work = runner.work_after(&outcome);
    follow(tx, desk, ctx, &mut work, &outcome).await?;
    done(tx, desk, ctx, work, (task, None), order).await
}

async fn follow(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &mut Work,
    outcome: &Outcome,
) -> Result<()> {
    follow_end(tx, desk, ctx, work, outcome).await?;
    drop_correction(tx, desk, ctx, work).await?;
    follow_phase(tx, desk, ctx, work).await
}

async fn done(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    mut work: Work,
    (task, officer): (&Task, Option<&StaffRecord>),
    order: &Order,
) -> Result<()> {
    work.save(tx, desk).await?;
    if let Some(officer) = officer {
        tell_officer(tx, desk, ctx, &work, (&task.name, officer), "case.assigned").await?;
    }
    let change = PeopleChange::ALL
        .iter()
        .find(|(_, c)| Some(*c) == order.change);
    let entry = Entry::done(audit::PEOPLE_CHANGED, "case", work.case.id).with_detail(json!({
        "change": change.map(|(name, _)| name), "task": task.name, "old": had(desk, task),
        "new": officer.map(|officer| &officer.login), "reason": order.reason,
    }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}

/// Those who have the role of the task and could do it, by name.
fn holders<'s>(standing: &Standing, staff: &'s [StaffRecord]) -> Vec<&'s str> {
    let task = &standing.task;
    let able = staff.iter().filter(|officer| {
        officer.active
            && officer.sees(&task.division)
            && officer.roles.contains(&task.role)
            && !standing.barred.contains(&officer.id.to_string())
    });
    able.map(|officer| officer.name.as_str()).collect()
}

/// Whether somebody with the role signs, or has signed, when this place is gone.
fn leaves_a_holder(places: &[SignerPlaceView], task: &Task, staff: &[StaffRecord]) -> bool {
    let Some(own) = places.iter().find(|place| place.token == task.token) else {
        return true;
    };
    let holds = |account: &String| {
        let officer = staff.iter().find(|o| o.id.to_string() == *account);
        officer.is_some_and(|officer| officer.roles.contains(&task.role))
    };
    let others = places
        .iter()
        .filter(|p| p.net == own.net && p.token != own.token && !p.removed);
    let mut left = others
        .flat_map(|place| {
            place
                .to_come
                .iter()
                .map(Some)
                .chain([place.account.as_ref()])
        })
        .chain(own.to_come.iter().map(Some))
        .peekable();
    // That the last place stays is the flow's own rule; a place without a name is its role's.
    left.peek().is_none() || left.any(|account| account.is_none_or(holds))
}

/// Whether nobody else of the joint sign has still to sign.
fn is_last_open(places: &[SignerPlaceView], task: &Task) -> bool {
    let own = places.iter().find(|place| place.token == task.token);
    own.is_some_and(|own| {
        let mut others = places
            .iter()
            .filter(|p| p.net == own.net && p.token != own.token && !p.removed);
        own.to_come.is_empty() && !others.any(|p| !p.signed || !p.to_come.is_empty())
    })
}

fn person(officer: &StaffRecord) -> Person {
    Person {
        account: officer.id.to_string(),
        name: officer.name.clone(),
    }
}

/// Who had it until now, in words.
fn had(desk: &Desk, task: &Task) -> String {
    match &task.assignment.assignee {
        Some(_) if task.assignment.is_vacant() => "没有指定的人".to_owned(),
        Some(person) => person.called().to_owned(),
        None => format!("“{}”岗位", desk.identity.roles().title(&task.role)),
    }
}
