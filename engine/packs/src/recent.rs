//! What was used last of what can be had again: a bounded number of it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub struct Recent<K, V> {
    most: usize,
    kept: Mutex<Kept<K, V>>,
}

struct Kept<K, V> {
    /// Each with the number of its last use.
    values: HashMap<K, (u64, V)>,
    uses: u64,
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    pub fn new(most: usize) -> Self {
        let kept = Kept {
            values: HashMap::new(),
            uses: 0,
        };
        Self {
            most,
            kept: Mutex::new(kept),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, key: &K) -> Option<V> {
        let mut kept = self.kept();
        kept.uses += 1;
        let now = kept.uses;
        let (used, value) = kept.values.get_mut(key)?;
        *used = now;
        Some(value.clone())
    }

    /// What was not used for longest makes room.
    pub fn put(&self, key: K, value: V) {
        let mut kept = self.kept();
        kept.uses += 1;
        let now = kept.uses;
        if kept.values.len() >= self.most && !kept.values.contains_key(&key) {
            let oldest = kept.values.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                kept.values.remove(&oldest);
            }
        }
        kept.values.insert(key, (now, value));
    }

    pub fn len(&self) -> usize {
        self.kept().values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let recent = Recent::new(2);
        recent.put("a", 1);
        recent.put("b", 2);
        assert_eq!(recent.get(&"a"), Some(1));
        recent.put("c", 3);
        assert_eq!(
            (recent.get(&"b"), recent.get(&"a"), recent.get(&"c")),
            (None, Some(1), Some(3))
        );
        recent.put("a", 4);
        assert_eq!((recent.get(&"a"), recent.len()), (Some(4), 2));
    }
}
