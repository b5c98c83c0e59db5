//! Every journal, checked from its first event to the head that its case keeps: what nobody opens is looked at too.

use tongban_base::{Problem, Result};
use tongban_crypto::{KeyRing, MacKey};
use tongban_store::{Db, Tx};

use crate::desk::JOURNAL;
use crate::journal;
use crate::model::CaseId;
use crate::store::{cases, events};

const BATCH: i64 = 100;

/// A journal that is not what was written, from this event on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenJournal {
    pub case: CaseId,
    pub number: String,
    pub event: i64,
}

/// How many journals there are, and which are broken.
pub async fn walk_journals(db: &Db, ring: &KeyRing) -> Result<(u64, Vec<BrokenJournal>)> {
    let key = ring.mac_key(JOURNAL).map_err(Problem::internal)?;
    let (mut walked, mut broken, mut after) = (0, Vec::new(), None);
    loop {
        let input = (key.clone(), after);
        let (last, count, found) = db
            .read(input, |tx, (key, after)| Box::pin(some(tx, key, *after)))
            .await?;
        if last.is_none() {
            return Ok((walked, broken));
        }
        walked += count;
        broken.extend(found);
        after = last;
    }
}

async fn some(
    tx: &mut Tx,
    key: &MacKey,
    after: Option<CaseId>,
) -> Result<(Option<CaseId>, u64, Vec<BrokenJournal>)> {
    let heads = cases::heads(tx, after, BATCH).await?;
    let mut broken = Vec::new();
    for head in &heads {
        let events = events::of_case(tx, head.case).await?;
        let end = (head.event_seq, head.event_hash.as_str());
        if let Some(event) = journal::broken(key, &head.case.to_string(), &events, end) {
            broken.push(BrokenJournal {
                case: head.case,
                number: head.number.clone(),
                event,
            });
        }
    }
    Ok((
        heads.last().map(|head| head.case),
        heads.len() as u64,
        broken,
    ))
}
