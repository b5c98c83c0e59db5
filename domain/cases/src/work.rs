//! One verb's work on a case: the case as it changes, the events it adds, and the one write at the end.

use tongban_base::{Ctx, Result};
use tongban_items::ItemRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::journal;
use crate::model::{Case, CaseId, Correction, Event};
use crate::store::{cases, events};

pub struct Work {
    pub case: Case,
    pub release: ItemRelease,
    /// What the officer said with the decision at hand.
    pub opinion: String,
    /// What the officer found wrong; used when a correction is asked for.
    pub correction: Option<Correction>,
    /// The event number at which the case was read; none while it is new.
    found_seq: Option<i64>,
    added: Vec<Event>,
}

impl Work {
    /// A case that is not stored yet.
    pub fn new(case: Case, release: ItemRelease) -> Self {
        Self {
            found_seq: None,
            case,
            release,
            opinion: String::new(),
            correction: None,
            added: Vec::new(),
        }
    }

    pub async fn load(tx: &mut Tx, desk: &Desk, id: CaseId) -> Result<Self> {
        let case = cases::load(tx, &desk.cipher, id).await?;
        let release = desk.catalog.release(&case.release)?;
        Ok(Self {
            found_seq: Some(case.event_seq),
            ..Self::new(case, release)
        })
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

    /// Writes the case and its new events.
    pub async fn save(&mut self, tx: &mut Tx, desk: &Desk) -> Result<()> {
        match self.found_seq {
            Some(found) => cases::save(tx, &desk.cipher, &self.case, found).await?,
            None => cases::insert(tx, &desk.cipher, &self.case)?,
        }
        for event in &self.added {
            events::insert(tx, self.case.id, event);
        }
        self.found_seq = Some(self.case.event_seq);
        self.added.clear();
        Ok(())
    }
}

impl Work {
    /// Events of this verb that are not written yet.
    pub fn added(&self) -> &[Event] {
        &self.added
    }
}
