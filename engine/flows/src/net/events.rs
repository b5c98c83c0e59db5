//! Messages and timers, in the flow and on the boundary of activities.

use super::firing::FiringKind;
use super::place::Place;
use super::refusal::Refusal;
use super::run::{Run, Step};
use super::token::TokenNo;
use crate::definition::{Kind, NodeIx, Trigger};

/// What made an event happen.
#[derive(Clone, Copy)]
pub(super) enum Caught {
    Timer,
    Message(TokenNo),
}

impl Run<'_> {
    /// The oldest waiting message that fits an event.
    pub(super) fn message_for(&self, event: NodeIx) -> Result<Option<TokenNo>, Refusal> {
        let Some(Trigger::Message { name, key }) = self.definition.trigger(event) else {
            return Ok(None);
        };
        let waiting: Vec<_> = self
            .state
            .live()
            .filter(|token| token.place == Place::Message)
            .filter_map(|token| {
                token
                    .note
                    .message
                    .as_ref()
                    .map(|message| (token.no, message))
            })
            .filter(|(_, message)| message.name == *name)
            .collect();
        if waiting.is_empty() {
            return Ok(None);
        }
        let Some(key) = key else {
            return Ok(waiting.first().map(|(no, _)| *no));
        };
        let wanted = key
            .value(&self.variables, "")
            .map_err(|message| self.condition_failed(event, message))?;
        let wanted = match wanted {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        let fits = |key: &Option<String>| key.as_deref() == Some(wanted.as_str());
        Ok(waiting
            .iter()
            .find(|(_, message)| fits(&message.key))
            .map(|(no, _)| *no))
    }

    /// Hands a message to the first waiting token that has an event for it; otherwise it waits.
    pub(super) fn deliver(&mut self, message: TokenNo) -> Result<(), Refusal> {
        let waiting: Vec<_> = self.state.live().cloned().collect();
        for token in waiting {
            for event in self.events_of(&token) {
                if self.message_for(event)? == Some(message) {
                    return self.happen(event, token.no, Caught::Message(message));
                }
            }
        }
        Ok(())
    }

    /// An event happens to a token that waits for it.
    pub(super) fn happen(
        &mut self,
        event: NodeIx,
        host: TokenNo,
        by: Caught,
    ) -> Result<(), Refusal> {
        let Some(token) = self.live(host).cloned() else {
            return Ok(());
        };
        let (kind, message) = match by {
            Caught::Timer => (FiringKind::Timer, None),
            Caught::Message(message) => (FiringKind::Catch, Some(message)),
        };
        let keeps_host = matches!(
            self.definition.node(event).kind,
            Kind::Boundary {
                interrupting: false,
                ..
            }
        );
        let step = Step::new(kind, event, token.net).consume(message);
        let step = if keeps_host {
            self.change.tokens.insert(host);
            step.read([host])
        } else {
            let nested = match token.place {
                Place::Inside(_) => self.state.live_below(token.by),
                _ => Vec::new(),
            };
            step.consume([host]).consume(nested)
        };
        let step = self.leave(step, event, &token.note.decision)?;
        self.fire(step).map(drop)
    }
}
