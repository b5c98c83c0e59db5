//! Adding a signer to an open task, and taking one away.

use serde_json::Value;
use tongban_base::{Ctx, Result};
use tongban_store::Tx;

use super::Engine;
use super::perform::perform;
use super::verbs::still_open;
use crate::model::{Outcome, TaskId};
use crate::net::{AddedSigner, Assignment, SignerPlace, Verb, written};
use crate::store::{instances, timers};

/// A plain task becomes a joint sign of the one who has it and the one added.
#[expect(
    clippy::too_many_arguments,
    reason = "each one is a part of the order that an officer gives"
)]
pub async fn add_signer(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    task: TaskId,
    signer: &Assignment,
    place: SignerPlace,
    reason: &str,
    variables: &Value,
) -> Result<Outcome> {
    let task = still_open(tx, task).await?;
    let verb = Verb::AddSigner {
        task: task.token,
        added: AddedSigner {
            signer: written(signer),
            present: written(&task.assignment),
            place,
        },
        reason: reason.to_owned(),
    };
    let mut loaded = instances::load_live(tx, task.instance, engine.definition).await?;
    let running = timers::of_token(tx, task.instance, task.token, engine.definition).await?;
    for (event, due) in running {
        loaded.state.timers.insert((task.token, event), due);
    }
    perform(tx, ctx, engine, loaded.into(), &verb, variables).await
}

pub async fn remove_signer(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    task: TaskId,
    reason: &str,
    variables: &Value,
) -> Result<Outcome> {
    let task = still_open(tx, task).await?;
    let verb = Verb::RemoveSigner {
        task: task.token,
        reason: reason.to_owned(),
    };
    let loaded = instances::load_live(tx, task.instance, engine.definition).await?;
    perform(tx, ctx, engine, loaded.into(), &verb, variables).await
}
