//! The course of a case as its journal tells it: when each period began, stood still and ended.

use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Timestamp};

use super::{ClockDay, Period};
use crate::event::CaseEvent;
use crate::model::Event;

/// Why a period stands still; each cause ends by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    SpecialProcedure,
    Correction,
    /// The acceptance was taken back and not given again yet.
    TakenBack,
    /// The step of the period was done, and undone later.
    Done,
}

/// A stretch of days that do not count.
struct Pause {
    cause: Cause,
    from: Timestamp,
    to: Option<Timestamp>,
    reason: String,
}

/// The days of one period.
pub(super) struct Count {
    pub from: Timestamp,
    pub ended: Option<Timestamp>,
    pauses: Vec<Pause>,
}

impl Count {
    fn from(at: Timestamp) -> Self {
        Self {
            from: at,
            ended: None,
            pauses: Vec::new(),
        }
    }

    pub fn is_paused(&self) -> bool {
        self.pauses.iter().any(|pause| pause.to.is_none())
    }

    fn pause(&mut self, cause: Cause, at: Timestamp, reason: String) {
        self.pauses.push(Pause {
            cause,
            from: at,
            to: None,
            reason,
        });
    }

    fn resume(&mut self, cause: Cause, at: Timestamp) {
        let open = |pause: &&mut Pause| pause.to.is_none() && pause.cause == cause;
        for pause in self.pauses.iter_mut().filter(open) {
            pause.to = Some(at);
        }
    }

    /// The period ended; the first end holds.
    fn end(&mut self, at: Timestamp) {
        self.ended.get_or_insert(at);
    }

    /// What ended the period was undone: the days between do not count.
    fn reopen(&mut self, at: Timestamp, reason: &str) {
        if let Some(ended) = self.ended.take() {
            self.pause(Cause::Done, ended, reason.to_owned());
            self.resume(Cause::Done, at);
        }
    }

    pub fn days(&self, calendar: &WorkCalendar, now: Timestamp) -> Vec<ClockDay> {
        let until = self.ended.unwrap_or(now).date();
        let mut days = Vec::new();
        let mut date = self.from.date();
        while date < until {
            let Some(next) = date.succ_opt() else { break };
            date = next;
            let kind = calendar.kind(date);
            let pause = self.pauses.iter().find(|pause| pause.covers(date));
            days.push(match pause {
                Some(pause) if kind.is_workday() => ClockDay {
                    date,
                    counts: false,
                    reason: pause.reason.clone(),
                },
                _ => ClockDay {
                    date,
                    counts: kind.is_workday(),
                    reason: kind.reason(),
                },
            });
        }
        days
    }
}

impl Pause {
    /// The day on which a pause begins still counts; the day on which it ends does not.
    fn covers(&self, date: Date) -> bool {
        date > self.from.date() && self.to.is_none_or(|to| date <= to.date())
    }
}

pub(super) struct Course {
    acceptance: Count,
    pub decision: Option<Count>,
    delivery: Option<Count>,
    accepted: bool,
    pub deemed: bool,
    granted: bool,
    pub extension: u32,
    /// Nothing is left to do.
    pub over: bool,
}

impl Course {
    pub fn of(events: &[Event]) -> Self {
        let began = events.first().map_or(Timestamp(0), |event| event.at);
        let mut course = Self {
            acceptance: Count::from(began),
            decision: None,
            delivery: None,
            accepted: false,
            deemed: false,
            granted: false,
            extension: 0,
            over: false,
        };
        for event in events {
            // A record that this program does not know is told where the case is shown.
            if let Some(what) = &event.what {
                course.follow(what, event.at);
            }
        }
        course
    }

    /// The period under way, or the last one that mattered.
    pub fn current(&self) -> (Period, &Count) {
        match (&self.delivery, &self.decision) {
            (Some(delivery), _) if !self.over => (Period::Delivery, delivery),
            (_, Some(decision)) if self.accepted || self.over => (Period::Decision, decision),
            (_, _) => (Period::Acceptance, &self.acceptance),
        }
    }

    fn follow(&mut self, what: &CaseEvent, at: Timestamp) {
        match what {
            CaseEvent::Submitted { .. } => self.acceptance = Count::from(at),
            CaseEvent::Accepted {} => self.accept(at, at),
            CaseEvent::DeemedAccepted { received_on, .. } => {
                self.deemed = true;
                self.accept(Timestamp::start_of(*received_on), at);
            }
            CaseEvent::AcceptanceUndone {} => self.take_back(at),
            CaseEvent::Refused { .. } => {
                let reason = "已决定不予受理".to_owned();
                self.acceptance.pause(Cause::Done, at, reason);
            }
            CaseEvent::RefusalUndone {} => self.acceptance.resume(Cause::Done, at),
            CaseEvent::CorrectionAsked { .. } => {
                self.wait(Cause::Correction, at, "等待申请人补正".into());
            }
            CaseEvent::Corrected { .. } if self.accepted => self.go_on(Cause::Correction, at),
            // What was handed in is received anew.
            CaseEvent::Corrected { .. } => self.acceptance = Count::from(at),
            CaseEvent::CorrectionDropped {} => self.go_on(Cause::Correction, at),
            CaseEvent::Paused { name, .. } => {
                self.wait(Cause::SpecialProcedure, at, format!("特别程序：{name}"));
            }
            CaseEvent::Resumed { .. } => self.go_on(Cause::SpecialProcedure, at),
            CaseEvent::Extended { days, .. } => self.extension += days,
            CaseEvent::Granted {} => {
                self.granted = true;
                self.decide(at);
            }
            CaseEvent::GrantUndone {} => {
                self.granted = false;
                self.undecide(at, "已决定准予许可，后撤回");
            }
            CaseEvent::Closed { result, .. } => self.close(result, at),
            CaseEvent::Reopened {} => {
                self.over = false;
                // A grant that stands is carried out anew; its delivery goes on counting.
                if self.granted {
                    self.redeliver(at);
                } else {
                    self.undecide(at, "已办结，后撤回");
                }
            }
            CaseEvent::Delivered {}
            | CaseEvent::Finished {}
            | CaseEvent::Withdrawn { .. }
            | CaseEvent::EndedWithParent { .. }
            | CaseEvent::Lapsed { .. } => {
                self.end(at);
            }
            CaseEvent::CorrectionDated { .. }
            | CaseEvent::MendingEnds { .. }
            | CaseEvent::Returned { .. }
            | CaseEvent::ResultUndone { .. }
            | CaseEvent::DueSoon { .. }
            | CaseEvent::Overdue { .. }
            | CaseEvent::Escalated { .. }
            | CaseEvent::Urged { .. }
            | CaseEvent::Said { .. }
            | CaseEvent::TimerRang { .. }
            | CaseEvent::TaskCompleted { .. }
            | CaseEvent::HandedOver { .. }
            | CaseEvent::SignerAdded { .. }
            | CaseEvent::SignerRemoved { .. }
            | CaseEvent::GuidesRead { .. }
            | CaseEvent::SubCaseStarted(_)
            | CaseEvent::SubCaseTakenBack(_)
            | CaseEvent::DocumentMade(_)
            | CaseEvent::DocumentVoid(_)
            | CaseEvent::OperationDone(_)
            | CaseEvent::OperationUndone(_)
            | CaseEvent::PaperFailed { .. }
            | CaseEvent::PaperRemade { .. }
            | CaseEvent::PhotoExchanged { .. } => {}
        }
    }

    /// The first acceptance begins the decision; a later one goes on with it.
    fn accept(&mut self, since: Timestamp, at: Timestamp) {
        self.accepted = true;
        self.acceptance.pause(Cause::Done, at, "已受理".into());
        self.decision
            .get_or_insert_with(|| Count::from(since))
            .resume(Cause::TakenBack, at);
    }

    fn take_back(&mut self, at: Timestamp) {
        self.acceptance.resume(Cause::Done, at);
        // A step that is undone takes back what an office said, not what follows from its silence.
        if self.deemed || !self.accepted {
            return;
        }
        self.accepted = false;
        if let Some(decision) = &mut self.decision {
            let reason = "受理已撤回，等待重新受理".to_owned();
            decision.pause(Cause::TakenBack, at, reason);
        }
    }

    /// What stands still is the period under way.
    fn wait(&mut self, cause: Cause, at: Timestamp, reason: String) {
        match &mut self.decision {
            Some(decision) if self.accepted => decision.pause(cause, at, reason),
            _ => self.acceptance.pause(cause, at, reason),
        }
    }

    fn go_on(&mut self, cause: Cause, at: Timestamp) {
        self.acceptance.resume(cause, at);
        if let Some(decision) = &mut self.decision {
            decision.resume(cause, at);
        }
    }

    fn decide(&mut self, at: Timestamp) {
        if let Some(decision) = &mut self.decision {
            decision.end(at);
        }
        self.delivery.get_or_insert_with(|| Count::from(at));
    }

    fn undecide(&mut self, at: Timestamp, reason: &str) {
        self.delivery = None;
        if let Some(decision) = &mut self.decision {
            decision.reopen(at, reason);
        }
    }

    fn redeliver(&mut self, at: Timestamp) {
        if let Some(delivery) = &mut self.delivery {
            delivery.reopen(at, "已办结，后撤回");
        }
    }

    /// A grant is still to be delivered; every other result ends the matter.
    fn close(&mut self, result: &str, at: Timestamp) {
        if result == GRANTED {
            self.decide(at);
        } else {
            self.end(at);
        }
    }

    fn end(&mut self, at: Timestamp) {
        self.over = true;
        self.acceptance.end(at);
        for count in [&mut self.decision, &mut self.delivery]
            .into_iter()
            .flatten()
        {
            count.end(at);
        }
    }
}

const GRANTED: &str = "granted";
