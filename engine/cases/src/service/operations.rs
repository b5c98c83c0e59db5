//! The operations that flows may call on a case, and the effect of each when its step is undone.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value as Json, json};
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_documents::verify_code;
use tongban_flows::{
    Effect, Engine, InstanceId, NewInstance, OperationCall, Operations, Outcome, People, Person,
};
use tongban_operations::{About, OperationInfo};
use tongban_procedures::{Facts, ProcedureRelease};
use tongban_store::{Fut, Tx};

use crate::desk::Desk;
use crate::event::{CaseEvent, GuideRead, LetterRef, OperationRef, SubCaseRef};
use crate::filed::{self, Filed};
use crate::letters;
use crate::model::{
    Case, CaseDocument, CaseDocumentId, CaseId, LetterStatus, MaterialFile, Status,
};
use crate::own::OWN;
use crate::service::ending::follow_end;
use crate::service::produce::ProduceLetter;
use crate::service::telling::{Telling, tell_role};
use crate::service::variables::{named, plain};
use crate::service::{admission, sub_cases, subject};
use crate::store::{self, documents};
use crate::work::Work;

pub(crate) use tongban_flows::APPLICANT;

/// Starts the flow of a fresh case and writes what its first steps did.
pub(crate) async fn start_flow(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (case, release): (&Case, &ProcedureRelease),
    facts: &Facts,
    (files, guides): (Vec<MaterialFile>, Vec<GuideRead>),
) -> Result<()> {
    let mut work = Work::new(case.clone(), release.clone());
    let values = filed::digest(&desk.journal_key, case.id, &case.answers, &case.form);
    work.happened(
        desk,
        ctx,
        CaseEvent::Submitted {
            item: case.item_code.clone(),
            release: case.release.clone(),
            filed: Some(Filed { files, values }),
            agent: case.agent.clone(),
        },
    );
    if !guides.is_empty() {
        work.happened(desk, ctx, CaseEvent::GuidesRead { guides });
    }
    let runner = CaseOperations::of(tx, desk, work).await?;
    let new = NewInstance {
        id: instance_of(case.id),
        release: case.release.0.clone(),
        subject: case.id.to_string(),
        organisation: case.organisation.clone(),
        division: case.division.clone(),
    };
    let known = (plain(&facts.person), facts.record.clone());
    let variables = named(desk, case, known, ctx.now);
    let engine = runner.engine(release);
    let outcome = tongban_flows::start(tx, ctx, &engine, &new, &variables).await?;
    let mut work = runner.work_after(&outcome);
    follow_end(tx, desk, ctx, &mut work, &outcome).await?;
    work.save(tx, desk).await
}

/// A case has one flow; they share their id.
pub(crate) fn instance_of(case: CaseId) -> InstanceId {
    InstanceId(case.0)
}

/// The officers of the case's office by login and by account; a drawing may name them by either.
async fn people_of(tx: &mut Tx, desk: &Desk, organisation: &str) -> Result<People> {
    let mut people = People::new();
    for officer in desk.identity.staff_of(tx, organisation).await? {
        let person = Person {
            account: officer.id.to_string(),
            name: officer.name,
        };
        people.insert(officer.login, person.clone());
        people.insert(person.account.clone(), person);
    }
    Ok(people)
}

/// Runs operations on the case of one verb; nothing is written until the verb ends.
pub(crate) struct CaseOperations {
    desk: Desk,
    work: Mutex<Work>,
    people: People,
    calendar: Arc<WorkCalendar>,
}

impl CaseOperations {
    pub(crate) async fn of(tx: &mut Tx, desk: &Desk, work: Work) -> Result<Self> {
        let people = match work.release.flow().names_officers() {
            true => people_of(tx, desk, &work.case.organisation).await?,
            false => People::new(),
        };
        Ok(Self {
            desk: desk.clone(),
            work: Mutex::new(work),
            people,
            calendar: desk.catalog.calendar(),
        })
    }

    /// The engine over the flow of the case's release.
    pub(crate) fn engine<'a>(&'a self, release: &'a ProcedureRelease) -> Engine<'a> {
        Engine {
            definition: release.flow(),
            operations: self,
            calendar: &self.calendar,
            people: &self.people,
        }
    }

    /// The case after its verb.
    pub(crate) fn work_after(self, outcome: &Outcome) -> Work {
        let mut work = self.into_work();
        work.case.waits = outcome.postponed > 0;
        work
    }

    /// The case, where its flow did nothing.
    pub(crate) fn into_work(self) -> Work {
        self.work
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Work) -> T) -> T {
        change(&mut self.work.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn perform(&self, tx: &mut Tx, ctx: &Ctx, call: &OperationCall) -> Result<Json> {
        let text = |name: &str| {
            call.arguments
                .get(name)
                .and_then(Json::as_str)
                .unwrap_or_default()
        };
        match call.operation.as_str() {
            "case.accept" => self.accept(tx, ctx).await,
            "case.refuse" => self.with(|work| refuse(&self.desk, ctx, work)),
            "case.close" => self.close(tx, ctx, text("result")).await,
            sub_cases::START => self.start_sub_case(tx, ctx, text("sub_case")).await,
            "document.make" => self.make_document(tx, ctx, text("template")).await,
            "message.send" => self.send(tx, ctx, (text("event"), text("to"))).await,
            other => self.of_module(tx, ctx, other, &call.arguments).await,
        }
    }

    /// What was accepted before, or counts as accepted since its receipt, goes on counting from there.
    async fn accept(&self, tx: &mut Tx, ctx: &Ctx) -> Result<Json> {
        let mut work = self.with(|work| {
            work.case.status = Status::Accepted;
            work.case.correction = None;
            work.happened(&self.desk, ctx, CaseEvent::Accepted {});
            work.clone()
        });
        let clock = work.tick(tx, &self.desk, ctx.now).await?;
        self.with(|work| {
            let before = work.case.accepted_at;
            let began = clock.began.filter(|day| *day != ctx.now.date());
            let began = began.map_or(ctx.now, Timestamp::start_of);
            work.case.accepted_at = Some(before.unwrap_or(began));
            work.case.due_on = clock.due_on;
        });
        Ok(json!({}))
    }

    /// Nothing is closed, and of a licence nothing is told, before there are the papers. Whether the case may be closed
    /// is asked of whoever decides, not when the papers come.
    async fn wait_for_papers(&self, tx: &mut Tx, ctx: &Ctx, call: &OperationCall) -> Result<bool> {
        let (id, waits_already, is_new) =
            self.with(|work| (work.case.id, work.case.waits, work.is_new()));
        // A case that begins has no papers.
        if is_new {
            return Ok(false);
        }
        let closes = match call.operation.as_str() {
            "case.close" => true,
            "message.send" => false,
            _ => return Ok(false),
        };
        let mut waits = false;
        for papers in &self.desk.brought.papers {
            waits = waits || papers.are_awaited(tx, id).await?;
        }
        if closes && !waits {
            waits = documents::are_awaited(tx, id).await?;
        }
        if closes && waits && !waits_already {
            let result = call.arguments["result"].as_str().unwrap_or_default();
            self.may_close(tx, ctx, result).await?;
        }
        Ok(waits)
    }

    async fn may_close(&self, tx: &mut Tx, ctx: &Ctx, result: &str) -> Result<()> {
        let work = self.with(|work| work.clone());
        if result == "granted" && work.case.status != Status::Granted {
            admission::must_hold(tx, &self.desk, &work, ctx.now).await?;
        }
        Ok(())
    }

    /// A permission is granted when its document is made; the case closes after the licence is issued.
    async fn close(&self, tx: &mut Tx, ctx: &Ctx, result: &str) -> Result<Json> {
        // What waited was asked when it began to.
        if !self.with(|work| work.case.waits) {
            self.may_close(tx, ctx, result).await?;
        }
        Ok(self.with(|work| {
            let before = json!({ "status": work.case.status });
            let due = work.case.due_on;
            work.case.late = due.is_some_and(|due| due < ctx.now.date());
            work.case.status = match result {
                "denied" => Status::Denied,
                "refused" => Status::Refused,
                _ => Status::Closed,
            };
            work.case.closed_at = Some(ctx.now);
            work.case.result = Some(result.to_owned());
            let closed = CaseEvent::Closed {
                result: result.to_owned(),
                opinion: work.opinion.clone(),
            };
            work.happened(&self.desk, ctx, closed);
            before
        }))
    }

    pub(crate) async fn make_document(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        template: &str,
    ) -> Result<Json> {
        let letter = self.with(|work| letters::letter(work.release.folder(), template))?;
        let number = match &letter.number_rule {
            Some(rule) => documents::next_number(tx, rule, &letter.code, ctx.now.date()).await?,
            None => {
                let (case, stem) = self.with(|work| (work.case.id, work.case.number.clone()));
                documents::number_of_case(tx, case, &stem, &letter.code).await?
            }
        };
        let work = self.with(|work| work.clone());
        let files = work.files(tx).await?;
        let record = self.desk.record_in(tx, work.case.about.as_ref()).await?;
        let code = verify_code()?;
        let document = self.with(|work| CaseDocument {
            id: CaseDocumentId::new(),
            case_id: work.case.id,
            template: letter.code.clone(),
            title: letter.title.clone(),
            number: number.clone(),
            data: letters::data(
                &letters::Site::of(&self.desk, &work.case),
                work,
                &letter,
                (&number, &code),
                (&files, &record, ctx.now),
            ),
            status: LetterStatus::Pending,
            code: Some(code.clone()),
            made_at: ctx.now,
            asked_at: Some(ctx.now),
            failure: None,
            pdf: None,
            ofd: None,
        });
        documents::insert(tx, &self.desk.cipher, &document).await?;
        let job = ProduceLetter {
            case: document.case_id,
            document: document.id,
        };
        tx.enqueue(&job, ctx.now).await?;
        let made = LetterRef {
            document: document.id,
            title: letter.title,
            number,
        };
        let told = json!(made);
        self.with(|work| work.happened(&self.desk, ctx, CaseEvent::DocumentMade(made)));
        Ok(told)
    }

    async fn start_sub_case(&self, tx: &mut Tx, ctx: &Ctx, name: &str) -> Result<Json> {
        let work = self.with(|work| work.clone());
        let started = sub_cases::start(tx, &self.desk, ctx, &work, name).await?;
        let told = json!(started);
        self.with(|work| work.happened(&self.desk, ctx, CaseEvent::SubCaseStarted(started)));
        Ok(told)
    }

    /// To the applicant, or to the officers of a role.
    async fn send(&self, tx: &mut Tx, ctx: &Ctx, (event, role): (&str, &str)) -> Result<Json> {
        let work = self.with(|work| work.clone());
        let sent = match role {
            "" => {
                let templates = self.desk.messages_of(&work.release);
                let of = (&work, ctx.now);
                let telling = Telling::applicant(tx, &self.desk, of, templates).await?;
                telling.send(tx, ctx, event).await?
            }
            role => tell_role(tx, &self.desk, ctx, &work, (role, event)).await?,
        };
        Ok(json!({ "messages": sent }))
    }

    async fn of_module(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        name: &str,
        arguments: &Json,
    ) -> Result<Json> {
        let operation = self.desk.brought.operation(name)?;
        let work = self.with(|work| work.clone());
        let info = operation.info();
        if info.carries_out {
            admission::must_hold(tx, &self.desk, &work, ctx.now).await?;
        }
        let subject = subject::of(tx, &self.desk, &work).await?;
        let result = operation.run(tx, ctx, &subject, arguments).await?;
        // What is written is a record: then it can be found from there.
        if let Ok(record) = serde_json::from_value::<About>(result.clone()) {
            store::sub_cases::wrote(tx, work.case.id, &record).await?;
        }
        let done = done(info, &result);
        self.with(|work| work.happened(&self.desk, ctx, CaseEvent::OperationDone(done)));
        Ok(result)
    }

    async fn undo_of_module(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        name: &str,
        result: &Json,
    ) -> Result<()> {
        let operation = self.desk.brought.operation(name)?;
        let work = self.with(|work| work.clone());
        let subject = subject::of(tx, &self.desk, &work).await?;
        operation.undo(tx, ctx, &subject, result).await?;
        let undone = done(operation.info(), result);
        self.with(|work| work.happened(&self.desk, ctx, CaseEvent::OperationUndone(undone)));
        Ok(())
    }

    /// An acceptance that follows from silence stays; one that an officer gave is taken back.
    async fn unaccept(&self, tx: &mut Tx, ctx: &Ctx) -> Result<()> {
        let mut work = self.with(|work| {
            work.happened(&self.desk, ctx, CaseEvent::AcceptanceUndone {});
            work.clone()
        });
        if work.tick(tx, &self.desk, ctx.now).await?.deemed {
            return Ok(());
        }
        self.with(|work| {
            work.case.accepted_at = None;
            work.case.due_on = None;
            work.case.status = Status::Submitted;
        });
        Ok(())
    }

    async fn take_back(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        call: &OperationCall,
        result: &Json,
    ) -> Result<()> {
        match call.operation.as_str() {
            "document.make" => {
                let letter: LetterRef = serde_json::from_value(result.clone())?;
                documents::void(tx, letter.document).await?;
                self.with(|work| work.happened(&self.desk, ctx, CaseEvent::DocumentVoid(letter)));
            }
            sub_cases::START => {
                let started: SubCaseRef = serde_json::from_value(result.clone())?;
                let work = self.with(|work| work.clone());
                if work.ends {
                    return Ok(());
                }
                sub_cases::take_back(tx, &self.desk, ctx, &work, &started).await?;
                self.with(|work| {
                    work.happened(&self.desk, ctx, CaseEvent::SubCaseTakenBack(started));
                });
            }
            "case.close" => self.with(|work| {
                work.case.closed_at = None;
                work.case.late = false;
                work.case.result = None;
                work.case.status = before(result);
                work.happened(&self.desk, ctx, CaseEvent::Reopened {});
            }),
            "case.refuse" => self.with(|work| {
                work.case.status = Status::Submitted;
                work.happened(&self.desk, ctx, CaseEvent::RefusalUndone {});
            }),
            "case.accept" => self.unaccept(tx, ctx).await?,
            "message.send" => {}
            other => self.undo_of_module(tx, ctx, other, result).await?,
        }
        Ok(())
    }
}

fn done(info: &OperationInfo, result: &Json) -> OperationRef {
    OperationRef {
        operation: info.name.to_owned(),
        title: info.title.to_owned(),
        carries_out: info.carries_out,
        result: result.clone(),
    }
}

fn before(result: &Json) -> Status {
    serde_json::from_value(result["status"].clone()).unwrap_or(Status::Accepted)
}

fn refuse(desk: &Desk, ctx: &Ctx, work: &mut Work) -> Result<Json> {
    if work.case.accepted_at.is_some() {
        let words =
            "这个办件已经受理或者视为受理，不能再不予受理；不符合条件的，请受理后依法作出决定";
        return Err(Problem::conflict("case.accepted_already", words));
    }
    work.case.status = Status::Refused;
    let opinion = work.opinion.clone();
    work.happened(desk, ctx, CaseEvent::Refused { opinion });
    Ok(json!({}))
}

impl Operations for CaseOperations {
    fn effect(&self, operation: &str) -> Option<Effect> {
        let own = OWN.iter().find(|info| info.name == operation);
        let brought = || self.desk.brought.operation(operation).ok();
        let info = own.or_else(|| brought().map(|operation| operation.info()));
        info.map(|info| info.effect)
    }

    fn must_wait<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        call: &'a OperationCall,
    ) -> Fut<'a, bool> {
        Box::pin(self.wait_for_papers(tx, ctx, call))
    }

    fn run<'a>(&'a self, tx: &'a mut Tx, ctx: &'a Ctx, call: &'a OperationCall) -> Fut<'a, Json> {
        Box::pin(self.perform(tx, ctx, call))
    }

    fn undo<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        call: &'a OperationCall,
        result: &'a Json,
    ) -> Fut<'a, ()> {
        Box::pin(self.take_back(tx, ctx, call, result))
    }
}
