//! The key of the log: marks over single entries, links of the chain, and the mark over its end.
//! Knows no table.

use std::sync::Arc;

use tongban_base::{Budget, Budgets, Ctx, Rates, Spender, typed};
use tongban_crypto::{KeyRing, MacKey, Purpose};

use crate::store::entry::WrittenEntry;

const SOUGHT_DIGITS: usize = 24;

/// Without it nobody can write an entry that verifies. Its copies count together what is refused, so a house has one.
#[derive(Clone, Debug)]
pub struct AuditKey(MacKey, Arc<Budgets>);

impl AuditKey {
    pub fn new(key: MacKey) -> Self {
        Self(key, Arc::new(Budgets::new(Rates::default())))
    }

    pub fn of(ring: &KeyRing) -> tongban_base::Result<Self> {
        Ok(Self::new(ring.mac_key(Purpose::AUDIT)?))
    }

    /// With what an installation allows.
    #[must_use]
    pub fn within(self, rates: Rates) -> Self {
        Self(self.0, Arc::new(Budgets::new(rates)))
    }

    /// Whether there is room for one more refusal of this actor in the log: each account has its own, strangers have one
    /// together.
    pub fn has_room(&self, ctx: &Ctx) -> bool {
        let account = ctx.actor.account.map(|account| account.to_string());
        let spender = account
            .as_deref()
            .map_or(Spender::Everybody, Spender::Subject);
        self.1.spend(Budget::Record, spender, ctx.now).is_ok()
    }

    /// Under which the log keeps what somebody looked for: whoever reads the log cannot read the words back, whoever knows
    /// them finds the entry.
    pub fn sought(&self, words: &str) -> String {
        let words = typed::line(words).to_uppercase();
        let digest = hex::encode(self.0.mac(&[b"sought\0", words.as_bytes()]));
        digest.chars().take(SOUGHT_DIGITS).collect()
    }

    /// HMAC-SM3 over the fields, each with its length before it, so that none can flow into the next.
    pub(crate) fn entry_mac(&self, entry: &WrittenEntry) -> String {
        let at = entry.at.0.to_string();
        let fields = [
            Some(entry.id.as_str()),
            Some(&at),
            Some(&entry.actor_kind),
            entry.actor_id.as_deref(),
            Some(&entry.actor_name),
            Some(&entry.address),
            Some(&entry.request_id),
            Some(&entry.event),
            Some(&entry.subject_kind),
            Some(&entry.subject_id),
            Some(&entry.outcome),
            Some(&entry.detail),
        ];
        // Entries from before divisions were kept have none, and their mark is what it was.
        let division = Some(entry.division.as_str()).filter(|division| !division.is_empty());
        let division = division.map(Some);
        let mut text = Vec::new();
        for field in fields.into_iter().chain(division) {
            match field {
                None => text.push(0),
                Some(field) => {
                    text.push(1);
                    text.extend_from_slice(&(field.len() as u64).to_be_bytes());
                    text.extend_from_slice(field.as_bytes());
                }
            }
        }
        hex::encode(self.0.mac(&[b"entry\0", &text]))
    }

    /// Both parts have one fixed length.
    pub(crate) fn link(&self, previous: &str, mac: &str) -> String {
        hex::encode(
            self.0
                .mac(&[b"link\0", previous.as_bytes(), b"\0", mac.as_bytes()]),
        )
    }

    /// The mark of a line outside the database, over the one before.
    pub(crate) fn anchor(&self, previous: &str, line: &str) -> String {
        hex::encode(
            self.0
                .mac(&[b"anchor\0", previous.as_bytes(), b"\0", line.as_bytes()]),
        )
    }

    pub(crate) fn head_mac(&self, sequence: i64, chain: &str) -> String {
        hex::encode(
            self.0
                .mac(&[b"head\0", &sequence.to_be_bytes(), chain.as_bytes()]),
        )
    }
}
