//! Whether the rules of an item admit a person: asked when an application is filed, and again, in the transaction
//! that writes, when it is granted and when that is carried out. Nothing else asks.

use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result, Timestamp, date_words};
use tongban_flows::Kind;
use tongban_operations::Subject;
use tongban_procedures::{Act, Audience, Facts, ProcedureRelease};
use tongban_store::Tx;

use crate::desk::{Desk, Whose, known};
use crate::event::CaseEvent;
use crate::model::{Case, Event, Status};
use crate::service::applicant::name_of;
use crate::service::applying::values_of;
use crate::service::view::CaseView;
use crate::service::{sub_cases, subject};
use crate::store::{events, open_cases};
use crate::work::Work;

/// How a filed case stands to the rules today.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Why it can be neither granted nor carried out now: what changed, and since when.
    pub obstacles: Vec<String>,
    /// What only the time that has passed since the filing would forbid; for the officer to judge.
    pub notes: Vec<String>,
    /// Cases of its own that have to end before.
    pub awaited: Vec<String>,
    /// What the flow could not start now.
    pub unstarted: Vec<String>,
}

/// Why these facts do not admit an application, in the words of the item; empty when they do. Of someone unknown
/// nothing else can be said.
pub(crate) fn refusals(release: &ProcedureRelease, facts: &Facts) -> Vec<String> {
    if !is_proven(release, facts) {
        return vec!["实名认证以后才能申请。请先到“我的账号”里完成实名认证。".to_owned()];
    }
    if !facts.silent.is_empty() {
        let words = |title: &String| format!("“{title}”现在查不到，不能核对条件，请联系办理部门");
        return facts.silent.iter().map(words).collect();
    }
    let mut refusals = release.refusals(facts);
    if let (false, Some(act)) = (refusals.is_empty(), release.procedure().act) {
        refusals.extend(restrictions(&facts.restrictions, act));
    }
    refusals
}

/// Whether the account belongs to a person whose name is proven; of officers that is not asked.
pub(crate) fn is_proven(release: &ProcedureRelease, facts: &Facts) -> bool {
    release.procedure().audience != Audience::Public
        || facts.person.get("id_number").is_some_and(Json::is_string)
}

/// What a person must be told of a restriction: who decided, on what basis, why, since when and until when, and the
/// way out.
fn restrictions(holds: &[Json], act: Act) -> Vec<String> {
    let act = serde_json::to_value(act).unwrap_or_default();
    let restricts = |hold: &&Json| {
        let acts = hold["acts"].as_array();
        acts.is_some_and(|acts| acts.contains(&act))
    };
    holds.iter().filter(restricts).map(words_of).collect()
}

/// All that restricts a person, whatever is applied for.
pub(crate) fn restriction_words(holds: &[Json]) -> Vec<String> {
    holds.iter().map(words_of).collect()
}

fn words_of(hold: &Json) -> String {
    let text = |name: &str| hold[name].as_str().unwrap_or_default();
    let dated = |before: &str, name: &str, after: &str| match text(name) {
        "" => String::new(),
        day => format!("{before}{}{after}", day_words(day)),
    };
    format!(
        "限制办理：{}（{}，{}）。{}{}恢复办法：{}",
        text("reason"),
        text("body"),
        text("basis_number"),
        dated("自", "from", "起限制。"),
        dated("限制至", "to", "。"),
        text("way_out")
    )
}

fn day_words(day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), date_words)
}

/// Stops a step that grants a case or carries a grant out, when the rules no longer admit it.
pub(crate) async fn must_hold(tx: &mut Tx, desk: &Desk, work: &Work, now: Timestamp) -> Result<()> {
    let awaited = sub_cases::awaited(tx, desk, work.case.id, &work.release).await?;
    if !awaited.is_empty() {
        let words = format!(
            "发起的办件尚未办结，现在不能准予，也不能制证发证：\n{}",
            awaited.join("\n")
        );
        return Err(Problem::conflict("case.sub_cases_open", words));
    }
    let mut journal = events::of_case(tx, work.case.id).await?;
    journal.extend(work.added().iter().cloned());
    if is_carried_out(&journal) {
        return Ok(());
    }
    let admission = of_case(tx, desk, work, now).await?;
    if admission.obstacles.is_empty() {
        return Ok(());
    }
    let told = admission.obstacles.join("\n");
    // Whoever files it is told what is in the way, and not what an officer could do about it.
    if work.is_new() {
        let words = format!("现在不能提交：\n{told}");
        return Err(Problem::invalid("case.not_admitted", words));
    }
    let words = format!("提交以后情况有变化，现在不能准予，也不能制证发证：\n{told}\n{WAYS_ON}");
    Err(Problem::conflict("case.not_admitted_now", words))
}

/// What remains to an office that is stopped.
pub const WAYS_ON: &str =
    "可以写明理由作出不予的决定，或者退回到前面的环节；限制解除、信息更正以后也可以再办。";

/// The decision is carried out, and that stands: what the case itself did is no obstacle to it.
pub(crate) fn is_carried_out(journal: &[Event]) -> bool {
    let done = journal
        .iter()
        .fold(0, |done: i32, event| match &event.what {
            Some(CaseEvent::OperationDone(what)) if what.carries_out => done + 1,
            Some(CaseEvent::OperationUndone(what)) if what.carries_out => done - 1,
            _ => done,
        });
    done > 0
}

/// The same for the office's page, before anything is pressed.
pub async fn admission_of(desk: &Desk, ctx: &Ctx, view: &CaseView) -> Result<Admission> {
    if view.case.closed_at.is_some() {
        return Ok(Admission::default());
    }
    let input = (
        desk.clone(),
        Work::of(view.case.clone(), view.release.clone()),
        is_carried_out(&view.events),
        ctx.now,
    );
    desk.db
        .read(input, |tx, (desk, work, is_carried_out, now)| {
            Box::pin(async move {
                let (case, release) = (&work.case, &work.release);
                let admission = match is_carried_out {
                    true => Admission::default(),
                    false => of_case(tx, desk, work, *now).await?,
                };
                Ok(Admission {
                    awaited: sub_cases::awaited(tx, desk, case.id, release).await?,
                    unstarted: sub_cases::obstacles(tx, desk, work, *now).await?,
                    ..admission
                })
            })
        })
        .await
}

/// How a case that is not decided, or not carried out, stands to the rules. Periods are those of the day of filing:
/// nobody loses a right because an office took its time. What authorities did since then counts as it is now.
pub(crate) async fn of_case(
    tx: &mut Tx,
    desk: &Desk,
    work: &Work,
    now: Timestamp,
) -> Result<Admission> {
    let (case, release) = (&work.case, &work.release);
    let waits = matches!(
        case.status,
        Status::Submitted | Status::Correcting | Status::Accepted | Status::Granted
    );
    if !waits {
        return Ok(Admission::default());
    }
    let (today, filed_on) = (now.date(), case.submitted_at.date());
    let mut open = match release.procedure().audience {
        Audience::Public => open_cases::open_of(tx, case.account, case.draft).await?,
        Audience::Unit | Audience::Staff | Audience::System => Vec::new(),
    };
    open.retain(|other| other.submitted_at < case.submitted_at);
    let as_filed = desk
        .facts_on(tx, Whose::of_case(case), release, &open, (filed_on, today))
        .await?;
    let as_today = match filed_on == today {
        true => as_filed.clone(),
        false => {
            desk.facts_on(tx, Whose::of_case(case), release, &open, (today, today))
                .await?
        }
    };

    let mut obstacles = refusals(release, &as_filed);
    let mut notes = refusals(release, &as_today);
    notes.retain(|words| !obstacles.contains(words));
    if is_proven(release, &as_filed) {
        let subject = subject::without_files(work, as_today.person.clone());
        for words in of_operations(tx, desk, &subject, release, now).await? {
            if !obstacles.contains(&words) {
                obstacles.push(words);
            }
        }
        obstacles.extend(of_person(case, release, &as_filed));
    }
    Ok(Admission {
        obstacles,
        notes,
        ..Admission::default()
    })
}

/// Why what the flow would carry out could not be carried out now.
async fn of_operations(
    tx: &mut Tx,
    desk: &Desk,
    subject: &Subject,
    release: &ProcedureRelease,
    now: Timestamp,
) -> Result<Vec<String>> {
    let nodes = release.flow().nodes();
    let calls = nodes.filter_map(|(_, node)| match &node.kind {
        Kind::Service(call) => Some((call.operation.as_str(), &call.arguments)),
        _ => None,
    });
    let mut calls: Vec<_> = calls.collect();
    calls.sort_by_cached_key(|(name, arguments)| ((*name).to_owned(), arguments.to_string()));
    calls.dedup();
    let mut words = Vec::new();
    for (name, arguments) in calls {
        let mut brought = desk.brought.operations.iter();
        let operation = brought.find(|operation| operation.info().name == name);
        if let Some(operation) = operation.filter(|operation| operation.info().carries_out) {
            words.extend(operation.obstacles(tx, subject, arguments, now).await?);
        }
    }
    Ok(words)
}

/// What the sources say otherwise than what was filed.
fn of_person(case: &Case, release: &ProcedureRelease, facts: &Facts) -> Vec<String> {
    let values = values_of(&case.form);
    let known = known(facts);
    let changes = release.form().changed_at_source(&values, &known);
    let mut words: Vec<String> = changes.iter().map(|change| change.words()).collect();
    words.extend(release.form().no_longer_offered(&values, &known));
    let name = name_of(release.procedure(), &facts.person).unwrap_or_default();
    let told = words.iter().any(|words| words.contains(name));
    if !name.is_empty() && name != case.applicant && !told {
        words.push(format!(
            "申请人：提交时是“{}”，现在是“{name}”",
            case.applicant
        ));
    }
    words
}
