//! A small pack of units and their people, with everything that a register may say, and cases that write it.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_audit::{AuditKey, ReadLog};
use tongban_base::{Ctx, Result, Timestamp, Uuid};
use tongban_crypto::KeyRing;
use tongban_operations::{About, Operation, Subject, SubjectFile};
use tongban_packs::{Findings, Folder, ReleaseHash};
use tongban_registers::{OpenRecord, RecordId, RegisterDefinitions, Registers, operations};
use tongban_store::{Db, ObjectId};
use tongban_testkit::actors::{self, MONDAY_MORNING};

use crate::house::keeping;

pub const UNIT: &str = r#"
code = "unit"
title = "申报单位"
key = "code"
list = ["name", "code", "status"]
filters = ["name", "status"]
indexes = [["organisation"]]
owner = "organisation"
checks = [ { rule = "record.status != 'locked' || has(record.lock_reason)", field = "/lock_reason", message = "锁定要写明原因" } ]

[access]
liaison = { read = "organisation" }
clerk = { read = "all", write = true }
province = { read = "division" }
keeper = { read = "organisation", write = true }
filer = { read = "own" }

[[action]]
title = "锁定"
procedure = "unit-lock"
when = "record.status == 'active'"
roles = ["clerk"]

[[action]]
title = "信息变更"
procedure = "unit-change"

[schema]
type = "object"
additionalProperties = false
required = ["code", "name", "organisation", "status"]
[schema.properties]
code = { type = "string", title = "统一社会信用代码", maxLength = 18 }
name = { type = "string", title = "单位名称", maxLength = 50 }
organisation = { type = "string", title = "所属机构", maxLength = 30 }
status = { title = "状态", oneOf = [ { const = "active", title = "正常" }, { const = "locked", title = "已锁定" } ] }
lock_reason = { type = "string", title = "锁定原因", maxLength = 100 }
leader = { type = "string", title = "外事负责人", maxLength = 20 }
website = { type = "string", title = "网站", format = "link" }
seal_sample = { type = "string", title = "公章样本", format = "file", formats = ["png", "jpg"], max_mb = 1 }
"#;

pub const LIAISON: &str = r#"
code = "liaison"
title = "专办员"
key = "number"
list = ["name", "unit_code"]
indexes = [["unit_code"]]

[access]
clerk = { read = "all", write = true }

[[count]]
fields = ["unit_code"]
where = "record.status == 'active'"
most = 3
message = "一个单位最多3名专办员"

[schema]
type = "object"
additionalProperties = false
required = ["number", "name", "unit_code", "status"]
[schema.properties]
number = { type = "string", title = "编号", maxLength = 10 }
name = { type = "string", title = "姓名", maxLength = 20 }
unit_code = { type = "string", title = "单位代码", maxLength = 18 }
status = { title = "状态", oneOf = [ { const = "active", title = "在岗" }, { const = "left", title = "离岗" } ] }
"#;

/// The registers of these texts; every fault, where one has any.
pub fn read(texts: &[(&str, &str)]) -> std::result::Result<RegisterDefinitions, Vec<String>> {
    let mut folder = Folder::default();
    for (code, text) in texts {
        folder = folder.with(&format!("registers/{code}.toml"), (*text).to_owned());
    }
    let mut findings = Findings::default();
    let read = RegisterDefinitions::read(&folder, &Vec::new(), &mut findings);
    match findings.is_empty() {
        true => Ok(read),
        false => Err(findings.0.iter().map(ToString::to_string).collect()),
    }
}

pub struct Units {
    pub db: Db,
    pub registers: Registers,
    pub clerk: Ctx,
}

impl Units {
    pub fn new(db: Db) -> Self {
        Self::with(db, &[("unit", UNIT), ("liaison", LIAISON)])
    }

    pub fn with(db: Db, texts: &[(&str, &str)]) -> Self {
        let ring = KeyRing::ephemeral().unwrap();
        let reads = ReadLog::new(db.clone(), AuditKey::of(&ring).unwrap());
        Self {
            registers: Registers::new(
                db.clone(),
                read(texts).unwrap(),
                &ring,
                (reads, keeping(&ring)),
            )
            .unwrap(),
            clerk: actors::staff("clerk", "测试经办", &[]),
            db,
        }
    }

    pub async fn enter(&self, unit: &Json) -> Result<RecordId> {
        self.registers
            .create(&self.clerk, "unit", unit.into())
            .await
    }

    pub async fn open(&self, id: RecordId) -> OpenRecord {
        self.registers.open(&self.clerk, "unit", id).await.unwrap()
    }

    fn operation(&self, name: &str) -> Arc<dyn Operation> {
        let mut all = operations(&self.registers).into_iter();
        all.find(|operation| operation.info().name == name).unwrap()
    }

    /// Carries a call out, as a case does.
    pub async fn run(
        &self,
        ctx: &Ctx,
        subject: &Subject,
        name: &str,
        record: &str,
    ) -> Result<Json> {
        let call = (self.operation(name), json!({ "record": record }));
        let input = (call, ctx.clone(), subject.clone());
        self.db
            .write(input, |tx, ((operation, arguments), ctx, subject)| {
                operation.run(tx, ctx, subject, arguments)
            })
            .await
    }

    pub async fn undo(&self, ctx: &Ctx, subject: &Subject, name: &str, done: &Json) -> Result<()> {
        let input = (
            self.operation(name),
            ctx.clone(),
            subject.clone(),
            done.clone(),
        );
        self.db
            .write(input, |tx, (operation, ctx, subject, done)| {
                operation.undo(tx, ctx, subject, done)
            })
            .await
    }

    pub async fn obstacles(&self, subject: &Subject, name: &str, record: &str) -> Vec<String> {
        let call = (self.operation(name), json!({ "record": record }));
        let input = (call, subject.clone());
        self.db
            .read(input, |tx, ((operation, arguments), subject)| {
                operation.obstacles(tx, subject, arguments, MONDAY_MORNING)
            })
            .await
            .unwrap()
    }
}

pub fn unit(code: &str, organisation: &str) -> Json {
    json!({
        "code": code, "name": format!("示例单位{code}"), "organisation": organisation,
        "status": "active", "leader": "测试负责人",
    })
}

/// A case that was filed a day before the moment of the tests, with these records.
pub fn subject(number: &str, form: Json, records: Json) -> Subject {
    Subject {
        id: Uuid::now_v7(),
        number: number.to_owned(),
        procedure: "unit-filing".to_owned(),
        title: "申报单位初始备案".to_owned(),
        release: ReleaseHash::of(&json!({})),
        parts: json!({ "record": records }),
        account: Uuid::now_v7(),
        person: json!({ "name": "测试专办员", "organisation": "unit-1", "division": "310101000000" }),
        organisation: actors::OFFICE.to_owned(),
        division: actors::SHANGHAI.to_owned(),
        about: None,
        form,
        answers: json!({}),
        files: Vec::new(),
        filed_at: Some(Timestamp(MONDAY_MORNING.0 - 86_400_000)),
        opinion: String::new(),
        done: Vec::new(),
    }
}

pub fn about(record: RecordId) -> Option<About> {
    Some(About {
        register: "unit".to_owned(),
        record: record.0,
    })
}

pub fn seal_sample() -> SubjectFile {
    SubjectFile {
        material: "seal".to_owned(),
        name: "公章.png".to_owned(),
        object: ObjectId::of(b"a seal"),
        media_type: "image/png".to_owned(),
        used_as: None,
    }
}

/// The same actor some minutes later.
pub fn later(ctx: &Ctx, minutes: i64) -> Ctx {
    Ctx {
        now: ctx.now.plus_minutes(minutes),
        ..ctx.clone()
    }
}
