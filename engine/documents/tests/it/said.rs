//! Asking for a verdict, and what it must say.

use tongban_crypto::Trust;
use tongban_documents::{Ground, Verification, verify};

use crate::desk::{DESK, NOW};

pub fn judged(bytes: &[u8]) -> Verification {
    verify(bytes, &DESK.trust, NOW)
}

/// Exactly this ground, and exactly one reason, which speaks of all of `words`.
pub fn says(bytes: &[u8], ground: Ground, words: &[&str]) {
    says_under(bytes, &DESK.trust, ground, words);
}

pub fn says_under(bytes: &[u8], trust: &Trust, ground: Ground, words: &[&str]) {
    let found = verify(bytes, trust, NOW);
    assert_eq!(found.ground, ground, "{found:#?}");
    assert_eq!(found.verdict, ground.verdict());
    assert_eq!(found.reasons.len(), 1, "{:#?}", found.reasons);
    for word in words {
        assert!(
            found.reasons[0].message.contains(word),
            "{word}: {:#?}",
            found.reasons
        );
    }
}
