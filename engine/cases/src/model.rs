//! What a case is: ids, legal statuses, the events of its journal. Knows no database.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_base::calendar::LastDay;
use tongban_base::{Date, Problem, Scoped, Timestamp, Uuid, id};
use tongban_documents::Failure;
pub use tongban_documents::{Ground, Verdict};
use tongban_operations::About;
use tongban_packs::ReleaseHash;
use tongban_store::store_ids;

use crate::agent::Agent;
use crate::clock::Period;
use crate::event::{CaseEvent, GuideRead};

id!(CaseId, DraftId, MaterialFileId, CaseDocumentId);
store_ids!(CaseId, DraftId, MaterialFileId, CaseDocumentId);

/// Few legal statuses; everything else is a flag or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 待预审
    Submitted,
    /// 补正中
    Correcting,
    /// 已受理
    Accepted,
    /// 不予受理
    Refused,
    /// 准予许可（已决定，证照制作中）
    Granted,
    /// 不予许可
    Denied,
    /// 已办结
    Closed,
    /// 已送达
    Delivered,
    /// 已撤回
    Withdrawn,
    /// 逾期未补正，视为放弃申请
    Lapsed,
}

const STATUSES: [(Status, &str, &str); 10] = [
    (Status::Submitted, "submitted", "待预审"),
    (Status::Correcting, "correcting", "补正中"),
    (Status::Accepted, "accepted", "已受理"),
    (Status::Refused, "refused", "不予受理"),
    (Status::Granted, "granted", "准予许可"),
    (Status::Denied, "denied", "不予许可"),
    (Status::Closed, "closed", "已办结"),
    (Status::Delivered, "delivered", "已送达"),
    (Status::Withdrawn, "withdrawn", "已撤回"),
    (Status::Lapsed, "lapsed", "逾期未补正，已终止办理"),
];

impl Status {
    /// In the order in which a case may have them.
    pub fn all() -> impl Iterator<Item = Self> {
        STATUSES.iter().map(|(status, _, _)| *status)
    }

    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// The legal word.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    /// The rows stand in the order of the variants; what lacks its row does not compile.
    fn row(self) -> (Self, &'static str, &'static str) {
        const _: () = {
            let mut at = 0;
            while at < STATUSES.len() {
                assert!(
                    STATUSES[at].0 as usize == at,
                    "a status is not in its place"
                );
                at += 1;
            }
            assert!(
                STATUSES.len() == Status::Lapsed as usize + 1,
                "a status has no row"
            );
        };
        STATUSES[self as usize]
    }

    pub fn parse(code: &str) -> Result<Self, Problem> {
        STATUSES
            .iter()
            .find(|s| s.1 == code)
            .map(|s| s.0)
            .ok_or_else(|| Problem::internal(format!("unknown status {code}")))
    }

    /// A decision was made or the matter ended otherwise.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            Status::Submitted | Status::Correcting | Status::Accepted | Status::Granted
        )
    }

    /// The office has answered; what ended otherwise is not rated.
    pub fn is_answered(self) -> bool {
        self.is_final() && !matches!(self, Status::Withdrawn | Status::Lapsed)
    }

    /// What the office has to do next within a limit, while something is to be done.
    pub fn period(self) -> Option<Period> {
        match self {
            Status::Submitted | Status::Correcting => Some(Period::Acceptance),
            Status::Accepted => Some(Period::Decision),
            Status::Granted | Status::Closed => Some(Period::Delivery),
            Status::Refused
            | Status::Denied
            | Status::Delivered
            | Status::Withdrawn
            | Status::Lapsed => None,
        }
    }

    /// The applicant may take the application back until the decision.
    pub fn can_withdraw(self) -> bool {
        matches!(
            self,
            Status::Submitted | Status::Correcting | Status::Accepted
        )
    }
}

#[derive(Clone, Debug)]
pub struct Case {
    pub id: CaseId,
    pub number: String,
    /// The unguessable part of the case code; whoever has it may see the progress.
    pub code: String,
    pub item_code: String,
    pub item_name: String,
    pub release: ReleaseHash,
    pub account: Uuid,
    /// Whoever has filed it for that account, by a mandate that counted then.
    pub agent: Option<Agent>,
    /// The organisation of the officer who filed it; none for a citizen.
    pub unit: Option<String>,
    /// The record that it is about.
    pub about: Option<About>,
    /// The case that started it.
    pub parent: Option<CaseId>,
    pub applicant: String,
    pub organisation: String,
    pub division: String,
    pub status: Status,
    pub answers: Json,
    pub form: Json,
    pub correction: Option<Correction>,
    pub submitted_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    /// The last day of the period under way; none while it stands still, and none when the matter is over.
    pub due_on: Option<Date>,
    pub closed_at: Option<Timestamp>,
    pub result: Option<String>,
    /// The office closed it after its last day.
    pub late: bool,
    /// The special procedure under way, by its name.
    pub paused: Option<String>,
    /// What was decided takes its course when the papers of it are made.
    pub waits: bool,
    pub draft: DraftId,
    pub event_seq: i64,
    pub event_hash: String,
}

/// What lists show of a case: its form and answers are not opened for them.
#[derive(Clone, Debug)]
pub struct CaseLine {
    pub id: CaseId,
    pub number: String,
    pub item_code: String,
    pub item_name: String,
    pub agent: Option<Agent>,
    pub unit: Option<String>,
    pub applicant: String,
    pub status: Status,
    pub submitted_at: Timestamp,
    pub due_on: Option<Date>,
    pub closed_at: Option<Timestamp>,
    pub result: Option<String>,
    pub paused: Option<String>,
    pub waits: bool,
    /// The last day of the correction that the applicant is asked for, and how it is said.
    pub mend_on: Option<Date>,
    pub mend_by: Option<String>,
}

impl Case {
    pub fn line(&self) -> CaseLine {
        CaseLine {
            id: self.id,
            number: self.number.clone(),
            item_code: self.item_code.clone(),
            item_name: self.item_name.clone(),
            agent: self.agent.clone(),
            unit: self.unit.clone(),
            applicant: self.applicant.clone(),
            status: self.status,
            submitted_at: self.submitted_at,
            due_on: self.due_on,
            closed_at: self.closed_at,
            result: self.result.clone(),
            paused: self.paused.clone(),
            waits: self.waits,
            mend_on: self.correction.as_ref().and_then(|c| c.last_day),
            mend_by: self.correction.as_ref().and_then(Correction::said_by),
        }
    }

    /// To which a case that waits for its applicant comes back.
    pub fn before_correction(&self) -> Status {
        let asked = self.correction.as_ref().and_then(|c| c.from);
        asked.unwrap_or(match self.accepted_at {
            Some(_) => Status::Accepted,
            None => Status::Submitted,
        })
    }
}

impl Scoped for Case {
    fn owner(&self) -> Option<Uuid> {
        Some(self.account)
    }
    fn organisation(&self) -> Option<&str> {
        Some(&self.organisation)
    }
    fn division(&self) -> Option<&str> {
        Some(&self.division)
    }
}

/// What other applications of the same person may know of a case that is not finished.
#[derive(Clone, Debug)]
pub struct OpenCase {
    pub number: String,
    pub item: String,
    pub item_name: String,
    pub release: ReleaseHash,
    pub status: Status,
    pub submitted_at: Timestamp,
}

/// What the applicant is asked to mend; only these places may change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub fields: Vec<Mend>,
    pub materials: Vec<Mend>,
    pub opinion: String,
    /// The day that the letter names; on it one may still hand in.
    #[serde(default)]
    pub last_day: Option<Date>,
    /// Working days that the applicant has.
    #[serde(default)]
    pub days: u32,
    /// The day from which they are counted.
    #[serde(default)]
    pub asked_on: Option<Date>,
    /// The year whose days off were not published when the day was named: it is only likely then.
    #[serde(default)]
    pub unknown_year: Option<i32>,
    /// The status to which the case comes back.
    #[serde(default)]
    pub from: Option<Status>,
}

impl Correction {
    pub fn due(&self) -> Option<LastDay> {
        let unknown_year = self.unknown_year;
        self.last_day.map(|on| LastDay { on, unknown_year })
    }

    /// As a page says it, once a day is fixed.
    pub fn said_by(&self) -> Option<String> {
        Some(self.page_words()).filter(|words| !words.is_empty())
    }

    /// `2026年12月14日前（含当日）`, or the number of days while the day is not certain; empty before one is fixed.
    pub fn by_words(&self) -> String {
        match self.due() {
            Some(due) if due.is_known() => due.promise(),
            Some(due) => format!("{}个工作日内（{}）", self.days, due.promise()),
            None => String::new(),
        }
    }

    /// The same for a page, where a likely day may be named as such.
    pub fn page_words(&self) -> String {
        match self.due() {
            Some(due) if due.is_known() => due.promise(),
            Some(due) => format!("{}个工作日内（{}）", self.days, due.bracket_words()),
            None => String::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mend {
    /// Name of the field, or code of the material.
    pub place: String,
    pub title: String,
    pub problem: String,
}

/// An unfinished application.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub id: DraftId,
    pub account: Uuid,
    /// Whoever has begun it for that account.
    pub agent: Option<Agent>,
    pub unit: Option<String>,
    pub about: Option<About>,
    pub item_code: String,
    pub release: ReleaseHash,
    pub answers: Json,
    pub form: Json,
    /// The guides that were confirmed.
    pub guides: Vec<GuideRead>,
    pub division: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Counts the changes of the application and of its files.
    pub version: i64,
    pub case_id: Option<CaseId>,
}

impl Scoped for Draft {
    fn owner(&self) -> Option<Uuid> {
        Some(self.account)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialFile {
    pub id: MaterialFileId,
    pub material: String,
    pub object: tongban_store::ObjectId,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub uploaded_at: Timestamp,
    /// What was found of the seals of the file when it came; nothing for a file without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<FileVerdict>,
    /// The number of the earlier case from which it was taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// What the seals of a file said when it was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileVerdict {
    pub verdict: Verdict,
    pub ground: Ground,
    /// The weightiest reasons, for whoever decides.
    pub words: String,
}

/// A file with what was done to its row since.
#[derive(Clone, Debug)]
pub struct MaterialRow {
    pub file: MaterialFile,
    pub removed_at: Option<Timestamp>,
}

/// A letter of a case: numbered at once, typeset and sealed soon after.
#[derive(Clone, Debug)]
pub struct CaseDocument {
    pub id: CaseDocumentId,
    pub case_id: CaseId,
    pub template: String,
    pub title: String,
    pub number: String,
    pub data: Json,
    pub status: LetterStatus,
    /// The unguessable part of the address where the letter is verified; older letters have none.
    pub code: Option<String>,
    /// When its number was given.
    pub made_at: Timestamp,
    /// Since when its file is waited for, while it is.
    pub asked_at: Option<Timestamp>,
    pub failure: Option<Failure>,
    pub pdf: Option<tongban_store::ObjectId>,
    pub ofd: Option<tongban_store::ObjectId>,
}

/// How a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterStatus {
    /// Its file is being made, also when that has to be tried again.
    Pending,
    /// Its file cannot be made until somebody has done something.
    Failed,
    Ready,
    /// Taken back with the step that made it.
    Void,
}

const LETTER_STATUSES: [(LetterStatus, &str); 4] = [
    (LetterStatus::Pending, "pending"),
    (LetterStatus::Failed, "failed"),
    (LetterStatus::Ready, "ready"),
    (LetterStatus::Void, "void"),
];

impl LetterStatus {
    pub fn code(self) -> &'static str {
        let mut all = LETTER_STATUSES.iter();
        all.find(|s| s.0 == self).map_or("", |s| s.1)
    }

    pub fn parse(code: &str) -> Result<Self, Problem> {
        let found = LETTER_STATUSES.iter().find(|s| s.1 == code);
        found
            .map(|s| s.0)
            .ok_or_else(|| Problem::internal(format!("unknown status of a letter {code}")))
    }
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub seq: i64,
    pub at: Timestamp,
    pub kind: String,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: String,
    pub data: Json,
    pub hash: String,
    /// What kind and data say; none when this program does not know them.
    pub what: Option<CaseEvent>,
}
