//! Every marked table has a sum over the keyed digests of its rows' marks: rows that somebody takes away or puts back,
//! however genuine, change it. Each group of writes leaves a note of what it added and took away; notes are folded into
//! one total. Notes and total are encrypted, so that nobody can reckon with them.

mod count;
mod fold;
mod number;
pub(crate) mod touch;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use tongban_base::{Result, Uuid};
use tongban_crypto::{KeyRing, MacKey, Purpose, SealedBox};

use crate::pending::Written;
use crate::{Marked, Value};

pub(crate) use fold::expected;
pub use fold::{SUMS, begin_sums, fold_sums, resume_sums, sums_reached};
pub(crate) use number::Sum;

const DIGESTS: Purpose = Purpose::new("row-sums");
const NOTES: Purpose = Purpose::new("row-sum-notes");

pub(crate) type Tables = BTreeMap<&'static str, &'static Marked>;

/// Of one database: keys, the tables that are summed, who writes.
pub(crate) struct Sums {
    digests: MacKey,
    sealed: SealedBox,
    tables: OnceLock<Tables>,
    idle: Mutex<Vec<Writer>>,
    /// The highest number of the total that this process has seen.
    reached: AtomicI64,
}

/// One that writes numbered notes, one after another; whoever writes beside it is another.
pub(crate) struct Writer {
    id: String,
    next: i64,
}

/// What a group of writes changes in the sums.
#[derive(Clone, Default)]
pub(crate) struct Deltas(BTreeMap<&'static str, Sum>);

impl Deltas {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn join(&mut self, other: &mut Self) {
        for (table, delta) in std::mem::take(&mut other.0) {
            let sum = self.0.entry(table).or_default();
            *sum = sum.plus(delta);
        }
    }

    pub(crate) fn count(&mut self, sums: &Sums, marked: &Marked, before: &str, after: &str) {
        if before != after {
            let sum = self.0.entry(marked.table).or_default();
            *sum = sum.plus(sums.digest(after)).minus(sums.digest(before));
        }
    }
}

impl Sums {
    pub(crate) fn of(ring: &KeyRing) -> Result<Self> {
        Ok(Self {
            digests: ring.mac_key(DIGESTS)?,
            sealed: ring.sealed_box(NOTES)?,
            tables: OnceLock::new(),
            idle: Mutex::default(),
            reached: AtomicI64::new(0),
        })
    }

    /// The first tables that are named stay.
    pub(crate) fn over(&self, tables: &[&'static Marked]) {
        let tables = tables.iter().map(|marked| (marked.table, *marked));
        let _ = self.tables.set(tables.collect());
    }

    pub(crate) fn tables(&self) -> Option<&Tables> {
        self.tables.get()
    }

    /// A row without a mark counts nothing.
    pub(crate) fn digest(&self, mark: &str) -> Sum {
        match mark {
            "" => Sum::default(),
            mark => Sum::of(self.digests.mac(&[mark.as_bytes()])),
        }
    }

    /// Whoever rests, or somebody new.
    pub(crate) fn writer(&self) -> Writer {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop().unwrap_or_else(|| Writer {
            id: Uuid::now_v7().to_string(),
            next: 1,
        })
    }

    /// Its note is committed, or certainly is not. One of whom nobody knows never writes again.
    pub(crate) fn rest(&self, mut writer: Writer, committed: bool) {
        writer.next += i64::from(committed);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(writer);
    }

    /// The row that a group leaves; none where nothing changed.
    pub(crate) fn note(&self, deltas: &mut Deltas) -> Result<Option<(Writer, Written)>> {
        let deltas = std::mem::take(&mut deltas.0);
        let changed = deltas
            .into_iter()
            .filter(|(_, delta)| *delta != Sum::default());
        let changed: BTreeMap<&str, String> = changed.map(|(t, d)| (t, d.write())).collect();
        if changed.is_empty() {
            return Ok(None);
        }
        let writer = self.writer();
        let context = fold::context(&writer.id, writer.next);
        let body = self
            .sealed
            .encrypt(&serde_json::to_vec(&changed)?, &context)?;
        let sql = "INSERT INTO mark_note (writer, number, body) VALUES ($1, $2, $3)";
        let params = crate::params![&writer.id, writer.next, hex::encode(body)].to_vec();
        Ok(Some((writer, Written::plain(sql, params))))
    }

    /// False when this process has seen a later one.
    fn reach(&self, number: i64) -> bool {
        self.reached.fetch_max(number, Ordering::Relaxed) <= number
    }
}

impl Written {
    pub(crate) fn plain(sql: &str, params: Vec<Value>) -> Self {
        Self {
            sql: sql.to_owned(),
            params,
            guard: false,
            touch: None,
        }
    }
}
