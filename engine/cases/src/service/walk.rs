//! Every journal, checked from its first event to the head that its case keeps: what nobody opens is looked at too.

use tongban_base::{Problem, Result};
use tongban_crypto::{KeyRing, MacKey};
use tongban_store::{Db, Tx};

use crate::desk::JOURNAL;
use crate::event::CaseEvent;
use crate::model::{CaseId, Event};
use crate::store::{events, heads, materials};
use crate::{filed, journal};

const BATCH: i64 = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenJournal {
    pub case: CaseId,
    pub number: String,
    pub fault: JournalFault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalFault {
    /// It is not what was written, from this event on.
    Changed(i64),
    /// What it tells of was taken away: a file by its name, a letter by its title.
    Gone(String),
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
    let heads = heads::heads(tx, after, BATCH).await?;
    let mut broken = Vec::new();
    for head in &heads {
        let events = events::of_case(tx, head.case).await?;
        let end = (head.event_seq, head.event_hash.as_str());
        let changed = journal::broken(key, &head.case.to_string(), &events, end);
        let faults = match changed {
            Some(event) => vec![JournalFault::Changed(event)],
            None => gone(tx, head.case, &events).await?,
        };
        broken.extend(faults.into_iter().map(|fault| BrokenJournal {
            case: head.case,
            number: head.number.clone(),
            fault,
        }));
    }
    Ok((
        heads.last().map(|head| head.case),
        heads.len() as u64,
        broken,
    ))
}

/// Files and letters of the journal that have no row.
async fn gone(tx: &mut Tx, case: CaseId, journal: &[Event]) -> Result<Vec<JournalFault>> {
    let there = materials::files_and_letters(tx, case).await?;
    let files = filed::files(journal, &[]).into_iter();
    let mut named: Vec<(String, String)> = files
        .map(|filed| (filed.file.id.to_string(), filed.file.name))
        .collect();
    for event in journal {
        if let Some(CaseEvent::DocumentMade(letter)) = &event.what {
            named.push((letter.document.to_string(), letter.title.clone()));
        }
    }
    let gone = named.into_iter().filter(|(id, _)| !there.contains(id));
    Ok(gone.map(|(_, name)| JournalFault::Gone(name)).collect())
}
