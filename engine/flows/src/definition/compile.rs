//! From the draft to the definition: names resolved, expressions compiled, operations known. Runs the checks last.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    Condition, Conditions, Definition, Diagnostic, Effects, Flow, FlowIx, Kind, Multi, Node,
    NodeIx, Scope, ScopeIx, ServiceTask, Signers, Trigger, UserTask, checks,
};
use crate::bpmn::{
    Draft, DraftFlow, DraftKind, DraftMulti, DraftNode, DraftSigners, DraftTrigger, DraftUser,
};

/// Positions are 16 bits wide; no office draws a process of this size.
const MAX_ELEMENTS: usize = 5_000;

pub(super) struct Compiler<'a> {
    pub draft: &'a Draft,
    conditions: &'a dyn Conditions,
    effects: &'a dyn Effects,
    pub faults: Vec<Diagnostic>,
    nodes_by_id: HashMap<String, NodeIx>,
    flows_by_id: HashMap<String, FlowIx>,
}

pub(crate) fn compile(
    draft: &Draft,
    conditions: &dyn Conditions,
    effects: &dyn Effects,
) -> Result<Definition, Vec<Diagnostic>> {
    let mut compiler = Compiler {
        draft,
        conditions,
        effects,
        faults: Vec::new(),
        nodes_by_id: HashMap::new(),
        flows_by_id: HashMap::new(),
    };
    let definition = compiler.build();
    match definition {
        Some(definition) if compiler.faults.is_empty() => {
            let faults = checks::check(&definition, draft);
            if faults.is_empty() {
                Ok(definition)
            } else {
                Err(faults)
            }
        }
        _ => Err(compiler.faults),
    }
}

impl Compiler<'_> {
    fn build(&mut self) -> Option<Definition> {
        if self.draft.nodes.len() > MAX_ELEMENTS || self.draft.flows.len() > MAX_ELEMENTS {
            self.file_fault("流程元素过多，请拆分流程");
            return None;
        }
        self.index_ids();
        let scopes = self.scopes();
        let flows = self.flows();
        let nodes = self.nodes();
        if !self.faults.is_empty() {
            return None;
        }
        let mut definition = Definition {
            id: self.draft.id.clone(),
            name: self.draft.name.clone(),
            nodes,
            flows,
            scopes,
            join_inputs: Vec::new(),
            nodes_by_id: std::mem::take(&mut self.nodes_by_id),
            flows_by_id: std::mem::take(&mut self.flows_by_id),
        };
        definition.connect();
        definition.join_inputs = definition.find_join_inputs();
        Some(definition)
    }

    fn file_fault(&mut self, message: &str) {
        self.faults.push(Diagnostic {
            element: self.draft.id.clone(),
            name: self.draft.name.clone(),
            line: self.draft.line,
            message: message.to_owned(),
        });
    }

    fn index_ids(&mut self) {
        for (number, node) in (0..).zip(&self.draft.nodes) {
            if node.id.is_empty() {
                self.faults.push(node.fault("元素没有编号（id）"));
            } else if self
                .nodes_by_id
                .insert(node.id.clone(), NodeIx(number))
                .is_some()
            {
                self.faults.push(node.fault("编号（id）与另一个元素重复"));
            }
        }
        for (number, flow) in (0..).zip(&self.draft.flows) {
            let known = self.nodes_by_id.contains_key(&flow.id);
            if flow.id.is_empty() {
                self.faults.push(flow.fault("连线没有编号（id）"));
            } else if known
                || self
                    .flows_by_id
                    .insert(flow.id.clone(), FlowIx(number))
                    .is_some()
            {
                self.faults.push(flow.fault("编号（id）与另一个元素重复"));
            }
        }
    }

    fn scopes(&mut self) -> Vec<Scope> {
        let mut scopes = Vec::new();
        for (number, owner) in self.draft.scopes.iter().enumerate() {
            let starts: Vec<_> = (0..)
                .zip(&self.draft.nodes)
                .filter(|(_, node)| node.scope == number && matches!(node.kind, DraftKind::Start))
                .map(|(ix, _)| NodeIx(ix))
                .collect();
            let [start] = starts.as_slice() else {
                let message = "须有且只有一个开始事件";
                match owner {
                    Some(node) => self.faults.push(self.draft.nodes[*node].fault(message)),
                    None => self.file_fault(message),
                }
                continue;
            };
            scopes.push(Scope {
                node: owner.and_then(|node| u16::try_from(node).ok()).map(NodeIx),
                start: *start,
            });
        }
        scopes
    }

    fn expression(
        &mut self,
        fault: impl Fn(String) -> Diagnostic,
        source: &str,
    ) -> Option<Box<dyn Condition>> {
        match self.conditions.compile(source) {
            Ok(condition) => Some(condition),
            Err(message) => {
                self.faults
                    .push(fault(format!("表达式「{source}」有误：{message}")));
                None
            }
        }
    }

    fn flows(&mut self) -> Vec<Flow> {
        let draft = self.draft;
        draft
            .flows
            .iter()
            .filter_map(|flow| self.flow(flow))
            .collect()
    }

    fn flow(&mut self, flow: &DraftFlow) -> Option<Flow> {
        let ends = [&flow.source, &flow.target].map(|id| self.nodes_by_id.get(id).copied());
        let [Some(source), Some(target)] = ends else {
            self.faults.push(flow.fault("连线的一端没有接到流程元素上"));
            return None;
        };
        let scope = |ix: NodeIx| self.draft.nodes[usize::from(ix.0)].scope;
        if scope(source) != flow.scope || scope(target) != flow.scope {
            self.faults.push(flow.fault("连线不能穿过子流程的边界"));
            return None;
        }
        let condition = match &flow.condition {
            Some(source) => Some(self.expression(|message| flow.fault(message), source)?),
            None => None,
        };
        Some(Flow {
            id: flow.id.clone(),
            source,
            target,
            condition,
        })
    }

    fn nodes(&mut self) -> Vec<Node> {
        let draft = self.draft;
        draft
            .nodes
            .iter()
            .filter_map(|node| self.node(node))
            .collect()
    }

    fn node(&mut self, node: &DraftNode) -> Option<Node> {
        let kind = self.kind(node)?;
        let default = match &node.default {
            None => None,
            Some(id) => match self.flows_by_id.get(id) {
                Some(flow) => Some(*flow),
                None => {
                    self.faults.push(node.fault("默认连线（default）不存在"));
                    None
                }
            },
        };
        Some(Node {
            id: node.id.clone(),
            name: node.name.clone(),
            line: node.line,
            step: None,
            scope: ScopeIx(u16::try_from(node.scope).ok()?),
            kind,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            default,
            boundaries: Vec::new(),
        })
    }

    fn kind(&mut self, node: &DraftNode) -> Option<Kind> {
        Some(match &node.kind {
            DraftKind::Start => Kind::Start,
            DraftKind::End { terminate } => Kind::End {
                terminate: *terminate,
            },
            DraftKind::Pass => Kind::Pass,
            DraftKind::User(user) => Kind::User(self.user(node, user)?),
            DraftKind::Service {
                operation,
                arguments,
            } => Kind::Service(self.service(node, operation, arguments.as_deref())?),
            DraftKind::Catch(trigger) => Kind::Catch(self.trigger(node, trigger)?),
            DraftKind::Exclusive => Kind::Exclusive,
            DraftKind::Parallel => Kind::Parallel,
            DraftKind::Inclusive => Kind::Inclusive,
            DraftKind::EventGateway => Kind::EventGateway,
            DraftKind::SubProcess(scope) => Kind::SubProcess(ScopeIx(u16::try_from(*scope).ok()?)),
            DraftKind::Boundary {
                host,
                interrupting,
                trigger,
            } => Kind::Boundary {
                host: self.host(node, host)?,
                interrupting: *interrupting,
                trigger: self.trigger(node, trigger)?,
            },
        })
    }

    /// A boundary event sits on an activity that waits; on anything else it could never fire.
    fn host(&mut self, node: &DraftNode, host: &str) -> Option<NodeIx> {
        let found = self.nodes_by_id.get(host).copied();
        let fits = found.is_some_and(|ix| {
            let host = &self.draft.nodes[usize::from(ix.0)];
            let waits = matches!(
                host.kind,
                DraftKind::User(_)
                    | DraftKind::SubProcess(_)
                    | DraftKind::Catch(DraftTrigger::Message { .. })
            );
            waits && host.scope == node.scope
        });
        if !fits {
            self.faults
                .push(node.fault("边界事件须附在用户任务、接收任务或子流程上"));
            return None;
        }
        found
    }

    fn user(&mut self, node: &DraftNode, user: &DraftUser) -> Option<UserTask> {
        let multi = match &user.multi {
            Some(multi) => Some(self.multi(node, multi)?),
            None => None,
        };
        Some(UserTask {
            role: user.role.clone(),
            stage: user.stage.clone(),
            phase: user.phase,
            limit: user.limit,
            decisions: user.decisions.clone(),
            multi,
        })
    }

    fn multi(&mut self, node: &DraftNode, multi: &DraftMulti) -> Option<Multi> {
        let mut compiled = |source: &str| self.expression(|message| node.fault(message), source);
        Some(Multi {
            joint: multi.joint,
            signers: match &multi.signers {
                DraftSigners::List(source) => Signers::List(compiled(source)?),
                DraftSigners::Count(source) => Signers::Count(compiled(source)?),
            },
        })
    }

    fn trigger(&mut self, node: &DraftNode, trigger: &DraftTrigger) -> Option<Trigger> {
        Some(match trigger {
            DraftTrigger::Timer(spec) => Trigger::Timer(spec.clone()),
            DraftTrigger::Message { name, key } => Trigger::Message {
                name: name.clone(),
                key: match key {
                    Some(source) => Some(self.expression(|message| node.fault(message), source)?),
                    None => None,
                },
            },
        })
    }

    fn service(
        &mut self,
        node: &DraftNode,
        operation: &str,
        arguments: Option<&str>,
    ) -> Option<ServiceTask> {
        let Some(effect) = self.effects.effect(operation) else {
            self.faults
                .push(node.fault(format!("操作 {operation} 不存在")));
            return None;
        };
        let arguments = match arguments.map(serde_json::from_str::<Value>) {
            None => Value::Object(serde_json::Map::new()),
            Some(Ok(Value::Object(map))) => Value::Object(map),
            Some(_) => {
                self.faults
                    .push(node.fault("操作的参数（tb:arguments）须是 JSON 对象"));
                return None;
            }
        };
        Some(ServiceTask {
            operation: operation.to_owned(),
            arguments,
            effect,
        })
    }
}

impl Definition {
    fn connect(&mut self) {
        for (number, flow) in (0..).map(FlowIx).zip(&self.flows) {
            self.nodes[usize::from(flow.source.0)].outgoing.push(number);
            self.nodes[usize::from(flow.target.0)].incoming.push(number);
        }
        let attached: Vec<_> = self
            .nodes()
            .filter_map(|(ix, node)| match node.kind {
                Kind::Boundary { host, .. } => Some((host, ix)),
                _ => None,
            })
            .collect();
        for (host, event) in attached {
            self.nodes[usize::from(host.0)].boundaries.push(event);
        }
    }
}
