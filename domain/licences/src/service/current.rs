//! The licence that counts for a person: what rules, prefilling and material checks see.

use serde_json::Value as Json;
use tongban_base::{Ctx, Date, Problem, Result, Timestamp};
use tongban_store::Tx;

use crate::definition::{Period, Validity};
use crate::licences::Licences;
use crate::model::{Licence, Status};
use crate::store::{editions, licences as store};

/// How the licence that counts for a person stands on a day.
#[derive(Clone, Debug)]
pub struct Standing {
    pub title: String,
    pub number: String,
    pub status: Status,
    /// From when it has been so; none while it is in force.
    pub since: Option<Date>,
    /// The day that it bears, and the moment when it was put on record.
    pub issued_on: Date,
    pub made_at: Timestamp,
}

impl Licences {
    /// As `current_in`, but of the record only: its status, and since when.
    pub async fn standing_in(
        &self,
        tx: &mut Tx,
        holder_digest: &str,
        kind: &str,
        today: Date,
    ) -> Result<Option<Standing>> {
        let found = store::current(tx, holder_digest, kind).await?;
        Ok(found.map(|licence| Standing {
            status: licence.status_on(today),
            since: match (&licence.ended, licence.status_on(today)) {
                (Some(ended), _) => Some(ended.on),
                (None, Status::Expired) => licence.valid_to.and_then(|last| last.succ_opt()),
                (None, _) => None,
            },
            issued_on: licence.issued_on,
            made_at: licence.created_at,
            title: licence.title,
            number: licence.number,
        }))
    }

    /// Why no licence with this term can be issued today: it would go on from one that has ended.
    pub async fn basis_in(
        &self,
        tx: &mut Tx,
        holder_digest: &str,
        kind: &str,
        validity: Validity,
        today: Date,
    ) -> Result<Option<Problem>> {
        let current = store::current(tx, holder_digest, kind).await?;
        let old = current
            .filter(|licence| licence.status == Status::Valid)
            .map(|licence| Period {
                from: licence.valid_from,
                to: licence.valid_to,
            });
        Ok(validity.period(today, None, old).err())
    }

    /// The same in a transaction of its own.
    pub async fn standing_of(
        &self,
        ctx: &Ctx,
        id_number: &str,
        kind: &str,
    ) -> Result<Option<Standing>> {
        let digest = self.holder_digest(id_number);
        let input = (self.clone(), digest, kind.to_owned(), ctx.now.date());
        self.db
            .read(input, |tx, (licences, digest, kind, today)| {
                Box::pin(licences.standing_in(tx, digest, kind, *today))
            })
            .await
    }

    /// The facts of a person's licence of a kind, null when there is none: `{id, type, status, number, issued_on,
    /// valid_from, valid_to, …face}`. Expired, cancelled and revoked ones are told too; `status` says so.
    pub async fn current_of(&self, ctx: &Ctx, id_number: &str, kind: &str) -> Result<Json> {
        let digest = self.holder_digest(id_number);
        let input = (self.clone(), digest, kind.to_owned(), ctx.now.date());
        self.db
            .read(input, |tx, (licences, digest, kind, today)| {
                Box::pin(licences.current_in(tx, digest, kind, *today))
            })
            .await
    }

    /// As `current_of`, inside the caller's transaction and by `holder_digest`.
    pub async fn current_in(
        &self,
        tx: &mut Tx,
        holder_digest: &str,
        kind: &str,
        today: Date,
    ) -> Result<Json> {
        match store::current(tx, holder_digest, kind).await? {
            Some(licence) => self.facts_of(tx, &licence, today).await,
            None => Ok(Json::Null),
        }
    }

    pub(crate) async fn facts_of(
        &self,
        tx: &mut Tx,
        licence: &Licence,
        today: Date,
    ) -> Result<Json> {
        let sealed = editions::face(tx, licence.id, licence.version).await?;
        Ok(licence.facts(&self.open_face(licence.id, &sealed)?, today))
    }
}
