//! One verb's work on a case: the case as it changes, the events it adds, and the one write at the end.

use tongban_base::{Ctx, Result, Timestamp};
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::clock::Clock;
use crate::desk::Desk;
use crate::entered;
use crate::event::{CaseEvent, UndoneResult};
use crate::model::{Case, CaseId, Correction, Event, MaterialFile};
use crate::service::clocked::clock_of;
use crate::service::operations::instance_of;
use crate::service::pause::ClockChange;
use crate::service::sole;
use crate::store::{cases, events, materials};
use crate::{filed, journal};

#[derive(Clone)]
pub struct Work {
    pub case: Case,
    pub release: ProcedureRelease,
    /// What the officer said with the decision at hand.
    pub opinion: String,
    /// What was decided, in words, and what was written down with it.
    pub decided: (String, String),
    /// What the officer found wrong; used when a correction is asked for.
    pub correction: Option<Correction>,
    /// What a return took back, for the message that tells of it.
    pub undone: Vec<UndoneResult>,
    /// The case ends before it is decided; what it started is seen to after its flow.
    pub ends: bool,
    /// How the clock was changed, for the letter and the message that tell of it.
    pub clock_change: Option<ClockChange>,
    /// The event number at which the case was read; none while it is new.
    found_seq: Option<i64>,
    added: Vec<Event>,
}

impl Work {
    /// A case that is not stored yet.
    pub fn new(case: Case, release: ProcedureRelease) -> Self {
        Self {
            found_seq: None,
            case,
            release,
            opinion: String::new(),
            decided: <(String, String)>::default(),
            correction: None,
            undone: Vec::new(),
            ends: false,
            clock_change: None,
            added: Vec::new(),
        }
    }

    /// What the officer said with the decision that the journal has last, for what follows from it later.
    pub fn decided_as(&mut self, journal: &[Event]) {
        let last = journal.iter().rev().find_map(|event| match &event.what {
            Some(CaseEvent::TaskCompleted {
                label,
                opinion,
                entries,
                ..
            }) => Some((opinion, (label.clone(), entered::words(entries)))),
            _ => None,
        });
        if let Some((opinion, decided)) = last {
            self.opinion.clone_from(opinion);
            self.decided = decided;
        }
    }

    pub async fn load(tx: &mut Tx, desk: &Desk, id: CaseId) -> Result<Self> {
        let case = cases::load(tx, &desk.cipher, id).await?;
        let release = desk.catalog.release(tx, &case.release).await?;
        Ok(Self::of(case, release))
    }

    /// A case that this transaction has read.
    pub fn of(case: Case, release: ProcedureRelease) -> Self {
        Self {
            found_seq: Some(case.event_seq),
            ..Self::new(case, release)
        }
    }

    /// Whether the case is not stored yet.
    pub fn is_new(&self) -> bool {
        self.found_seq.is_none()
    }

    /// The events of this verb that are not written yet.
    pub fn added(&self) -> &[Event] {
        &self.added
    }

    /// Adds an event to the journal of the case.
    pub fn happened(&mut self, desk: &Desk, ctx: &Ctx, what: CaseEvent) {
        let event = journal::next(
            &desk.journal_key,
            ctx,
            &self.case.id.to_string(),
            (self.case.event_seq, &self.case.event_hash),
            what,
        );
        self.case.event_seq = event.seq;
        self.case.event_hash.clone_from(&event.hash);
        self.added.push(event);
    }

    /// The journal with what this verb adds.
    async fn journal(&self, tx: &mut Tx) -> Result<Vec<Event>> {
        let mut journal = match self.found_seq {
            Some(_) => events::of_case(tx, self.case.id).await?,
            None => Vec::new(),
        };
        journal.extend(self.added.iter().cloned());
        Ok(journal)
    }

    /// The files that count, as the journal lists them.
    pub async fn files(&self, tx: &mut Tx) -> Result<Vec<MaterialFile>> {
        let journal = self.journal(tx).await?;
        let rows = match filed::needs_rows(&journal) {
            true => materials::of_draft(tx, self.case.draft).await?,
            false => Vec::new(),
        };
        Ok(filed::current(&filed::files(&journal, &rows)))
    }

    /// What the clock says after all that this verb did; the case keeps the last day of the period under way.
    pub async fn tick(&mut self, tx: &mut Tx, desk: &Desk, now: Timestamp) -> Result<Clock> {
        let journal = self.journal(tx).await?;
        let clock = clock_of(desk, &self.release, &journal, now);
        self.case.due_on = clock.due_on;
        Ok(clock)
    }

    /// Writes the case and its new events.
    pub async fn save(&mut self, tx: &mut Tx, desk: &Desk) -> Result<()> {
        if let Some(now) = self.added.last().map(|event| event.at) {
            self.tick(tx, desk, now).await?;
        }
        let counted = self.case.status.period().map(|_| desk.calendar_mark());
        let counted = counted.as_deref();
        match self.found_seq {
            Some(found) => cases::save(tx, &desk.cipher, &self.case, counted, found).await?,
            None => {
                let only = sole::of_case(self.release.procedure(), &self.case);
                cases::insert(tx, &desk.cipher, &self.case, counted, &only)?;
            }
        }
        for event in &self.added {
            events::insert(tx, self.case.id, event);
        }
        rank(tx, &self.case).await?;
        self.found_seq = Some(self.case.event_seq);
        self.added.clear();
        Ok(())
    }
}

/// The order in which officers find the steps of a case follows its last day.
pub(crate) async fn rank(tx: &mut Tx, case: &Case) -> Result<()> {
    let halted = case.paused.is_some();
    tongban_flows::rank(tx, instance_of(case.id), case.due_on, halted).await
}
