//! A person's own licences.

use tongban_base::{ActorKind, Ctx, Problem, Result};

use crate::licences::{HolderLookup, Licences};
use crate::model::Licence;
use crate::store::licences as store;

/// Nobody holds more; the page says so if somebody does.
const MOST: i64 = 200;

impl Licences {
    /// The licences of whoever asks, those in force first. Licences issued before the person had an account are
    /// joined to it, if the wiring offers a look-up of proved numbers.
    pub async fn own(&self, ctx: &Ctx, lookup: Option<&HolderLookup>) -> Result<Vec<Licence>> {
        let account = match (ctx.actor.kind, ctx.actor.account) {
            (ActorKind::Citizen, Some(account)) => account,
            (ActorKind::Anonymous, _) => return Err(Problem::unauthenticated()),
            _ => return Err(Problem::forbidden()),
        };
        if let Some(lookup) = lookup
            && let Some(number) = (lookup.0)(account).await?
        {
            let input = (self.clone(), account, number);
            let claim = self.db.write(input, |tx, (licences, account, number)| {
                Box::pin(licences.claim(tx, *account, number))
            });
            claim.await?;
        }
        self.db
            .read(account, |tx, account| {
                Box::pin(store::of_account(tx, *account, MOST))
            })
            .await
    }

    /// Those in force, the first to end first. Writes nothing: what is not joined to the account yet is found by the
    /// proved number.
    pub async fn held(&self, ctx: &Ctx, lookup: &HolderLookup) -> Result<Vec<Licence>> {
        let account = ctx.actor.account.ok_or_else(Problem::unauthenticated)?;
        let number = (lookup.0)(account).await?;
        let digest = number.map(|number| self.holder_digest(&number));
        let input = (account, digest.unwrap_or_default());
        self.db
            .read(input, |tx, (account, digest)| {
                Box::pin(store::held(tx, *account, digest, MOST))
            })
            .await
    }
}
