//! What becomes of the files of a licence: with them it comes into force, without them somebody has to know. The case that
//! waits for them is told in the transaction that records it.

use std::sync::Arc;

use tongban_base::{Ctx, Permission, Problem, Result, Scope, Timestamp, authorize};
use tongban_documents::Failure;
use tongban_store::{Fut, Tx};

use crate::error;
use crate::jobs::ProduceLicence;
use crate::licences::Licences;
use crate::model::{Licence, LicenceId, Photo, Status};
use crate::store::{editions, licences as store, papers};

/// Files of a licence that are waited for.
#[derive(Clone, Debug)]
pub struct LicencePaper {
    pub licence: LicenceId,
    pub version: i64,
    pub title: String,
    pub number: String,
    /// The case that waits for them.
    pub case_id: Option<String>,
    pub asked_at: Timestamp,
    pub failure: Option<Failure>,
    pub has_photo: bool,
}

/// Which of them a list shows: failed, or waited for since before `late`, beside a row.
#[derive(Clone, Debug)]
pub struct Overdue {
    pub late: Timestamp,
    pub beside: Option<(Timestamp, String)>,
    pub backward: bool,
    pub limit: i64,
}

/// What a case hears of the files that it waits for.
#[derive(Clone, Debug)]
pub struct PaperNews {
    pub case_id: String,
    pub licence: LicenceId,
    pub title: String,
    pub number: String,
    /// None when they are made.
    pub failure: Option<Failure>,
}

/// Who keeps the cases; the wiring offers it as a service.
pub struct CaseNews(pub Box<TellCase>);

type TellCase = dyn for<'t> Fn(&'t mut Tx, &'t Ctx, PaperNews) -> Fut<'t, ()> + Send + Sync;

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
        news: Option<Arc<CaseNews>>,
    ) -> Result<()> {
        let input = (self.clone(), ctx.clone(), edition, failure, news);
        self.db
            .write(input, |tx, (licences, ctx, edition, failure, news)| {
                Box::pin(async move {
                    if !papers::record_failure(tx, *edition, failure).await? {
                        return Ok(());
                    }
                    licences.tell_case(tx, ctx, *edition, news.as_deref()).await
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
        news: Option<&CaseNews>,
    ) -> Result<()> {
        let edition = editions::one(tx, id, version).await?;
        let (Some(news), Some(case_id)) = (news, edition.case_id) else {
            return Ok(());
        };
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        let told = PaperNews {
            case_id,
            licence: id,
            title: licence.title,
            number: licence.number,
            failure: edition.failure,
        };
        (news.0)(tx, ctx, told).await
    }

    /// Whether a case waits for files of a licence.
    pub async fn are_awaited(&self, tx: &mut Tx, case_id: &str) -> Result<bool> {
        papers::are_awaited(tx, case_id).await
    }

    /// Those that a case waits for.
    pub async fn awaited_by(&self, tx: &mut Tx, case_id: &str) -> Result<Vec<LicencePaper>> {
        papers::of_case(tx, case_id).await
    }

    /// What failed or has waited too long, in sight of the scope, the longest first.
    pub async fn overdue_papers(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        wanted: &Overdue,
    ) -> Result<Vec<LicencePaper>> {
        papers::overdue(tx, scope, wanted).await
    }

    /// The files of a version that the actor may have made again.
    pub async fn awaited_paper(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        right: Permission,
        (id, version): (LicenceId, i64),
    ) -> Result<(Licence, Option<String>)> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        authorize(ctx, right, &licence)?;
        let case_id = editions::one(tx, id, version).await?.case_id;
        Ok((licence, case_id))
    }

    /// Has the files of a version made now; false when they are there, or are on their way since `late`.
    pub async fn make_again(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (licence, version): (LicenceId, i64),
        late: Timestamp,
    ) -> Result<bool> {
        if !papers::ask_again(tx, (licence, version), (late, ctx.now)).await? {
            return Ok(false);
        }
        let job = ProduceLicence { licence, version };
        tx.run_again(&job, ctx.now).await?;
        Ok(true)
    }

    /// Puts another picture on a face that could not be made with the one before; false when that is not so (any more).
    pub async fn exchange_photo(
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
