//! The way of a case: what lies behind it, where it is, what is still to come and by when; and who has it.

use tongban_base::{Date, date_words};
use tongban_procedures::ProcedureRelease;

use crate::clock::{Clock, ClockState, Period};
use crate::desk::Desk;
use crate::model::{Case, Status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    Done,
    Now,
    Ahead,
}

/// One of the legal steps of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourseStep {
    pub title: &'static str,
    pub note: String,
    pub passed: Passed,
}

impl CourseStep {
    pub fn class(&self) -> &'static str {
        match self.passed {
            Passed::Done => "tb-course-done",
            Passed::Now => "tb-course-now",
            Passed::Ahead => "tb-course-ahead",
        }
    }

    /// For whoever does not see the mark.
    pub fn words(&self) -> &'static str {
        match self.passed {
            Passed::Done => "已完成",
            Passed::Now => "正在进行",
            Passed::Ahead => "还没到",
        }
    }

    pub fn is_now(&self) -> bool {
        self.passed == Passed::Now
    }
}

/// The office that has a case, with its telephone.
pub struct Holder {
    pub office: String,
    pub phone: String,
}

pub fn holder(desk: &Desk, case: &Case) -> Option<Holder> {
    let office = desk.catalog.organisation(&case.organisation)?;
    Some(Holder {
        office: office.name.clone(),
        phone: office.phone.clone(),
    })
}

/// The steps of a case from its filing to its end. Of what ended otherwise, nothing is ahead.
pub fn course(case: &Case, release: &ProcedureRelease, clock: &Clock) -> Vec<CourseStep> {
    let limits = &release.procedure().limits;
    let due = (clock.state == ClockState::Running).then_some(clock.due_on);
    let due = due.flatten();
    let mut steps = vec![done("提交申请", case.submitted_at.date())];
    let (accept, decide, deliver) = (
        ahead("答复是否受理", format!("{} 个工作日内", limits.acceptance)),
        ahead("作出决定", format!("受理后 {} 个工作日内", limits.promised)),
        ahead(
            "送达结果",
            format!("准予的，决定后 {} 个工作日内", limits.delivery),
        ),
    );
    if let Some(day) = case.accepted_at {
        steps.push(done("受理", day.date()));
    }
    match case.status {
        Status::Submitted => steps.extend([now(accept, due), decide, deliver]),
        Status::Correcting => {
            steps.push(mending(case));
            let rest = [accept, decide, deliver];
            let passed = usize::from(case.accepted_at.is_some());
            steps.extend(rest.into_iter().skip(passed));
        }
        Status::Accepted => steps.extend([paused(now(decide, due), case), deliver]),
        Status::Granted => {
            steps.push(CourseStep {
                note: "准予许可".to_owned(),
                ..now(decide, None).into_done()
            });
            steps.push(now(deliver, due));
        }
        Status::Closed if handing_over(clock) => {
            steps.push(CourseStep {
                note: closed(case),
                ..now(decide, None).into_done()
            });
            steps.push(now(deliver, due));
        }
        status => steps.push(CourseStep {
            title: status.title(),
            note: closed(case),
            passed: Passed::Done,
        }),
    }
    steps
}

fn closed(case: &Case) -> String {
    let day = case.closed_at.map(|at| date_words(at.date()));
    day.unwrap_or_default()
}

/// Decided, and what was decided is still to be handed over.
fn handing_over(clock: &Clock) -> bool {
    clock.state == ClockState::Running && clock.period == Period::Delivery
}

impl CourseStep {
    fn into_done(self) -> Self {
        Self {
            passed: Passed::Done,
            ..self
        }
    }
}

fn done(title: &'static str, day: Date) -> CourseStep {
    CourseStep {
        title,
        note: date_words(day),
        passed: Passed::Done,
    }
}

fn ahead(title: &'static str, note: String) -> CourseStep {
    CourseStep {
        title,
        note,
        passed: Passed::Ahead,
    }
}

/// The step that is under way, by its last day where there is one.
fn now(step: CourseStep, due: Option<Date>) -> CourseStep {
    let note = match due {
        Some(day) => format!("最晚 {}", date_words(day)),
        None => step.note,
    };
    CourseStep {
        note,
        passed: Passed::Now,
        ..step
    }
}

fn mending(case: &Case) -> CourseStep {
    let by = case.correction.as_ref().and_then(|c| c.said_by());
    CourseStep {
        title: "等您补正",
        note: by.map_or_else(String::new, |by| format!("请在{by}提交")),
        passed: Passed::Now,
    }
}

fn paused(step: CourseStep, case: &Case) -> CourseStep {
    match &case.paused {
        Some(name) => CourseStep {
            note: format!("{name}，办理时限暂停计算"),
            ..step
        },
        None => step,
    }
}
