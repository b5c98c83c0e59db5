//! Straight back: what a return undid is put back when the step is completed again. Recorded decisions are
//! given once more; rules are evaluated anew, and where they now decide otherwise, that is told.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::change::Deviation;
use super::events::Caught;
use super::firing::{Firing, FiringKind, FiringNo};
use super::place::Place;
use super::refusal::Refusal;
use super::run::Run;
use super::token::{Signature, Token, TokenNo};
use super::verbs::{AddedSigner, Completion};
use crate::definition::{FlowIx, NodeIx};

/// A recorded step that waited for someone or something; the rest follows from these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanStep {
    pub firing: FiringNo,
    pub kind: FiringKind,
    pub element: String,
    /// The place and net of the token that it consumed or, keeping it, needed.
    pub place: String,
    pub net: FiringNo,
    #[serde(default)]
    pub signer: String,
    #[serde(default)]
    pub decision: String,
    #[serde(default)]
    pub opinion: String,
    #[serde(default)]
    pub data: Value,
    pub actor: String,
    /// Who had signed; none for other steps.
    #[serde(default)]
    pub account: Option<String>,
}

/// A nested net that was undone: when put back, it has another number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub firing: FiringNo,
    pub element: String,
    pub net: FiringNo,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The task whose completion starts it.
    pub token: TokenNo,
    pub steps: VecDeque<PlanStep>,
    pub openings: Vec<Opening>,
    /// What each choosing element had chosen, in order.
    pub routes: Vec<(String, Vec<String>)>,
}

pub(super) struct ActivePlan {
    steps: VecDeque<PlanStep>,
    openings: Vec<Opening>,
    routes: Vec<(NodeIx, Vec<FlowIx>)>,
}

impl Run<'_> {
    pub(super) fn plan(
        &self,
        roots: &BTreeSet<FiringNo>,
        cone: &BTreeSet<FiringNo>,
    ) -> Result<Plan, Refusal> {
        let root = match roots.iter().collect::<Vec<_>>().as_slice() {
            [one] => self.state.firings.get(*one),
            _ => None,
        };
        let returns_to_one =
            |firing: &&Firing| matches!(firing.kind, FiringKind::Complete | FiringKind::Sign);
        let root = root.filter(returns_to_one).ok_or(Refusal::NoStraight)?;
        let token = *root.consumes.first().ok_or(Refusal::NoStraight)?;
        let undone = || cone.iter().filter_map(|no| self.state.firings.get(no));
        let id = |ix: NodeIx| self.definition.node(ix).id.clone();
        Ok(Plan {
            token,
            steps: undone()
                .filter(|firing| firing.no != root.no)
                .filter_map(|firing| self.plan_step(firing))
                .collect(),
            openings: undone()
                .filter(|firing| matches!(firing.kind, FiringKind::Open | FiringKind::Enter))
                .filter_map(|firing| {
                    Some(Opening {
                        firing: firing.no,
                        element: id(firing.node?),
                        net: firing.net,
                    })
                })
                .collect(),
            routes: undone()
                .filter_map(|firing| Some((firing.node?, self.flows_taken(firing))))
                .filter(|(node, _)| self.chooses(*node))
                .map(|(node, flows)| (id(node), self.flow_ids(&flows)))
                .collect(),
        })
    }

    fn plan_step(&self, firing: &Firing) -> Option<PlanStep> {
        let waited = match firing.kind {
            FiringKind::Open => !firing.data.is_null(),
            FiringKind::Complete
            | FiringKind::Sign
            | FiringKind::Timer
            | FiringKind::AddSigner
            | FiringKind::RemoveSigner => true,
            _ => false,
        };
        if !waited {
            return None;
        }
        let token = self.state.tokens.get(&firing.causes().next()?)?;
        Some(PlanStep {
            firing: firing.no,
            kind: firing.kind,
            element: self.definition.node(firing.node?).id.clone(),
            place: token.place.write(self.definition),
            net: token.net,
            signer: token.note.signer.clone(),
            decision: firing.decision.clone(),
            opinion: firing.opinion.clone(),
            data: firing.data.clone(),
            actor: firing.actor.clone(),
            account: self.signature_of(firing).map(|s| s.account.clone()),
        })
    }

    fn signature_of(&self, firing: &Firing) -> Option<&Signature> {
        let mut produced = firing
            .produces
            .iter()
            .filter_map(|no| self.state.tokens.get(no));
        produced.find_map(|token| token.note.signed.as_ref())
    }

    fn flows_taken(&self, firing: &Firing) -> Vec<FlowIx> {
        let places = firing
            .produces
            .iter()
            .filter_map(|no| self.state.tokens.get(no));
        places
            .filter_map(|token| match token.place {
                Place::Flow(flow) => Some(flow),
                _ => None,
            })
            .collect()
    }

    fn flow_ids(&self, flows: &[FlowIx]) -> Vec<String> {
        let id = |flow: &FlowIx| self.definition.flow(*flow).id.clone();
        flows.iter().map(id).collect()
    }

    fn chooses(&self, ix: NodeIx) -> bool {
        let node = self.definition.node(ix);
        let conditional = |flow: &FlowIx| self.definition.flow(*flow).condition.is_some();
        node.outgoing.len() > 1 && node.outgoing.iter().any(conditional)
    }

    /// Begins when the task that a return went back to is completed.
    pub(super) fn activate_plan(&mut self, task: TokenNo) {
        let Some(at) = self.state.plans.iter().position(|plan| plan.token == task) else {
            return;
        };
        let plan = self.state.plans.remove(at);
        let definition = self.definition;
        let route = |(element, flows): (String, Vec<String>)| {
            let flows = flows.iter().filter_map(|id| definition.find_flow(id));
            Some((definition.find(&element)?, flows.collect()))
        };
        self.active = Some(ActivePlan {
            steps: plan.steps,
            openings: plan.openings,
            routes: plan.routes.into_iter().filter_map(route).collect(),
        });
    }

    /// True when a recorded step was tried.
    pub(super) fn replay(&mut self) -> Result<bool, Refusal> {
        let Some(step) = self.active.as_mut().and_then(|plan| plan.steps.pop_front()) else {
            return Ok(false);
        };
        let actor = std::mem::replace(&mut self.actor, step.actor.clone());
        let account = std::mem::replace(&mut self.account, step.account.clone());
        let before = self.state.last_firing;
        let outcome = self.repeat(&step);
        self.actor = actor;
        self.account = account;
        match outcome {
            Ok(true) => {
                let no = FiringNo(before + 1);
                if let Some(firing) = self.state.firings.get_mut(&no) {
                    firing.restores = Some(step.firing);
                }
            }
            Ok(false)
            | Err(
                Refusal::UnknownDecision { .. }
                | Refusal::LastSigner
                | Refusal::TooFewSigners { .. }
                | Refusal::SignerTwice
                | Refusal::SignedAlready { .. }
                | Refusal::OwnPlace { .. },
            ) => {
                self.change.dropped.push(step.firing);
            }
            Err(refusal) => return Err(refusal),
        }
        Ok(true)
    }

    fn repeat(&mut self, step: &PlanStep) -> Result<bool, Refusal> {
        let Some(token) = self.counterpart(step) else {
            return Ok(false);
        };
        match step.kind {
            FiringKind::Complete | FiringKind::Sign => self.finish_task(&Completion {
                task: token.no,
                decision: step.decision.clone(),
                opinion: step.opinion.clone(),
                data: step.data.clone(),
            })?,
            FiringKind::Timer => match self.definition.find(&step.element) {
                Some(event) => self.happen(event, token.no, Caught::Timer)?,
                None => return Ok(false),
            },
            FiringKind::Open | FiringKind::AddSigner => {
                match serde_json::from_value::<AddedSigner>(step.data.clone()) {
                    Ok(added) => self.add_signer_at(&token, &added, &step.opinion)?,
                    Err(_) => return Ok(false),
                }
            }
            FiringKind::RemoveSigner => self.remove_signer_at(&token, &step.opinion)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The live token that now stands where the recorded step found its own.
    fn counterpart(&self, step: &PlanStep) -> Option<Token> {
        let place = Place::read(&step.place, self.definition)?;
        let net = self.counterpart_net(step.net)?;
        let mut tokens = self.state.live_in(net);
        tokens
            .find(|token| token.place == place && token.note.signer == step.signer)
            .cloned()
    }

    fn counterpart_net(&self, net: FiringNo) -> Option<FiringNo> {
        let openings = &self.active.as_ref()?.openings;
        let Some(opening) = openings.iter().find(|opening| opening.firing == net) else {
            return Some(net);
        };
        let outer = self.counterpart_net(opening.net)?;
        let inside = Place::Inside(self.definition.find(&opening.element)?);
        let mut tokens = self.state.live_in(outer);
        tokens
            .find(|token| token.place == inside)
            .map(|token| token.by)
    }

    /// Tells where a choice comes out otherwise than it did before the return.
    pub(super) fn compare_route(&mut self, ix: NodeIx, now: &[FlowIx]) {
        let Some(plan) = &mut self.active else {
            return;
        };
        let Some(at) = plan.routes.iter().position(|(node, _)| *node == ix) else {
            return;
        };
        let (_, was) = plan.routes.remove(at);
        if was != now {
            let deviation = Deviation {
                element: self.definition.node(ix).id.clone(),
                name: self.label(ix),
                was: self.flow_ids(&was),
                now: self.flow_ids(now),
            };
            self.change.deviations.push(deviation);
        }
    }
}
