//! Which way out of a node, and which inclusive joins will now wait in vain for a flow.

use super::firing::FiringKind;
use super::place::Place;
use super::refusal::Refusal;
use super::run::{Run, Step};
use super::token::Note;
use crate::definition::{FlowIx, Kind, NodeIx};

impl Run<'_> {
    /// Adds the tokens on the outgoing flows that are taken under `decision`.
    pub(super) fn leave(
        &mut self,
        step: Step,
        ix: NodeIx,
        decision: &str,
    ) -> Result<Step, Refusal> {
        let flows = self.route(ix, decision)?;
        self.compare_route(ix, &flows);
        let note = Note::decided(decision);
        Ok(flows.into_iter().fold(step, |step, flow| {
            step.produce(Place::Flow(flow), note.clone())
        }))
    }

    pub(super) fn route(&self, ix: NodeIx, decision: &str) -> Result<Vec<FlowIx>, Refusal> {
        let node = self.definition.node(ix);
        let first_only = matches!(node.kind, Kind::Exclusive);
        let mut taken = Vec::new();
        for flow in &node.outgoing {
            if node.default != Some(*flow) && self.is_open(ix, *flow, decision)? {
                taken.push(*flow);
                if first_only {
                    break;
                }
            }
        }
        if taken.is_empty() {
            taken.extend(node.default);
        }
        if taken.is_empty() {
            return Err(Refusal::NoWay {
                name: self.label(ix),
            });
        }
        Ok(taken)
    }

    fn is_open(&self, ix: NodeIx, flow: FlowIx, decision: &str) -> Result<bool, Refusal> {
        match &self.definition.flow(flow).condition {
            None => Ok(true),
            Some(condition) => condition
                .holds(&self.variables, decision)
                .map_err(|message| self.condition_failed(ix, message)),
        }
    }

    pub(super) fn condition_failed(&self, ix: NodeIx, message: String) -> Refusal {
        Refusal::Condition {
            name: self.label(ix),
            message,
        }
    }

    pub(super) fn label(&self, ix: NodeIx) -> String {
        let node = self.definition.node(ix);
        if node.name.is_empty() {
            node.id.clone()
        } else {
            node.name.clone()
        }
    }

    /// Incoming flows of inclusive joins that a consumed token could have reached and no produced one can,
    /// and those that the join itself has just used. The mark makes a later passing of the join without that
    /// flow an effect of this step.
    pub(super) fn absences(&self, step: &Step) -> Vec<FlowIx> {
        let whole_net = matches!(
            step.kind,
            FiringKind::Terminate | FiringKind::Stop | FiringKind::Withdraw
        );
        let scope = step.node.map(|ix| self.definition.node(ix).scope);
        if whole_net || self.definition.join_inputs.is_empty() {
            return Vec::new();
        }
        let consumed = || {
            let tokens = step
                .consumes
                .iter()
                .filter_map(|no| self.state.tokens.get(no));
            tokens
                .filter(|token| token.net == step.net)
                .map(|token| token.place)
        };
        let produced = || step.produces.iter().map(|(place, _, _)| *place);
        let mut lost = Vec::new();
        for input in &self.definition.join_inputs {
            let arrived = |place: Place| place == Place::Flow(input.flow);
            let reaches = |place: Place| {
                let standing = place.standing(self.definition);
                standing.is_some_and(|ix| input.sources.contains(ix.0))
            };
            let given_up = consumed().any(reaches) && !produced().any(|p| arrived(p) || reaches(p));
            if Some(input.scope) == scope && (given_up || consumed().any(arrived)) {
                lost.push(input.flow);
            }
        }
        lost
    }
}
