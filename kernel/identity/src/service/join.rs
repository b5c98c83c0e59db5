//! Whoever was first met at a window registers one day: the account of the window becomes his, with his login name, password
//! and mobile number. What he did at the window is there, and he stays logged in.

use std::sync::Arc;

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Result, Uuid};
use tongban_store::{Fut, Tx};

use crate::Identity;
use crate::audit::JOINED;
use crate::model::{Assurance, AssuranceChange};
use crate::store::real_name_check::CheckRow;
use crate::store::{account, session};

/// What others move in the same transaction from the second account to the first: the wiring knows them.
pub type AfterJoin = Arc<dyn for<'t> Fn(&'t mut Tx, Joined) -> Fut<'t, ()> + Send + Sync>;

#[derive(Clone, Copy, Debug)]
pub struct Joined {
    pub from: Uuid,
    pub to: Uuid,
}

/// The account that was opened at a window for a number and that nobody can log in to.
pub(super) async fn unclaimed(tx: &mut Tx, account: Uuid) -> Result<bool> {
    Ok(account::password(tx, account).await? == Some(String::new()))
}

/// `from` has proven the number of `to`, which is unclaimed. The account is as sure as this proof and no surer: whoever
/// stood at the window is not shown to be whoever logs in.
pub(super) async fn join(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (joined, proof): (Joined, &CheckRow),
) -> Result<()> {
    let Joined { from, to } = joined;
    let before = account::person(tx, &identity.keys, to).await?.assurance;
    let (name, number, after) = (&proof.name, &proof.id_number, Assurance::L2);
    account::prove(tx, &identity.keys, to, name, number, after).await?;
    let change = AssuranceChange {
        before,
        after,
        reason: "joined".into(),
        at: ctx.now,
    };
    account::note_assurance(tx, to, &change)?;
    account::hand_over(tx, &identity.keys, (from, to)).await?;
    session::hand_over(tx, (from, to)).await?;
    if let Some(after) = &identity.after_join {
        after(tx, joined).await?;
    }
    let entry = Entry::done(JOINED, "account", to).with_detail(json!({ "from": from }));
    record(tx, ctx, identity.audit_key(), entry).await
}
