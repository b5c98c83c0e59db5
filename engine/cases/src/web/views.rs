//! What the pages of cases show.

use askama::Template;
use tongban_base::FieldError;
use tongban_flows::Task;
use tongban_forms::Keeping;
use tongban_operations::GuidePage;
use tongban_procedures::{Material, MaterialSource};
use tongban_ui::view::{
    Badge, Choice, Clock, Decision, Event, FileItem, Link, Pager, Step, Tab, Tone,
};
use tongban_ui::{Page, filters};

use super::again::EarlierView;
use super::course::{CourseStep, Holder};
use super::mended::Mended;
use super::mine::Wrong;
use super::paper_views::PaperView;
use super::people_views::{PeopleCard, StepLimit, WaitingView};
use super::person::PersonBox;
use super::place::Place;
use super::queue_views::InQueue;
use super::refused::RefusedView;
use super::sent::Typed;
use crate::filed::{FileState, FiledFile};
use crate::model::{Case, FileVerdict, Ground, MaterialFile, Verdict};
use crate::service::admission::Admission;
use crate::service::gate::ClosedGate;
use crate::service::sub_cases::Related;

/// A material that the applicant hands in, with its files.
pub struct MaterialView {
    pub code: String,
    pub name: String,
    pub required: bool,
    pub from_base: bool,
    /// Files can be handed in for it.
    pub takes_files: bool,
    pub note: String,
    pub sample: String,
    pub review_points: Vec<String>,
    pub accept: String,
    pub megabytes: u32,
    pub help: String,
    /// Where files for it are sent.
    pub action: String,
    pub error: String,
    pub files: Vec<FileItem>,
    /// Files of earlier cases that can be taken over.
    pub earlier: Vec<EarlierView>,
    /// What an officer finds wrong with it, and what is asked when it was left as it was.
    pub mark: String,
    pub keeping: Option<Keeping>,
}

pub fn material_view(
    material: &Material,
    files: &[FiledFile],
    href: &str,
    remove: &str,
    action: &str,
    errors: &[FieldError],
) -> MaterialView {
    let pointer = format!("/materials/{}", material.code);
    let megabytes = material.max_mb.unwrap_or(20);
    let formats: Vec<&str> = material.formats.iter().map(|kind| kind.title()).collect();
    let formats = formats.join("、");
    MaterialView {
        code: material.code.clone(),
        name: material.name.clone(),
        required: material.required && material.source == MaterialSource::Applicant,
        from_base: material.source == MaterialSource::LicenceBase,
        takes_files: material.takes_files(),
        note: material.note.clone(),
        sample: material.sample.clone(),
        review_points: material.review_points.clone(),
        accept: material
            .formats
            .iter()
            .flat_map(|kind| kind.endings())
            .map(|ending| format!(".{ending}"))
            .collect::<Vec<_>>()
            .join(","),
        megabytes,
        help: format!("{formats} 格式，不超过 {megabytes} MB"),
        action: format!("{action}/{}", material.code),
        error: errors
            .iter()
            .find(|e| e.pointer == pointer)
            .map(|e| e.message.clone())
            .unwrap_or_default(),
        files: files
            .iter()
            .filter(|f| f.file.material == material.code)
            .map(|f| file_item(f, href, remove))
            .collect(),
        earlier: Vec::new(),
        mark: String::new(),
        keeping: None,
    }
}

/// The files of an application that is not filed yet.
pub fn unfiled(files: &[MaterialFile]) -> Vec<FiledFile> {
    let plain = |file: &MaterialFile| FiledFile {
        file: file.clone(),
        state: FileState::Filed,
    };
    files.iter().map(plain).collect()
}

pub fn file_item(filed: &FiledFile, href: &str, remove: &str) -> FileItem {
    let file = &filed.file;
    let link = |base: &str, end: &str| {
        if base.is_empty() {
            String::new()
        } else {
            format!("{base}/{}{end}", file.id)
        }
    };
    FileItem {
        name: file.name.clone(),
        bytes: u64::try_from(file.size).unwrap_or(0),
        note: file_note(file),
        href: link(href, ""),
        remove: link(remove, "/remove"),
        badges: badges(filed),
    }
}

fn file_note(file: &MaterialFile) -> String {
    let when = file.uploaded_at.words();
    let came = match &file.origin {
        None => format!("{when} 上传"),
        Some(number) => format!("{when} 上传，取自办件 {number}"),
    };
    match file.verdict.as_ref().map(|v| v.words.as_str()) {
        Some(words) if !words.is_empty() => format!("{came}　{words}"),
        _ => came,
    }
}

/// What became of the file, and what its seals said when it came.
pub fn badges(filed: &FiledFile) -> Vec<Badge> {
    let state = match filed.state {
        FileState::Filed => None,
        FileState::New => Some(Badge::new("补正新交", Tone::Info)),
        FileState::Replaced => Some(Badge::new("补正后已替换", Tone::Quiet)),
        FileState::OfOffice => Some(Badge::new("经办部门换上", Tone::Info)),
        FileState::Exchanged => Some(Badge::new("不能用，已换", Tone::Quiet)),
    };
    let verdict = filed.file.verdict.as_ref().map(verdict_badge);
    state.into_iter().chain(verdict).collect()
}

fn verdict_badge(verdict: &FileVerdict) -> Badge {
    match verdict.verdict {
        Verdict::Valid => Badge::new("签章有效", Tone::Ok),
        Verdict::Invalid => Badge::new("签章无效，疑似被改动", Tone::Late),
        Verdict::Unknown | Verdict::Unreadable if verdict.ground == Ground::Unsealed => {
            Badge::new("没有电子签章", Tone::Quiet)
        }
        Verdict::Unknown | Verdict::Unreadable => Badge::new("签章无法核验", Tone::Warn),
    }
}

/// What is read and confirmed before anything is filled in.
#[derive(Template)]
#[template(path = "case_guide.html")]
pub struct GuidesPage {
    pub page: Page,
    pub steps: Vec<Step>,
    pub acting: String,
    pub saved: String,
    pub refusals: Vec<String>,
    pub guides: Vec<GuidePage>,
    /// Which of them in which versions.
    pub shown: String,
    pub confirmed: bool,
    pub error: String,
}

#[derive(Template)]
#[template(path = "case_questions.html")]
pub struct QuestionsPage {
    pub page: Page,
    pub steps: Vec<Step>,
    pub acting: String,
    pub saved: String,
    pub refusals: Vec<String>,
    pub notices: Vec<String>,
    /// What the page shows as saved, for whoever answers it.
    pub shown: String,
    pub errors: Vec<FieldError>,
    /// The name of the hidden field that leads back to the last page; empty where nothing does.
    pub review: &'static str,
    pub questions: Vec<QuestionView>,
}

pub struct QuestionView {
    pub id: String,
    pub text: String,
    pub help: String,
    pub error: String,
    pub choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "case_form.html")]
pub struct FormPage {
    /// Records can be looked for: the return key must not press the button that does.
    pub seeks: bool,
    pub page: Page,
    pub steps: Vec<Step>,
    pub acting: String,
    pub saved: String,
    pub refusals: Vec<String>,
    pub notices: Vec<String>,
    pub shown: String,
    pub release: String,
    pub title: String,
    /// The step as the form engine renders it.
    pub fields: String,
    /// All of it is on this page: it is submitted from here, and what is wrong with the whole stands on top.
    pub short: bool,
    pub errors: Vec<String>,
    pub first: bool,
    pub review: &'static str,
    /// An earlier case to fill it in by: which, and what the offer says.
    pub earlier: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "case_materials.html")]
pub struct MaterialsPage {
    pub page: Page,
    pub steps: Vec<Step>,
    pub acting: String,
    pub saved: String,
    pub notices: Vec<String>,
    pub materials: Vec<MaterialView>,
    pub errors: Vec<FieldError>,
    pub review: &'static str,
    pub action: String,
    pub previous: String,
    /// Where one goes who comes back another time.
    pub later: &'static str,
}

#[derive(Template)]
#[template(path = "case_confirm.html")]
pub struct ConfirmPage {
    pub page: Page,
    pub steps: Vec<Step>,
    pub acting: String,
    pub saved: String,
    pub refusals: Vec<String>,
    pub notices: Vec<String>,
    pub shown: String,
    pub errors: Vec<(String, String)>,
    pub answers: Vec<(String, String)>,
    pub form: String,
    pub materials: Vec<MaterialView>,
    /// What no typeface can print.
    pub unprintable: Vec<String>,
    pub promised: u32,
    pub acceptance: u32,
    /// Who handles it, where an officer files; else empty.
    pub office: String,
    pub base: String,
    pub previous: String,
    /// Where answers and materials are changed; empty where nothing is.
    pub change_answers: String,
    pub change_materials: String,
}

pub struct CaseRow {
    pub href: String,
    pub item: String,
    pub applicant: String,
    pub number: String,
    pub badge: Badge,
    pub note: String,
    pub late: bool,
    pub soon: bool,
    pub task: String,
    /// The limit of the step itself; empty where there is none.
    pub step: StepLimit,
    /// A paper of it was not made: which, and why; only for the office.
    pub paper: String,
}

/// One of the own cases.
pub struct MineRow {
    pub href: String,
    pub item: String,
    pub number: String,
    pub badge: Badge,
    pub submitted: String,
    /// What its applicant has to do; empty where nothing is.
    pub wanted: String,
    pub acting: String,
}

#[derive(Template)]
#[template(path = "case_mine.html")]
pub struct MinePage {
    pub page: Page,
    pub place: Place,
    /// The own cases and those of the unit, for officers.
    pub tabs: Vec<Tab>,
    pub drafts: Vec<Link>,
    pub rows: Vec<MineRow>,
    pub pager: Pager,
}

#[derive(Template)]
#[template(path = "case_view.html")]
pub struct CasePage {
    pub page: Page,
    pub place: Place,
    pub crumbs: Vec<Link>,
    pub case: Case,
    pub submitted: String,
    pub badge: Badge,
    pub clock: Clock,
    pub course: Vec<CourseStep>,
    pub holder: Option<Holder>,
    pub events: Vec<Event>,
    pub form: String,
    /// By the names of the materials.
    pub materials: Vec<(String, Vec<FileItem>)>,
    pub documents: Vec<FileItem>,
    /// Something of it could not be made.
    pub has_failed: bool,
    pub correcting: bool,
    pub can_withdraw: bool,
    pub links: Vec<Link>,
    pub has_outcome: bool,
    /// Who acts for whom; empty where nobody does.
    pub acting: String,
    pub related: Related,
    /// Just submitted: the receipt on top.
    pub fresh: bool,
    /// Why it was not accepted or not granted, and the letter that says what can be done about it.
    pub refused: Option<RefusedView>,
    /// Papers are being made: the page looks again by itself.
    pub making: bool,
    /// Whoever looks took it in at a window.
    pub at_window: bool,
    /// What one sends to oneself.
    pub note: String,
    pub qr: String,
    /// The applicant can ask whoever has it.
    pub can_ask: bool,
    pub wrong: Wrong,
    /// Since when its item takes no new applications; empty while it does.
    pub ended: String,
}

#[derive(Template)]
#[template(path = "office_gate.html")]
pub struct GatePage {
    pub page: Page,
    pub gate: ClosedGate,
}

#[derive(Template)]
#[template(path = "office_cases.html")]
pub struct CasesPage {
    pub page: Page,
    pub sub: String,
    /// Where its filters lead, and what they keep.
    pub action: &'static str,
    pub hidden: Vec<(&'static str, String)>,
    /// What a figure that led here has asked for.
    pub about: String,
    pub tabs: Vec<Tab>,
    pub words: String,
    pub statuses: Vec<Choice>,
    /// The step where a case is stands in a column.
    pub steps: bool,
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
}

/// A task that the officer may complete.
pub struct TaskView {
    pub id: String,
    pub element: String,
    /// What officers often say at this step, as its flow writes it.
    pub phrases: Vec<String>,
    pub name: String,
    pub step: StepLimit,
    pub decisions: Vec<Decision>,
    /// The label of the decision that was sent and could not be made.
    pub chosen: String,
    /// Whether the task knows a decision by which the applicant is asked to mend something.
    pub may_correct: bool,
}

/// To where the officer may send a case back.
pub struct ReturnView {
    pub task: String,
    pub name: String,
    pub steps: Vec<Choice>,
    /// Who may, when this officer may not; else empty.
    pub refused: String,
}

#[derive(Template)]
#[template(path = "office_case.html")]
pub struct OfficeCasePage {
    /// Whoever looks stands at the window that took it in.
    pub is_acted: bool,
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub case: Case,
    pub sub: String,
    pub badge: Badge,
    pub clock: Clock,
    pub events: Vec<Event>,
    pub form: String,
    /// The files that were handed in, one of them seen; empty where there are none.
    pub viewer: String,
    /// The list from which the case was opened, as its address says.
    pub from: String,
    /// The queue in which its task stands, and the cases before and behind it there.
    pub queue: Option<InQueue>,
    /// What an earlier step found against it: no decision is favoured then.
    pub adverse: Vec<String>,
    /// Another case can be opened after the decision.
    pub follows: bool,
    pub materials: Vec<MaterialView>,
    pub documents: Vec<FileItem>,
    /// What has no file although it was tried, and whether this officer may have it made again.
    pub failed: Vec<PaperView>,
    pub may_remake: bool,
    pub task: Option<TaskView>,
    pub waiting: Vec<WaitingView>,
    /// To whom one turns when nobody can do a step; empty for whoever may name somebody.
    pub turn_to: String,
    pub people: Option<PeopleCard>,
    /// For whoever supervises.
    /// What was asked of the applicant, and what he did.
    pub mended: Vec<Mended>,
    pub saying: Typed,
    pub person: PersonBox,
    pub may_urge: bool,
    pub urging: Typed,
    /// The tasks of the officer, when there are several: addresses and names.
    pub choices: Vec<Choice>,
    pub returns: Option<ReturnView>,
    pub phrases: Vec<String>,
    /// What was sent and could not be done: why, what was written in a form that is gone, and each form as sent.
    pub alert: String,
    pub kept: Vec<(String, String)>,
    pub errors: Vec<FieldError>,
    pub typed: Typed,
    pub returned: Typed,
    pub pausing: Typed,
    pub extending: Typed,
    pub may_suspend: bool,
    pub may_extend: bool,
    /// Why the time cannot be extended; empty when it can.
    pub no_extension: &'static str,
    /// The special procedure that has to end before anything else is done; empty when there is none.
    pub paused: String,
    pub procedures: Vec<Choice>,
    /// What stands in the way of a grant since the filing.
    pub admission: Admission,
    pub related: Related,
    pub ways_on: &'static str,
    pub broken_at: Option<i64>,
    pub unread_at: Option<i64>,
    pub values_changed: bool,
    /// What no typeface can print.
    pub unprintable: Vec<String>,
}

/// The decisions of a task in the order that the flow draws them.
pub fn decisions(task: &Task) -> Vec<Decision> {
    let view = |d: &tongban_flows::Decision| Decision {
        name: d.name.clone(),
        label: d.label.clone(),
        main: d.tone == tongban_flows::Tone::Favourable,
        dangerous: d.tone == tongban_flows::Tone::Harmful,
        ..Decision::default()
    };
    task.decisions.iter().map(view).collect()
}
