//! Undoing the cone of a firing: everything caused by it goes, what it had consumed comes alive again.
//! Well defined on any graph; no special cases for gateways or scopes.

use std::collections::BTreeSet;

use super::change::Inverse;
use super::firing::{FiringKind, FiringNo};
use super::place::Place;
use super::refusal::Refusal;
use super::run::{Run, Step};
use super::state::{Instance, Status};
use super::token::{Note, TokenNo};
use crate::definition::{Effect, Kind, NodeIx, ROOT};

/// What happens after a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything after the step runs anew.
    Again,
    /// When the step is completed again, what was undone is put back with its new data.
    Straight,
}

/// Where a return goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The last completion of an activity.
    Activity(String),
    /// The step or steps just before an open task.
    Previous(TokenNo),
    /// A certain completion or signature.
    Step(FiringNo),
}

impl Instance {
    /// The firings and everything caused by them, as far as not undone yet.
    pub fn cone(&self, roots: &BTreeSet<FiringNo>) -> BTreeSet<FiringNo> {
        let mut cone = BTreeSet::new();
        // Effects have greater numbers than their causes: one pass is enough.
        for firing in self.firings.values().filter(|firing| !firing.is_undone()) {
            let caused = || {
                let mut causes = firing.causes().filter_map(|no| self.tokens.get(&no));
                causes.any(|token| cone.contains(&token.by))
            };
            if roots.contains(&firing.no) || caused() {
                cone.insert(firing.no);
            }
        }
        cone
    }
}

impl Run<'_> {
    pub fn return_to(
        &mut self,
        target: &Target,
        mode: Mode,
        reason: &str,
        permit_blocking: bool,
    ) -> Result<(), Refusal> {
        self.must_run()?;
        need_reason(reason)?;
        let roots = self.roots(target)?;
        let cone = self.state.cone(&roots);
        self.check_blocking(&cone, permit_blocking)?;
        let plan = match mode {
            Mode::Again => None,
            Mode::Straight => Some(self.plan(&roots, &cone)?),
        };
        let first = roots.first().and_then(|no| self.state.firings.get(no));
        let node = first.and_then(|firing| firing.node);
        let record = self.record(FiringKind::Return, node, reason)?;
        self.undo(&cone, record);
        self.state.plans.extend(plan);
        Ok(())
    }

    /// Back to before the start, then ended.
    pub fn withdraw(&mut self, reason: &str, permit_blocking: bool) -> Result<(), Refusal> {
        self.must_not_be_over()?;
        self.must_be_whole()?;
        need_reason(reason)?;
        let is_start = |kind, net| kind == FiringKind::Start && net == FiringNo::OUTSIDE;
        let start = self
            .state
            .firings
            .values()
            .find(|firing| is_start(firing.kind, firing.net) && !firing.is_undone())
            .ok_or(Refusal::NoTarget)?
            .no;
        let cone = self.state.cone(&BTreeSet::from([start]));
        self.check_blocking(&cone, permit_blocking)?;
        let node = self.definition.scope(ROOT).start;
        let record = self.record(FiringKind::Return, Some(node), reason)?;
        self.undo(&cone, record);
        self.end_now(FiringKind::Withdraw, Status::Withdrawn, reason)
    }

    /// Ends the whole where it stands.
    pub fn stop(&mut self, reason: &str) -> Result<(), Refusal> {
        self.must_not_be_over()?;
        need_reason(reason)?;
        self.end_now(FiringKind::Stop, Status::Stopped, reason)
    }

    fn end_now(&mut self, kind: FiringKind, status: Status, reason: &str) -> Result<(), Refusal> {
        let start = self.definition.scope(ROOT).start;
        let mut step = Step::new(kind, start, FiringNo::OUTSIDE)
            .consume(self.state.live_below(FiringNo::OUTSIDE))
            .produce(Place::Ended(start), Note::default());
        reason.clone_into(&mut step.opinion);
        self.fire(step)?;
        self.state.status = status;
        self.state.held_since = None;
        self.agenda.clear();
        Ok(())
    }

    fn record(
        &mut self,
        kind: FiringKind,
        node: Option<NodeIx>,
        reason: &str,
    ) -> Result<FiringNo, Refusal> {
        let mut step = Step::new(kind, self.definition.scope(ROOT).start, FiringNo::OUTSIDE);
        step.node = node;
        reason.clone_into(&mut step.opinion);
        self.fire(step)
    }

    fn roots(&self, target: &Target) -> Result<BTreeSet<FiringNo>, Refusal> {
        self.must_be_whole()?;
        let found = match target {
            Target::Activity(id) => {
                let node = self.definition.find(id).ok_or(Refusal::NoTarget)?;
                self.last_step_of(node).into_iter().collect()
            }
            Target::Previous(task) => self.previous_steps(*task)?,
            Target::Step(no) => {
                let firing = self
                    .state
                    .firings
                    .get(no)
                    .filter(|firing| !firing.is_undone());
                let fits = firing.filter(|f| f.kind == FiringKind::Sign || is_step(f.kind));
                fits.map(|firing| firing.no).into_iter().collect()
            }
        };
        if found.is_empty() {
            return Err(Refusal::NoTarget);
        }
        Ok(found)
    }

    fn last_step_of(&self, node: NodeIx) -> Option<FiringNo> {
        let mut latest = self.state.firings.values().rev();
        latest
            .find(|firing| firing.node == Some(node) && !firing.is_undone() && is_step(firing.kind))
            .map(|firing| firing.no)
    }

    fn check_blocking(&self, cone: &BTreeSet<FiringNo>, permitted: bool) -> Result<(), Refusal> {
        let blocking: Vec<String> = cone
            .iter()
            .filter_map(|no| self.state.firings.get(no))
            .filter(|firing| {
                let operation = firing.operation.as_ref();
                operation.is_some_and(|operation| operation.effect == Effect::Blocking)
            })
            .filter_map(|firing| firing.node.map(|ix| self.label(ix)))
            .collect();
        if permitted || blocking.is_empty() {
            return Ok(());
        }
        Err(Refusal::Blocking {
            elements: blocking.join("、"),
        })
    }

    fn undo(&mut self, cone: &BTreeSet<FiringNo>, by: FiringNo) {
        let mut consumed = Vec::new();
        for no in cone.iter().rev() {
            let Some(firing) = self.state.firings.get_mut(no) else {
                continue;
            };
            firing.undone_by = Some(by);
            consumed.extend_from_slice(&firing.consumes);
            if let (Some(operation), Some(ix)) = (&firing.operation, firing.node) {
                self.change.inverses.push(Inverse {
                    firing: *no,
                    element: self.definition.node(ix).id.clone(),
                    operation: operation.operation.clone(),
                    arguments: operation.arguments.clone(),
                    effect: operation.effect,
                    result: operation.result.clone(),
                });
            }
            for token in &firing.produces {
                if let Some(token) = self.state.tokens.get_mut(token) {
                    token.undone = true;
                }
                self.state.live.remove(token);
                self.change.tokens.insert(*token);
            }
            self.change.undone.push(*no);
        }
        consumed.sort_unstable();
        for no in consumed {
            self.revive(no);
        }
        for no in cone {
            self.settle_interruption(*no, by);
        }
    }

    /// An interruption whose activity goes on again has been decided upon by the return: its message is used up.
    /// Otherwise it would interrupt again at once, and no return could get behind it.
    fn settle_interruption(&mut self, no: FiringNo, by: FiringNo) {
        let Some(firing) = self.state.firings.get(&no) else {
            return;
        };
        let boundary = firing
            .node
            .is_some_and(|ix| matches!(self.definition.node(ix).kind, Kind::Boundary { .. }));
        let is_message = |no: &&TokenNo| self.live(**no).is_some_and(|t| t.place == Place::Message);
        let Some(message) = firing.consumes.iter().find(is_message).copied() else {
            return;
        };
        let host = firing.consumes.iter().find(|no| **no != message);
        if !boundary || host.is_none_or(|no| self.live(*no).is_none()) {
            return;
        }
        self.consume(message, by);
        if let Some(record) = self.state.firings.get_mut(&by) {
            record.consumes.push(message);
        }
    }

    /// A token that the cone consumed but did not produce.
    fn revive(&mut self, no: TokenNo) {
        let Some(token) = self.state.tokens.get_mut(&no) else {
            return;
        };
        if token.undone {
            return;
        }
        token.consumed_by = None;
        self.state.live.insert(no);
        self.change.tokens.insert(no);
        self.change.revived.push(no);
        self.agenda.push_back(no);
    }

    pub(super) fn must_be_whole(&self) -> Result<(), Refusal> {
        if self.state.whole {
            Ok(())
        } else {
            Err(Refusal::HistoryMissing)
        }
    }

    pub(super) fn must_not_be_over(&self) -> Result<(), Refusal> {
        if self.state.status.is_over() {
            Err(Refusal::Over)
        } else {
            Ok(())
        }
    }

    pub(super) fn must_run(&self) -> Result<(), Refusal> {
        self.must_not_be_over()?;
        if self.state.status == Status::Held {
            Err(Refusal::Held)
        } else {
            Ok(())
        }
    }
}

/// Firings to which one can return: a task completed, a joint sign or a sub-process begun.
fn is_step(kind: FiringKind) -> bool {
    matches!(
        kind,
        FiringKind::Complete | FiringKind::Open | FiringKind::Enter
    )
}

pub(super) fn need_reason(reason: &str) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        Err(Refusal::ReasonMissing)
    } else {
        Ok(())
    }
}
