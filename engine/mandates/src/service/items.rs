//! The items that a mandate can be for, and how they are called.

use std::sync::Arc;

use tongban_base::Date;
use tongban_procedures::{Audience, Catalog, Offered};

/// So many are named before the rest is counted.
const NAMED: usize = 3;

/// What citizens apply for on a day.
pub(crate) fn open_to_citizens(catalog: &Catalog, day: Date) -> Vec<Arc<Offered>> {
    let mut open = catalog.open_on(day);
    open.retain(|offered| offered.face.audience == Audience::Public);
    open
}

/// Whether there is such an item for citizens, paused or not.
pub(crate) fn is_known(catalog: &Catalog, code: &str, day: Date) -> bool {
    let standing = catalog.standing(code, day);
    let offered = standing.as_ref().and_then(|standing| standing.in_force());
    offered.is_some_and(|offered| offered.face.audience == Audience::Public)
}

pub(crate) fn name_of(catalog: &Catalog, code: &str, day: Date) -> String {
    let standing = catalog.standing(code, day);
    standing.map_or_else(
        || code.to_owned(),
        |standing| standing.offered().face.name.clone(),
    )
}

/// `全部事项`, `“甲”“乙”`, `“甲”“乙”“丙”等 5 个事项`
pub(crate) fn words(catalog: &Catalog, items: Option<&Vec<String>>, day: Date) -> String {
    let Some(items) = items else {
        return "全部事项".to_owned();
    };
    let named = items.iter().take(NAMED);
    let named: String = named
        .map(|code| format!("“{}”", name_of(catalog, code, day)))
        .collect();
    match items.len() > NAMED {
        true => format!("{named}等 {} 个事项", items.len()),
        false => named,
    }
}
