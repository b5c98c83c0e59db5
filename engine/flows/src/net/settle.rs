//! Steps that depend on what is *not* there: inclusive joins, ends of sub-processes and of the whole,
//! rules of joint signs. Tried only when no single token can move.

use super::advance::latest_decision;
use super::firing::{FiringKind, FiringNo};
use super::place::Place;
use super::refusal::Refusal;
use super::run::{Run, Step};
use super::state::Status;
use super::token::{Token, TokenNo};
use crate::definition::{JoinInput, Kind, NodeIx};

impl Run<'_> {
    /// True when something moved.
    pub(super) fn settle(&mut self) -> Result<bool, Refusal> {
        let live: Vec<Token> = self.state.live().cloned().collect();
        for token in &live {
            let moved = match token.place {
                Place::Flow(flow) => {
                    let target = self.definition.flow(flow).target;
                    self.definition.is_inclusive_join(target)
                        && self.join_inclusively(target, token.net)?
                }
                Place::Inside(ix) => match self.definition.node(ix).kind {
                    Kind::SubProcess(_) => self.close_scope(ix, token)?,
                    _ => self.close_joint(ix, token)?,
                },
                _ => false,
            };
            if moved {
                return Ok(true);
            }
        }
        self.complete_root(&live);
        Ok(false)
    }

    /// Passes when no live token of the net can still bring a missing flow what the present ones do not get
    /// from it as well. A token that can reach both, for example by way of a loop around the whole, belongs
    /// to a later round and is not waited for (BPMN 2.0.2, 13.4.3).
    fn join_inclusively(&mut self, join: NodeIx, net: FiringNo) -> Result<bool, Refusal> {
        let tokens: Vec<&Token> = self.state.live_in(net).collect();
        let on = |place: Place| tokens.iter().find(move |token| token.place == place);
        let inputs = || {
            let all = self.definition.join_inputs.iter();
            all.filter(|input| input.join == join)
        };
        let reaches = |input: &JoinInput, token: &Token| {
            let standing = token.place.standing(self.definition);
            standing.is_some_and(|ix| input.sources.contains(ix.0))
        };
        let (present, missing): (Vec<_>, Vec<_>) =
            inputs().partition(|input| on(Place::Flow(input.flow)).is_some());
        let awaited = tokens.iter().any(|token| {
            missing.iter().any(|input| reaches(input, token))
                && !present.iter().any(|input| reaches(input, token))
        });
        if awaited {
            return Ok(false);
        }
        let is_mark = |place| {
            missing
                .iter()
                .any(|input| place == Place::Absent(input.flow))
        };
        let marks: Vec<TokenNo> = tokens
            .iter()
            .filter(|token| is_mark(token.place))
            .map(|token| token.no)
            .collect();
        let together: Vec<Token> = present
            .iter()
            .filter_map(|input| on(Place::Flow(input.flow)).map(|token| (**token).clone()))
            .collect();
        let decision = latest_decision(&together);
        let step = Step::new(FiringKind::Pass, join, net)
            .consume(together.iter().map(|token| token.no))
            .read(marks);
        let step = self.leave(step, join, &decision)?;
        self.fire(step)?;
        Ok(true)
    }

    /// A sub-process is over when all its branches have ended; all of them are causes of what follows.
    fn close_scope(&mut self, ix: NodeIx, inside: &Token) -> Result<bool, Refusal> {
        let nested: Vec<Token> = self.state.live_in(inside.by).cloned().collect();
        if !has_ended(&nested) {
            return Ok(false);
        }
        let decision = latest_decision(&nested);
        let step = Step::new(FiringKind::Close, ix, inside.net)
            .consume([inside.no])
            .consume(nested.iter().map(|token| token.no));
        let step = self.leave(step, ix, &decision)?;
        self.fire(step)?;
        Ok(true)
    }

    fn complete_root(&mut self, live: &[Token]) {
        let root: Vec<Token> = live
            .iter()
            .filter(|token| token.net == FiringNo::OUTSIDE && token.place != Place::Message)
            .cloned()
            .collect();
        if self.state.status == Status::Running && has_ended(&root) {
            self.state.status = Status::Completed;
        }
    }
}

fn has_ended(tokens: &[Token]) -> bool {
    let still = |token: &Token| matches!(token.place, Place::Ended(_) | Place::Absent(_));
    !tokens.is_empty() && tokens.iter().all(still)
}
