//! What the pages of cases show.

use askama::Template;
use tongban_base::{FieldError, Timestamp};
use tongban_flows::Task;
use tongban_items::{Material, MaterialSource};
use tongban_ui::Page;
use tongban_ui::view::{
    Badge, Choice, Clock, ClockDay, DayState, Decision, Event, FileItem, Link, Pager, Step, Tab,
    Tone,
};

use crate::clock::{self, ClockState};
use crate::event::CaseEvent;
use crate::model::{Case, CaseDocument, Event as JournalEvent, MaterialFile, Status};

/// The state of a case; while its clock stands still for a special procedure, that is its state.
pub fn badge(case: &Case) -> Badge {
    let status = case.status;
    if case.paused.is_some() && !status.is_final() {
        return Badge::new("特别程序中", Tone::Warn);
    }
    let tone = match status {
        Status::Submitted | Status::Accepted | Status::Granted => Tone::Info,
        Status::Correcting => Tone::Warn,
        Status::Closed | Status::Delivered => Tone::Ok,
        Status::Refused | Status::Denied => Tone::Late,
        Status::Withdrawn | Status::Lapsed => Tone::Quiet,
    };
    Badge::new(status.title(), tone)
}

/// The clock in words, with each day and its reason.
pub fn clock_view(clock: &clock::Clock, now: Timestamp) -> Clock {
    let due = clock
        .due_on
        .map(|d| d.format("%-m月%-d日").to_string())
        .unwrap_or_default();
    let left = clock.left();
    let (words, tone) = match clock.state {
        ClockState::NotStarted => (
            "还没有受理，办理时限从受理后第二天起算".to_owned(),
            Tone::Quiet,
        ),
        ClockState::Stopped => (
            format!(
                "已办结，用了 {} 个工作日（时限 {} 个工作日）",
                clock.used, clock.limit
            ),
            Tone::Ok,
        ),
        ClockState::Paused => (
            format!(
                "计时暂停，已用 {} 个工作日，还剩 {left} 个工作日",
                clock.used
            ),
            Tone::Warn,
        ),
        ClockState::Running if left < 0 => (
            format!("已超期 {} 个工作日（应于 {due} 前办结）", -left),
            Tone::Late,
        ),
        ClockState::Running => (
            format!(
                "已用 {} 个工作日，还剩 {left} 个工作日（截至 {due}）",
                clock.used
            ),
            Tone::Info,
        ),
    };
    let mut counted = 0;
    let mut stops: Vec<String> = Vec::new();
    let days = clock
        .days
        .iter()
        .map(|day| {
            if day.counts {
                counted += 1;
            } else if !stops.contains(&day.reason) {
                stops.push(day.reason.clone());
            }
            ClockDay {
                date: day.date,
                state: match (day.counts, counted > clock.limit) {
                    (true, true) => DayState::Over,
                    (true, false) => DayState::Counts,
                    (false, _) => DayState::Stopped,
                },
                reason: day.reason.clone(),
                today: day.date == now.date(),
            }
        })
        .collect();
    Clock {
        words,
        tone,
        days,
        stops,
    }
}

/// The journal as people read it; the latest first. `inside` adds what only the office sees.
pub fn events_view(events: &[JournalEvent], inside: bool) -> Vec<Event> {
    events
        .iter()
        .rev()
        .filter_map(|event| event_view(event, inside))
        .collect()
}

fn event_view(event: &JournalEvent, inside: bool) -> Option<Event> {
    let (title, words) = match &event.what {
        Some(what) => told(what, inside)?,
        None => (
            "本程序不认识的记录".to_owned(),
            "由较新版本的程序写入".to_owned(),
        ),
    };
    let by = match (inside, event.actor_kind.as_str()) {
        (true, _) => event.actor_name.clone(),
        (false, "citizen") => "申请人".to_owned(),
        (false, "staff") => "经办部门".to_owned(),
        (false, _) => String::new(),
    };
    Some(Event {
        title,
        when: event.at.words(),
        by,
        text: words,
        undone: false,
    })
}

/// Title and words of an event; none for what only the office sees, or what another event tells already.
fn told(what: &CaseEvent, inside: bool) -> Option<(String, String)> {
    let plain = |title: &str| Some((title.to_owned(), String::new()));
    let office = |title: String, words: &String| inside.then(|| (title, words.clone()));
    match what {
        CaseEvent::Submitted { .. } => plain("提交申请"),
        CaseEvent::Accepted {} => plain("受理"),
        CaseEvent::AcceptanceUndone {} => plain("撤回受理环节的处理"),
        CaseEvent::CorrectionAsked { .. } => plain("退回补正"),
        CaseEvent::Corrected { .. } => plain("提交补正"),
        CaseEvent::Refused { opinion } => Some(("不予受理".into(), opinion.clone())),
        CaseEvent::Paused { name, reason } => {
            Some((format!("启动特别程序：{name}"), reason.clone()))
        }
        CaseEvent::Resumed { name } => plain(&format!("结束特别程序：{name}")),
        CaseEvent::Extended { days, reason } => {
            Some((format!("延长期限 {days} 个工作日"), reason.clone()))
        }
        CaseEvent::Closed { .. } => plain("办结"),
        CaseEvent::Reopened {} => plain("撤回办结，继续办理"),
        CaseEvent::Delivered {} => plain("送达"),
        CaseEvent::Withdrawn { reason } => Some(("申请人撤回".into(), reason.clone())),
        CaseEvent::Lapsed { .. } => Some((
            "逾期未补正，终止办理".into(),
            "补正期限过后没有提交补正，视为放弃申请".into(),
        )),
        CaseEvent::DueSoon { .. } => office("临近办理期限，已提醒经办人员".into(), &String::new()),
        CaseEvent::Escalated { .. } => office("超期未办结，已报督查".into(), &String::new()),
        CaseEvent::Overdue { .. } => plain("超过办理时限"),
        CaseEvent::DocumentMade(letter) => {
            Some((format!("出具{}", letter.title), letter.number.clone()))
        }
        CaseEvent::DocumentVoid(letter) => {
            Some((format!("{}作废", letter.title), letter.number.clone()))
        }
        CaseEvent::LicenceIssued { .. } => plain("签发证照"),
        CaseEvent::LicenceUpdated { .. } => plain("变更证照"),
        CaseEvent::LicenceCancelled { .. } => plain("注销证照"),
        CaseEvent::LicenceUndone { .. } => plain("撤回证照的办理结果"),
        CaseEvent::TaskCompleted {
            task,
            label,
            opinion,
            ..
        } => office(format!("{task}：{label}"), opinion),
        CaseEvent::Returned { from, reason, .. } => office(format!("由{from}退回"), reason),
    }
}

/// A material that the applicant hands in, with its files.
pub struct MaterialView {
    pub code: String,
    pub name: String,
    pub required: bool,
    pub from_base: bool,
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
}

pub fn material_view(
    material: &Material,
    files: &[MaterialFile],
    href: &str,
    remove: &str,
    action: &str,
    errors: &[FieldError],
) -> MaterialView {
    let pointer = format!("/materials/{}", material.code);
    let megabytes = material.max_mb.unwrap_or(20);
    let formats = material.formats.join("、").to_uppercase();
    MaterialView {
        code: material.code.clone(),
        name: material.name.clone(),
        required: material.required && material.source == MaterialSource::Applicant,
        from_base: material.source == MaterialSource::LicenceBase,
        note: material.note.clone(),
        sample: material.sample.clone(),
        review_points: material.review_points.clone(),
        accept: material
            .formats
            .iter()
            .map(|f| format!(".{f}"))
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
            .filter(|f| f.material == material.code)
            .map(|f| file_item(f, href, remove))
            .collect(),
    }
}

pub fn file_item(file: &MaterialFile, href: &str, remove: &str) -> FileItem {
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
        note: format!("{} 上传", file.uploaded_at.words()),
        href: link(href, ""),
        remove: link(remove, "/remove"),
        ..FileItem::default()
    }
}

pub fn document_item(document: &CaseDocument, base: &str) -> FileItem {
    let (href, note) = match document.status.as_str() {
        "ready" => (
            format!("{base}/{}.pdf", document.id),
            document.number.clone(),
        ),
        "void" => (String::new(), format!("{}　已作废", document.number)),
        _ => (
            String::new(),
            format!("{}　正在制作，请稍后刷新", document.number),
        ),
    };
    FileItem {
        name: document.title.clone(),
        note,
        href,
        ..FileItem::default()
    }
}

#[derive(Template)]
#[template(path = "case_questions.html")]
pub struct QuestionsPage {
    pub page: Page,
    pub steps: Vec<Step>,
    pub saved: String,
    pub refusals: Vec<String>,
    pub errors: Vec<FieldError>,
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
    pub page: Page,
    pub steps: Vec<Step>,
    pub saved: String,
    pub refusals: Vec<String>,
    pub title: String,
    /// The step as the form engine renders it.
    pub fields: String,
    pub first: bool,
}

#[derive(Template)]
#[template(path = "case_materials.html")]
pub struct MaterialsPage {
    pub page: Page,
    pub steps: Vec<Step>,
    pub saved: String,
    pub materials: Vec<MaterialView>,
    pub errors: Vec<FieldError>,
    pub next: String,
    pub previous: String,
}

#[derive(Template)]
#[template(path = "case_confirm.html")]
pub struct ConfirmPage {
    pub page: Page,
    pub steps: Vec<Step>,
    pub saved: String,
    pub refusals: Vec<String>,
    pub errors: Vec<(String, String)>,
    pub answers: Vec<(String, String)>,
    pub form: String,
    pub materials: Vec<MaterialView>,
    pub promised: u32,
    pub acceptance: u32,
    pub base: String,
    pub previous: String,
}

pub struct CaseRow {
    pub href: String,
    pub item: String,
    pub applicant: String,
    pub number: String,
    pub badge: Badge,
    pub note: String,
    pub late: bool,
    pub task: String,
}

#[derive(Template)]
#[template(path = "case_mine.html")]
pub struct MinePage {
    pub page: Page,
    pub drafts: Vec<Link>,
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
}

#[derive(Template)]
#[template(path = "case_view.html")]
pub struct CasePage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub case: Case,
    pub submitted: String,
    pub badge: Badge,
    pub clock: Clock,
    pub events: Vec<Event>,
    pub form: String,
    pub materials: Vec<FileItem>,
    pub documents: Vec<FileItem>,
    pub correcting: bool,
    pub can_withdraw: bool,
    pub can_rate: bool,
    pub has_licence: bool,
    /// Just submitted: the receipt on top.
    pub fresh: bool,
    pub qr: String,
    pub reason_error: String,
}

#[derive(Template)]
#[template(path = "case_correct.html")]
pub struct CorrectPage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub due: String,
    pub opinion: String,
    pub wrong: Vec<(String, String)>,
    pub base: String,
    pub fields: String,
    pub has_fields: bool,
    pub materials: Vec<MaterialView>,
    pub errors: Vec<FieldError>,
}

#[derive(Template)]
#[template(path = "case_track.html")]
pub struct TrackPage {
    pub page: Page,
    pub number: String,
    pub item: String,
    pub badge: Badge,
    pub clock: Clock,
    pub events: Vec<Event>,
}

#[derive(Template)]
#[template(path = "office_queue.html")]
pub struct QueuePage {
    pub page: Page,
    pub tabs: Vec<Tab>,
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
}

#[derive(Template)]
#[template(path = "office_cases.html")]
pub struct CasesPage {
    pub page: Page,
    pub tabs: Vec<Tab>,
    pub words: String,
    pub statuses: Vec<Choice>,
    pub rows: Vec<CaseRow>,
    pub pager: Pager,
}

/// A task that the officer may complete.
pub struct TaskView {
    pub id: String,
    pub name: String,
    pub decisions: Vec<Decision>,
    /// Whether the task knows a decision by which the applicant is asked to mend something.
    pub may_correct: bool,
    pub may_return: bool,
    pub steps: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "office_case.html")]
pub struct OfficeCasePage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub case: Case,
    pub sub: String,
    pub badge: Badge,
    pub clock: Clock,
    pub events: Vec<Event>,
    pub form: String,
    pub materials: Vec<MaterialView>,
    pub documents: Vec<FileItem>,
    pub task: Option<TaskView>,
    pub waiting: Vec<String>,
    pub phrases: Vec<&'static str>,
    pub opinion: String,
    pub errors: Vec<FieldError>,
    pub opinion_error: String,
    pub may_suspend: bool,
    pub procedures: Vec<Choice>,
    pub broken_at: Option<i64>,
    pub unread_at: Option<i64>,
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
