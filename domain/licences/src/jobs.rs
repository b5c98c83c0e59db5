//! What runs after the commit: making the files of an edition.

use serde::{Deserialize, Serialize};
use tongban_cases::Desk;
use tongban_store::{Job, JobHandler, Lane};
use tongban_ui::App;

use crate::licences::Licences;
use crate::model::{Licence, LicenceId};

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

pub(crate) fn handlers(app: &App) -> Vec<JobHandler> {
    let licences = app.service::<Licences>();
    let cases = app.service::<Desk>().ok();
    vec![JobHandler::new(move |ctx, job: ProduceLicence| {
        let (licences, cases) = (licences.clone(), cases.clone());
        async move {
            let edition = (job.licence, job.version);
            licences?.produce_for(&ctx, edition, cases).await.map(drop)
        }
    })]
}
