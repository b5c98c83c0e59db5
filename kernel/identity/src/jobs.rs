//! The jobs of this crate. Each may run twice.

use serde::{Deserialize, Serialize};
use tongban_base::Uuid;
use tongban_store::{Job, JobHandler, Lane};
use tongban_ui::App;

use crate::Identity;
use crate::service::check_real_name::check_real_name;
use crate::store::real_name_check::CheckId;

/// Puts one question to the population register. Holds no personal data: the job table is not encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CheckRealName {
    pub check: CheckId,
    pub account: Uuid,
}

impl Job for CheckRealName {
    const NAME: &'static str = "identity.check_real_name";
    const TITLE: &'static str = "核验实名信息";
    const LANE: Lane = Lane::Counterpart("population");

    fn ordering_key(&self) -> Option<String> {
        Some(format!("account:{}", self.account))
    }
}

pub(crate) fn handlers(app: &App) -> Vec<JobHandler> {
    match app.service::<Identity>() {
        Ok(identity) => job_handlers(&identity),
        Err(problem) => {
            tracing::error!(%problem, "the identity service is missing: its jobs will not run");
            Vec::new()
        }
    }
}

/// For a dispatcher without an `App`: tests and the command line.
pub fn job_handlers(identity: &Identity) -> Vec<JobHandler> {
    let identity = identity.clone();
    vec![JobHandler::new(move |ctx, job: CheckRealName| {
        let identity = identity.clone();
        async move { check_real_name(&identity, &ctx, &job).await }
    })]
}
