//! The step or steps before an open task, found by walking back along causes. Changes nothing.

use std::collections::BTreeSet;

use super::firing::{Firing, FiringKind, FiringNo};
use super::place::Place;
use super::refusal::Refusal;
use super::run::Run;
use super::token::TokenNo;

impl Run<'_> {
    /// After a parallel join there are several; none of them is a cause of another.
    pub(super) fn previous_steps(&self, task: TokenNo) -> Result<BTreeSet<FiringNo>, Refusal> {
        let token = self.live(task).ok_or(Refusal::TaskGone)?;
        token.place.task(self.definition).ok_or(Refusal::TaskGone)?;
        let mut open = vec![token.by];
        // Before the signers of one joint sign comes what came before it as a whole.
        let own_net = token.net;
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        while let Some(no) = open.pop() {
            let Some(firing) = self.state.firings.get(&no) else {
                continue;
            };
            if !seen.insert(no) {
                continue;
            }
            match self.step_at(firing, own_net) {
                Some(step) => {
                    found.insert(step);
                }
                None => open.extend(self.causes_behind(firing)),
            }
        }
        Ok(self.nearest(&found))
    }

    fn step_at(&self, firing: &Firing, own_net: FiringNo) -> Option<FiringNo> {
        match firing.kind {
            FiringKind::Complete | FiringKind::Sign => Some(firing.no),
            FiringKind::Open if firing.no != own_net => Some(firing.no),
            // A finished joint sign is one step: the firing that opened it.
            FiringKind::Close => {
                let node = firing.node?;
                self.definition.user_task(node)?;
                self.inside_of(firing)
            }
            _ => None,
        }
    }

    fn inside_of(&self, close: &Firing) -> Option<FiringNo> {
        let mut consumed = close
            .consumes
            .iter()
            .filter_map(|no| self.state.tokens.get(no));
        consumed
            .find(|token| Some(token.place) == close.node.map(Place::Inside))
            .map(|token| token.by)
    }

    fn causes_behind(&self, firing: &Firing) -> Vec<FiringNo> {
        let closes = firing.kind == FiringKind::Close;
        firing
            .consumes
            .iter()
            .chain(&firing.reads)
            .filter_map(|no| self.state.tokens.get(no))
            // Behind the end of a sub-process lies its inside, not what came before it.
            .filter(|token| !(closes && matches!(token.place, Place::Inside(_))))
            .filter(|token| !matches!(token.place, Place::Absent(_)))
            .map(|token| token.by)
            .collect()
    }

    /// Without the steps that are causes of other ones found.
    fn nearest(&self, found: &BTreeSet<FiringNo>) -> BTreeSet<FiringNo> {
        let is_cause = |no: FiringNo| {
            let cone = self.state.cone(&BTreeSet::from([no]));
            found
                .iter()
                .any(|other| *other != no && cone.contains(other))
        };
        found.iter().copied().filter(|no| !is_cause(*no)).collect()
    }
}
