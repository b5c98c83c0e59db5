//! Files handed in on a page that asks for materials, each at its own place.

use crate::fixture::{self, File};
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;
use crate::visitor::Sent;

/// Errors: a kind of file that there is not.
pub(super) fn check_kinds(files: &Values) -> Result<(), String> {
    let mut kinds = files.0.iter().flat_map(|(_, kinds)| kinds);
    match kinds.find(|kind| File::of(kind).is_none()) {
        Some(kind) => {
            let known = fixture::KINDS.join("、");
            Err(format!("没有“{kind}”这种文件；可用的：{known}"))
        }
        None => Ok(()),
    }
}

/// Gives the page afterwards, or the refusal, and what the page does not ask for.
pub(super) async fn hand_in(
    play: &mut Play<'_>,
    page: Page,
    files: &Values,
) -> Result<(Page, Values), Why> {
    let (mut page, mut missing) = (page, Values::default());
    for (material, kinds) in &files.0 {
        let ending = format!("/{material}");
        let places = page.all("[data-send-at-once]").into_iter();
        let mut places =
            places.filter_map(|place| place.attribute("data-send-at-once").map(str::to_owned));
        let Some(place) = places.find(|place| place.ends_with(&ending)) else {
            missing.0.push((material.clone(), kinds.clone()));
            continue;
        };
        let files = kinds
            .iter()
            .filter_map(|kind| Some(("file", File::of(kind)?)));
        let files: Vec<(&str, File)> = files.collect();
        page = play.visit(&place, Some(Sent::files(&[], &files))).await?;
        if page.is_refusal() {
            break;
        }
    }
    Ok((page, missing))
}
