//! Whole six-step approvals a second, every step durable, beside two engines that run the same process in memory.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Ctx, Problem, Result, Timestamp, Uuid};
use tongban_flows::{
    Completion, Condition, Conditions, Definition, Effect, Engine, InstanceId, NewInstance,
    OperationCall, Operations, Outcome, People, Status, Task,
};
use tongban_store::{Db, Fut, Tx, migrate};

use crate::callers::callers;
use crate::load::median;
use crate::peers::{self, Peer};
use crate::{Figure, Report};

const PROCESS: &str = include_str!("../peers/approval.bpmn");
const CALLERS: usize = 64;
const ROUNDS: usize = 3;
const APPROVALS: usize = 400;
const STEPS: usize = 6;
const PER_SECOND: f64 = 300.0;

/// `db` is empty.
pub async fn flows(db: Db) -> Result<Report> {
    let mut report = Report::new("flows");
    migrate(&db, tongban_flows::MIGRATIONS, Timestamp::now()).await?;
    let office = Office::new(db)?;
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        rates.push(round(&office).await?);
    }
    let rate = median(rates);
    let name = "six-step approvals, stored on SQLite";
    report.add(Figure::new(name, rate, "1/s").at_least(PER_SECOND));
    report.add(Figure::new("durable steps", rate * STEPS as f64, "1/s"));
    for peer in [Peer::Spiff, Peer::BpmnEngine] {
        let found = tokio::task::spawn_blocking(move || peers::measure(peer))
            .await
            .map_err(Problem::internal)?;
        let figure = Figure::new(name, rate, "1/s");
        report.add(match found {
            Ok(value) => figure.beside(peer.name(), Some(value)),
            Err(why) => figure.beside(&format!("{} not available: {why}", peer.name()), None),
        });
    }
    Ok(report)
}

async fn round(office: &Office) -> Result<f64> {
    let (office, begun) = (office.clone(), Instant::now());
    let work: Vec<usize> = (0..APPROVALS).collect();
    callers(CALLERS, work, move |_| {
        let office = office.clone();
        async move { office.approve().await }
    })
    .await?;
    Ok(APPROVALS as f64 / begun.elapsed().as_secs_f64())
}

#[derive(Clone)]
struct Office {
    db: Db,
    definition: Arc<Definition>,
    calendar: Arc<WorkCalendar>,
    people: Arc<People>,
}

impl Office {
    fn new(db: Db) -> Result<Self> {
        let definition = Definition::compile(PROCESS, &Nothing, &|_: &str| None);
        let definition = definition.map_err(|faults| {
            let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Problem::internal(words.join("; "))
        })?;
        Ok(Self {
            db,
            definition: Arc::new(definition),
            calendar: Arc::new(WorkCalendar::new()),
            people: Arc::default(),
        })
    }

    fn engine(&self) -> Engine<'_> {
        Engine {
            definition: &self.definition,
            operations: &Nothing,
            calendar: &self.calendar,
            people: &self.people,
        }
    }

    /// From the first step to the end; each verb is a transaction of its own.
    async fn approve(&self) -> Result<()> {
        let mut outcome = self.start().await?;
        for _ in 0..STEPS {
            let task = outcome.opened.pop();
            let task = task.ok_or_else(|| Problem::internal("no task was opened"))?;
            outcome = self.complete(task).await?;
        }
        if outcome.status == Status::Completed {
            Ok(())
        } else {
            Err(Problem::internal("the approval did not end"))
        }
    }

    async fn start(&self) -> Result<Outcome> {
        let id = Uuid::now_v7();
        self.db
            .write((self.clone(), id), |tx, (office, id)| {
                Box::pin(async move {
                    let new = NewInstance {
                        id: InstanceId(*id),
                        release: "bench".to_owned(),
                        subject: id.to_string(),
                        organisation: "office".to_owned(),
                        division: "310000000000".to_owned(),
                    };
                    let ctx = Ctx::system(Timestamp::now());
                    tongban_flows::start(tx, &ctx, &office.engine(), &new, &json!({})).await
                })
            })
            .await
    }

    async fn complete(&self, task: Task) -> Result<Outcome> {
        self.db
            .write((self.clone(), task), |tx, (office, task)| {
                Box::pin(async move {
                    let completion = Completion {
                        task: task.token,
                        decision: String::new(),
                        opinion: "同意".to_owned(),
                        data: json!({ "checked": true }),
                    };
                    let ctx = Ctx::system(Timestamp::now());
                    let (engine, variables) = (office.engine(), json!({}));
                    tongban_flows::complete(tx, &ctx, &engine, task.id, &completion, &variables)
                        .await
                })
            })
            .await
    }
}

/// The process has no condition and calls no operation.
struct Nothing;

impl Conditions for Nothing {
    fn compile(&self, source: &str) -> std::result::Result<Box<dyn Condition>, String> {
        Err(format!("no condition was expected: {source}"))
    }
}

impl Operations for Nothing {
    fn effect(&self, _: &str) -> Option<Effect> {
        None
    }

    fn run<'a>(&'a self, _: &'a mut Tx, _: &'a Ctx, call: &'a OperationCall) -> Fut<'a, Value> {
        let words = format!("no operation was expected: {}", call.operation);
        Box::pin(async move { Err(Problem::internal(words)) })
    }

    fn undo<'a>(
        &'a self,
        _: &'a mut Tx,
        _: &'a Ctx,
        _: &'a OperationCall,
        _: &'a Value,
    ) -> Fut<'a, ()> {
        Box::pin(async move { Ok(()) })
    }
}
