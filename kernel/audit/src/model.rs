//! What an entry says, and what a verification finds. Knows no table and no key.

use serde_json::{Value as Json, json};
use tongban_base::{Timestamp, Uuid};

/// A kind of event. Modules list theirs as `pub const EVENTS: &[AuditEvent]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// `noun.verb`, stable.
    pub name: &'static str,
    /// What people read.
    pub title: &'static str,
}

/// The machine's clock, which had been ahead, was put right; the subject is the latest moment that it had told.
pub const CLOCK_CORRECTED: AuditEvent = AuditEvent {
    name: "clock.corrected",
    title: "校正时钟",
};

/// The events of the log itself.
/// Rows that were there before their table carried marks were given theirs.
pub const ROWS_MARKED: AuditEvent = AuditEvent {
    name: "rows.marked",
    title: "为已有记录加上完整性标记",
};

/// A row was changed beside the program and is not used.
pub const ROW_BROKEN: AuditEvent = AuditEvent {
    name: "row.broken",
    title: "发现被系统之外改动的记录",
};

/// The database is not as the program makes it.
pub const SCHEMA_CHANGED: AuditEvent = AuditEvent {
    name: "schema.changed",
    title: "发现数据库结构被系统之外改动",
};

/// All tables with marks were looked through.
pub const ROWS_WALKED: AuditEvent = AuditEvent {
    name: "rows.walked",
    title: "核对全部带标记的记录",
};

/// A file that anchors the log begins.
pub const ANCHOR_BEGUN: AuditEvent = AuditEvent {
    name: "audit.anchor_begun",
    title: "开始在库外保存日志锚点",
};

/// A backup was brought back.
pub const RESTORED: AuditEvent = AuditEvent {
    name: "backup.restored",
    title: "从备份恢复",
};

/// The last run was broken off: entries about what was read just before may be missing.
pub const STOPPED_HARD: AuditEvent = AuditEvent {
    name: "audit.stopped_hard",
    title: "上次没有正常停止，停止前一秒内的查阅记录可能缺失",
};

/// Somebody looked for a person by name or number; the subject is a keyed digest of the words.
pub const SOUGHT: AuditEvent = AuditEvent {
    name: "person.sought",
    title: "按姓名或号码查找",
};

/// The log itself was read.
pub const LOG_READ: AuditEvent = AuditEvent {
    name: "audit.read",
    title: "查看审计日志",
};

pub const EVENTS: &[AuditEvent] = &[
    SOUGHT,
    LOG_READ,
    CLOCK_CORRECTED,
    STOPPED_HARD,
    ROWS_MARKED,
    ROW_BROKEN,
    SCHEMA_CHANGED,
    ROWS_WALKED,
    ANCHOR_BEGUN,
    RESTORED,
];

/// What the log calls its own subjects.
pub const SUBJECTS: &[(&str, &str)] = &[
    ("clock", "系统时钟"),
    ("sought", "查找的姓名或号码"),
    ("log", "审计日志"),
];

/// What the subject of `SOUGHT` is called.
pub(crate) const SOUGHT_KIND: &str = "sought";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Refused,
}

impl Outcome {
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Outcome::Done => "完成",
            Outcome::Refused => "被拒",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        [Outcome::Done, Outcome::Refused]
            .into_iter()
            .find(|outcome| outcome.code() == code)
    }
}

/// An entry to be written; who, when and from where come from the `Ctx`.
/// `detail` must hold no password, token or whole identity number.
#[derive(Clone, Debug)]
pub struct Entry {
    pub event: AuditEvent,
    pub subject_kind: &'static str,
    pub subject_id: String,
    pub outcome: Outcome,
    pub detail: Json,
}

impl Entry {
    pub fn done(event: AuditEvent, subject_kind: &'static str, subject_id: impl ToString) -> Self {
        Self {
            event,
            subject_kind,
            subject_id: subject_id.to_string(),
            outcome: Outcome::Done,
            detail: Json::Null,
        }
    }

    /// An attempt that was turned down; write it with `attempt`, so that it stays when the change does not.
    pub fn refused(
        event: AuditEvent,
        subject_kind: &'static str,
        subject_id: impl ToString,
        reason: &str,
    ) -> Self {
        Self {
            outcome: Outcome::Refused,
            detail: json!({ "reason": reason }),
            ..Self::done(event, subject_kind, subject_id)
        }
    }

    pub fn with_detail(mut self, detail: Json) -> Self {
        self.detail = detail;
        self
    }

    /// What was there before and what is there now.
    pub fn with_change(self, old: Json, new: Json) -> Self {
        self.with_detail(json!({ "old": old, "new": new }))
    }

    /// The same with the reason of whoever changed it.
    #[must_use]
    pub fn with_reasoned_change(self, old: Json, new: Json, reason: &str) -> Self {
        self.with_detail(json!({ "old": old, "new": new, "reason": reason }))
    }
}

/// An entry as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    pub id: Uuid,
    pub at: Timestamp,
    /// `anonymous`, `citizen`, `staff` or `system`.
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub address: String,
    pub request_id: String,
    pub event: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub outcome: Outcome,
    pub detail: Json,
    /// Its place in the chain; none in the second before it is sealed.
    pub sequence: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultReason {
    /// The text is not what was written, or this program did not write it.
    Changed,
    /// There is no entry of this sequence.
    Removed,
    /// It does not follow the entry before it.
    Moved,
    /// The end of the chain is not where the last sealing left it.
    CutOff,
    /// The log is not what was kept of it outside the database.
    NotAnchored,
}

impl FaultReason {
    pub fn code(self) -> &'static str {
        match self {
            FaultReason::Changed => "changed",
            FaultReason::Removed => "removed",
            FaultReason::Moved => "moved",
            FaultReason::CutOff => "cut_off",
            FaultReason::NotAnchored => "not_anchored",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            FaultReason::Changed => "内容与写入时不一致",
            FaultReason::Removed => "记录已被删除",
            FaultReason::Moved => "与前一条记录衔接不上，次序被改动",
            FaultReason::CutOff => "日志末尾与最后一次封存不一致，末尾的记录已被删除",
            FaultReason::NotAnchored => "与库外锚点不一致，日志被删除、退回或替换过",
        }
    }
}

/// A history whose every change is an entry of the log too, at the same moment: what the log has later than the history
/// was taken out of the history, or the whole of it was put back.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    pub subject: &'static str,
    pub events: &'static [AuditEvent],
    pub table: &'static str,
    /// The column that names the subject.
    pub owner: &'static str,
}

/// Rows that are never taken away: each whose beginning the log tells is there.
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    /// With which a row begins; its subject is the `id` of the row.
    pub begun: AuditEvent,
    pub table: &'static str,
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub sequence: i64,
    /// None where the entry itself is gone.
    pub id: Option<String>,
    pub reason: FaultReason,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    pub entries: i64,
    pub sealed: i64,
    /// Sequence and link of the last entry, to be compared with a copy elsewhere.
    pub last: Option<(i64, String)>,
    /// In the order of the chain, at most a thousand.
    pub faults: Vec<Fault>,
}

impl Verification {
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// The events and subjects of all modules in words; the wiring offers it as a service, so that pages can name them.
#[derive(Clone, Debug, Default)]
pub struct AuditCatalogue {
    events: Vec<AuditEvent>,
    subjects: Vec<(&'static str, &'static str)>,
}

impl AuditCatalogue {
    pub fn new(modules: &[&[AuditEvent]]) -> Self {
        Self {
            events: modules.concat(),
            subjects: Vec::new(),
        }
    }

    /// Kinds of subjects with their titles: `("case", "办件")`.
    pub fn with_subjects(mut self, modules: &[&[(&'static str, &'static str)]]) -> Self {
        self.subjects = modules.concat();
        self
    }

    pub fn events(&self) -> &[AuditEvent] {
        &self.events
    }

    /// Its name where no module lists it.
    pub fn title<'a>(&'a self, name: &'a str) -> &'a str {
        let found = self.events.iter().find(|event| event.name == name);
        found.map_or(name, |event| event.title)
    }

    pub fn subject_title<'a>(&'a self, kind: &'a str) -> &'a str {
        let found = self.subjects.iter().find(|(known, _)| *known == kind);
        found.map_or(kind, |(_, title)| title)
    }
}
