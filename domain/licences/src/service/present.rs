//! Presenting: a holder shows a code that lasts about a minute; whoever scans it sees the register's answer.

use serde_json::Value as Json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_crypto::{random_token, sm3_hex};
use tongban_packs::changed_settings;

use super::open::OpenLicence;
use super::verify::VerifyReport;
use crate::licences::Licences;
use crate::model::{LicenceId, Status};
use crate::store::{editions, licences as store, presentations};
use crate::{audit, error, permissions};

/// The setting by which an office changes how long a shown code lasts.
pub const SETTING: &str = "licence_present_seconds";

const SHORTEST: i64 = 15;
const LONGEST: i64 = 3600;

/// A code as it is shown.
#[derive(Clone, Debug)]
pub struct Presentation {
    pub url: String,
    pub expires_at: Timestamp,
}

impl Licences {
    /// Makes a new code for a licence of the actor's own.
    /// Errors: the licence is not in force.
    pub async fn present(&self, ctx: &Ctx, id: LicenceId) -> Result<String> {
        self.own_to_show(ctx, id).await?;
        let token = random_token()?;
        let input = (self.clone(), ctx.clone(), id, sm3_hex(token.as_bytes()));
        self.db
            .write(input, |tx, (licences, ctx, id, digest)| {
                Box::pin(async move {
                    let licence = store::by_id(tx, *id).await?;
                    let status = licence.map_or(Status::Void, |l| l.status_on(ctx.now.date()));
                    if status != Status::Valid {
                        return Err(error::not_in_force(status));
                    }
                    let seconds = match changed_settings(tx)
                        .await?
                        .get(SETTING)
                        .and_then(Json::as_i64)
                    {
                        Some(set) => set.clamp(SHORTEST, LONGEST),
                        None => licences.presentation_seconds,
                    };
                    let until = ctx.now.plus_millis(seconds * 1000);
                    presentations::add(tx, *id, digest, ctx.now, until).await?;
                    let entry = Entry::done(audit::PRESENTED, audit::SUBJECT, *id);
                    record(tx, ctx, &licences.audit_key, entry).await
                })
            })
            .await?;
        Ok(token)
    }

    /// The licence as its holder shows it, with the code if that still lasts. Writes nothing.
    pub async fn shown(
        &self,
        ctx: &Ctx,
        id: LicenceId,
        token: &str,
    ) -> Result<(OpenLicence, Option<Presentation>)> {
        self.own_to_show(ctx, id).await?;
        let found = self
            .db
            .read(sm3_hex(token.as_bytes()), |tx, digest| {
                Box::pin(presentations::find(tx, digest))
            })
            .await?;
        let lasting = found.filter(|(of, until)| *of == id && ctx.now < *until);
        let presentation = lasting.map(|(_, expires_at)| Presentation {
            url: format!("{}/v/p/{token}", self.public_url),
            expires_at,
        });
        Ok((self.open(ctx, id).await?, presentation))
    }

    /// Only the holder shows a licence: staff see it, but never stand for its holder.
    async fn own_to_show(&self, ctx: &Ctx, id: LicenceId) -> Result<()> {
        let (_, licence) = self.permitted(ctx, id, permissions::READ).await?;
        match licence.holder_account {
            Some(holder) if Some(holder) == ctx.actor.account => Ok(()),
            _ => Err(Problem::not_found()),
        }
    }

    /// What whoever scans a shown code sees, and until when the code lasts.
    /// Errors: the code has expired, or never was.
    pub async fn check_presentation(
        &self,
        ctx: &Ctx,
        token: &str,
    ) -> Result<(VerifyReport, Timestamp)> {
        let found = self
            .db
            .read(sm3_hex(token.as_bytes()), |tx, digest| {
                Box::pin(async move {
                    let Some((id, until)) = presentations::find(tx, digest).await? else {
                        return Ok(None);
                    };
                    let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
                    let edition = editions::one(tx, id, licence.version).await?;
                    Ok(Some((licence, edition, until)))
                })
            })
            .await?;
        match found {
            Some((licence, edition, until)) if ctx.now < until => {
                Ok((super::verify::of_register(ctx, &licence, &edition), until))
            }
            _ => Err(error::code_expired()),
        }
    }
}
