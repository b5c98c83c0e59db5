//! What a definition must fulfil before anything runs on it. Looks at the graph only, compiles nothing.

use super::exhaustive::is_exhaustive;
use super::{Definition, Diagnostic, Kind, Node, NodeIx, ScopeIx};
use crate::bpmn::Draft;

pub(super) fn check(definition: &Definition, draft: &Draft) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for (ix, node) in definition.nodes() {
        faults.extend(ways(definition, ix, node));
        faults.extend(choices(definition, draft, ix, node));
    }
    for (number, scope) in (0..).zip(&definition.scopes) {
        faults.extend(reachability(definition, ScopeIx(number), scope.start));
    }
    faults.extend(cycles(definition));
    faults.extend(circular_waits(definition));
    faults
}

pub(super) fn fault(node: &Node, message: &str) -> Diagnostic {
    Diagnostic {
        element: node.id.clone(),
        name: node.name.clone(),
        line: node.line,
        message: message.to_owned(),
    }
}

/// Ways in and out that a kind of node must or must not have.
fn ways(definition: &Definition, ix: NodeIx, node: &Node) -> Option<Diagnostic> {
    let no_way_in = matches!(node.kind, Kind::Start | Kind::Boundary { .. });
    if no_way_in && !node.incoming.is_empty() {
        return Some(fault(node, "开始事件和边界事件不能有进入的连线"));
    }
    let message = match node.kind {
        Kind::End { .. } if node.outgoing.is_empty() => return None,
        Kind::End { .. } => "结束事件不能有离开的连线",
        _ if node.outgoing.is_empty() => "没有离开的连线，流程走到这里就停住了",
        Kind::EventGateway => return event_gateway(definition, ix),
        _ => return None,
    };
    Some(fault(node, message))
}

fn event_gateway(definition: &Definition, ix: NodeIx) -> Option<Diagnostic> {
    let node = definition.node(ix);
    let fits = node.outgoing.iter().all(|flow| {
        let target = definition.node(definition.flow(*flow).target);
        matches!(target.kind, Kind::Catch(_))
            && target.incoming.len() == 1
            && target.boundaries.is_empty()
    });
    (!fits).then(|| {
        fault(
            node,
            "事件网关之后只能直接接定时、消息事件或接收任务，且它们没有别的进入连线和边界事件",
        )
    })
}

/// A node that chooses needs a way for every case.
fn choices(definition: &Definition, draft: &Draft, ix: NodeIx, node: &Node) -> Option<Diagnostic> {
    let conditions = node
        .outgoing
        .iter()
        .filter(|flow| definition.flow(**flow).condition.is_some())
        .count();
    if let Some(default) = node.default {
        if !node.outgoing.contains(&default) {
            return Some(fault(node, "默认连线（default）不是从这里出发的"));
        }
        if definition.flow(default).condition.is_some() {
            return Some(fault(node, "默认连线不能带条件"));
        }
    }
    let gateway = matches!(node.kind, Kind::Exclusive | Kind::Inclusive);
    let forbidden = matches!(
        node.kind,
        Kind::Parallel | Kind::EventGateway | Kind::Start | Kind::Service(_)
    );
    if forbidden && (conditions > 0 || node.default.is_some()) {
        return Some(fault(node, "这里的连线不能带条件或默认标记"));
    }
    let plain = node.outgoing.len() - conditions - usize::from(node.default.is_some());
    if gateway && node.outgoing.len() > 1 && plain > 0 {
        return Some(fault(node, "除默认连线外，每条离开的连线都要写条件"));
    }
    let open = conditions > 0 && node.default.is_none() && (gateway || plain == 0);
    (open && !is_exhaustive(definition, draft, ix))
        .then(|| fault(node, "条件可能都不成立，须设默认连线"))
}

fn reachability(definition: &Definition, scope: ScopeIx, start: NodeIx) -> Vec<Diagnostic> {
    let here = |node: &Node| node.scope == scope;
    let reached = definition.closure([start], |n| definition.successors(n), |_| false);
    let ends = definition
        .nodes()
        .filter(|(_, node)| here(node) && matches!(node.kind, Kind::End { .. }))
        .map(|(ix, _)| ix);
    let ending = definition.closure(ends, |n| definition.predecessors(n), |_| false);
    let mut faults = Vec::new();
    for (ix, node) in definition.nodes().filter(|(_, node)| here(node)) {
        if !reached.contains(ix.0) {
            faults.push(fault(node, "从开始事件走不到这里"));
        } else if !ending.contains(ix.0) {
            faults.push(fault(node, "从这里走不到任何结束事件"));
        }
    }
    faults
}

/// Cycles without a step that waits would spin.
fn cycles(definition: &Definition) -> Vec<Diagnostic> {
    let restless = |n: NodeIx| !waits(definition.node(n));
    let mut faults = Vec::new();
    for (ix, node) in definition.nodes().filter(|(ix, _)| restless(*ix)) {
        let next = definition.successors(ix);
        let found = definition.closure(next, |n| definition.successors(n), |n| !restless(n));
        if found.contains(ix.0) {
            faults.push(fault(
                node,
                "这个循环里没有任何等待人或事件的环节，会一直空转",
            ));
        }
    }
    faults
}

/// Inclusive joins that may wait for each other in a circle would wait for ever.
fn circular_waits(definition: &Definition) -> Vec<Diagnostic> {
    let joins: Vec<NodeIx> = definition
        .nodes()
        .filter(|(ix, _)| definition.is_inclusive_join(*ix))
        .map(|(ix, _)| ix)
        .collect();
    // A token standing at `other` holds up `join` when it can bring some inputs but not all.
    let holds_up = |other: NodeIx, join: NodeIx| {
        let inputs = || {
            definition
                .join_inputs
                .iter()
                .filter(|input| input.join == join)
        };
        other != join
            && inputs().any(|input| input.sources.contains(other.0))
            && !inputs().all(|input| input.sources.contains(other.0))
    };
    let held_up_by = |join: NodeIx| -> Vec<NodeIx> {
        let others = joins.iter().copied();
        others.filter(|other| holds_up(*other, join)).collect()
    };
    joins
        .iter()
        .filter(|join| {
            let found = definition.closure(held_up_by(**join), held_up_by, |_| false);
            found.contains(join.0)
        })
        .map(|join| {
            fault(
                definition.node(*join),
                "循环里的包容汇聚网关会互相等待，请改用别的网关汇聚",
            )
        })
        .collect()
}

/// A sub-process counts as waiting: what is inside is checked on its own, and it rarely is empty.
fn waits(node: &Node) -> bool {
    matches!(
        node.kind,
        Kind::User(_)
            | Kind::Catch(_)
            | Kind::EventGateway
            | Kind::SubProcess(_)
            | Kind::Boundary { .. }
    )
}
