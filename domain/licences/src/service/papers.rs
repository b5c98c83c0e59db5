//! What becomes of the files of a licence: with them it comes into force, without them somebody has to know. The case that
//! waits for them is told in the transaction that records it.

use std::sync::Arc;

use tongban_base::{Ctx, Permission, Problem, Result, Scope, Timestamp, authorize};
use tongban_cases::{
    CaseId, Desk, NamedPaper, Overdue, Paper, PaperNews, PaperSource, hear_of_paper,
};
use tongban_documents::Failure;
use tongban_store::{Fut, StoredObject, Tx};

use crate::error;
use crate::jobs::ProduceLicence;
use crate::licences::Licences;
use crate::model::{Licence, LicenceId, PAPER_KIND as KIND, Photo, Status};
use crate::store::{editions, licences as store, papers};

fn edition_of(id: &str) -> Result<(LicenceId, i64)> {
    let (id, version) = id.rsplit_once('-').ok_or_else(Problem::not_found)?;
    let version = version.parse().map_err(|_| Problem::not_found())?;
    Ok((id.parse()?, version))
}

impl Licences {
    /// With its files a version counts; a licence that was issued is in force, and what it replaces ends.
    /// Errors: what it was to replace or to change has ended since.
    pub(super) async fn come_into_force(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        id: LicenceId,
        version: i64,
    ) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        if licence.making {
            self.not_overtaken(tx, &licence).await?;
            if let Some(previous) = licence.replaces {
                let previous = store::by_id(tx, previous).await?;
                let previous = previous.ok_or_else(Problem::not_found)?;
                self.replace(tx, ctx, &previous, licence.case_id.as_deref())
                    .await?;
            }
            store::begin(tx, id).await?;
            return Ok(());
        }
        let follows = version > licence.version;
        if follows && !store::set_version(tx, id, licence.version, version).await? {
            return Err(error::overtaken(licence.status));
        }
        Ok(())
    }

    /// While a licence was made, the one before it may have been revoked, or another one come into force.
    async fn not_overtaken(&self, tx: &mut Tx, licence: &Licence) -> Result<()> {
        let current = store::current(tx, &licence.holder_digest, &licence.kind).await?;
        let in_force = current.filter(|current| current.status == Status::Valid);
        if let Some(current) = in_force {
            return match Some(current.id) == licence.replaces {
                true => Ok(()),
                false => Err(error::overtaken(Status::Replaced)),
            };
        }
        let Some(previous) = licence.replaces else {
            return Ok(());
        };
        let previous = store::by_id(tx, previous).await?;
        let previous = previous.ok_or_else(Problem::not_found)?;
        let ended = previous.ended.as_ref().map(|ended| ended.on);
        match ended.is_some_and(|on| on >= licence.issued_on) {
            true => Err(error::overtaken(previous.status)),
            false => Ok(()),
        }
    }

    pub(super) async fn record_failure(
        &self,
        ctx: &Ctx,
        edition: (LicenceId, i64),
        failure: Failure,
        cases: Option<Arc<Desk>>,
    ) -> Result<()> {
        let input = (self.clone(), ctx.clone(), edition, failure, cases);
        self.db
            .write(input, |tx, (licences, ctx, edition, failure, cases)| {
                Box::pin(async move {
                    if !papers::record_failure(tx, *edition, failure).await? {
                        return Ok(());
                    }
                    licences
                        .tell_case(tx, ctx, *edition, cases.as_deref())
                        .await
                })
            })
            .await
    }

    /// Tells the case that waits for an edition how it stands now.
    pub(super) async fn tell_case(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (id, version): (LicenceId, i64),
        cases: Option<&Desk>,
    ) -> Result<()> {
        let edition = editions::one(tx, id, version).await?;
        let (Some(desk), Some(case_id)) = (cases, edition.case_id) else {
            return Ok(());
        };
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        let news = PaperNews {
            case: case_id.parse()?,
            title: licence.title,
            number: licence.number,
            failure: edition.failure,
        };
        hear_of_paper(tx, desk, ctx, &news).await
    }
}

impl PaperSource for Licences {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn are_awaited<'a>(&'a self, tx: &'a mut Tx, case: CaseId) -> Fut<'a, bool> {
        Box::pin(async move { papers::are_awaited(tx, &case.to_string()).await })
    }

    fn awaited_by<'a>(&'a self, tx: &'a mut Tx, case: CaseId) -> Fut<'a, Vec<Paper>> {
        Box::pin(async move { papers::of_case(tx, &case.to_string()).await })
    }

    fn failure(&self) -> &'static str {
        papers::FAILURE
    }

    fn overdue<'a>(
        &'a self,
        tx: &'a mut Tx,
        scope: &'a Scope,
        wanted: &'a Overdue,
    ) -> Fut<'a, Vec<Paper>> {
        Box::pin(papers::overdue(tx, scope, wanted))
    }

    fn awaited<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        right: Permission,
        id: &'a str,
    ) -> Fut<'a, NamedPaper> {
        Box::pin(async move {
            let (id, version) = edition_of(id)?;
            let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
            authorize(ctx, right, &licence)?;
            let case = editions::one(tx, id, version).await?.case_id;
            Ok(NamedPaper {
                title: licence.title,
                number: licence.number,
                case: case.map(|case| case.parse()).transpose()?,
            })
        })
    }

    fn make_again<'a>(
        &'a self,
        tx: &'a mut Tx,
        ctx: &'a Ctx,
        id: &'a str,
        late: Timestamp,
    ) -> Fut<'a, bool> {
        Box::pin(async move {
            let (licence, version) = edition_of(id)?;
            if !papers::ask_again(tx, (licence, version), (late, ctx.now)).await? {
                return Ok(false);
            }
            let job = ProduceLicence { licence, version };
            tx.run_again(&job, ctx.now).await?;
            Ok(true)
        })
    }

    fn exchange_photo<'a>(
        &'a self,
        tx: &'a mut Tx,
        id: &'a str,
        photo: &'a StoredObject,
    ) -> Fut<'a, bool> {
        Box::pin(async move {
            let Some(photo) = Photo::new(photo.id.clone(), &photo.media_type) else {
                return Ok(false);
            };
            self.put_photo(tx, edition_of(id)?, &photo).await
        })
    }
}

impl Licences {
    /// Puts another picture on a face that could not be made with the one before; false when that is not so (any more).
    async fn put_photo(
        &self,
        tx: &mut Tx,
        (id, version): (LicenceId, i64),
        photo: &Photo,
    ) -> Result<bool> {
        let edition = editions::one(tx, id, version).await?;
        let failed = edition.failure.is_some_and(|failure| failure.is_final);
        let (true, None, Some(before)) = (failed, &edition.files, &edition.photo) else {
            return Ok(false);
        };
        let mut face = self.open_face(id, &editions::face(tx, id, version).await?)?;
        for value in face.values_mut() {
            if value.as_str() == Some(before.path.as_str()) {
                *value = photo.path.clone().into();
            }
        }
        let sealed = self.seal_field(id, "face", &serde_json::to_string(&face)?)?;
        papers::set_photo(tx, (id, version), photo, &sealed).await?;
        Ok(true)
    }
}
