//! Which nodes can reach which: along flows and from an activity to its boundary events. Knows no tokens.

use super::{Bits, Definition, JoinInput, Kind, NodeIx};

impl Definition {
    /// Whether a token that leaves `from` can come to `to`, by whatever way; `from` itself only by a loop.
    pub fn leads(&self, from: NodeIx, to: NodeIx) -> bool {
        let next = self.successors(from);
        self.closure(next, |n| self.successors(n), |_| false)
            .contains(to.0)
    }

    /// Nodes that a token can be at next; the inside of a sub-process is not among them.
    pub(crate) fn successors(&self, ix: NodeIx) -> Vec<NodeIx> {
        let node = self.node(ix);
        let flows = node.outgoing.iter().map(|flow| self.flow(*flow).target);
        flows.chain(node.boundaries.iter().copied()).collect()
    }

    pub(crate) fn predecessors(&self, ix: NodeIx) -> Vec<NodeIx> {
        let node = self.node(ix);
        let mut found: Vec<_> = node
            .incoming
            .iter()
            .map(|flow| self.flow(*flow).source)
            .collect();
        if let Kind::Boundary { host, .. } = node.kind {
            found.push(host);
        }
        found
    }

    /// Everything found by following `next` from `from`; nodes for which `stop` holds are left out.
    pub(crate) fn closure(
        &self,
        from: impl IntoIterator<Item = NodeIx>,
        next: impl Fn(NodeIx) -> Vec<NodeIx>,
        stop: impl Fn(NodeIx) -> bool,
    ) -> Bits {
        let mut found = Bits::new(self.nodes.len());
        let mut open: Vec<NodeIx> = from.into_iter().collect();
        while let Some(node) = open.pop() {
            if !stop(node) && found.insert(node.0) {
                open.extend(next(node));
            }
        }
        found
    }

    pub(crate) fn find_join_inputs(&self) -> Vec<JoinInput> {
        let mut inputs = Vec::new();
        for (join, node) in self.nodes() {
            if !self.is_inclusive_join(join) {
                continue;
            }
            for flow in &node.incoming {
                let source = self.flow(*flow).source;
                inputs.push(JoinInput {
                    join,
                    flow: *flow,
                    scope: node.scope,
                    sources: self.closure([source], |n| self.predecessors(n), |n| n == join),
                });
            }
        }
        inputs
    }
}
