//! Moves a token on until it waits. Decides nothing about several tokens at once, except parallel joins.

use super::change::OperationCall;
use super::events::Caught;
use super::firing::{FiringKind, OperationRecord};
use super::place::Place;
use super::refusal::Refusal;
use super::run::{Run, Step};
use super::token::{Note, Token, TokenNo};
use crate::definition::{Kind, NodeIx, ScopeIx};

impl Run<'_> {
    pub(super) fn advance(&mut self, no: TokenNo) -> Result<(), Refusal> {
        let Some(token) = self.live(no).cloned() else {
            return Ok(());
        };
        match token.place {
            Place::Start(scope) => {
                let start = self.definition.scope(scope).start;
                self.pass(FiringKind::Start, start, &token)
            }
            Place::Flow(flow) => self.arrive(self.definition.flow(flow).target, &token),
            Place::Inside(_) => self.catch_waiting(&token),
            Place::Message => self.deliver(no),
            Place::Signer(_) | Place::Signed(_) | Place::Ended(_) | Place::Absent(_) => Ok(()),
        }
    }

    fn arrive(&mut self, ix: NodeIx, token: &Token) -> Result<(), Refusal> {
        let definition = self.definition;
        let node = definition.node(ix);
        match &node.kind {
            Kind::End { terminate: false } => self.end(ix, token),
            Kind::End { terminate: true } => self.terminate(ix, token),
            Kind::Pass | Kind::Exclusive => self.pass(FiringKind::Pass, ix, token),
            Kind::Service(_) => self.service(ix, token),
            Kind::Parallel if node.incoming.len() > 1 => self.join(ix, token),
            Kind::Parallel => self.pass(FiringKind::Pass, ix, token),
            Kind::Inclusive if node.incoming.len() > 1 => Ok(()),
            Kind::Inclusive => self.pass(FiringKind::Pass, ix, token),
            Kind::User(task) if task.multi.is_some() => self.open_joint(ix, token),
            Kind::SubProcess(scope) => self.enter(ix, *scope, token),
            Kind::User(_) | Kind::Catch(_) | Kind::EventGateway => self.catch_waiting(token),
            // Nothing leads into a start or boundary event: checked when the definition was loaded.
            Kind::Start | Kind::Boundary { .. } => Ok(()),
        }
    }

    fn pass(&mut self, kind: FiringKind, ix: NodeIx, token: &Token) -> Result<(), Refusal> {
        let step = Step::new(kind, ix, token.net).consume([token.no]);
        let step = self.leave(step, ix, &token.note.decision)?;
        self.fire(step).map(drop)
    }

    fn end(&mut self, ix: NodeIx, token: &Token) -> Result<(), Refusal> {
        let step = Step::new(FiringKind::End, ix, token.net)
            .consume([token.no])
            .produce(Place::Ended(ix), Note::decided(&token.note.decision));
        self.fire(step).map(drop)
    }

    /// Consumes everything that is alive in the net, so that undoing it brings all of that back.
    fn terminate(&mut self, ix: NodeIx, token: &Token) -> Result<(), Refusal> {
        let step = Step::new(FiringKind::Terminate, ix, token.net)
            .consume(self.state.live_below(token.net))
            .produce(Place::Ended(ix), Note::decided(&token.note.decision));
        self.fire(step).map(drop)
    }

    fn service(&mut self, ix: NodeIx, token: &Token) -> Result<(), Refusal> {
        let Kind::Service(task) = &self.definition.node(ix).kind else {
            return Ok(());
        };
        // No condition stands on the ways out, so the token may move before the operation has run;
        // the next step is not taken until then.
        let step = Step::new(FiringKind::Service, ix, token.net).consume([token.no]);
        let step = self.leave(step, ix, &token.note.decision)?;
        let no = self.fire(step)?;
        if let Some(firing) = self.state.firings.get_mut(&no) {
            firing.operation = Some(OperationRecord {
                operation: task.operation.clone(),
                arguments: task.arguments.clone(),
                effect: task.effect,
                result: serde_json::Value::Null,
            });
        }
        self.call = Some(OperationCall {
            firing: no,
            element: self.definition.node(ix).id.clone(),
            operation: task.operation.clone(),
            arguments: task.arguments.clone(),
            effect: task.effect,
        });
        Ok(())
    }

    /// A parallel join passes when each incoming flow has a token of the same net.
    fn join(&mut self, ix: NodeIx, token: &Token) -> Result<(), Refusal> {
        let mut together = Vec::new();
        for flow in &self.definition.node(ix).incoming {
            let place = Place::Flow(*flow);
            let waiting = self.state.live_in(token.net).find(|t| t.place == place);
            match waiting {
                Some(found) => together.push(found.clone()),
                None => return Ok(()),
            }
        }
        let decision = latest_decision(&together);
        let step =
            Step::new(FiringKind::Pass, ix, token.net).consume(together.iter().map(|t| t.no));
        let step = self.leave(step, ix, &decision)?;
        self.fire(step).map(drop)
    }

    fn enter(&mut self, ix: NodeIx, scope: ScopeIx, token: &Token) -> Result<(), Refusal> {
        let note = Note::decided(&token.note.decision);
        let step = Step::new(FiringKind::Enter, ix, token.net)
            .consume([token.no])
            .produce(Place::Inside(ix), note.clone())
            .produce_nested(Place::Start(scope), note);
        self.fire(step).map(drop)
    }

    /// An early message may already be there for what now waits.
    fn catch_waiting(&mut self, token: &Token) -> Result<(), Refusal> {
        for event in self.events_of(token) {
            if self.live(token.no).is_none() {
                return Ok(());
            }
            if let Some(message) = self.message_for(event)? {
                self.happen(event, token.no, Caught::Message(message))?;
            }
        }
        Ok(())
    }
}

/// The decision carried by the token that was produced last.
pub(super) fn latest_decision(tokens: &[Token]) -> String {
    let decided = tokens
        .iter()
        .filter(|token| !token.note.decision.is_empty());
    decided
        .max_by_key(|token| token.by)
        .map(|token| token.note.decision.clone())
        .unwrap_or_default()
}
