//! What still needs an entry: then it does not end.

use tongban_base::{Date, Result};
use tongban_identity::Identity;
use tongban_packs::{EntryKind, Installation};
use tongban_procedures::Catalog;
use tongban_store::Tx;

/// In words what needs it; empty where nothing does.
pub(super) async fn needs(
    tx: &mut Tx,
    (identity, catalog, today): (&Identity, &Catalog, Date),
    installation: &Installation,
    (kind, code): (EntryKind, &str),
) -> Result<Vec<String>> {
    let mut needs = Vec::new();
    let mut need = |count: usize, words: &str| {
        if count > 0 {
            needs.push(format!("{count} {words}"));
        }
    };
    let is_this = |parent: &Option<String>| parent.as_deref() == Some(code);
    match kind {
        EntryKind::Division => {
            let below = installation.divisions().filter(|d| is_this(&d.parent));
            need(below.count(), "个下级区划");
            let offices = installation.organisations().filter(|o| o.division == code);
            need(offices.count(), "个机构");
            need(identity.officers_of_division(tx, code).await?, "位工作人员");
        }
        EntryKind::Organisation => {
            let below = installation.organisations().filter(|o| is_this(&o.parent));
            need(below.count(), "个下级机构");
            let offered = catalog.in_force_on(today);
            let offered = offered.iter().map(|standing| &standing.offered().face);
            let of_office = offered.filter(|face| face.organisation == code);
            need(of_office.count(), "个在用的事项");
            let staff = identity.staff_of(tx, code).await?;
            need(staff.iter().filter(|one| one.active).count(), "位工作人员");
        }
        EntryKind::Role => {
            let holders = identity.holders_of(tx, code).await?;
            need(holders.iter().map(|(_, count)| count).sum(), "位工作人员");
        }
        // What was announced for a year is put back, not ended.
        EntryKind::Year => {}
    }
    Ok(needs)
}
