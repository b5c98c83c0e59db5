//! The state of an instance. Live tokens always; consumed ones and firings only where a verb needs the history.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tongban_base::Timestamp;

use super::firing::{Firing, FiringNo};
use super::place::Place;
use super::replay::Plan;
use super::token::{Token, TokenNo};
use crate::definition::{Definition, Kind, NodeIx};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Running,
    Held,
    Completed,
    Withdrawn,
    Stopped,
}

impl Status {
    pub fn write(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Held => "held",
            Self::Completed => "completed",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
    }

    pub fn is_over(self) -> bool {
        !matches!(self, Self::Running | Self::Held)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    pub status: Status,
    pub held_since: Option<Timestamp>,
    pub(crate) last_firing: i64,
    pub(crate) last_token: i64,
    pub(crate) tokens: BTreeMap<TokenNo, Token>,
    pub(crate) live: BTreeSet<TokenNo>,
    pub(crate) firings: BTreeMap<FiringNo, Firing>,
    /// Whether `tokens` and `firings` hold everything that ever was.
    pub(crate) whole: bool,
    pub(crate) timers: BTreeMap<(TokenNo, NodeIx), Timestamp>,
    /// Returns that go straight back when their task is completed again.
    pub(crate) plans: Vec<Plan>,
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            status: Status::Running,
            held_since: None,
            last_firing: 0,
            last_token: 0,
            tokens: BTreeMap::new(),
            live: BTreeSet::new(),
            firings: BTreeMap::new(),
            whole: true,
            timers: BTreeMap::new(),
            plans: Vec::new(),
        }
    }
}

impl Instance {
    pub fn token(&self, no: TokenNo) -> Option<&Token> {
        self.tokens.get(&no)
    }

    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.values()
    }

    pub fn live(&self) -> impl Iterator<Item = &Token> {
        self.live.iter().filter_map(|no| self.tokens.get(no))
    }

    pub fn firing(&self, no: FiringNo) -> Option<&Firing> {
        self.firings.get(&no)
    }

    pub fn firings(&self) -> impl Iterator<Item = &Firing> {
        self.firings.values()
    }

    /// The timers that are running, with the moment each is due.
    pub fn timers(&self) -> impl Iterator<Item = (TokenNo, NodeIx, Timestamp)> {
        self.timers
            .iter()
            .map(|((token, node), due)| (*token, *node, *due))
    }

    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// The tokens before an operation that could not be run yet.
    pub fn postponed<'a>(&'a self, definition: &'a Definition) -> impl Iterator<Item = &'a Token> {
        self.live().filter(|token| match token.place {
            Place::Flow(flow) => {
                let target = definition.flow(flow).target;
                matches!(definition.node(target).kind, Kind::Service(_))
            }
            _ => false,
        })
    }

    /// Takes over tokens that were stored.
    pub(crate) fn put_tokens(&mut self, tokens: Vec<Token>) {
        for token in tokens {
            if token.is_live() {
                self.live.insert(token.no);
            }
            self.tokens.insert(token.no, token);
        }
    }

    /// Live tokens of one net; messages wait outside every net.
    pub(crate) fn live_in(&self, net: FiringNo) -> impl Iterator<Item = &Token> {
        self.live()
            .filter(move |token| token.net == net && token.place != Place::Message)
    }

    /// Live tokens of a net and of all nets nested in it.
    pub(crate) fn live_below(&self, net: FiringNo) -> Vec<TokenNo> {
        let mut nets = vec![net];
        let mut found = Vec::new();
        while let Some(net) = nets.pop() {
            for token in self.live_in(net) {
                found.push(token.no);
                if matches!(token.place, Place::Inside(_)) {
                    nets.push(token.by);
                }
            }
        }
        found.sort_unstable();
        found
    }
}
