//! Whoever was first met at a window registers one day: the account of the window becomes his, with his login name, password
//! and mobile number. What he did at the window is there, and he stays logged in.

use std::sync::Arc;

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Result, Uuid};
use tongban_store::{Fut, Tx};

use crate::Identity;
use crate::audit::JOINED;
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

/// `from` has proven the number of `to`, which is unclaimed.
pub(super) async fn join(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    joined: Joined,
) -> Result<()> {
    let Joined { from, to } = joined;
    account::hand_over(tx, &identity.keys, (from, to)).await?;
    session::hand_over(tx, (from, to)).await?;
    if let Some(after) = &identity.after_join {
        after(tx, joined).await?;
    }
    let entry = Entry::done(JOINED, "account", to).with_detail(json!({ "from": from }));
    record(tx, ctx, identity.audit_key(), entry).await
}
