//! Lists for staff, built from what the officer may see.

use tongban_base::{Result, Scope};
use tongban_store::{Cursor, InSight, Key, KeyPage, List, Order, Tx};

use super::licences::{LICENCES, genuine};
use crate::model::Licence;

/// Who sees a licence.
pub(super) const IN_SIGHT: InSight = InSight {
    account: "l.holder_account",
    organisation: "l.organisation",
    division: "l.division",
};

const NEWEST_FIRST: Order = Order {
    keys: &[Key::Text("l.id")],
    falling: true,
};

/// What is asked for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Any of these; empty for all.
    pub numbers: Vec<String>,
    pub holder_digest: String,
    pub kind: String,
    pub at: Option<Cursor>,
    pub limit: usize,
}

pub(crate) async fn find(tx: &mut Tx, scope: &Scope, wanted: &Wanted) -> Result<KeyPage<Licence>> {
    let mut list = List::new(LICENCES.select("l"), "licence l", NEWEST_FIRST);
    list.only("l.status <> 'void'");
    list.within(scope, IN_SIGHT);
    if !wanted.numbers.is_empty() {
        let numbers = list.any_of(&wanted.numbers);
        list.only(format!("l.number IN ({numbers})"));
    }
    for (column, value) in [
        ("l.holder_digest", &wanted.holder_digest),
        ("l.kind", &wanted.kind),
    ] {
        if !value.is_empty() {
            list.equal(column, value);
        }
    }
    list.page(tx, (wanted.at.as_ref(), wanted.limit), genuine)
        .await
}
