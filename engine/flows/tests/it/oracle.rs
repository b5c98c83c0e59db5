//! A second, deliberately slow reading of the model: every rule is looked up in the whole history and the
//! drawing each time, nothing is indexed, nothing remembered.

use std::collections::BTreeSet;

use tongban_flows::{
    Definition, Firing, FiringKind as F, FiringNo, Instance, Kind, Node, NodeIx, Place, Rule,
    Token, TokenNo,
};

pub struct Oracle<'a> {
    definition: &'a Definition,
    state: &'a Instance,
    live: BTreeSet<TokenNo>,
}

impl<'a> Oracle<'a> {
    /// Replays what was not undone, step by step; each step must be allowed where it stands.
    /// What is left alive in the end must be what the engine says.
    pub fn check(definition: &'a Definition, state: &'a Instance) {
        let mut oracle = Self {
            definition,
            state,
            live: BTreeSet::new(),
        };
        let outside = state.tokens().filter(|token| token.by == FiringNo::OUTSIDE);
        oracle.live.extend(outside.map(|token| token.no));
        for firing in state.firings().filter(|firing| firing.undone_by.is_none()) {
            oracle.step(firing);
        }
        let engine: BTreeSet<_> = state.live().map(|token| token.no).collect();
        assert_eq!(oracle.live, engine, "the cut");
        for token in state.tokens() {
            let producer = state.firing(token.by);
            assert_eq!(
                token.undone,
                producer.is_some_and(|firing| firing.undone_by.is_some())
            );
        }
    }

    fn token(&self, no: TokenNo) -> &'a Token {
        self.state.token(no).unwrap()
    }

    fn node(&self, ix: NodeIx) -> &'a Node {
        self.definition.node(ix)
    }

    fn places(&self, tokens: &[TokenNo]) -> Vec<Place> {
        let place = |no: &TokenNo| self.token(*no).place;
        tokens
            .iter()
            .map(place)
            .filter(|place| !matches!(place, Place::Absent(_)))
            .collect()
    }

    fn step(&mut self, firing: &Firing) {
        for no in firing.consumes.iter().chain(&firing.reads) {
            assert!(
                self.live.contains(no),
                "{firing:?} needs a token that is not alive"
            );
        }
        self.allowed(firing);
        for no in &firing.consumes {
            self.live.remove(no);
        }
        self.live.extend(&firing.produces);
    }

    fn allowed(&self, firing: &Firing) {
        let consumed = self.places(&firing.consumes);
        match (firing.kind, firing.node) {
            (F::Return, _) => {
                assert!(firing.produces.is_empty());
                assert!(consumed.iter().all(|place| *place == Place::Message));
            }
            (F::Message, None) => assert_eq!(self.places(&firing.produces), [Place::Message]),
            (F::Stop | F::Withdraw, _) => {
                assert!(self.live_in(FiringNo::OUTSIDE).is_empty() || !consumed.is_empty())
            }
            (F::Start, Some(ix)) => {
                let start = matches!(consumed.as_slice(), [Place::Start(_)]);
                assert!(start && matches!(self.node(ix).kind, Kind::Start));
                self.leaves(firing, ix);
            }
            (F::Pass, Some(ix)) => self.passes(firing, ix, &consumed),
            (F::Service | F::Complete, Some(ix)) => {
                self.arrives(ix, &consumed);
                self.leaves(firing, ix);
            }
            (F::End, Some(ix)) => {
                self.arrives(ix, &consumed);
                assert_eq!(self.places(&firing.produces), [Place::Ended(ix)]);
            }
            (F::Terminate, Some(ix)) => {
                let all: BTreeSet<_> = self.live_below(firing.net);
                assert_eq!(
                    firing.consumes.iter().copied().collect::<BTreeSet<_>>(),
                    all
                );
                assert_eq!(self.places(&firing.produces), [Place::Ended(ix)]);
            }
            (F::Enter | F::Open, Some(ix)) => {
                self.arrives(ix, &consumed);
                assert!(self.places(&firing.produces).contains(&Place::Inside(ix)));
            }
            (F::Sign, Some(ix)) => {
                assert_eq!(consumed, [Place::Signer(ix)]);
                assert_eq!(self.places(&firing.produces)[0], Place::Signed(ix));
            }
            (F::AddSigner | F::RemoveSigner, Some(_)) => {}
            (F::Close, Some(ix)) => self.closes(firing, ix),
            (F::Timer | F::Catch, Some(ix)) => self.happens(firing, ix),
            other => panic!("{other:?}"),
        }
    }

    fn arrives(&self, ix: NodeIx, consumed: &[Place]) {
        let [Place::Flow(flow)] = consumed else {
            panic!("{consumed:?} at {}", self.node(ix).id);
        };
        assert_eq!(self.definition.flow(*flow).target, ix);
    }

    fn leaves(&self, firing: &Firing, ix: NodeIx) {
        let node = self.node(ix);
        let flows: Vec<_> = self
            .places(&firing.produces)
            .into_iter()
            .map(|place| match place {
                Place::Flow(flow) => flow,
                other => panic!("{other:?} behind {}", node.id),
            })
            .collect();
        assert!(flows.iter().all(|flow| node.outgoing.contains(flow)));
        match node.kind {
            Kind::Exclusive => assert_eq!(flows.len(), 1),
            Kind::Inclusive => assert!(!flows.is_empty()),
            _ => assert_eq!(flows, node.outgoing),
        }
    }

    fn passes(&self, firing: &Firing, ix: NodeIx, consumed: &[Place]) {
        let node = self.node(ix);
        match node.kind {
            Kind::Parallel => {
                let all: BTreeSet<_> = node
                    .incoming
                    .iter()
                    .map(|flow| Place::Flow(*flow))
                    .collect();
                assert_eq!(consumed.iter().copied().collect::<BTreeSet<_>>(), all);
                assert_eq!(consumed.len(), all.len());
            }
            Kind::Inclusive if node.incoming.len() > 1 => {
                assert!(self.join_may_pass(ix, firing.net));
                for place in consumed {
                    self.arrives(ix, &[*place]);
                }
            }
            _ => self.arrives(ix, consumed),
        }
        self.leaves(firing, ix);
    }

    /// BPMN 2.0.2, 13.4.3: every path of a live token to a flow without one, around the join, has a
    /// counterpart from the same token to a flow that has one.
    fn join_may_pass(&self, join: NodeIx, net: FiringNo) -> bool {
        let here = self.live_in(net);
        let waiting = |flow| here.iter().any(|token| token.place == Place::Flow(flow));
        let inputs = &self.node(join).incoming;
        let brings = |token: &Token, input| {
            let standing = match token.place {
                Place::Flow(flow) => self.definition.flow(flow).target,
                Place::Inside(ix) => ix,
                _ => return false,
            };
            self.path(standing, input, join, &mut Vec::new())
        };
        inputs.iter().any(|flow| waiting(*flow))
            && here.iter().all(|token| {
                let mut missing = inputs.iter().filter(|flow| !waiting(**flow));
                let mut present = inputs.iter().filter(|flow| waiting(**flow));
                !missing.any(|flow| brings(token, *flow))
                    || present.any(|flow| brings(token, *flow))
            })
    }

    fn path(
        &self,
        from: NodeIx,
        to: tongban_flows::FlowIx,
        around: NodeIx,
        seen: &mut Vec<NodeIx>,
    ) -> bool {
        if from == around || seen.contains(&from) {
            return false;
        }
        seen.push(from);
        let node = self.node(from);
        node.outgoing.contains(&to)
            || node
                .outgoing
                .iter()
                .any(|flow| self.path(self.definition.flow(*flow).target, to, around, seen))
            || node
                .boundaries
                .iter()
                .any(|event| self.path(*event, to, around, seen))
    }

    fn live_in(&self, net: FiringNo) -> Vec<&'a Token> {
        let tokens = self.live.iter().map(|no| self.token(*no));
        tokens
            .filter(|token| token.net == net && token.place != Place::Message)
            .collect()
    }

    fn live_below(&self, net: FiringNo) -> BTreeSet<TokenNo> {
        let mut found = BTreeSet::new();
        for token in self.live_in(net) {
            found.insert(token.no);
            if matches!(token.place, Place::Inside(_)) {
                found.extend(self.live_below(token.by));
            }
        }
        found
    }

    fn closes(&self, firing: &Firing, ix: NodeIx) {
        let inside = self.token(firing.consumes[0]);
        assert_eq!(inside.place, Place::Inside(ix));
        let nested = self.live_in(inside.by);
        let expected: BTreeSet<_> = nested
            .iter()
            .map(|token| token.no)
            .chain([inside.no])
            .collect();
        assert_eq!(
            firing.consumes.iter().copied().collect::<BTreeSet<_>>(),
            expected
        );
        match inside.note.joint {
            None => assert!(
                nested
                    .iter()
                    .all(|t| matches!(t.place, Place::Ended(_) | Place::Absent(_)))
            ),
            Some(joint) => assert!(rule_met(joint.rule, &nested), "{firing:?}"),
        }
        self.leaves(firing, ix);
    }

    fn happens(&self, firing: &Firing, ix: NodeIx) {
        let host = firing.causes_of_event(self);
        let standing = match host.place {
            Place::Flow(flow) => self.definition.flow(flow).target,
            Place::Inside(ix) => ix,
            other => panic!("{other:?}"),
        };
        match self.node(ix).kind {
            Kind::Boundary {
                host: at,
                interrupting,
                ..
            } => {
                assert_eq!(at, standing);
                assert_eq!(firing.reads.is_empty(), interrupting);
                if interrupting && matches!(host.place, Place::Inside(_)) {
                    let nested = self.live_below(host.by);
                    assert!(nested.iter().all(|no| firing.consumes.contains(no)));
                }
            }
            Kind::Catch(_) if standing != ix => {
                assert!(matches!(self.node(standing).kind, Kind::EventGateway));
            }
            _ => assert_eq!(standing, ix),
        }
        let messages = self.places(&firing.consumes);
        let caught = messages
            .iter()
            .filter(|place| **place == Place::Message)
            .count();
        assert_eq!(caught, usize::from(firing.kind == F::Catch));
        self.leaves(firing, ix);
    }

    /// Nothing that could move by itself is left standing.
    pub fn check_rest(definition: &'a Definition, state: &'a Instance) {
        let oracle = Self {
            definition,
            state,
            live: state.live().map(|token| token.no).collect(),
        };
        for token in state.live() {
            let Place::Flow(flow) = token.place else {
                assert!(!matches!(token.place, Place::Start(_)));
                oracle.check_open_scope(token);
                continue;
            };
            let ix = definition.flow(flow).target;
            let node = definition.node(ix);
            let here = oracle.live_in(token.net);
            let rests = match &node.kind {
                Kind::User(task) => task.multi.is_none(),
                Kind::Catch(_) | Kind::EventGateway => true,
                Kind::Parallel => node
                    .incoming
                    .iter()
                    .any(|flow| here.iter().all(|t| t.place != Place::Flow(*flow))),
                Kind::Inclusive => node.incoming.len() > 1 && !oracle.join_may_pass(ix, token.net),
                _ => false,
            };
            assert!(rests, "a token stands still before {}", node.id);
        }
    }

    fn check_open_scope(&self, token: &Token) {
        if !matches!(token.place, Place::Inside(_)) {
            return;
        }
        let nested = self.live_in(token.by);
        let over = match token.note.joint {
            None => nested
                .iter()
                .all(|t| matches!(t.place, Place::Ended(_) | Place::Absent(_))),
            Some(joint) => rule_met(joint.rule, &nested),
        };
        assert!(!over, "a nested net is over and still open");
    }
}

fn rule_met(rule: Rule, nested: &[&Token]) -> bool {
    let waiting = nested
        .iter()
        .any(|token| matches!(token.place, Place::Signer(_)));
    let signed: Vec<_> = nested
        .iter()
        .filter(|token| matches!(token.place, Place::Signed(_)) && !token.note.removed)
        .map(|token| &token.note.decision)
        .collect();
    let most = signed
        .iter()
        .map(|a| signed.iter().filter(|b| a == *b).count())
        .max();
    !waiting
        || match rule {
            Rule::All => false,
            Rule::Any => most >= Some(1),
            Rule::Count(n) => most >= Some(n as usize),
        }
}

trait EventCauses {
    fn causes_of_event<'a>(&self, oracle: &Oracle<'a>) -> &'a Token;
}

impl EventCauses for Firing {
    /// The token at which an event happened.
    fn causes_of_event<'a>(&self, oracle: &Oracle<'a>) -> &'a Token {
        let mut causes = self.reads.iter().chain(&self.consumes);
        let host = causes.find(|no| oracle.token(**no).place != Place::Message);
        oracle.token(*host.unwrap())
    }
}

/// Everything caused by the roots, found by going round until nothing is added.
pub fn cone(state: &Instance, roots: &[FiringNo]) -> BTreeSet<FiringNo> {
    let mut cone: BTreeSet<_> = roots.iter().copied().collect();
    loop {
        let before = cone.len();
        for firing in state.firings().filter(|firing| firing.undone_by.is_none()) {
            for no in firing.consumes.iter().chain(&firing.reads) {
                if cone.contains(&state.token(*no).unwrap().by) {
                    cone.insert(firing.no);
                }
            }
        }
        if cone.len() == before {
            return cone;
        }
    }
}
