//! Joint signs: a nested net with one token for each signer, closed by its rule.

use std::collections::BTreeSet;

use serde_json::Value;

use super::firing::{FiringKind, FiringNo};
use super::place::Place;
use super::refusal::Refusal;
use super::run::{Run, Step};
use super::signer::{self, Signer};
use super::state::Instance;
use super::token::{Note, Token};
use crate::definition::{Joint, NodeIx, Rule, Signers};

const MAX_SIGNERS: usize = 200;

/// The account that a signer names; none for a role and for whoever has the role of the task.
pub(super) fn account_of(signer: &str) -> Option<&str> {
    Signer::read(signer).account()
}

impl Instance {
    /// Two places of a joint sign want two people: nobody signs twice, and whoever has a place by name signs that one.
    pub(crate) fn may_sign(
        &self,
        place: &Token,
        account: &str,
        (who, name): (&str, &str),
    ) -> Result<(), Refusal> {
        let (who, name) = (who.to_owned(), name.to_owned());
        if !matches!(place.place, Place::Signer(_)) {
            return Ok(());
        }
        let signed = |token: &Token| {
            token
                .note
                .signed
                .as_ref()
                .map(|s| (s.account == account, s.at))
        };
        if let Some((_, at)) = self
            .live_in(place.net)
            .filter_map(signed)
            .find(|(own, _)| *own)
        {
            return Err(Refusal::SignedAlready { who, name, at });
        }
        let own = |signer: &String| account_of(signer) == Some(account);
        if own(&place.note.signer) {
            return Ok(());
        }
        let others = self.live_in(place.net).filter(|token| token.no != place.no);
        let named =
            others.map(|token| &token.note.signer).any(own) || self.to_come(place.net).any(own);
        if named {
            return Err(Refusal::OwnPlace { who, name });
        }
        Ok(())
    }

    /// Whoever is or was a signer of a joint sign has one place and no second.
    pub(super) fn not_yet_signer(&self, net: FiringNo, signer: &str) -> Result<(), Refusal> {
        let Some(account) = account_of(signer) else {
            return Ok(());
        };
        let own = |other: &String| account_of(other) == Some(account);
        let signed = |token: &Token| {
            token
                .note
                .signed
                .as_ref()
                .is_some_and(|s| s.account == account)
        };
        let mut places = self.live_in(net);
        if places.any(|token| own(&token.note.signer) || signed(token))
            || self.to_come(net).any(own)
        {
            return Err(Refusal::SignerTwice);
        }
        Ok(())
    }

    /// Signers of a sequence whose turn has not come.
    fn to_come(&self, net: FiringNo) -> impl Iterator<Item = &String> {
        self.live_in(net).flat_map(|token| &token.note.rest)
    }
}

/// Who is named twice has one place.
fn each_once(signers: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let first =
        |signer: &String| account_of(signer).is_none_or(|account| seen.insert(account.to_owned()));
    signers.into_iter().filter(first).collect()
}

impl Run<'_> {
    pub(super) fn open_joint(&mut self, ix: NodeIx, token: &Token) -> Result<(), Refusal> {
        let Some(multi) = self
            .definition
            .user_task(ix)
            .and_then(|task| task.multi.as_ref())
        else {
            return Ok(());
        };
        let (joint, signers) = (
            multi.joint,
            self.signers(ix, &multi.signers, &token.note.decision)?,
        );
        let step = Step::new(FiringKind::Open, ix, token.net).consume([token.no]);
        let step = open(step, ix, joint, signers, &token.note.decision);
        self.fire(step).map(drop)
    }

    fn signers(
        &self,
        ix: NodeIx,
        signers: &Signers,
        decision: &str,
    ) -> Result<Vec<String>, Refusal> {
        let source = match signers {
            Signers::List(source) | Signers::Count(source) => source,
        };
        let value = source
            .value(&self.variables, decision)
            .map_err(|message| self.condition_failed(ix, message))?;
        let names: Vec<String> = match (signers, &value) {
            (Signers::List(_), Value::Array(list)) => list
                .iter()
                .filter_map(|entry| entry.as_str().map(str::to_owned))
                .collect(),
            (Signers::Count(_), number) => {
                let count = number
                    .as_u64()
                    .or_else(|| number.as_f64().map(|n| n as u64));
                let count = count.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
                vec![String::new(); count.min(MAX_SIGNERS + 1)]
            }
            _ => Vec::new(),
        };
        if names.len() > MAX_SIGNERS {
            let name = self.label(ix);
            return Err(Refusal::TooManySigners { name });
        }
        let named = |text: String| {
            let officer = account_of(&text).and_then(|account| self.people.get(account));
            signer::given(&text, officer)
        };
        let signers = each_once(names.into_iter().map(named).collect());
        // Whoever comes before cannot name them: the place waits for somebody who may.
        Ok(match signers.is_empty() {
            true => vec![signer::vacant()],
            false => signers,
        })
    }

    /// Closes the joint sign when its rule is met: the signatures are causes, who has not signed is let go.
    pub(super) fn close_joint(&mut self, ix: NodeIx, inside: &Token) -> Result<bool, Refusal> {
        let Some(joint) = inside.note.joint else {
            return Ok(false);
        };
        let nested: Vec<Token> = self.state.live_in(inside.by).cloned().collect();
        let waiting = nested
            .iter()
            .any(|token| matches!(token.place, Place::Signer(_)));
        let given: Vec<&str> = nested
            .iter()
            .filter(|token| matches!(token.place, Place::Signed(_)) && !token.note.removed)
            .map(|token| token.note.decision.as_str())
            .collect();
        let Some(decision) = self.verdict(ix, joint.rule, &given, waiting) else {
            return Ok(false);
        };
        let mut step = Step::new(FiringKind::Close, ix, inside.net)
            .consume([inside.no])
            .consume(nested.iter().map(|token| token.no));
        step.decision.clone_from(&decision);
        let step = self.leave(step, ix, &decision)?;
        self.fire(step)?;
        Ok(true)
    }

    /// The common decision, once there is one. Decisions are drawn from favourable to unfavourable:
    /// where signers differ and no number settles it, the least favourable one counts.
    fn verdict(&self, ix: NodeIx, rule: Rule, signed: &[&str], waiting: bool) -> Option<String> {
        let declared = self.definition.user_task(ix).map(|task| &task.decisions)?;
        let rank = |name: &str| declared.iter().position(|decision| decision.name == name);
        let agreed = |wanted: usize| {
            let count = |name: &str| signed.iter().filter(|other| **other == name).count();
            signed.iter().find(|name| count(name) >= wanted).copied()
        };
        let early = match rule {
            Rule::All => None,
            Rule::Any => agreed(1),
            Rule::Count(wanted) => agreed(usize::try_from(wanted).unwrap_or(usize::MAX)),
        };
        let last = || signed.iter().copied().max_by_key(|name| rank(name));
        match early {
            Some(decision) => Some(decision.to_owned()),
            None if waiting => None,
            None => Some(last().unwrap_or_default().to_owned()),
        }
    }
}

/// The tokens of a joint sign that begins: all signers at once, or the first with the others behind.
pub(super) fn open(
    step: Step,
    ix: NodeIx,
    joint: Joint,
    signers: Vec<String>,
    decision: &str,
) -> Step {
    let inside = Note {
        joint: Some(joint),
        ..Note::decided(decision)
    };
    let step = step.produce(Place::Inside(ix), inside);
    if joint.sequential {
        return next_signer(step, ix, signers, true);
    }
    signers.into_iter().fold(step, |step, signer| {
        let note = Note {
            signer,
            ..Note::default()
        };
        step.produce_nested(Place::Signer(ix), note)
    })
}

/// The next signer in order, if any; `nested` when the firing itself opens the net.
pub(super) fn next_signer(step: Step, ix: NodeIx, mut signers: Vec<String>, nested: bool) -> Step {
    if signers.is_empty() {
        return step;
    }
    let note = Note {
        signer: signers.remove(0),
        rest: signers,
        ..Note::default()
    };
    if nested {
        step.produce_nested(Place::Signer(ix), note)
    } else {
        step.produce(Place::Signer(ix), note)
    }
}
