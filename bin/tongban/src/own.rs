//! What waits for whoever is logged in: beside the entries of menus, and on the page where a citizen begins.

use std::sync::Arc;

use tongban_cases::Desk;
use tongban_identity::Identity;
use tongban_licences::Licences;
use tongban_mandates::Mandates;
use tongban_procedures::Catalog;
use tongban_store::Db;
use tongban_ui::{MenuCounts, OwnParts};
use tongban_upkeep::FailedJobs;

use crate::wiring::holder_lookup;

pub fn counts(db: &Db, desk: &Desk, failed_jobs: &Arc<FailedJobs>) -> MenuCounts {
    let mut all = vec![
        tongban_cases::menu_count(desk),
        tongban_upkeep::menu_count(failed_jobs),
        tongban_cases::own_count(desk),
    ];
    all.extend(tongban_messages::own_counts(db));
    MenuCounts(all)
}

pub fn parts(
    db: &Db,
    (identity, licences, desk): (&Identity, &Licences, &Desk),
    (catalog, mandates): (&Arc<Catalog>, &Mandates),
) -> OwnParts {
    OwnParts(vec![
        tongban_identity::own_part(identity),
        tongban_mandates::own_part(mandates),
        tongban_cases::own_part(desk),
        tongban_licences::own_part(licences, holder_lookup(identity), catalog),
        tongban_messages::own_part(db),
    ])
}
