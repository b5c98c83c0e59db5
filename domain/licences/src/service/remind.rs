//! Holders are told once before a licence ends, as long as it is in force. The house sends the words.

use std::sync::Arc;

use tongban_base::{Ctx, Date, Result, Uuid};
use tongban_store::{Fut, Tx};

use crate::licences::Licences;
use crate::model::{Licence, LicenceId};
use crate::store::reminders as store;

/// A licence that ends soon, for whoever tells its holder.
#[derive(Clone, Debug)]
pub struct EndingLicence {
    pub account: Uuid,
    pub licence: LicenceId,
    pub title: String,
    pub last_day: Date,
}

type Tell = dyn for<'t> Fn(&'t mut Tx, Ctx, EndingLicence) -> Fut<'t, ()> + Send + Sync;

/// Sends the message, in the transaction that remembers it; the wiring offers it as a service.
pub struct TellEnding(pub Box<Tell>);

/// So many at once.
const PAGE: i64 = 200;

impl Licences {
    /// Tells the holders of licences that end by `until`; gives how many were new.
    pub async fn tell_of_endings(
        &self,
        ctx: &Ctx,
        until: Date,
        tell: &Arc<TellEnding>,
    ) -> Result<usize> {
        let mut told = 0;
        loop {
            let days = (ctx.now.date(), until);
            let found = self
                .db
                .read(days, |tx, days| Box::pin(store::ending(tx, *days, PAGE)));
            let found = found.await?;
            if found.is_empty() {
                return Ok(told);
            }
            for licence in found {
                let input = (ctx.clone(), licence, Arc::clone(tell));
                let outcome = self.db.write(input, |tx, (ctx, licence, tell)| {
                    Box::pin(tell_one(tx, ctx, licence, tell))
                });
                told += usize::from(outcome.await?);
            }
        }
    }
}

/// False when another node came first.
async fn tell_one(tx: &mut Tx, ctx: &Ctx, licence: &Licence, tell: &TellEnding) -> Result<bool> {
    let (Some(account), Some(last_day)) = (licence.holder_account, licence.valid_to) else {
        return Ok(false);
    };
    if !store::remember(tx, licence.id, last_day, ctx.now).await? {
        return Ok(false);
    }
    let ending = EndingLicence {
        account,
        licence: licence.id,
        title: licence.title.clone(),
        last_day,
    };
    (tell.0)(tx, ctx.clone(), ending).await?;
    Ok(true)
}
