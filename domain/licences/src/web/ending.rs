//! Licences that end soon, with what renews them: where a citizen begins, and in the list of his licences.

use std::sync::Arc;

use tongban_base::{Ctx, Date, Result, date_words};
use tongban_procedures::{Act, Catalog};
use tongban_ui::view::Link;
use tongban_ui::{OwnKind, OwnPart, OwnThing};

use crate::licences::{HolderLookup, Licences};
use crate::model::{Licence, Status};
use crate::part::LicencePart;

/// The setting that says how many days before its end a licence is spoken of.
const SETTING: &str = "licence_ending_days";
/// Where a pack says nothing.
const DAYS: i64 = 90;

/// For the wiring.
pub fn own_part(licences: &Licences, lookup: HolderLookup, catalog: &Arc<Catalog>) -> OwnPart {
    let parts = (licences.clone(), Arc::new(lookup), Arc::clone(catalog));
    OwnPart(Box::new(move |ctx| {
        let (licences, lookup, catalog) = parts.clone();
        let ctx = ctx.clone();
        Box::pin(async move { own(&licences, &ctx, &lookup, &catalog).await })
    }))
}

async fn own(
    licences: &Licences,
    ctx: &Ctx,
    lookup: &HolderLookup,
    catalog: &Catalog,
) -> Result<Vec<OwnThing>> {
    let today = ctx.now.date();
    let held = licences.held(ctx, lookup).await?.into_iter();
    let ending = held.filter_map(|licence| {
        let last = ends_soon(&licence, catalog, today)?;
        Some(thing(&licence, last, renewals(catalog, &licence, today)))
    });
    Ok(ending.collect())
}

fn thing(licence: &Licence, last: Date, mut ways: Vec<Link>) -> OwnThing {
    ways.push(Link::new("看证照", format!("/me/licences/{}", licence.id)));
    OwnThing {
        kind: OwnKind::Ending,
        title: licence.title.clone(),
        badge: None,
        note: format!("有效期到 {}", date_words(last)),
        last_day: Some(last),
        ways,
    }
}

/// What ends by this day ends soon.
pub(crate) fn soon(catalog: &Catalog, today: Date) -> Option<Date> {
    let days = u64::try_from(catalog.setting_number(SETTING, DAYS)).unwrap_or_default();
    today.checked_add_days(chrono::Days::new(days))
}

/// The last day of a licence that ends soon.
pub(super) fn ends_soon(licence: &Licence, catalog: &Catalog, today: Date) -> Option<Date> {
    let until = soon(catalog, today)?;
    let last = licence.valid_to.filter(|last| *last <= until)?;
    (licence.status_on(today) == Status::Valid).then_some(last)
}

/// What can be applied for to renew a licence of its kind.
pub(super) fn renewals(catalog: &Catalog, licence: &Licence, today: Date) -> Vec<Link> {
    let open = catalog.open_on(today).into_iter();
    let renewing = open.filter_map(|offered| {
        let part = LicencePart::of_offered(&offered)?;
        let is_it = part.kind == licence.kind && part.act == Act::Renew;
        is_it.then(|| (offered.face.family_title.clone(), offered.code.clone()))
    });
    let found: Vec<(String, String)> = renewing.collect();
    let is_one = found.len() == 1;
    let way = |(family, code): (String, String)| {
        let label = match is_one {
            true => "换证".to_owned(),
            false => format!("换证：{family}"),
        };
        Link::new(label, format!("/items/{code}"))
    };
    found.into_iter().map(way).collect()
}
