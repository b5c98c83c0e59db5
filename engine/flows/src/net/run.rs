//! One verb at work: fires steps on the state and keeps the account of what changed. Runs no operation itself;
//! it stops at each one until the caller has run it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;
use tongban_base::{Timestamp, calendar::WorkCalendar};

use super::apply::{Environment, People};
use super::change::{Change, Closed, Inverse, OperationCall, Timer};
use super::firing::{Firing, FiringKind, FiringNo};
use super::place::Place;
use super::refusal::Refusal;
use super::replay::ActivePlan;
use super::state::{Instance, Status};
use super::token::{Note, Token, TokenNo};
use crate::definition::{Definition, Kind, NodeIx, Trigger};

/// No verb runs longer: beyond it a cycle spins or tokens multiply.
const MAX_STEPS: usize = 5_000;
const MAX_LIVE: usize = 2_000;

pub struct Run<'a> {
    pub(super) definition: &'a Definition,
    pub(super) state: Instance,
    pub(super) variables: Value,
    pub(super) now: Timestamp,
    pub(super) actor: String,
    pub(super) account: Option<String>,
    calendar: &'a WorkCalendar,
    pub(super) people: &'a People,
    pub(super) change: Change,
    pub(super) agenda: VecDeque<TokenNo>,
    pub(super) call: Option<OperationCall>,
    pub(super) active: Option<ActivePlan>,
    /// Timers of a task that became a joint sign: it is the same work, so they run on.
    pub(super) carried: BTreeMap<NodeIx, Timestamp>,
    before: BTreeSet<TokenNo>,
    steps: usize,
}

/// A step about to happen.
pub(super) struct Step {
    pub kind: FiringKind,
    pub node: Option<NodeIx>,
    pub net: FiringNo,
    pub consumes: Vec<TokenNo>,
    pub reads: Vec<TokenNo>,
    pub produces: Vec<(Place, Owner, Note)>,
    pub decision: String,
    pub opinion: String,
    pub data: Value,
}

/// The net in which a new token lives.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    /// That of the firing.
    Same,
    /// The nested net that the firing opens.
    Nested,
}

impl Step {
    pub fn new(kind: FiringKind, node: NodeIx, net: FiringNo) -> Self {
        Self {
            kind,
            node: Some(node),
            net,
            consumes: Vec::new(),
            reads: Vec::new(),
            produces: Vec::new(),
            decision: String::new(),
            opinion: String::new(),
            data: Value::Null,
        }
    }

    pub fn consume(mut self, tokens: impl IntoIterator<Item = TokenNo>) -> Self {
        self.consumes.extend(tokens);
        self
    }

    pub fn read(mut self, tokens: impl IntoIterator<Item = TokenNo>) -> Self {
        self.reads.extend(tokens);
        self
    }

    pub fn produce(mut self, place: Place, note: Note) -> Self {
        self.produces.push((place, Owner::Same, note));
        self
    }

    pub fn produce_nested(mut self, place: Place, note: Note) -> Self {
        self.produces.push((place, Owner::Nested, note));
        self
    }
}

impl<'a> Run<'a> {
    pub fn new(definition: &'a Definition, state: Instance, environment: Environment<'a>) -> Self {
        Self {
            definition,
            before: state.live.clone(),
            state,
            variables: environment.variables,
            now: environment.now,
            actor: environment.actor,
            account: environment.account,
            calendar: environment.calendar,
            people: environment.people,
            change: Change::default(),
            agenda: VecDeque::new(),
            call: None,
            active: None,
            carried: BTreeMap::new(),
            steps: 0,
        }
    }

    /// Goes on until an operation has to be run (then `supply` its result) or every token waits.
    pub fn step(&mut self) -> Result<Option<OperationCall>, Refusal> {
        loop {
            if let Some(call) = self.call.take() {
                self.change.operations.push(call.clone());
                return Ok(Some(call));
            }
            // While held, tokens stay; resuming looks at all of them again.
            if self.state.status != Status::Running {
                return Ok(None);
            }
            if let Some(token) = self.agenda.pop_front() {
                self.advance(token)?;
            } else if !self.settle()? && !self.replay()? {
                return Ok(None);
            }
        }
    }

    /// The result of an operation; its member `variables` is what later conditions read.
    pub fn supply(&mut self, firing: FiringNo, result: Value) {
        if let (Some(known), Some(fresh)) = (
            self.variables.as_object_mut(),
            result.get("variables").and_then(Value::as_object),
        ) {
            known.extend(
                fresh
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        let record = self.state.firings.get_mut(&firing);
        if let Some(operation) = record.and_then(|firing| firing.operation.as_mut()) {
            operation.result = result;
        }
    }

    /// The operation at hand cannot be run yet: its step is taken back, and its token waits where it stood.
    pub fn postpone(&mut self, firing: FiringNo) {
        let Some(firing) = self.state.firings.remove(&firing) else {
            return;
        };
        for no in &firing.produces {
            self.state.tokens.remove(no);
            self.state.live.remove(no);
            self.change.tokens.remove(no);
            self.state.last_token -= 1;
        }
        self.agenda.retain(|no| !firing.produces.contains(no));
        for no in &firing.consumes {
            if let Some(token) = self.state.tokens.get_mut(no) {
                token.consumed_by = None;
            }
            self.state.live.insert(*no);
        }
        self.state.last_firing -= 1;
        self.change.firings.retain(|no| *no != firing.no);
        self.change.operations.pop();
    }

    /// What has to be taken back, in order, before `step` is called.
    pub fn inverses(&self) -> &[Inverse] {
        &self.change.inverses
    }

    /// The new state and what changed. Call when `step` has nothing left.
    pub fn finish(mut self) -> (Instance, Change) {
        let closed: Vec<_> = self.before.difference(&self.state.live).copied().collect();
        let opened: Vec<_> = self.state.live.difference(&self.before).copied().collect();
        for no in closed {
            self.forget_timers(no);
            if let Some((no, how)) = self.closing(no) {
                self.change.closed.push((no, how));
            }
        }
        for no in opened {
            let Some(token) = self.state.tokens.get(&no) else {
                continue;
            };
            if token.place.task(self.definition).is_some() {
                self.change.opened.push(no);
            }
            self.arm(no);
        }
        let live = &self.state.live;
        self.state.plans.retain(|plan| live.contains(&plan.token));
        (self.state, self.change)
    }

    fn closing(&self, no: TokenNo) -> Option<(TokenNo, Closed)> {
        let token = self.state.tokens.get(&no)?;
        token.place.task(self.definition)?;
        let by = token.consumed_by.and_then(|by| self.state.firings.get(&by));
        let done = |kind| matches!(kind, FiringKind::Complete | FiringKind::Sign);
        let replaced = |kind| {
            use FiringKind::{AddSigner, Open, RemoveSigner};
            matches!(kind, AddSigner | Open | RemoveSigner)
        };
        Some(match by {
            _ if token.undone => (no, Closed::Undone),
            Some(firing) if done(firing.kind) => (no, Closed::Done),
            Some(firing) if replaced(firing.kind) => (no, Closed::Replaced),
            _ => (no, Closed::Cancelled),
        })
    }

    /// Fires one step: the only place where tokens are consumed and produced.
    pub(super) fn fire(&mut self, step: Step) -> Result<FiringNo, Refusal> {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.state.live.len() > MAX_LIVE {
            return Err(Refusal::Endless);
        }
        self.state.last_firing += 1;
        let no = FiringNo(self.state.last_firing);
        let marks = self.absences(&step);
        for token in &step.consumes {
            self.consume(*token, no);
        }
        let mut produces = Vec::new();
        for (place, owner, note) in step.produces {
            let net = match owner {
                Owner::Same => step.net,
                Owner::Nested => no,
            };
            produces.push(self.produce(place, net, no, note));
        }
        for flow in marks {
            produces.push(self.produce(Place::Absent(flow), step.net, no, Note::default()));
        }
        self.state.firings.insert(
            no,
            Firing {
                no,
                kind: step.kind,
                node: step.node,
                net: step.net,
                consumes: step.consumes,
                reads: step.reads,
                produces,
                at: self.now,
                actor: self.actor.clone(),
                decision: step.decision,
                opinion: step.opinion,
                data: step.data,
                operation: None,
                restores: None,
                undone_by: None,
            },
        );
        self.change.firings.push(no);
        Ok(no)
    }

    pub(super) fn consume(&mut self, no: TokenNo, by: FiringNo) {
        if let Some(token) = self.state.tokens.get_mut(&no) {
            token.consumed_by = Some(by);
        }
        self.state.live.remove(&no);
        self.change.tokens.insert(no);
    }

    pub(super) fn produce(
        &mut self,
        place: Place,
        net: FiringNo,
        by: FiringNo,
        note: Note,
    ) -> TokenNo {
        self.state.last_token += 1;
        let no = TokenNo(self.state.last_token);
        let token = Token {
            no,
            place,
            net,
            by,
            consumed_by: None,
            undone: false,
            note,
        };
        self.state.tokens.insert(no, token);
        self.state.live.insert(no);
        self.change.tokens.insert(no);
        self.agenda.push_back(no);
        no
    }

    pub(super) fn live(&self, no: TokenNo) -> Option<&Token> {
        self.state.tokens.get(&no).filter(|token| token.is_live())
    }

    /// Starts the timers that wait for a token. One that already went off for this very token stays off.
    fn arm(&mut self, no: TokenNo) {
        for node in self.timers_of(no) {
            let Some(Trigger::Timer(spec)) = self.definition.trigger(node) else {
                continue;
            };
            let went_off = self.state.firings.values().any(|firing| {
                firing.node == Some(node) && !firing.is_undone() && firing.reads.contains(&no)
            });
            if !went_off {
                let carried = self.carried.get(&node).copied();
                let due = carried.unwrap_or_else(|| spec.due(self.now, self.calendar));
                self.state.timers.insert((no, node), due);
                self.change.armed.push(Timer {
                    token: no,
                    node,
                    due,
                    since: carried.is_none().then_some(self.now),
                });
            }
        }
    }

    fn forget_timers(&mut self, no: TokenNo) {
        for node in self.timers_of(no) {
            self.forget_timer(no, node);
        }
    }

    pub(super) fn forget_timer(&mut self, no: TokenNo, node: NodeIx) {
        self.state.timers.remove(&(no, node));
        self.change.disarmed.push((no, node));
    }

    fn timers_of(&self, no: TokenNo) -> Vec<NodeIx> {
        let Some(token) = self.state.tokens.get(&no) else {
            return Vec::new();
        };
        let mut events = self.events_of(token);
        events.retain(|node| matches!(self.definition.trigger(*node), Some(Trigger::Timer(_))));
        events
    }

    /// The events that can happen to a token where it waits.
    pub(super) fn events_of(&self, token: &Token) -> Vec<NodeIx> {
        let Some(ix) = token.place.standing(self.definition) else {
            return Vec::new();
        };
        let node = self.definition.node(ix);
        let inside = matches!(token.place, Place::Inside(_));
        match &node.kind {
            Kind::Catch(_) if !inside => {
                let mut events = vec![ix];
                events.extend(&node.boundaries);
                events
            }
            Kind::EventGateway => {
                let target = |flow: &_| self.definition.flow(*flow).target;
                node.outgoing.iter().map(target).collect()
            }
            Kind::User(task) if inside || task.multi.is_none() => node.boundaries.clone(),
            Kind::SubProcess(_) if inside => node.boundaries.clone(),
            _ => Vec::new(),
        }
    }
}

impl Definition {
    /// The trigger of a catching or boundary event.
    pub(crate) fn trigger(&self, node: NodeIx) -> Option<&Trigger> {
        match &self.node(node).kind {
            Kind::Catch(trigger) | Kind::Boundary { trigger, .. } => Some(trigger),
            _ => None,
        }
    }
}
