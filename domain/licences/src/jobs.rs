//! What runs after the commit: making the files of an edition.

use serde::{Deserialize, Serialize};
use tongban_cases::Desk;
use tongban_procedures::Catalog;
use tongban_store::{Job, JobHandler, Lane};
use tongban_ui::App;

use crate::licences::Licences;
use crate::model::{Licence, LicenceId};
use crate::service::remind::TellEnding;
use crate::web::ending::soon;

/// Makes the files of one version. Running it twice makes them once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProduceLicence {
    pub licence: LicenceId,
    pub version: i64,
}

impl ProduceLicence {
    pub(crate) fn of(licence: &Licence) -> Self {
        Self {
            licence: licence.id,
            version: licence.version,
        }
    }
}

impl Job for ProduceLicence {
    const NAME: &'static str = "licence.produce";
    const TITLE: &'static str = "制作证照";
    const LANE: Lane = Lane::Papers;

    fn ordering_key(&self) -> Option<String> {
        Some(format!("licence {} {}", self.licence, self.version))
    }
}

/// Tells holders of licences that end soon. Asked for by the server again and again.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfEndings {}

impl Job for TellOfEndings {
    const NAME: &'static str = "licence.tell_of_endings";
    const TITLE: &'static str = "提醒证照快到期";
    const LANE: Lane = Lane::Looks;

    fn ordering_key(&self) -> Option<String> {
        Some(Self::NAME.into())
    }
}

fn telling(app: &App) -> JobHandler {
    let parts = (
        app.service::<Licences>(),
        app.service::<Catalog>(),
        app.service::<TellEnding>(),
    );
    JobHandler::new(move |ctx, _: TellOfEndings| {
        let parts = parts.clone();
        async move {
            let (licences, catalog, tell) = (parts.0?, parts.1?, parts.2?);
            let Some(until) = soon(&catalog, ctx.now.date()) else {
                return Ok(());
            };
            licences.tell_of_endings(&ctx, until, &tell).await.map(drop)
        }
    })
}

pub(crate) fn handlers(app: &App) -> Vec<JobHandler> {
    let licences = app.service::<Licences>();
    let cases = app.service::<Desk>().ok();
    let produce = JobHandler::new(move |ctx, job: ProduceLicence| {
        let (licences, cases) = (licences.clone(), cases.clone());
        async move {
            let edition = (job.licence, job.version);
            licences?.produce_for(&ctx, edition, cases).await.map(drop)
        }
    });
    vec![produce, telling(app)]
}
