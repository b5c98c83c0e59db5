//! What can happen to a case: the one list of journal events, with what each carries. Clock and pages match all of it.
//!
//! Codes and data lie in storage and under the digest of the journal, so a code never changes and a field is only ever
//! added, with a default for the events that were written before it.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tongban_base::{Date, Timestamp, Uuid};
use tongban_documents::Fault;
use tongban_flows::Person;
use tongban_packs::ReleaseHash;

use crate::agent::Agent;
use crate::clock::Period;
use crate::entered::Entered;
use crate::filed::Filed;
use crate::model::{CaseDocumentId, CaseId, Correction, MaterialFile};

/// Something that an officer asked for and the applicant left as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAsIs {
    pub place: String,
    pub title: String,
    pub why: String,
}

/// What somebody says beside the steps, by whom it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Saying {
    /// By the applicant, to whoever has the step.
    Question,
    /// By the office, to the applicant.
    Answer,
    /// Inside the office.
    Note,
    /// What was said on the telephone; inside the office.
    Phone,
}

impl Saying {
    /// What an officer may say.
    pub const OF_OFFICE: [Saying; 3] = [Saying::Note, Saying::Phone, Saying::Answer];

    pub fn code(self) -> &'static str {
        match self {
            Saying::Question => "question",
            Saying::Answer => "answer",
            Saying::Note => "note",
            Saying::Phone => "phone",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data")]
pub enum CaseEvent {
    #[serde(rename = "case.submitted")]
    Submitted {
        item: String,
        release: ReleaseHash,
        /// None in journals from before there was a list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filed: Option<Filed>,
        /// Who has filed it for the applicant, or may go on with it for him, by which mandate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<Agent>,
    },
    /// Whoever filed it had read these before, and said so.
    #[serde(rename = "case.guides_read")]
    GuidesRead { guides: Vec<GuideRead> },
    #[serde(rename = "case.accepted")]
    Accepted {},
    /// Nobody answered within the limit, so the application counts as accepted on the day of its receipt
    /// (Administrative Licensing Law, article 32).
    #[serde(rename = "case.deemed_accepted")]
    DeemedAccepted { received_on: Date, last_day: Date },
    #[serde(rename = "case.acceptance_undone")]
    AcceptanceUndone {},
    #[serde(rename = "case.refused")]
    Refused { opinion: String },
    #[serde(rename = "case.refusal_undone")]
    RefusalUndone {},
    #[serde(rename = "case.correction")]
    CorrectionAsked { correction: Correction },
    #[serde(rename = "case.corrected")]
    Corrected {
        changed: Vec<String>,
        /// All that counts after the correction.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filed: Option<Filed>,
        /// What was asked for and is right as it was, as the applicant says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kept: Vec<KeptAsIs>,
    },
    /// The request was taken back by the office with the step that made it.
    #[serde(rename = "case.correction_dropped")]
    CorrectionDropped {},
    /// Days off were published, and with them the last day of a correction is certain.
    #[serde(rename = "case.correction_dated")]
    CorrectionDated { last_day: Date },
    /// The applicant was reminded that his time to mend ends soon.
    #[serde(rename = "case.mending_ends")]
    MendingEnds { last_day: Date },
    #[serde(rename = "case.lapsed")]
    Lapsed { last_day: Option<Date> },
    #[serde(rename = "case.paused")]
    Paused {
        name: String,
        reason: String,
        /// Working days that it will take, as the applicant is told.
        #[serde(default)]
        expected_days: Option<u32>,
    },
    #[serde(rename = "case.resumed")]
    Resumed { name: String },
    #[serde(rename = "case.extended")]
    Extended { days: u32, reason: String },
    /// It was decided to grant; what follows is making and delivery.
    #[serde(rename = "case.granted")]
    Granted {},
    #[serde(rename = "case.grant_undone")]
    GrantUndone {},
    #[serde(rename = "case.closed")]
    Closed { result: String, opinion: String },
    #[serde(rename = "case.reopened")]
    Reopened {},
    #[serde(rename = "case.delivered")]
    Delivered {},
    /// The flow ended with the closing: nothing is to be handed over.
    #[serde(rename = "case.finished")]
    Finished {},
    #[serde(rename = "case.withdrawn")]
    Withdrawn { reason: String },
    /// The case that started it was withdrawn, lapsed, or went back to before it was started.
    #[serde(rename = "case.ended_with_parent")]
    EndedWithParent {
        number: String,
        title: String,
        reason: String,
    },
    #[serde(rename = "case.sub_case_started")]
    SubCaseStarted(SubCaseRef),
    #[serde(rename = "case.sub_case_taken_back")]
    SubCaseTakenBack(SubCaseRef),
    #[serde(rename = "case.returned")]
    Returned {
        from: String,
        to: Option<String>,
        reason: String,
    },
    /// A return took back what the applicant relies on; the reason is told.
    #[serde(rename = "case.result_undone")]
    ResultUndone {
        what: Vec<UndoneResult>,
        reason: String,
    },
    #[serde(rename = "case.due_soon")]
    DueSoon {
        due_on: Date,
        #[serde(default)]
        period: Period,
    },
    #[serde(rename = "case.overdue")]
    Overdue {
        due_on: Date,
        #[serde(default)]
        period: Period,
    },
    #[serde(rename = "case.escalated")]
    Escalated {
        due_on: Date,
        #[serde(default)]
        period: Period,
    },
    /// By a supervisor, to whoever has the step.
    #[serde(rename = "case.urged")]
    Urged { words: String },
    /// Beside the steps, by the applicant or the office.
    #[serde(rename = "case.said")]
    Said { kind: Saying, words: String },
    /// A timer that the flow draws has gone off.
    #[serde(rename = "flow.timer")]
    TimerRang { element: String, name: String },
    #[serde(rename = "task.completed")]
    TaskCompleted {
        task: String,
        element: String,
        decision: String,
        label: String,
        opinion: String,
        /// What was written down with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        entries: Vec<Entered>,
    },
    /// By somebody's order; who gets it by order has not the role of the step.
    #[serde(rename = "task.handed_over")]
    HandedOver {
        task: String,
        element: String,
        /// In words.
        from: String,
        to: Person,
        by_order: bool,
        reason: String,
    },
    #[serde(rename = "task.signer_added")]
    SignerAdded {
        task: String,
        element: String,
        signer: Person,
        by_order: bool,
        reason: String,
    },
    #[serde(rename = "task.signer_removed")]
    SignerRemoved {
        task: String,
        element: String,
        /// In words.
        signer: String,
        reason: String,
    },
    #[serde(rename = "document.made")]
    DocumentMade(LetterRef),
    #[serde(rename = "document.void")]
    DocumentVoid(LetterRef),
    /// A letter or licence could not be made; `stopped` when nothing is tried until somebody asks for it.
    #[serde(rename = "paper.failed")]
    PaperFailed {
        title: String,
        number: String,
        fault: Fault,
        words: String,
        stopped: bool,
    },
    #[serde(rename = "paper.remade")]
    PaperRemade { title: String, number: String },
    /// The office put another picture on a licence that could not be made.
    #[serde(rename = "paper.photo_exchanged")]
    PhotoExchanged { file: MaterialFile, reason: String },
    /// A module did what the flow called for.
    #[serde(rename = "operation.done")]
    OperationDone(OperationRef),
    #[serde(rename = "operation.undone")]
    OperationUndone(OperationRef),
}

/// What a return can take back besides the work of the office itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoneResult {
    Decision,
    /// What carried the decision out.
    #[serde(alias = "licence")]
    Outcome,
    Delivery,
}

impl UndoneResult {
    pub fn title(self) -> &'static str {
        match self {
            UndoneResult::Decision => "已作出的决定",
            UndoneResult::Outcome => "已按决定办理的结果",
            UndoneResult::Delivery => "已完成的送达",
        }
    }

    /// All of them in one phrase.
    pub fn words(all: &[Self]) -> String {
        let titles: Vec<&str> = all.iter().map(|one| one.title()).collect();
        titles.join("、")
    }
}

/// What a module did, as the journal names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationRef {
    pub operation: String,
    /// In words, as they were when it was done.
    pub title: String,
    /// The decision was carried out by it.
    pub carries_out: bool,
    pub result: Json,
}

/// A letter as the journal names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterRef {
    pub document: CaseDocumentId,
    pub title: String,
    pub number: String,
}

/// A guide that somebody has confirmed to have read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideRead {
    pub record: Uuid,
    pub version: i64,
    pub title: String,
    pub at: Timestamp,
}

/// A case that was started, as the journal of the other names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubCaseRef {
    /// By what the procedure calls it.
    pub name: String,
    pub case: CaseId,
    pub number: String,
    pub title: String,
}

impl CaseEvent {
    /// What somebody said.
    pub(crate) fn said(&self) -> Option<&str> {
        match self {
            CaseEvent::Said { words, .. } => Some(words),
            _ => None,
        }
    }

    /// The event of a stored row; none when it was written by a program that knows more.
    pub fn read(kind: &str, data: &Json) -> Option<Self> {
        serde_json::from_value(json!({ "kind": kind, "data": data })).ok()
    }

    /// Code and data as they are stored.
    pub fn stored(&self) -> (String, Json) {
        let mut stored = json!(self);
        let kind = stored["kind"].as_str().unwrap_or_default().to_owned();
        (kind, stored["data"].take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_as_the_same_event() {
        let reason = || "案情复杂".to_owned();
        for event in [
            CaseEvent::Accepted {},
            CaseEvent::Extended {
                days: 3,
                reason: reason(),
            },
            CaseEvent::Returned {
                from: "审查".into(),
                to: None,
                reason: reason(),
            },
            CaseEvent::DueSoon {
                due_on: Date::default(),
                period: Period::Acceptance,
            },
            CaseEvent::CorrectionAsked {
                correction: Correction::default(),
            },
        ] {
            let (kind, data) = event.stored();
            assert_eq!(CaseEvent::read(&kind, &data), Some(event));
        }
    }

    #[test]
    fn codes_and_data_are_those_of_journals_that_exist() {
        let extended = CaseEvent::Extended {
            days: 3,
            reason: "案情复杂".into(),
        };
        let data = json!({ "days": 3, "reason": "案情复杂" });
        assert_eq!(extended.stored(), ("case.extended".into(), data));
        assert_eq!(
            CaseEvent::Accepted {}.stored(),
            ("case.accepted".into(), json!({}))
        );
    }

    #[test]
    fn an_event_of_a_newer_program_is_not_taken_for_another_one() {
        assert_eq!(CaseEvent::read("case.transferred", &json!({})), None);
        assert_eq!(CaseEvent::read("case.extended", &json!({})), None);
        let early = CaseEvent::read("case.overdue", &json!({ "due_on": "2026-11-24" }));
        assert!(matches!(
            early,
            Some(CaseEvent::Overdue {
                period: Period::Decision,
                ..
            })
        ));
        let more = json!({ "name": "听证", "until": "2026-12-01" });
        assert_eq!(
            CaseEvent::read("case.resumed", &more),
            Some(CaseEvent::Resumed {
                name: "听证".into()
            })
        );
    }
}
