//! Cases: applications on their way through a procedure, from the draft to the delivery.
//! Knows no business and no domain: what a procedure asks, how it flows and what its letters say comes from its release.

mod agent;
mod assignees;
mod audit;
mod brought;
mod calls;
mod clock;
mod desk;
mod entered;
mod event;
mod filed;
mod journal;
mod letters;
mod model;
mod own;
mod paper;
mod permissions;
mod phases;
mod reach;
mod service;
mod store;
mod sub_case;
mod trial;
mod web;
mod work;

pub use agent::{Acting, Agent, Means};
pub use audit::{EVENTS, LASTING, TRACE};
pub use brought::{Brought, CaseLink, Known, ModuleInfo};
pub use calls::CaseCalls;
pub use clock::{Clock, ClockDay, ClockState, Limits, Period, clock};
pub use desk::{Desk, DeskParts};
pub use entered::Entered;
pub use event::{CaseEvent, GuideRead, LetterRef, OperationRef, Saying, SubCaseRef, UndoneResult};
pub use filed::{FileState, Filed, FiledFile};
pub use letters::check_letters;
pub use model::{
    Case, CaseDocument, CaseDocumentId, CaseId, CaseLine, Correction, Draft, DraftId, Event,
    FileVerdict, MaterialFile, MaterialFileId, Mend, Status,
};
pub use paper::{NamedPaper, Overdue, Paper, PaperId, PaperSource};
pub use service::again::{fill_again, use_again};
pub use service::applying::{Application, open_application, save_answers, save_form, save_step};
pub use service::beginning::{begin_about, begin_application, begin_for, unfinished};
pub use service::calendar::announce_calendar_end;
pub use service::correct::{remove_correction, submit_correction, upload_correction};
pub use service::counter::{AtWindow, Begun, begin_at_window};
pub use service::deem::deem_accepted;
pub use service::discard::delete_draft;
pub use service::figures::{Figures, Line, figures};
pub use service::gate::{ClosedGate, closed_gate};
pub use service::guides::confirm_guides;
pub use service::inspection::upload_bounds;
pub use service::lapse::end_lapsed;
pub use service::look::{LookForOverdue, look};
pub use service::mend_soon::remind_to_mend;
pub use service::overdue::{escalate, remind, report_overdue};
pub use service::papers::{PaperNews, hear_of_paper};
pub use service::pause::{ClockChange, change_clock};
pub use service::produce::{ProduceLetter, produce_letter};
pub use service::public::PublicLetter;
pub use service::queue::{Due, QueueRow, QueueWish, work_queue};
pub use service::reading::{REASON_NEEDED, consult_case};
pub use service::remake::{exchange_photo, overdue_papers, remake_paper};
pub use service::say::say;
pub use service::send_back::return_case;
pub use service::starting::startable;
pub use service::submit::{Submitted, submit_case};
pub use service::timers::{RingTimers, ask_for_timers, ring_timers};
pub use service::upload::{remove_file, upload_file};
pub use service::urge::urge;
pub use service::usual::{Usual, UsualTimes};
pub use service::verify_letter::{letter_of_file, verify_letter};
pub use service::view::{
    CaseView, Whose, letter_content, list_cases, material_content, open_case, own_cases, track_case,
};
pub use service::walk::{BrokenJournal, JournalFault, walk_journals};
pub use service::withdraw::withdraw_case;
pub use service::work::{Decision, complete_task, tasks_of};
pub use store::case_filter::{CaseFilter, Progress, Span};
pub use store::drafts::hand_over as hand_drafts_over;
pub use store::figures::By;
pub use store::queue::{Before, CasesOf};
pub use trial::{tell_document_fault, try_letters, try_messages};
pub use web::{menu_count, menu_guards, module, own_count, own_part};

use tongban_store::{Marked, Migration};

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "cases",
        name: "0001_cases",
        sql: include_str!("../migrations/0001_cases.sql"),
    },
    Migration {
        module: "cases",
        name: "0004_clock",
        sql: include_str!("../migrations/0004_clock.sql"),
    },
    Migration {
        module: "cases",
        name: "0005_filing",
        sql: include_str!("../migrations/0005_filing.sql"),
    },
    Migration {
        module: "cases",
        name: "0007_papers",
        sql: include_str!("../migrations/0007_papers.sql"),
    },
    Migration {
        module: "cases",
        name: "0008_papers",
        sql: include_str!("../migrations/0008_papers.sql"),
    },
    Migration {
        module: "cases",
        name: "0009_draft_version",
        sql: include_str!("../migrations/0009_draft_version.sql"),
    },
    Migration {
        module: "cases",
        name: "0010_marks",
        sql: include_str!("../migrations/0010_marks.sql"),
    },
    Migration {
        module: "cases",
        name: "0011_consultations",
        sql: include_str!("../migrations/0011_consultations.sql"),
    },
    Migration {
        module: "cases",
        name: "0012_drafts",
        sql: include_str!("../migrations/0012_drafts.sql"),
    },
    Migration {
        module: "cases",
        name: "0013_audience",
        sql: include_str!("../migrations/0013_audience.sql"),
    },
    Migration {
        module: "cases",
        name: "0014_sub_cases",
        sql: include_str!("../migrations/0014_sub_cases.sql"),
    },
    Migration {
        module: "cases",
        name: "0015_guides",
        sql: include_str!("../migrations/0015_guides.sql"),
    },
    Migration {
        module: "cases",
        name: "0016_records",
        sql: include_str!("../migrations/0016_records.sql"),
    },
    Migration {
        module: "cases",
        name: "0017_figures",
        sql: include_str!("../migrations/0017_figures.sql"),
    },
    Migration {
        module: "cases",
        name: "0018_marked_links",
        sql: include_str!("../migrations/0018_marked_links.sql"),
    },
    Migration {
        module: "cases",
        name: "0019_file_turns",
        sql: include_str!("../migrations/0019_file_turns.sql"),
    },
    Migration {
        module: "cases",
        name: "0020_queue",
        sql: include_str!("../migrations/0020_queue.sql"),
    },
    Migration {
        module: "cases",
        name: "0021_agents",
        sql: include_str!("../migrations/0021_agents.sql"),
    },
    Migration {
        module: "cases",
        name: "0022_again",
        sql: include_str!("../migrations/0022_again.sql"),
    },
];

/// Rows that decide of a case.
pub const MARKED: &[&Marked] = &[
    &store::cases::CASES,
    &store::drafts::DRAFTS,
    &store::materials::FILES,
    &store::documents::LETTERS,
    &store::consultations::CONSULTATIONS,
    &store::sub_cases::WROTE,
];
