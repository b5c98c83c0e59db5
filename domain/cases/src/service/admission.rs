//! Whether the rules of an item admit a person: asked when an application is filed, and again, in the transaction
//! that writes, when it is granted and when a licence is changed. Nothing else asks.

use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result, Timestamp, date_words};
use tongban_items::{Act, Facts, ItemRelease};
use tongban_licences::{LicenceStanding, Status as LicenceStatus};
use tongban_store::Tx;

use crate::desk::{Desk, known};
use crate::event::CaseEvent;
use crate::model::{Case, Event, Status};
use crate::service::applying::values_of;
use crate::service::view::CaseView;
use crate::store::{cases, events};
use crate::work::Work;

/// How a filed case stands to the rules today.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Why it can be neither granted nor carried out now: what changed, and since when.
    pub obstacles: Vec<String>,
    /// What only the time that has passed since the filing would forbid; for the officer to judge.
    pub notes: Vec<String>,
}

/// Why these facts do not admit an application, in the words of the item; empty when they do. Of someone unknown
/// nothing else can be said.
pub(crate) fn refusals(release: &ItemRelease, facts: &Facts) -> Vec<String> {
    if !is_proven(facts) {
        return vec!["实名认证以后才能申请。请先到“我的账号”里完成实名认证。".to_owned()];
    }
    let mut refusals = release.refusals(facts);
    if !refusals.is_empty() {
        refusals.extend(restrictions(&facts.holds, release.item().act));
    }
    refusals
}

/// Whether the account belongs to a person whose name is proven.
pub(crate) fn is_proven(facts: &Facts) -> bool {
    facts.person.get("id_number").is_some_and(Json::is_string)
}

/// What a person must be told of a restriction: who decided, on what basis, why, since when and until when, and the
/// way out.
fn restrictions(holds: &Json, act: Act) -> Vec<String> {
    let act = serde_json::to_value(act).unwrap_or_default();
    let restricts = |hold: &&Json| {
        let acts = hold["acts"].as_array();
        acts.is_some_and(|acts| acts.contains(&act))
    };
    let words = |hold: &Json| {
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
    };
    let holds = holds.as_array().map(Vec::as_slice).unwrap_or_default();
    holds.iter().filter(restricts).map(words).collect()
}

fn day_words(day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), date_words)
}

/// Stops a step that grants a case or carries a grant out, when the rules no longer admit it.
pub(crate) async fn must_hold(tx: &mut Tx, desk: &Desk, work: &Work, now: Timestamp) -> Result<()> {
    let mut journal = events::of_case(tx, work.case.id).await?;
    journal.extend(work.added().iter().cloned());
    if is_carried_out(&journal) {
        return Ok(());
    }
    let admission = of_case(tx, desk, &work.case, &work.release, now).await?;
    if admission.obstacles.is_empty() {
        return Ok(());
    }
    let words = format!(
        "提交以后情况有变化，现在不能准予，也不能制证发证：\n{}\n{WAYS_ON}",
        admission.obstacles.join("\n")
    );
    Err(Problem::conflict("case.not_admitted_now", words))
}

/// What remains to an office that is stopped.
pub const WAYS_ON: &str =
    "可以写明理由作出不予的决定，或者退回到前面的环节；限制解除、信息更正以后也可以再办。";

/// The case has changed a licence, and what it did stands: its own licence is no obstacle to it.
pub(crate) fn is_carried_out(journal: &[Event]) -> bool {
    let done = journal.iter().fold(0, |done: i32, event| match event.what {
        Some(
            CaseEvent::LicenceIssued { .. }
            | CaseEvent::LicenceUpdated { .. }
            | CaseEvent::LicenceCancelled { .. },
        ) => done + 1,
        Some(CaseEvent::LicenceUndone { .. }) => done - 1,
        _ => done,
    });
    done > 0
}

/// The same for the office's page, before anything is pressed.
pub async fn admission_of(desk: &Desk, ctx: &Ctx, view: &CaseView) -> Result<Admission> {
    if is_carried_out(&view.events) {
        return Ok(Admission::default());
    }
    let input = (
        desk.clone(),
        view.case.clone(),
        view.release.clone(),
        ctx.now,
    );
    desk.db
        .read(input, |tx, (desk, case, release, now)| {
            Box::pin(of_case(tx, desk, case, release, *now))
        })
        .await
}

/// How a case that is not decided, or not carried out, stands to the rules. Periods are those of the day of filing:
/// nobody loses a right because an office took its time. What authorities did since then counts as it is now.
pub(crate) async fn of_case(
    tx: &mut Tx,
    desk: &Desk,
    case: &Case,
    release: &ItemRelease,
    now: Timestamp,
) -> Result<Admission> {
    let waits = matches!(
        case.status,
        Status::Submitted | Status::Correcting | Status::Accepted | Status::Granted
    );
    if !waits {
        return Ok(Admission::default());
    }
    let (today, filed_on) = (now.date(), case.submitted_at.date());
    let mut open = cases::open_of(tx, case.account, case.draft).await?;
    open.retain(|other| other.submitted_at < case.submitted_at);
    let of = (case.account, &case.answers);
    let as_filed = desk
        .facts_on(tx, of, release, &open, (filed_on, today))
        .await?;
    let as_today = match filed_on == today {
        true => as_filed.clone(),
        false => {
            desk.facts_on(tx, of, release, &open, (today, today))
                .await?
        }
    };

    let mut obstacles = refusals(release, &as_filed);
    let mut notes = refusals(release, &as_today);
    notes.retain(|words| !obstacles.contains(words));
    if is_proven(&as_filed) {
        obstacles.extend(of_licence(tx, desk, case, release, &as_today, now).await?);
        obstacles.extend(of_person(case, release, &as_filed));
    }
    Ok(Admission { obstacles, notes })
}

/// What happened to the licence from which the case goes on.
async fn of_licence(
    tx: &mut Tx,
    desk: &Desk,
    case: &Case,
    release: &ItemRelease,
    facts: &Facts,
    now: Timestamp,
) -> Result<Vec<String>> {
    let (Some(effect), Some(number)) =
        (&release.item().licence, facts.person["id_number"].as_str())
    else {
        return Ok(Vec::new());
    };
    let digest = desk.licences.holder_digest(number);
    let today = now.date();
    let standing = desk
        .licences
        .standing_in(tx, &digest, &effect.kind, today)
        .await?;
    let changed = standing.as_ref().and_then(|s| changed_since(s, case));
    let mut words: Vec<String> = changed.into_iter().collect();
    // What a reissue or a renewal cannot be made from is told before the decision, not after it.
    if let Some(validity) = super::licence::validity(effect)
        && let Some(problem) = desk
            .licences
            .basis_in(tx, &digest, &effect.kind, validity, today)
            .await?
    {
        words.push(problem.message().to_owned());
    }
    Ok(words)
}

fn changed_since(standing: &LicenceStanding, case: &Case) -> Option<String> {
    let LicenceStanding { title, number, .. } = standing;
    let filed_on = case.submitted_at.date();
    let is_new = standing.issued_on >= filed_on && standing.made_at > case.submitted_at;
    let ended = standing.since.filter(|_| {
        matches!(
            standing.status,
            LicenceStatus::Cancelled | LicenceStatus::Revoked
        )
    });
    match ended {
        Some(day) if day >= filed_on => Some(format!(
            "{title}（{number}）自{}起{}",
            date_words(day),
            standing.status.title()
        )),
        None if is_new => Some(format!(
            "提交以后，申请人于{}另外取得了{title}（{number}），原来的证照已经不是申请时的那一张",
            date_words(standing.issued_on)
        )),
        _ => None,
    }
}

/// What the sources say otherwise than what was filed.
fn of_person(case: &Case, release: &ItemRelease, facts: &Facts) -> Vec<String> {
    let values = values_of(&case.form);
    let changes = release.form().changed_at_source(&values, &known(facts));
    let mut words: Vec<String> = changes.iter().map(|change| change.words()).collect();
    let name = facts.person["name"].as_str().unwrap_or_default();
    let told = words.iter().any(|words| words.contains(name));
    if !name.is_empty() && name != case.applicant && !told {
        words.push(format!(
            "申请人：提交时是“{}”，现在是“{name}”",
            case.applicant
        ));
    }
    words
}
