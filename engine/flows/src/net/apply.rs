//! The verbs as values, and one function for all of them: definition, state, verb and moment give the next
//! state and the change. Operations are listed, not run; who runs them uses `Run`.

use std::collections::BTreeMap;

use serde_json::Value;
use tongban_base::{Timestamp, calendar::WorkCalendar};

use super::assignment::Person;
use super::change::Change;
use super::refusal::Refusal;
use super::run::Run;
use super::state::Instance;
use super::token::{Message, TokenNo};
use super::undo::{Mode, Target};
use super::verbs::{AddedSigner, Completion};
use crate::definition::{Definition, NodeIx};

/// The officers of the office by what a drawing may call them by.
pub type People = BTreeMap<String, Person>;

pub struct Environment<'a> {
    /// What conditions read: `form`, `answers`, `case`, `settings`.
    pub variables: Value,
    pub now: Timestamp,
    /// Who does it, as history shows it.
    pub actor: String,
    /// The account of whoever does it; none for the program itself.
    pub account: Option<String>,
    pub calendar: &'a WorkCalendar,
    pub people: &'a People,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    Start,
    Complete(Completion),
    Return {
        to: Target,
        mode: Mode,
        reason: String,
        permit_blocking: bool,
    },
    Withdraw {
        reason: String,
        permit_blocking: bool,
    },
    Stop {
        reason: String,
    },
    Hold,
    Resume,
    /// Operations that could not be run yet are tried again.
    Wake,
    AddSigner {
        task: TokenNo,
        added: AddedSigner,
        reason: String,
    },
    RemoveSigner {
        task: TokenNo,
        reason: String,
    },
    Message(Message),
    Timer {
        token: TokenNo,
        event: NodeIx,
    },
}

impl Run<'_> {
    /// Does what the verb itself does; `step` then goes on from there.
    pub fn begin(&mut self, verb: &Verb) -> Result<(), Refusal> {
        match verb {
            Verb::Start => self.start(),
            Verb::Complete(completion) => self.complete(completion),
            Verb::Return {
                to,
                mode,
                reason,
                permit_blocking,
            } => self.return_to(to, *mode, reason, *permit_blocking),
            Verb::Withdraw {
                reason,
                permit_blocking,
            } => self.withdraw(reason, *permit_blocking),
            Verb::Stop { reason } => self.stop(reason),
            Verb::Hold => self.hold(),
            Verb::Resume => self.resume(),
            Verb::Wake => self.wake(),
            Verb::AddSigner {
                task,
                added,
                reason,
            } => self.add_signer(*task, added, reason),
            Verb::RemoveSigner { task, reason } => self.remove_signer(*task, reason),
            Verb::Message(message) => self.message(message.clone()),
            Verb::Timer { token, event } => self.timer(*token, *event),
        }
    }
}

/// The state is left as it was when the verb is refused.
pub fn apply(
    definition: &Definition,
    state: &Instance,
    verb: &Verb,
    environment: Environment<'_>,
) -> Result<(Instance, Change), Refusal> {
    let mut run = Run::new(definition, state.clone(), environment);
    run.begin(verb)?;
    while run.step()?.is_some() {}
    Ok(run.finish())
}
