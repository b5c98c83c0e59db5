//! An office that works on stored flows: one definition, operations that keep an account, a calendar.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tongban_base::{Ctx, Result, calendar::WorkCalendar};
use tongban_flows::{
    Completion, Definition, Effect, Engine, InstanceId, NewInstance, OperationCall, Operations,
    Outcome, Task, TaskId,
};
use tongban_store::{Db, Fut, Tx, params};

use crate::world::{NOBODY, effect, read};

/// Operations write into a table, so that a transaction that is run again counts once.
pub struct Account;

impl Operations for Account {
    fn effect(&self, operation: &str) -> Option<Effect> {
        effect(operation)
    }

    /// Everything waits while the account is shut.
    fn must_wait<'a>(&'a self, tx: &'a mut Tx, _: &'a Ctx, _: &'a OperationCall) -> Fut<'a, bool> {
        Box::pin(async move {
            let sql = "SELECT value FROM counter WHERE name = 'shut' AND value = 1";
            Ok(tx.query_opt(sql, params![]).await?.is_some())
        })
    }

    fn run<'a>(&'a self, tx: &'a mut Tx, _: &'a Ctx, call: &'a OperationCall) -> Fut<'a, Value> {
        Box::pin(async move {
            let sql = "INSERT INTO counter (name, value) VALUES ($1, 1)
                ON CONFLICT (name) DO UPDATE SET value = counter.value + 1";
            tx.execute(sql, params![&call.operation]).await?;
            Ok(json!({ "number": call.firing.0, "variables": { "ran": true } }))
        })
    }

    fn undo<'a>(
        &'a self,
        tx: &'a mut Tx,
        _: &'a Ctx,
        call: &'a OperationCall,
        result: &'a Value,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            assert_eq!(result["number"], json!(call.firing.0));
            let sql = "UPDATE counter SET value = value - 1 WHERE name = $1";
            tx.execute(sql, params![&call.operation]).await.map(drop)
        })
    }
}

#[derive(Clone)]
pub struct Office {
    pub db: Db,
    pub definition: Arc<Definition>,
    pub calendar: Arc<WorkCalendar>,
    pub variables: Arc<Mutex<Value>>,
    pub id: InstanceId,
}

impl Office {
    pub fn new(db: Db, xml: &str, variables: Value) -> Self {
        Self {
            db,
            definition: Arc::new(read(xml).unwrap()),
            calendar: Arc::new(WorkCalendar::new()),
            variables: Arc::new(Mutex::new(variables)),
            id: InstanceId::new(),
        }
    }

    pub fn engine(&self) -> Engine<'_> {
        Engine {
            definition: &self.definition,
            operations: &Account,
            calendar: &self.calendar,
            people: &NOBODY,
        }
    }

    pub fn variables(&self) -> Value {
        self.variables.lock().unwrap().clone()
    }

    pub async fn start(&self, ctx: &Ctx) -> Outcome {
        self.db
            .write((self.clone(), ctx.clone()), |tx, (office, ctx)| {
                Box::pin(async move {
                    let new = NewInstance {
                        id: office.id,
                        release: "r1".to_owned(),
                        subject: "case-1".to_owned(),
                        organisation: "transport".to_owned(),
                        division: "310101000000".to_owned(),
                    };
                    let engine = office.engine();
                    tongban_flows::start(tx, ctx, &engine, &new, &office.variables()).await
                })
            })
            .await
            .unwrap()
    }

    pub async fn tasks(&self) -> Vec<Task> {
        self.db
            .read(self.id, |tx, id| {
                Box::pin(tongban_flows::tasks_of_instance(tx, *id))
            })
            .await
            .unwrap()
    }

    pub async fn elements(&self) -> Vec<String> {
        self.tasks()
            .await
            .into_iter()
            .map(|task| task.element)
            .collect()
    }

    pub async fn task(&self, element: &str) -> Task {
        let tasks = self.tasks().await;
        tasks
            .into_iter()
            .find(|task| task.element == element)
            .unwrap()
    }

    pub async fn complete(&self, ctx: &Ctx, task: &Task) -> Result<Outcome> {
        self.db
            .write(
                (self.clone(), ctx.clone(), task.clone()),
                |tx, (office, ctx, task)| {
                    Box::pin(async move {
                        let completion = Completion {
                            task: task.token,
                            decision: String::new(),
                            opinion: "同意".to_owned(),
                            data: json!({ "checked": true }),
                        };
                        let (engine, id): (_, TaskId) = (office.engine(), task.id);
                        tongban_flows::complete(
                            tx,
                            ctx,
                            &engine,
                            id,
                            &completion,
                            &office.variables(),
                        )
                        .await
                    })
                },
            )
            .await
    }

    pub async fn shut(&self, shut: bool) {
        self.db
            .write(shut, |tx, shut| {
                Box::pin(async move {
                    let sql = "INSERT INTO counter (name, value) VALUES ('shut', $1)
                        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
                    tx.execute(sql, params![i64::from(*shut)]).await
                })
            })
            .await
            .unwrap();
    }

    /// What stands in the account of an operation.
    pub async fn count(&self, operation: &'static str) -> i64 {
        self.db
            .read(operation, |tx, operation| {
                Box::pin(async move {
                    let sql = "SELECT value FROM counter WHERE name = $1";
                    let row = tx.query_opt(sql, params![*operation]).await?;
                    row.map_or(Ok(0), |row| row.get("value"))
                })
            })
            .await
            .unwrap()
    }
}
