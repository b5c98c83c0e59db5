//! Publishing: what is large is written ahead in portions that nobody sees, then one transaction makes all of it count.
//! Interrupted between portions, it has changed nothing; the next start finds what is there and writes the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use tongban_base::{Result, Timestamp};
use tongban_store::Db;

use crate::folder::Content;
use crate::store::{changed, files, index, is_in_force, keep, put_in_force};
use crate::{Folder, Offer};

/// One transaction writes no more contents than these, and no more releases than so many.
const MOST_BYTES: usize = 4_000_000;
const MOST_ROWS: usize = 500;

/// What is offered of a kind counts from now on, and the pack that it comes from is the one in force.
/// Errors: what is in force was changed beside the program.
pub async fn publish(
    db: &Db,
    kind: &'static str,
    (offers, pack): (Vec<Offer>, Option<Folder>),
    now: Timestamp,
) -> Result<()> {
    let all = Arc::new((offers, pack));
    let new = db.survey(Arc::clone(&all), move |tx, all| {
        Box::pin(async move {
            let (offers, pack) = &**all;
            let is_in_force = match pack {
                None => true,
                Some(pack) => is_in_force(tx, pack).await?,
            };
            Ok((changed(tx, kind, offers).await?, is_in_force))
        })
    });
    let (new, is_in_force) = new.await?;
    let (offers, pack) = &*all;
    let of_offers = new.iter().filter_map(|place| offers.get(*place));
    let of_offers = of_offers.map(|offer| &offer.files);
    let of_pack = pack.iter().filter(|_| !is_in_force);
    for portion in portions(of_offers.chain(of_pack)) {
        db.write(portion, |tx, portion| Box::pin(files::keep(tx, portion)))
            .await?;
    }
    for portion in new.chunks(MOST_ROWS) {
        let input = (Arc::clone(&all), portion.to_vec());
        db.write(input, move |tx, (all, portion)| {
            Box::pin(async move {
                let new = portion.iter().filter_map(|place| all.0.get(*place));
                new.into_iter()
                    .try_for_each(|offer| keep(tx, kind, offer, now))
            })
        })
        .await?;
    }
    db.write(all, move |tx, all| {
        Box::pin(async move {
            let (offers, pack) = &**all;
            index(tx, kind, offers, now).await?;
            match pack {
                None => Ok(()),
                Some(pack) => put_in_force(tx, pack, now).await,
            }
        })
    })
    .await
}

/// Each content once: a pack names most of its files thousands of times.
fn portions<'f>(folders: impl Iterator<Item = &'f Folder>) -> Vec<BTreeMap<String, Content>> {
    let all: BTreeMap<&str, &Content> = folders.flat_map(Folder::contents).collect();
    let mut portions = Vec::new();
    let (mut portion, mut bytes) = (BTreeMap::new(), 0);
    for (digest, content) in all {
        let more = content.bytes().len();
        if !portion.is_empty() && (bytes + more > MOST_BYTES || portion.len() == MOST_ROWS) {
            portions.push(std::mem::take(&mut portion));
            bytes = 0;
        }
        bytes += more;
        portion.insert(digest.to_owned(), content.clone());
    }
    if !portion.is_empty() {
        portions.push(portion);
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portion_is_bounded_by_rows_and_by_bytes_and_has_each_content_once() {
        let small = (0..1_200).fold(Folder::default(), |folder, n| {
            folder.with(&format!("{n}"), format!("{}", n / 2))
        });
        let sizes = |folders: &[&Folder]| {
            let all = portions(folders.iter().copied());
            all.iter().map(BTreeMap::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[&small, &small]), [500, 100]);
        let large = (0..5).fold(Folder::default(), |folder, n| {
            folder.with(&format!("{n}"), vec![n; 1_500_000])
        });
        assert_eq!(sizes(&[&large]), [2, 2, 1]);
        assert!(sizes(&[]).is_empty());
    }
}
