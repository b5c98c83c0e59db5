//! What flows can have done to records, and what is asked when a case is filed.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_base::{Ctx, FieldError, Timestamp};
use tongban_operations::{
    Argument, ArgumentKind, CallSite, Effect, Operation, OperationInfo, Subject, SubmissionCheck,
};
use tongban_store::{Fut, Tx};

use crate::part;
use crate::registers::Registers;
use crate::service::by_case::Done;
use crate::service::case_values::Verb;

/// As definitions see them.
pub const OPERATIONS: &[OperationInfo] = &[CREATE, UPDATE, RETIRE];
const CREATE: OperationInfo = info("record.create", "登记一条台账记录");
const UPDATE: OperationInfo = info("record.update", "变更一条台账记录");
const RETIRE: OperationInfo = info("record.retire", "注销（删除）一条台账记录");

const fn info(name: &'static str, title: &'static str) -> OperationInfo {
    OperationInfo {
        name,
        title,
        effect: Effect::Reversible,
        arguments: ARGUMENTS,
        carries_out: true,
        check,
    }
}

const ARGUMENTS: &[Argument] = &[Argument {
    name: "record",
    title: "事项的 [[record]] 里的名称",
    kind: ArgumentKind::Text,
    required: true,
}];

fn check(site: &CallSite) -> Vec<String> {
    let name = site.text("record");
    let parts = part::of(site.parts);
    let (procedure, operation) = (site.procedure, site.operation);
    let words = match parts.iter().find(|part| part.name == name) {
        None => format!("事项 {procedure} 没有名为 {name} 的 [[record]]，不能执行 {operation}"),
        Some(part) => {
            let is_found = part.key.is_some()
                || site.about == Some(part.register.as_str())
                || makes(site, name);
            if operation == Verb::Create.info().name || is_found {
                return Vec::new();
            }
            format!(
                "[[record]] {name} 没有写 key，事项 {procedure} 不针对登记簿 {} 的记录，流程也没有先用 record.create 登记它，不知道 {operation} 哪一条",
                part.register
            )
        }
    };
    vec![words]
}

/// Whether the flow of the procedure makes the record itself.
fn makes(site: &CallSite, name: &str) -> bool {
    #[derive(Deserialize)]
    struct File {
        flow: String,
    }
    let create = Verb::Create.info().name;
    let files = ["procedures", "items"].map(|folder| format!("{folder}/{}.toml", site.procedure));
    let file = files
        .iter()
        .find_map(|file| site.folder.toml::<File>(file).ok());
    let Some(File { flow }) = file else {
        return false;
    };
    let chain = site.folder.text(&format!("flows/{flow}.toml"));
    let drawing = site.folder.text(&format!("flows/{flow}.bpmn"));
    chain.is_ok_and(|text| text.contains(&format!("{create}({name})")))
        || drawing.is_ok_and(|text| text.contains(create))
}

impl Verb {
    pub(crate) fn info(self) -> &'static OperationInfo {
        match self {
            Self::Create => &CREATE,
            Self::Update => &UPDATE,
            Self::Retire => &RETIRE,
        }
    }
}

/// With the services, as the wiring hands them to cases.
pub fn operations(registers: &Registers) -> Vec<Arc<dyn Operation>> {
    let operation = |verb| -> Arc<dyn Operation> {
        Arc::new(OnRecord {
            verb,
            registers: registers.clone(),
        })
    };
    [Verb::Create, Verb::Update, Verb::Retire]
        .map(operation)
        .into()
}

struct OnRecord {
    verb: Verb,
    registers: Registers,
}

impl Operation for OnRecord {
    fn info(&self) -> &'static OperationInfo {
        self.verb.info()
    }

    fn obstacles<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: &'a Subject,
        arguments: &'a Json,
        now: Timestamp,
    ) -> Fut<'a, Vec<String>> {
        Box::pin(async move {
            let name = arguments["record"].as_str().unwrap_or_default();
            let call = (self.verb, name);
            if self.registers.passes(tx, subject, call, now).await? {
                return Ok(Vec::new());
            }
            self.registers.obstacles(tx, subject, call, now).await
        })
    }

    fn run<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        subject: &'a Subject,
        arguments: &'a Json,
    ) -> Fut<'a, Json> {
        Box::pin(async move {
            let name = arguments["record"].as_str().unwrap_or_default();
            let call = (self.verb, name);
            if self.registers.passes(tx, subject, call, ctx.now).await? {
                return Ok(Json::Null);
            }
            let done = self.registers.carry_out(tx, ctx, subject, call).await?;
            Ok(json!(done))
        })
    }

    fn undo<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        subject: &'a Subject,
        result: &'a Json,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            if result.is_null() {
                return Ok(());
            }
            let done: Done = serde_json::from_value(result.clone())?;
            self.registers
                .take_back(tx, ctx, subject, self.verb, &done)
                .await
        })
    }
}

impl SubmissionCheck for Registers {
    fn faults<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: &'a Subject,
        now: Timestamp,
    ) -> Fut<'a, Vec<FieldError>> {
        Box::pin(self.taken_on_submit(tx, subject, now))
    }
}
