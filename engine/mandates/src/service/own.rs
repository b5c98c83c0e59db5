//! The mandates of whoever asks: those that he gave, and those that name him.

use tongban_base::{Ctx, Result};

use crate::model::{Mandate, State};
use crate::services::{Known, Mandates, account_of};
use crate::store::mandates as store;

/// The latest first.
#[derive(Clone, Debug, Default)]
pub struct OwnMandates {
    pub given: Vec<Mandate>,
    /// That name him, whether he has answered or not.
    pub received: Vec<Mandate>,
    /// Nobody knows yet who he is: nothing can be given to him or by him.
    pub unproven: bool,
}

pub async fn own_mandates(mandates: &Mandates, ctx: &Ctx) -> Result<OwnMandates> {
    let account = account_of(ctx)?;
    let input = (mandates.clone(), account);
    let read = mandates.db.read(input, |tx, (mandates, account)| {
        Box::pin(async move {
            let given = store::of_principal(tx, &mandates.cipher, *account).await?;
            let person = mandates.identity.person_in(tx, *account).await?;
            let Some(known) = Known::of(mandates, *account, &person) else {
                return Ok(OwnMandates {
                    given,
                    received: Vec::new(),
                    unproven: true,
                });
            };
            let mut received = store::naming(tx, &mandates.cipher, &known.digest).await?;
            received.retain(|mandate| {
                let untold = mandate.agent.is_none() && mandate.ended_at.is_some();
                known.is_named_by(mandate) && !untold
            });
            Ok(OwnMandates {
                given,
                received,
                unproven: false,
            })
        })
    });
    read.await
}

/// The invitations that wait for whoever asks.
pub(crate) async fn waiting(mandates: &Mandates, ctx: &Ctx) -> Result<Vec<Mandate>> {
    let mut waiting = own_mandates(mandates, ctx).await?.received;
    let today = ctx.now.date();
    waiting.retain(|mandate| mandate.state_on(today) == State::Invited);
    Ok(waiting)
}
