//! The verbs on stored flows: load, run, call operations, write, in the caller's transaction.
//! Asks for no permission: who may do what is the caller's matter. Whoever completes a task has to have it; who changes
//! who has it does not.

mod assign;
mod events;
mod perform;
mod signers;
mod verbs;
mod view;

use serde_json::Value;
use tongban_base::{Ctx, calendar::WorkCalendar};
use tongban_store::{Fut, Tx};

pub use assign::{claim, delegate, hand_over, release_task, take_back};
pub use events::{deliver_message, due_timers, fire_timer};
pub use signers::{add_signer, remove_signer};
pub use verbs::{complete, hold, resume, return_to, start, stop, wake, withdraw};
pub use view::{
    beside_in_queue, count_open_tasks, history, instance, joint_tasks, last_done_task,
    load_instance, open_groups, open_tasks, places, rank, returnable_steps, task, tasks_by,
    tasks_of_groups, tasks_of_instance,
};

use crate::definition::{Definition, Effect};
use crate::net::{OperationCall, People};

/// Permission to undo steps whose operations cannot be undone without a follow-up.
pub const UNDO_BLOCKING: &str = "flow.undo_blocking";

/// What service tasks call. Both functions work in the transaction of the verb; what must leave the
/// database goes through the outbox.
pub trait Operations: Send + Sync {
    fn effect(&self, operation: &str) -> Option<Effect>;

    /// Whether an operation cannot be run yet. Its token then waits before the step until `wake` asks again.
    fn must_wait<'a>(
        &'a self,
        _tx: &'a mut Tx,
        _ctx: &'a Ctx,
        _call: &'a OperationCall,
    ) -> Fut<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    /// The result is kept with the step. Its member `variables`, an object, is what conditions of the same
    /// verb then see in place of what they saw.
    fn run<'a>(&'a self, tx: &'a mut Tx, ctx: &'a Ctx, call: &'a OperationCall) -> Fut<'a, Value>;

    /// Called in reverse causal order when steps are undone, with what `run` gave, whatever the effect class.
    fn undo<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        call: &'a OperationCall,
        result: &'a Value,
    ) -> Fut<'a, ()>;
}

/// What a verb needs besides the stored state.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    pub definition: &'a Definition,
    pub operations: &'a dyn Operations,
    pub calendar: &'a WorkCalendar,
    /// Whom signers of a drawing can name.
    pub people: &'a People,
}
