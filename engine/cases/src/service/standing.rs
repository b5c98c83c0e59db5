//! Who can do an open task now, and why nobody can: by its role or by the person named for it, in the office of the
//! case, with the places of a joint sign for different people.

use std::collections::BTreeSet;

use tongban_base::{Ctx, Result, Uuid};
use tongban_flows::{Assignment, Person, SignerPlaceView, Task, TaskGroup, TokenNo};
use tongban_identity::{Roles, StaffRecord};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::model::{Case, CaseId};
use crate::permissions::REASSIGN;
use crate::service::operations::{APPLICANT, instance_of};
use crate::store::cases;

/// So many people are named on a page.
const NAMED: usize = 5;

/// An open task with whoever can do it.
#[derive(Clone, Debug)]
pub struct Standing {
    pub task: Task,
    pub able: Vec<StaffRecord>,
    /// Why nobody can; none while somebody can, and while it waits for the applicant.
    pub why: Option<String>,
    /// Accounts that have or had another place of the same joint sign, and whoever filed the case.
    pub barred: BTreeSet<String>,
    pub joint: bool,
    /// Who filed the case; whoever did does no step of it.
    pub filer: Uuid,
}

impl Standing {
    /// Whether this officer can do it.
    pub fn is_of(&self, ctx: &Ctx) -> bool {
        let me = ctx.actor.account.map(|id| id.to_string());
        me.is_some_and(|me| !self.barred.contains(&me)) && holds(ctx, &self.task)
    }

    /// Who has it, for whoever has not.
    pub fn words(&self, roles: &Roles) -> String {
        if self.task.role == APPLICANT {
            return "等申请人办理".to_owned();
        }
        if let Some(why) = &self.why {
            return format!("现在没有人能办：{why}");
        }
        let names: Vec<&str> = self
            .able
            .iter()
            .take(NAMED)
            .map(|o| o.name.as_str())
            .collect();
        let names = names.join("、");
        let more = match self.able.len() > NAMED {
            true => format!("等 {} 人", self.able.len()),
            false => String::new(),
        };
        match self.task.assignment.assignee {
            Some(_) => format!("由{names}办理"),
            None => format!(
                "由“{}”岗位的{names}{more}办理",
                roles.title(&self.task.role)
            ),
        }
    }
}

/// Whether a task is the officer's by name or by role; who signed another place of a joint sign is asked by the flow.
pub(crate) fn holds(ctx: &Ctx, task: &Task) -> bool {
    let me = ctx.actor.account.map(|id| id.to_string());
    let by_role = ctx.actor.has_role(&task.role);
    match &task.assignment.assignee {
        Some(person) => {
            me.as_deref() == Some(&person.account) && (task.assignment.by_order || by_role)
        }
        None => by_role,
    }
}

/// The open tasks of a case, the applicant's too.
pub(crate) async fn standings(tx: &mut Tx, desk: &Desk, case: &Case) -> Result<Vec<Standing>> {
    let tasks = tongban_flows::tasks_of_instance(tx, instance_of(case.id)).await?;
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let staff = desk.identity.staff_of(tx, &case.organisation).await?;
    let places = tongban_flows::places(tx, instance_of(case.id)).await?;
    let roles = desk.identity.roles();
    Ok(tasks
        .into_iter()
        .map(|task| standing(&roles, &staff, &places, (task, case.account)))
        .collect())
}

/// The same for a page; the case is in sight.
pub async fn standings_of(desk: &Desk, id: CaseId) -> Result<Vec<Standing>> {
    desk.db
        .read((desk.clone(), id), |tx, (desk, id)| {
            Box::pin(async move {
                let case = cases::load(tx, &desk.cipher, *id).await?;
                standings(tx, desk, &case).await
            })
        })
        .await
}

pub(crate) fn standing(
    roles: &Roles,
    staff: &[StaffRecord],
    places: &[SignerPlaceView],
    (task, filer): (Task, Uuid),
) -> Standing {
    let mut barred = barred(places, task.token);
    barred.insert(filer.to_string());
    let joint = places.iter().any(|place| place.token == task.token);
    let judged = match task.role == APPLICANT {
        true => Ok(Vec::new()),
        false => judge(roles, staff, &Demand::of(&task, filer), &barred),
    };
    let (able, why) = match judged {
        Ok(able) => (able, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    Standing {
        task,
        able,
        why,
        barred,
        joint,
        filer,
    }
}

/// What a task asks of whoever does it.
pub(crate) struct Demand<'a> {
    pub role: &'a str,
    pub division: &'a str,
    pub assignment: &'a Assignment,
    /// Who filed the case, where it is one case.
    pub filer: Option<Uuid>,
}

impl<'a> Demand<'a> {
    fn of(task: &'a Task, filer: Uuid) -> Self {
        Self {
            filer: Some(filer),
            role: &task.role,
            division: &task.division,
            assignment: &task.assignment,
        }
    }

    pub(crate) fn of_group(group: &'a TaskGroup) -> Self {
        Self {
            filer: None,
            role: &group.role,
            division: &group.division,
            assignment: &group.assignment,
        }
    }
}

/// Who can, or why nobody can.
pub(crate) fn judge(
    roles: &Roles,
    staff: &[StaffRecord],
    demand: &Demand<'_>,
    barred: &BTreeSet<String>,
) -> std::result::Result<Vec<StaffRecord>, String> {
    match &demand.assignment.assignee {
        Some(person) => by_name(roles, staff, demand, (person, barred)).map(|one| vec![one]),
        None => by_role(roles, staff, demand, barred),
    }
}

fn by_name(
    roles: &Roles,
    staff: &[StaffRecord],
    demand: &Demand<'_>,
    (person, barred): (&Person, &BTreeSet<String>),
) -> std::result::Result<StaffRecord, String> {
    if demand.assignment.is_vacant() {
        return Err("流程没有给出会签人".to_owned());
    }
    let name = person.called();
    let found = staff.iter().find(|o| o.id.to_string() == person.account);
    let Some(officer) = found else {
        return Err(format!("指定的{name}不是本单位的工作人员"));
    };
    if !officer.active {
        return Err(format!("指定的{name}已停用"));
    }
    if !officer.sees(demand.division) {
        return Err(format!("指定的{name}不管这个办件所在的区划"));
    }
    if !demand.assignment.by_order && !officer.roles.contains(demand.role) {
        let title = roles.title(demand.role);
        return Err(format!("指定的{name}没有“{title}”岗位"));
    }
    if demand.filer == Some(officer.id) {
        return Err(format!("指定的{name}是发起人，不能办理自己发起的办件"));
    }
    if barred.contains(&person.account) {
        return Err(format!("指定的{name}已有同一会签的另一席，须由别人会签"));
    }
    Ok(officer.clone())
}

fn by_role(
    roles: &Roles,
    staff: &[StaffRecord],
    demand: &Demand<'_>,
    barred: &BTreeSet<String>,
) -> std::result::Result<Vec<StaffRecord>, String> {
    let title = roles.title(demand.role);
    let has = |officer: &&StaffRecord| officer.roles.contains(demand.role);
    let in_use: Vec<&StaffRecord> = staff
        .iter()
        .filter(has)
        .filter(|officer| officer.active && officer.sees(demand.division))
        .collect();
    let free = |officer: &&&StaffRecord| !barred.contains(&officer.id.to_string());
    let able: Vec<StaffRecord> = in_use.iter().filter(free).map(|o| (*o).clone()).collect();
    if !able.is_empty() {
        return Ok(able);
    }
    if let [only] = in_use.as_slice()
        && demand.filer == Some(only.id)
    {
        return Err(format!(
            "“{title}”岗位只有发起人{}，不能办理自己发起的办件",
            only.name
        ));
    }
    if !in_use.is_empty() {
        return Err(format!(
            "“{title}”岗位的人都已有同一会签的另一席，须由别人会签"
        ));
    }
    let of = |active: bool| {
        let officers = staff.iter().filter(has).filter(|o| o.active == active);
        officers
            .map(|o| o.name.as_str())
            .collect::<Vec<_>>()
            .join("、")
    };
    let (stopped, elsewhere) = (of(false), of(true));
    Err(match (stopped.as_str(), elsewhere.as_str()) {
        ("", "") => format!("本单位没有人在“{title}”岗位"),
        (_, "") => format!("“{title}”岗位的{stopped}已停用"),
        (_, _) => format!("“{title}”岗位的{elsewhere}不管这个办件所在的区划"),
    })
}

/// Whoever is or was at another place of the same joint sign.
fn barred(places: &[SignerPlaceView], token: TokenNo) -> BTreeSet<String> {
    let Some(own) = places.iter().find(|place| place.token == token) else {
        return BTreeSet::new();
    };
    let others = places
        .iter()
        .filter(|p| p.net == own.net && p.token != token);
    others
        .flat_map(|place| place.account.iter().chain(&place.to_come))
        .chain(&own.to_come)
        .cloned()
        .collect()
}

/// To whom one turns who may not name anybody.
pub(crate) async fn who_names(desk: &Desk, case: &Case) -> Result<String> {
    let input = (desk.clone(), case.organisation.clone());
    let officers = desk
        .db
        .read(input, |tx, (desk, organisation)| {
            Box::pin(desk.identity.officers_in(tx, organisation, REASSIGN.0))
        })
        .await?;
    let names: Vec<String> = officers.into_iter().map(|(_, name)| name).collect();
    Ok(match names.is_empty() {
        true => "本单位还没有人可以指定办理人，请联系系统管理员".to_owned(),
        false => format!("请联系{}指定办理人", names.join("、")),
    })
}
