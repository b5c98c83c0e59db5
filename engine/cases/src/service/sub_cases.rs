//! Cases that a case starts: filed like any other, by values of the case; taken back as long as nobody has worked on
//! them; ended with the case when it is withdrawn or lapses.

use serde_json::{Map, Value as Json, json};
use tongban_base::{Ctx, Kind, Problem, Result, Timestamp, Uuid};
use tongban_flows::Kind as NodeKind;
use tongban_identity::StaffRecord;
use tongban_operations::{About, CaseLine, CasesOfRecord, RecordLink};
use tongban_procedures::{Audience, Procedure, ProcedureRelease, names};
use tongban_store::{Fut, Tx};

use crate::desk::Desk;
use crate::event::{CaseEvent, SubCaseRef};
use crate::model::{Case, CaseId, Draft, DraftId};
use crate::service::applicant::is_applicant;
use crate::service::applying::Application;
use crate::service::reading::visible;
use crate::service::submit::{Label, check, file};
use crate::service::view::CaseView;
use crate::service::withdraw::{Ending, end};
use crate::service::{sole, subject};
use crate::store::{self, cases, drafts, events, open_cases};
use crate::sub_case::{self, SubCasePart};
use crate::work::Work;

pub(crate) const START: &str = "case.start";

/// Another case that has to do with one; `href` only where whoever looks may see it.
#[derive(Clone, Debug)]
pub struct RelatedCase {
    pub case: Case,
    pub href: String,
}

/// What a case was started by, and what it started.
#[derive(Clone, Debug, Default)]
pub struct Related {
    pub parent: Option<RelatedCase>,
    pub children: Vec<RelatedCase>,
    /// The records that it is about or wrote and that whoever looks may read.
    pub records: Vec<RecordLink>,
}

/// Files the case of that name. Errors: a conflict that says why it cannot be filed.
pub(crate) async fn start(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &Work,
    name: &str,
) -> Result<SubCaseRef> {
    let part = part(&work.release, name)?;
    let filed = filing(tx, desk, work, &part, ctx.now).await;
    let (application, values) = match filed.and_then(|application| {
        let values = check(&application)?;
        Ok((application, values))
    }) {
        Ok(filed) => filed,
        Err(problem) => return Err(not_now(desk, &part, &problem).unwrap_or(problem)),
    };
    drafts::insert(tx, &desk.cipher, &application.draft, true)?;
    drafts::end(tx, application.draft.id, ctx.now).await?;
    let siblings = store::sub_cases::children(tx, &desk.cipher, work.case.id).await?;
    let label = Label::of_sub_case(&work.case, siblings.len() + 1)?;
    let filed = file(tx, desk, ctx, &application, &values, &label).await?;
    Ok(SubCaseRef {
        name: part.name,
        case: filed.case,
        number: filed.number,
        title: application.release.procedure().name.clone(),
    })
}

fn part(release: &ProcedureRelease, name: &str) -> Result<SubCasePart> {
    let mut parts = sub_case::of(release.parts()).into_iter();
    parts
        .find(|part| part.name == name)
        .ok_or_else(|| Problem::internal(format!("no sub-case {name}")))
}

/// The application as it would be filed now.
async fn filing(
    tx: &mut Tx,
    desk: &Desk,
    work: &Work,
    part: &SubCasePart,
    now: Timestamp,
) -> Result<Application> {
    let today = now.date();
    let offered = desk.catalog.offered(&part.procedure, today)?;
    let release = desk.catalog.release(tx, &offered.hash).await?;
    let procedure = release.procedure();
    let said = Said::of(tx, desk, work, now).await?;
    let (account, unit) = holder(tx, desk, &said, (part, procedure)).await?;
    let office = desk.catalog.organisation(&procedure.organisation);
    let draft = Draft {
        id: DraftId::new(),
        account,
        agent: None,
        unit,
        about: work
            .case
            .about
            .clone()
            .filter(|_| procedure.about.is_some()),
        item_code: procedure.code.clone(),
        release: release.hash().clone(),
        answers: json!({}),
        form: said.all(&part.values)?,
        guides: Vec::new(),
        division: office.map_or_else(String::new, |office| office.division.clone()),
        created_at: now,
        updated_at: now,
        version: 0,
        case_id: None,
    };
    let open = match procedure.audience {
        Audience::Public => open_cases::open_of(tx, account, draft.id).await?,
        Audience::Unit | Audience::Staff | Audience::System => Vec::new(),
    };
    let mut application = Application {
        files: Vec::new(),
        // Whoever is filed for has filled in nothing.
        guides: Vec::new(),
        open_case: sole::in_the_way(tx, procedure, &draft, &open).await?,
        facts: desk
            .facts(tx, &draft, (&release, None), &open, today)
            .await?,
        saved_form: json!({}),
        saved_answers: json!({}),
        in_workbench: true,
        fallen: Vec::new(),
        before: None,
        lost_answers: Vec::new(),
        draft,
        release,
    };
    let answers = said.all(&part.answers)?;
    let answers = answers.as_object().into_iter().flatten();
    let answers = answers.filter_map(|(id, value)| Some((id.clone(), value.as_str()?.to_owned())));
    application.answer(&answers.collect::<Vec<_>>());
    Ok(application)
}

/// What expressions of the part say of the case.
struct Said {
    subject: tongban_operations::Subject,
    unit: Option<String>,
    record: Json,
    today: String,
}

impl Said {
    async fn of(tx: &mut Tx, desk: &Desk, work: &Work, now: Timestamp) -> Result<Self> {
        Ok(Self {
            subject: subject::of(tx, desk, work).await?,
            unit: work.case.unit.clone(),
            record: desk.record_in(tx, work.case.about.as_ref()).await?,
            today: now.date().to_string(),
        })
    }

    fn value(&self, text: &str) -> Result<Json> {
        let value = names::value(text, &self.subject, &self.record, &self.today);
        value.map_err(|fault| {
            let words = format!("“{text}”算不出来：{fault}");
            Problem::conflict("case.sub_case_value", words)
        })
    }

    fn text(&self, text: &str) -> Result<String> {
        let value = self.value(text)?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// What says nothing is left out.
    fn all<'t>(&self, texts: impl IntoIterator<Item = (&'t String, &'t String)>) -> Result<Json> {
        let mut all = Map::new();
        for (name, text) in texts {
            let value = self.value(text)?;
            if !value.is_null() {
                all.insert(name.clone(), value);
            }
        }
        Ok(Json::Object(all))
    }
}

/// For whom it is filed. A definition may name officers of the office and of the unit that the case is of, and units whose
/// officers may file it themselves; nobody else.
async fn holder(
    tx: &mut Tx,
    desk: &Desk,
    said: &Said,
    (part, procedure): (&SubCasePart, &Procedure),
) -> Result<(Uuid, Option<String>)> {
    let subject = &said.subject;
    let may = |officer: &StaffRecord| {
        let listed = |roles: &Vec<String>| roles.iter().any(|role| officer.roles.contains(role));
        officer.active && procedure.start.as_ref().is_none_or(listed)
    };
    let nobody = |words: String| Problem::conflict("case.sub_case_holder", words);
    if let Some(text) = &part.unit {
        let unit = said.text(text)?;
        let staff = desk.identity.staff_of(tx, &unit).await?;
        let name = desk.catalog.organisation(&unit);
        let name = name
            .as_ref()
            .map_or(unit.as_str(), |office| office.name.as_str());
        let officer = staff
            .into_iter()
            .find(may)
            .ok_or_else(|| nobody(format!("“{name}”没有可以办理的人")))?;
        return Ok((officer.id, Some(officer.organisation)));
    }
    if let Some(text) = &part.person {
        let login = said.text(text)?;
        let mut staff = desk.identity.staff_of(tx, &subject.organisation).await?;
        if let Some(unit) = said
            .unit
            .as_ref()
            .filter(|unit| **unit != subject.organisation)
        {
            staff.extend(desk.identity.staff_of(tx, unit).await?);
        }
        let officer = staff
            .into_iter()
            .find(|officer| officer.login == login && may(officer));
        let officer = officer.ok_or_else(|| nobody(format!("“{login}”不是本单位可以办理的人")))?;
        return Ok((officer.id, Some(officer.organisation)));
    }
    Ok((subject.account, said.unit.clone()))
}

/// What a filing is refused with, in words that name what could not be started.
fn not_now(desk: &Desk, part: &SubCasePart, problem: &Problem) -> Option<Problem> {
    if !matches!(
        problem.kind(),
        Kind::Invalid | Kind::Conflict | Kind::NotFound | Kind::Gone
    ) {
        return None;
    }
    let why: Vec<&str> = match problem.field_errors() {
        [] => vec![problem.message()],
        faults => faults.iter().map(|fault| fault.message.as_str()).collect(),
    };
    let named = desk.catalog.pack().folder.clone();
    let title = sub_case::title(&named, &part.procedure);
    let words = format!("现在不能发起“{title}”：{}", why.join("；"));
    Some(Problem::conflict("case.sub_case_refused", words))
}

/// Why cases that the flow would start could not be filed now. What was started before is not asked again.
pub(crate) async fn obstacles(
    tx: &mut Tx,
    desk: &Desk,
    work: &Work,
    now: Timestamp,
) -> Result<Vec<String>> {
    let nodes = work.release.flow().nodes();
    let mut names: Vec<String> = nodes
        .filter_map(|(_, node)| match &node.kind {
            NodeKind::Service(call) if call.operation == START => {
                call.arguments["sub_case"].as_str().map(str::to_owned)
            }
            _ => None,
        })
        .collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let standing = standing(&events::of_case(tx, work.case.id).await?);
    let mut words = Vec::new();
    for name in names {
        if standing.iter().any(|started| started.name == name) {
            continue;
        }
        let part = part(&work.release, &name)?;
        let filed = filing(tx, desk, work, &part, now).await;
        if let Err(problem) = filed.and_then(|application| check(&application)) {
            let told = not_now(desk, &part, &problem).ok_or(problem)?;
            words.push(told.message().to_owned());
        }
    }
    Ok(words)
}

/// Those that were started and not taken back.
fn standing(journal: &[crate::model::Event]) -> Vec<SubCaseRef> {
    let mut all: Vec<SubCaseRef> = Vec::new();
    for event in journal {
        match &event.what {
            Some(CaseEvent::SubCaseStarted(started)) => all.push(started.clone()),
            Some(CaseEvent::SubCaseTakenBack(back)) => all.retain(|one| one.case != back.case),
            _ => {}
        }
    }
    all
}

/// What a case waits for before it is granted, in words.
pub(crate) async fn awaited(
    tx: &mut Tx,
    desk: &Desk,
    case: CaseId,
    release: &ProcedureRelease,
) -> Result<Vec<String>> {
    let mut parts = sub_case::of(release.parts());
    parts.retain(|part| part.wait);
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let children = store::sub_cases::children(tx, &desk.cipher, case).await?;
    let open = children.iter().filter(|child| {
        child.closed_at.is_none() && parts.iter().any(|part| part.procedure == child.item_code)
    });
    let words = open.map(|child| {
        let (title, number) = (&child.item_name, &child.number);
        format!("“{title}”（{number}）{}，尚未办结", child.status.title())
    });
    Ok(words.collect())
}

/// Takes back a case that nobody has worked on. Errors: a conflict where somebody has.
pub(crate) async fn take_back(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    parent: &Work,
    started: &SubCaseRef,
) -> Result<()> {
    let work = Work::load(tx, desk, started.case).await?;
    if work.case.status == crate::model::Status::Withdrawn {
        return Ok(());
    }
    let journal = events::of_case(tx, started.case).await?;
    let worked = journal.iter().any(|event| {
        matches!(
            event.what,
            Some(CaseEvent::TaskCompleted { .. } | CaseEvent::Corrected { .. })
        )
    });
    if worked || work.case.waits || !work.case.status.can_withdraw() {
        let words = format!(
            "“{}”（{}）已经有人办理（{}），不能退回到发起它之前的环节；请先由它的申请人撤回，或者待它办结",
            started.title,
            started.number,
            work.case.status.title()
        );
        return Err(Problem::conflict("case.sub_case_worked_on", words));
    }
    let reason = match parent.opinion.is_empty() {
        true => "发起它的环节已退回".to_owned(),
        false => parent.opinion.clone(),
    };
    end(tx, desk, ctx, work, &Ending::with(&parent.case, reason)).await
}

/// With a case that was withdrawn, or lapsed, what it started ends too, unless it is decided.
pub(crate) fn end_all<'a>(
    tx: &'a mut Tx,
    desk: &'a Desk,
    ctx: &'a Ctx,
    parent: &'a Case,
    reason: &'a str,
) -> Fut<'a, ()> {
    Box::pin(async move {
        for child in store::sub_cases::children(tx, &desk.cipher, parent.id).await? {
            if child.closed_at.is_some() || child.waits || !child.status.can_withdraw() {
                continue;
            }
            let work = Work::load(tx, desk, child.id).await?;
            let ending = Ending::with(parent, reason.to_owned());
            end(tx, desk, ctx, work, &ending).await?;
        }
        Ok(())
    })
}

/// For the pages of a case: each with its address, if whoever looks may see it.
pub async fn related(desk: &Desk, ctx: &Ctx, view: &CaseView) -> Result<Related> {
    let input = (desk.clone(), ctx.clone(), view.case.clone());
    desk.db
        .read(input, |tx, (desk, ctx, case)| {
            Box::pin(async move {
                let mut related = Related::default();
                if let Some(parent) = case.parent {
                    let parent = cases::load_genuine(tx, &desk.cipher, parent).await?;
                    if let Some(parent) = parent {
                        related.parent = Some(linked(tx, desk, ctx, parent).await?);
                    }
                }
                for child in store::sub_cases::children(tx, &desk.cipher, case.id).await? {
                    related.children.push(linked(tx, desk, ctx, child).await?);
                }
                related.records = records(tx, desk, ctx, case).await?;
                Ok(related)
            })
        })
        .await
}

async fn records(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: &Case) -> Result<Vec<RecordLink>> {
    let Some(kept) = &desk.brought.records else {
        return Ok(Vec::new());
    };
    let mut all: Vec<About> = case.about.iter().cloned().collect();
    for record in store::sub_cases::written_by(tx, case.id).await? {
        if !all.contains(&record) {
            all.push(record);
        }
    }
    let mut links = Vec::new();
    for record in &all {
        links.extend(kept.link(tx, ctx, record).await?);
    }
    Ok(links)
}

impl CasesOfRecord for Desk {
    fn of<'a>(&'a self, ctx: &'a Ctx, about: &'a About) -> Fut<'a, Vec<CaseLine>> {
        let input = (self.clone(), ctx.clone(), about.clone());
        Box::pin(self.db.read(input, |tx, (desk, ctx, about)| {
            Box::pin(async move {
                let mut lines = Vec::new();
                for case in store::sub_cases::of_record(tx, &desk.cipher, about).await? {
                    let RelatedCase { case, href } = linked(tx, desk, ctx, case).await?;
                    if !href.is_empty() {
                        let (title, number) = (&case.item_name, &case.number);
                        let words = format!("{title}（{number}），{}", case.status.title());
                        lines.push(CaseLine { words, href });
                    }
                }
                Ok(lines)
            })
        }))
    }
}

async fn linked(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: Case) -> Result<RelatedCase> {
    let release = desk.catalog.release(tx, &case.release).await?;
    let own = is_applicant(ctx, &case, release.procedure());
    let href = match (own, &ctx.actor.staff) {
        (true, None) => format!("/me/cases/{}", case.id),
        (true, Some(_)) => format!("/workbench/mine/{}", case.id),
        (false, Some(_)) if visible(ctx, &case).is_ok() => {
            format!("/workbench/cases/{}", case.id)
        }
        (false, _) => String::new(),
    };
    Ok(RelatedCase { case, href })
}
