//! How the real name of whoever asks stands.

use tongban_base::{Ctx, Result};

use crate::Identity;
use crate::model::{AssuranceChange, Person, RealNameProof};
use crate::service::own_account;
use crate::store::{account, real_name_check};

/// The actor's own person, newest proof and history of levels.
pub struct ProfileView {
    pub person: Person,
    pub proof: Option<RealNameProof>,
    pub history: Vec<AssuranceChange>,
}

pub async fn own_profile(identity: &Identity, ctx: &Ctx) -> Result<ProfileView> {
    let input = (identity.clone(), own_account(ctx)?);
    identity
        .db
        .read(input, |tx, (identity, account)| {
            Box::pin(async move {
                Ok(ProfileView {
                    person: account::person(tx, &identity.keys, *account).await?,
                    proof: real_name_check::latest(tx, *account).await?,
                    history: account::assurance_history(tx, *account).await?,
                })
            })
        })
        .await
}
