//! Verification: walks the chain from its first entry and names what was changed, removed or moved.
//! Corrects nothing.

use std::collections::{BTreeMap, BTreeSet};

use tongban_base::Result;
use tongban_store::Db;

use crate::anchor::AnchorLines;
use crate::key::AuditKey;
use crate::model::{Fault, FaultReason, Lasting, Trace, Verification};
use crate::service::seal::seal_pending;
use crate::store::entry::{self, ChainedEntry};
use crate::store::head::{self, Head};

const BATCH: i64 = 1000;
const MOST_FAULTS: usize = 1000;

/// Seals what waits, then checks every entry and the end of the chain.
pub async fn verify(db: &Db, key: &AuditKey) -> Result<Verification> {
    verify_anchored(db, key, &[]).await
}

/// The same against what was kept of the chain outside the database.
pub async fn verify_anchored(
    db: &Db,
    key: &AuditKey,
    anchors: &[AnchorLines],
) -> Result<Verification> {
    seal_pending(db, key).await?;
    // The head is read before the entries: what is sealed meanwhile lies behind it and is checked all the same.
    let head = db.read((), |tx, ()| Box::pin(head::head(tx))).await?;
    let mut walk = Walk::new(key, anchors);
    loop {
        let batch = db
            .read(walk.last, |tx, last| {
                Box::pin(entry::sealed_after(tx, *last, BATCH))
            })
            .await?;
        if batch.is_empty() {
            break;
        }
        for chained in &batch {
            walk.step(chained);
        }
    }
    walk.end(head);
    let (entries, sealed) = db.read((), |tx, ()| Box::pin(entry::count(tx))).await?;
    Ok(Verification {
        entries,
        sealed,
        last: walk.head_seen,
        faults: walk.faults,
    })
}

/// Subjects whose history lacks what the log tells of them: its end was taken away, or it was put back as a whole.
pub async fn put_back(db: &Db, trace: Trace) -> Result<Vec<String>> {
    db.survey(trace, |tx, trace| Box::pin(entry::ahead_of(tx, trace)))
        .await
}

/// What began as the log tells, and is not there any more.
pub async fn gone(db: &Db, lasting: Lasting) -> Result<Vec<String>> {
    db.survey(lasting, |tx, lasting| Box::pin(entry::gone(tx, lasting)))
        .await
}

/// The state of a walk along the chain.
struct Walk<'k> {
    key: &'k AuditKey,
    last: i64,
    chain: String,
    faults: Vec<Fault>,
    head_seen: Option<(i64, String)>,
    /// Places kept outside the database that were not met yet.
    anchored: BTreeMap<i64, BTreeSet<&'k str>>,
}

impl<'k> Walk<'k> {
    fn new(key: &'k AuditKey, anchors: &'k [AnchorLines]) -> Self {
        let mut anchored: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
        for (sequence, chain) in anchors.iter().flat_map(AnchorLines::places) {
            anchored.entry(sequence).or_default().insert(chain);
        }
        Self {
            anchored,
            key,
            last: 0,
            chain: String::new(),
            faults: Vec::new(),
            head_seen: None,
        }
    }

    fn step(&mut self, chained: &ChainedEntry) {
        let sequence = chained.sequence.unwrap_or_default();
        let stored_chain = chained.chain.clone().unwrap_or_default();
        let gap = sequence > self.last + 1;
        for missing in (self.last + 1)..sequence {
            if !self.fault(missing, None, FaultReason::Removed) {
                break;
            }
        }
        let kept = self.anchored.remove(&sequence).unwrap_or_default();
        if kept.iter().any(|chain| *chain != stored_chain) {
            let id = Some(chained.entry.id.clone());
            self.fault(sequence, id, FaultReason::NotAnchored);
        }
        let true_mac = self.key.entry_mac(&chained.entry);
        let id = Some(chained.entry.id.clone());
        if true_mac != chained.mac {
            self.fault(sequence, id, FaultReason::Changed);
        } else if !gap && self.key.link(&self.chain, &chained.mac) != stored_chain {
            // After a gap the link before it is unknown; the gap itself is the fault that is told.
            self.fault(sequence, id, FaultReason::Moved);
        }
        self.last = sequence;
        // Going on from what is stored names each fault once instead of everything after the first.
        self.chain.clone_from(&stored_chain);
        self.head_seen = Some((sequence, stored_chain));
    }

    fn end(&mut self, head: Option<Head>) {
        let sound = match (&head, &self.head_seen) {
            (None, None) => true,
            (Some(head), Some((last, chain))) => {
                let genuine = self.key.head_mac(head.sequence, &head.chain) == head.mac;
                let reached =
                    *last > head.sequence || (*last == head.sequence && *chain == head.chain);
                genuine && reached
            }
            _ => false,
        };
        if !sound {
            let sequence = head.map_or(self.last, |head| head.sequence);
            self.fault(sequence, None, FaultReason::CutOff);
        }
        if let Some(sequence) = self.anchored.keys().next_back().copied() {
            self.fault(sequence, None, FaultReason::NotAnchored);
        }
    }

    /// False when the list is full.
    fn fault(&mut self, sequence: i64, id: Option<String>, reason: FaultReason) -> bool {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault {
                sequence,
                id,
                reason,
            });
        }
        self.faults.len() < MOST_FAULTS
    }
}
