//! A case in the words of pages: its state, its clock with the reason of every day, its journal.

use tongban_base::{Date, Timestamp, Uuid, date_words};
use tongban_ui::view::{Badge, Clock, ClockDay, DayState, Event, Tone};

use crate::agent::Agent;
use crate::clock::{self, ClockState, Period};
use crate::entered::{self, Entered};
use crate::event::Saying;
use crate::event::{CaseEvent, GuideRead, KeptAsIs, UndoneResult};
use crate::model::{CaseLine, Event as JournalEvent, Status};

/// The state of a case; while its clock stands still for a special procedure, that is its state.
pub fn badge(case: &CaseLine) -> Badge {
    let status = case.status;
    if case.paused.is_some() && !status.is_final() {
        return Badge::new("特别程序中", Tone::Warn);
    }
    if case.waits && status == Status::Accepted {
        return Badge::new("已作出决定，正在制作文书", Tone::Info);
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
    let (words, tone) = words(clock);
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

fn words(clock: &clock::Clock) -> (String, Tone) {
    let due = clock.due().map(|due| due.short_words()).unwrap_or_default();
    let before = clock.due().map(|due| due.short_before());
    let before = before.unwrap_or_default();
    let (used, left, limit) = (clock.used, clock.left(), clock.limit);
    let duty = clock.period.duty();
    match (clock.state, clock.period) {
        (ClockState::Stopped, Period::Acceptance) => ("办理已结束，没有受理".into(), Tone::Quiet),
        (ClockState::Stopped, Period::Decision | Period::Delivery) => (
            format!("已办结，用了 {used} 个工作日（时限 {limit} 个工作日）"),
            Tone::Ok,
        ),
        (ClockState::Paused, Period::Acceptance) => (
            format!("等待补正，收到补正后 {limit} 个工作日内答复是否受理"),
            Tone::Warn,
        ),
        (ClockState::Paused, Period::Decision | Period::Delivery) => {
            let rest = match left < 0 {
                true => format!("已超期 {} 个工作日", -left),
                false => format!("还剩 {left} 个工作日"),
            };
            let words = format!("计时暂停，已用 {used} 个工作日，{rest}");
            (words, Tone::Warn)
        }
        (ClockState::Running, _) if clock.is_overdue() => (
            format!("已超期 {} 个工作日（应于 {before}{duty}）", -left),
            Tone::Late,
        ),
        (ClockState::Running, Period::Acceptance) => {
            (before_acceptance(clock, &before), Tone::Info)
        }
        (ClockState::Running, Period::Decision) => {
            let deemed = if clock.deemed { "视为受理，" } else { "" };
            let words = format!("{deemed}已用 {used} 个工作日，还剩 {left} 个工作日（截至 {due}）");
            (words, Tone::Info)
        }
        (ClockState::Running, Period::Delivery) => {
            let words = format!("已作出决定，送达还剩 {left} 个工作日（截至 {due}）");
            (words, Tone::Info)
        }
    }
}

fn before_acceptance(clock: &clock::Clock, before: &str) -> String {
    match clock.used_before {
        Some(used) => format!(
            "受理已撤回，办理已用 {used} 个工作日；应于 {before}重新答复是否受理，受理后接着计算"
        ),
        None => {
            format!("还没有受理，应于 {before}答复是否受理；办理时限从受理后第二天起算")
        }
    }
}

/// For whom it is and who does it, where that is somebody else; else empty.
pub fn acting(agent: Option<&Agent>) -> String {
    agent.map_or_else(String::new, Agent::words)
}

/// Who reads a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Applicant,
    /// Both sides of a case in which this account acts for the applicant.
    ActedBy(Uuid),
    /// Officers of the unit that filed the case: they see who of them did what.
    Unit,
    /// With what only the office sees.
    Office,
}

/// The journal as people read it; the latest first.
pub fn events_view(events: &[JournalEvent], reader: Reader) -> Vec<Event> {
    events
        .iter()
        .rev()
        .filter_map(|event| event_view(event, reader))
        .collect()
}

/// Whether it is the applicant's doing.
fn is_applicants(what: Option<&CaseEvent>) -> bool {
    matches!(
        what,
        Some(
            CaseEvent::Submitted { .. }
                | CaseEvent::GuidesRead { .. }
                | CaseEvent::Corrected { .. }
                | CaseEvent::Withdrawn { .. }
                | CaseEvent::Said {
                    kind: Saying::Question,
                    ..
                }
        )
    )
}

fn event_view(event: &JournalEvent, reader: Reader) -> Option<Event> {
    let inside = reader == Reader::Office;
    let (title, words) = match &event.what {
        Some(what) => told(what, inside)?,
        None => (
            "本程序不认识的记录".to_owned(),
            "由较新版本的程序写入".to_owned(),
        ),
    };
    let acts = |agent: Uuid| event.actor_id == Some(agent.to_string());
    let by = match (reader, event.actor_kind.as_str()) {
        (Reader::ActedBy(agent), "citizen") if acts(agent) => {
            format!("代办人 {}", event.actor_name)
        }
        (Reader::Office, _) => event.actor_name.clone(),
        (Reader::Unit, "staff") if is_applicants(event.what.as_ref()) => event.actor_name.clone(),
        (Reader::Applicant | Reader::ActedBy(_) | Reader::Unit, kind) => match kind {
            "citizen" => "申请人".to_owned(),
            "staff" => "经办部门".to_owned(),
            _ => String::new(),
        },
    };
    Some(Event {
        title,
        when: event.at.words(),
        by,
        text: words,
        undone: false,
    })
}

/// What the applicant left as it was, and why; the reason is for the office alone.
fn kept_words(kept: &[KeptAsIs]) -> String {
    let each = kept.iter();
    let each = each.map(|kept| format!("申请人核对后没有改{}：{}", kept.title, kept.why));
    each.collect::<Vec<_>>().join("；")
}

/// A decision is for the office; what was written down with it the applicant reads too.
fn decided(
    (task, label, opinion): (&str, &str, &str),
    entries: &[Entered],
    inside: bool,
) -> Option<(String, String)> {
    let entered = entered::words(entries);
    match (inside, entered.is_empty()) {
        (true, true) => Some((format!("{task}：{label}"), opinion.to_owned())),
        (true, false) if opinion.is_empty() => Some((format!("{task}：{label}"), entered)),
        (true, false) => Some((format!("{task}：{label}"), format!("{opinion}；{entered}"))),
        (false, false) => Some((label.to_owned(), entered)),
        (false, true) => None,
    }
}

/// Title and words of an event; none for what only the office sees.
fn told(what: &CaseEvent, inside: bool) -> Option<(String, String)> {
    let of = |title: &str, words: &str| Some((title.to_owned(), words.to_owned()));
    let office = |title: &str, words: &str| of(title, words).filter(|_| inside);
    match what {
        CaseEvent::Submitted { .. } => of("提交申请", ""),
        CaseEvent::GuidesRead { guides } => of("提交前已阅读并知晓办理指南", &read(guides)),
        CaseEvent::Accepted {} => of("受理", ""),
        CaseEvent::DeemedAccepted { received_on, .. } => of("视为受理", &deemed(*received_on)),
        CaseEvent::AcceptanceUndone {} => of("受理已撤回", ""),
        CaseEvent::Refused { opinion } => of("不予受理", opinion),
        CaseEvent::RefusalUndone {} => of("不予受理已撤回", ""),
        CaseEvent::CorrectionAsked { .. } => of("退回补正", ""),
        CaseEvent::Corrected { kept, .. } => {
            let kept = if inside {
                kept_words(kept)
            } else {
                String::new()
            };
            of("提交补正", &kept)
        }
        CaseEvent::CorrectionDropped {} => of("不再需要补正", ""),
        CaseEvent::CorrectionDated { last_day } => {
            of("补正的最后一天已确定", &date_words(*last_day))
        }
        CaseEvent::MendingEnds { last_day } => {
            let day = date_words(*last_day);
            of("提醒补正", &format!("{day}是补正的最后一天"))
        }
        CaseEvent::Lapsed { .. } => of(
            "逾期未补正，终止办理",
            "补正期限过后没有提交补正，视为放弃申请",
        ),
        CaseEvent::Paused {
            name,
            reason,
            expected_days,
        } => {
            let title = format!("启动特别程序：{name}");
            let days = expected_days.map(|days| format!("（预计 {days} 个工作日）"));
            of(&title, &format!("{reason}{}", days.unwrap_or_default()))
        }
        CaseEvent::Resumed { name } => of(&format!("结束特别程序：{name}"), ""),
        CaseEvent::Extended { days, reason } => of(&format!("延长期限 {days} 个工作日"), reason),
        CaseEvent::Granted {} => of("决定准予许可", ""),
        CaseEvent::GrantUndone {} => of("准予许可的决定已撤回", ""),
        CaseEvent::Closed { .. } => of("办结", ""),
        CaseEvent::Reopened {} => of("办结已撤回，继续办理", ""),
        CaseEvent::Delivered {} => of("送达", ""),
        CaseEvent::Finished {} => of("办理完毕", ""),
        CaseEvent::Withdrawn { reason } => of("申请人撤回", reason),
        CaseEvent::EndedWithParent {
            number,
            title,
            reason,
        } => of(&format!("随发起它的“{title}”（{number}）终止"), reason),
        CaseEvent::SubCaseStarted(started) => {
            of(&format!("发起“{}”", started.title), &started.number)
        }
        CaseEvent::SubCaseTakenBack(back) => {
            of(&format!("已撤回发起的“{}”", back.title), &back.number)
        }
        CaseEvent::DueSoon { .. } => office("临近期限，已提醒经办人员", ""),
        CaseEvent::Overdue { period, .. } => of(&format!("超过{}", period.title()), ""),
        CaseEvent::Escalated { .. } => office("超期，已报督查", ""),
        CaseEvent::TimerRang { name, .. } => office(&format!("定时到期：{name}"), ""),
        CaseEvent::DocumentMade(of_case) => of(&format!("出具{}", of_case.title), &of_case.number),
        CaseEvent::DocumentVoid(of_case) => of(&format!("{}作废", of_case.title), &of_case.number),
        CaseEvent::OperationDone(done) => of(&done.title, ""),
        CaseEvent::OperationUndone(done) => of(&format!("已撤回：{}", done.title), ""),
        CaseEvent::PaperFailed {
            title,
            words,
            stopped,
            ..
        } if inside => {
            let end = if *stopped {
                ""
            } else {
                "，稍后自动重试"
            };
            of(&format!("{title}没有制作出来"), &format!("{words}{end}"))
        }
        CaseEvent::PaperFailed { title, stopped, .. } => {
            let told = of(&format!("{title}制作遇到问题，我们正在处理"), "");
            told.filter(|_| *stopped)
        }
        CaseEvent::PaperRemade { title, .. } => office(&format!("重新制作{title}"), ""),
        CaseEvent::PhotoExchanged { reason, .. } => of("证照上的照片由经办部门更换", reason),
        CaseEvent::TaskCompleted {
            task,
            label,
            opinion,
            entries,
            ..
        } => decided((task, label, opinion), entries, inside),
        CaseEvent::Urged { words } => office("督办", words),
        CaseEvent::Said { kind, words } => match kind {
            Saying::Question => of("申请人提问", words),
            Saying::Answer => of("答复申请人", words),
            Saying::Note => office("内部备注", words),
            Saying::Phone => office("电话记录", words),
        },
        CaseEvent::HandedOver {
            task,
            from,
            to,
            by_order,
            reason,
            ..
        } => {
            let title = format!("{task}转由{}办理", to.called());
            office(
                &title,
                &format!("原由{from}办理{}。{reason}", ordered(*by_order)),
            )
        }
        CaseEvent::SignerAdded {
            task,
            signer,
            by_order,
            reason,
            ..
        } => {
            let title = format!("{task}增加会签人{}{}", signer.called(), ordered(*by_order));
            office(&title, reason)
        }
        CaseEvent::SignerRemoved {
            task,
            signer,
            reason,
            ..
        } => office(&format!("{task}移除会签人：{signer}"), reason),
        CaseEvent::ResultUndone { what, reason } => {
            of(&format!("撤回{}", UndoneResult::words(what)), reason)
        }
        CaseEvent::Returned { from, reason, .. } => office(&format!("由{from}退回"), reason),
    }
}

fn read(guides: &[GuideRead]) -> String {
    let each = guides.iter().map(|guide| {
        let (title, version, at) = (&guide.title, guide.version, guide.at.words());
        format!("《{title}》第{version}版（{at}）")
    });
    each.collect::<Vec<_>>().join("、")
}

fn ordered(by_order: bool) -> &'static str {
    match by_order {
        true => "（没有这个岗位，经指定办理）",
        false => "",
    }
}

fn deemed(received_on: Date) -> String {
    let day = date_words(received_on);
    format!("逾期没有答复是否受理，自{day}收到申请材料之日起即为受理")
}
