//! The verbs that move forward: start, complete, signers, messages, timers, hold and resume.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::events::Caught;
use super::firing::{FiringKind, FiringNo};
use super::joint::{account_of, next_signer, open};
use super::place::Place;
use super::refusal::Refusal;
use super::run::{Run, Step};
use super::signer::Signer;
use super::state::Status;
use super::token::{Message, Note, Signature, Token, TokenNo};
use crate::definition::{Joint, NodeIx, ROOT, Rule, UserTask};

#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    pub task: TokenNo,
    pub decision: String,
    pub opinion: String,
    /// The change of data that comes with it; kept on the firing.
    pub data: Value,
}

/// When an added signer signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignerPlace {
    /// Before the present one.
    Before,
    /// After the present one.
    After,
    /// At the same time.
    Beside,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedSigner {
    pub signer: String,
    /// Who has the task now; empty for its whole role.
    pub present: String,
    pub place: SignerPlace,
}

impl Run<'_> {
    pub fn start(&mut self) -> Result<(), Refusal> {
        if self.state.last_token > 0 {
            return Err(Refusal::Started);
        }
        let outside = FiringNo::OUTSIDE;
        self.produce(Place::Start(ROOT), outside, outside, Note::default());
        Ok(())
    }

    pub fn complete(&mut self, completion: &Completion) -> Result<(), Refusal> {
        self.must_run()?;
        self.activate_plan(completion.task);
        self.finish_task(completion)
    }

    pub(super) fn finish_task(&mut self, completion: &Completion) -> Result<(), Refusal> {
        let token = self
            .live(completion.task)
            .cloned()
            .ok_or(Refusal::TaskGone)?;
        let ix = token.place.task(self.definition).ok_or(Refusal::TaskGone)?;
        let definition = self.definition;
        let task = definition.user_task(ix).ok_or(Refusal::TaskGone)?;
        self.check_decision(ix, task, completion)?;
        let signs = matches!(token.place, Place::Signer(_));
        if let (true, Some(account)) = (signs, &self.account) {
            self.state
                .may_sign(&token, account, ("您", &self.label(ix)))?;
        }
        let kind = if signs {
            FiringKind::Sign
        } else {
            FiringKind::Complete
        };
        let mut step = Step::new(kind, ix, token.net).consume([token.no]);
        step.decision.clone_from(&completion.decision);
        step.opinion.clone_from(&completion.opinion);
        step.data.clone_from(&completion.data);
        let step = if signs {
            let mut note = Note::decided(&completion.decision);
            note.signed = self.account.clone().map(|account| Signature {
                account,
                at: self.now,
            });
            let step = step.produce(Place::Signed(ix), note);
            next_signer(step, ix, token.note.rest, false)
        } else {
            self.leave(step, ix, &completion.decision)?
        };
        self.fire(step).map(drop)
    }

    fn check_decision(
        &self,
        ix: NodeIx,
        task: &UserTask,
        completion: &Completion,
    ) -> Result<(), Refusal> {
        let chosen = task
            .decisions
            .iter()
            .find(|d| d.name == completion.decision);
        match chosen {
            Some(decision) if decision.opinion_required && completion.opinion.trim().is_empty() => {
                Err(Refusal::OpinionMissing {
                    label: decision.label.clone(),
                })
            }
            Some(_) => Ok(()),
            None if task.decisions.is_empty() && completion.decision.is_empty() => Ok(()),
            None => Err(Refusal::UnknownDecision {
                name: self.label(ix),
            }),
        }
    }

    /// Adds a signer at an open task. A plain task becomes a joint sign of all.
    pub fn add_signer(
        &mut self,
        task: TokenNo,
        added: &AddedSigner,
        reason: &str,
    ) -> Result<(), Refusal> {
        self.must_run()?;
        let token = self.live(task).cloned().ok_or(Refusal::TaskGone)?;
        token.place.task(self.definition).ok_or(Refusal::TaskGone)?;
        self.add_signer_at(&token, added, reason)
    }

    pub(super) fn add_signer_at(
        &mut self,
        token: &Token,
        added: &AddedSigner,
        reason: &str,
    ) -> Result<(), Refusal> {
        let mut step = match token.place {
            Place::Signer(ix) => self.add_beside_signer(ix, token, added)?,
            Place::Inside(ix) => self.add_parallel(ix, token, added)?,
            place => {
                let ix = place.task(self.definition).ok_or(Refusal::TaskGone)?;
                if account_of(&added.signer)
                    .is_some_and(|new| account_of(&added.present) == Some(new))
                {
                    return Err(Refusal::SignerTwice);
                }
                let running = self.state.timers.iter();
                self.carried = running
                    .filter(|((host, _), _)| *host == token.no)
                    .map(|((_, event), due)| (*event, *due))
                    .collect();
                make_joint(ix, token, added)
            }
        };
        let mut recorded = added.clone();
        if matches!(token.place, Place::Signer(_) | Place::Inside(_)) {
            recorded.present.clone_from(&token.note.signer);
        }
        step.data = serde_json::to_value(recorded).unwrap_or_default();
        reason.clone_into(&mut step.opinion);
        self.fire(step).map(drop)
    }

    fn add_beside_signer(
        &self,
        ix: NodeIx,
        token: &Token,
        added: &AddedSigner,
    ) -> Result<Step, Refusal> {
        let inside = self.inside(token)?.clone();
        if !inside.note.joint.is_some_and(|joint| joint.sequential) {
            return self.add_parallel(ix, &inside, added);
        }
        let present = token.note.signer.clone();
        self.state.not_yet_signer(token.net, &added.signer)?;
        let mut order = match added.place {
            SignerPlace::Before => vec![added.signer.clone(), present],
            SignerPlace::After | SignerPlace::Beside => vec![present, added.signer.clone()],
        };
        order.extend(token.note.rest.iter().cloned());
        let step = Step::new(FiringKind::AddSigner, ix, token.net).consume([token.no]);
        Ok(next_signer(step, ix, order, false))
    }

    fn add_parallel(
        &self,
        ix: NodeIx,
        inside: &Token,
        added: &AddedSigner,
    ) -> Result<Step, Refusal> {
        self.state.not_yet_signer(inside.by, &added.signer)?;
        let note = Note {
            signer: added.signer.clone(),
            ..Note::default()
        };
        Ok(Step::new(FiringKind::AddSigner, ix, inside.by)
            .read([inside.no])
            .produce(Place::Signer(ix), note))
    }

    /// The token that stands for the whole joint sign of a signer.
    fn inside(&self, signer: &Token) -> Result<&Token, Refusal> {
        let whole =
            |token: &&Token| token.by == signer.net && matches!(token.place, Place::Inside(_));
        self.state.live().find(whole).ok_or(Refusal::NotJoint)
    }

    pub fn remove_signer(&mut self, task: TokenNo, reason: &str) -> Result<(), Refusal> {
        self.must_run()?;
        let token = self.live(task).cloned().ok_or(Refusal::TaskGone)?;
        self.remove_signer_at(&token, reason)
    }

    pub(super) fn remove_signer_at(&mut self, token: &Token, reason: &str) -> Result<(), Refusal> {
        let Place::Signer(ix) = token.place else {
            return Err(Refusal::NotJoint);
        };
        let others = self.state.live_in(token.net).filter(|other| {
            let counts = match other.place {
                Place::Signer(_) => true,
                Place::Signed(_) => !other.note.removed,
                _ => false,
            };
            counts && other.no != token.no
        });
        let left = others.count() + token.note.rest.len();
        if left == 0 {
            return Err(Refusal::LastSigner);
        }
        let vacant = Signer::read(&token.note.signer) == Signer::Vacant;
        if !vacant && left < self.wanted(ix) {
            let name = self.label(ix);
            return Err(Refusal::TooFewSigners { name });
        }
        let gone = Note {
            removed: true,
            ..Note::default()
        };
        let step = Step::new(FiringKind::RemoveSigner, ix, token.net)
            .consume([token.no])
            .produce(Place::Signed(ix), gone);
        let mut step = next_signer(step, ix, token.note.rest.clone(), false);
        reason.clone_into(&mut step.opinion);
        self.fire(step).map(drop)
    }

    /// How many have to sign a joint sign that the drawing asks for; one is enough where signers were added.
    fn wanted(&self, ix: NodeIx) -> usize {
        let task = self.definition.user_task(ix);
        match task
            .and_then(|task| task.multi.as_ref())
            .map(|multi| multi.joint.rule)
        {
            Some(Rule::All) => 2,
            Some(Rule::Count(number)) => usize::try_from(number).unwrap_or(usize::MAX),
            Some(Rule::Any) | None => 1,
        }
    }

    /// A message arrives; it waits until something catches it.
    pub fn message(&mut self, message: Message) -> Result<(), Refusal> {
        self.must_not_be_over()?;
        let mut step = Step::new(
            FiringKind::Message,
            self.definition.scope(ROOT).start,
            FiringNo::OUTSIDE,
        );
        step.node = None;
        step.data.clone_from(&message.data);
        let note = Note {
            message: Some(message),
            ..Note::default()
        };
        self.fire(step.produce(Place::Message, note)).map(drop)
    }

    /// A timer went off. One that no longer runs is refused, so that a second delivery has no effect.
    pub fn timer(&mut self, token: TokenNo, event: NodeIx) -> Result<(), Refusal> {
        self.must_run()?;
        let due = self.state.timers.get(&(token, event)).copied();
        let alive = self.live(token).is_some();
        if !alive || due.is_none_or(|due| due > self.now) {
            return Err(Refusal::TimerGone);
        }
        self.forget_timer(token, event);
        self.happen(event, token, Caught::Timer)
    }

    pub fn hold(&mut self) -> Result<(), Refusal> {
        self.must_run()?;
        self.state.status = Status::Held;
        self.state.held_since = Some(self.now);
        Ok(())
    }

    /// Tries again what was postponed. While the flow is held it goes on waiting.
    pub fn wake(&mut self) -> Result<(), Refusal> {
        self.must_not_be_over()?;
        let postponed: Vec<TokenNo> = self
            .state
            .postponed(self.definition)
            .map(|t| t.no)
            .collect();
        self.agenda.extend(postponed);
        Ok(())
    }

    /// Timers run on for as long as they were stopped; what arrived meanwhile is caught now.
    pub fn resume(&mut self) -> Result<(), Refusal> {
        self.must_not_be_over()?;
        let since = self.state.held_since.take().ok_or(Refusal::NotHeld)?;
        self.state.status = Status::Running;
        let pause = (self.now.0 - since.0).max(0);
        for due in self.state.timers.values_mut() {
            *due = due.plus_millis(pause);
        }
        self.change.timers_shifted = Some(pause);
        let waiting: Vec<_> = self.state.live.iter().copied().collect();
        self.agenda.extend(waiting);
        Ok(())
    }
}

/// A joint sign of two: the one who has the task, and the one added.
fn make_joint(ix: NodeIx, token: &Token, added: &AddedSigner) -> Step {
    let (present, new) = (added.present.clone(), added.signer.clone());
    let (sequential, signers) = match added.place {
        SignerPlace::Before => (true, vec![new, present]),
        SignerPlace::After => (true, vec![present, new]),
        SignerPlace::Beside => (false, vec![present, new]),
    };
    let joint = Joint {
        sequential,
        rule: Rule::All,
    };
    let step = Step::new(FiringKind::Open, ix, token.net).consume([token.no]);
    open(step, ix, joint, signers, &token.note.decision)
}
