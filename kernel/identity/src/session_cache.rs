//! What this node read of sessions a moment ago, so that thousands of requests a second do not ask the database.
//! Knows no table. A session that ends on this node leaves the cache in the same moment.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tongban_base::{Actor, Timestamp, Uuid};

const MOST: usize = 100_000;

#[derive(Clone, Debug)]
pub(crate) struct CachedSession {
    pub actor: Actor,
    /// Read again after this moment.
    pub fresh_until: Timestamp,
}

#[derive(Default)]
pub(crate) struct SessionCache(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    sessions: HashMap<String, CachedSession>,
    /// Counts endings: what was read before one must not be put in after it.
    endings: u64,
}

impl SessionCache {
    pub fn get(&self, digest: &str, now: Timestamp) -> Option<Actor> {
        let inner = self.reading();
        let session = inner.sessions.get(digest)?;
        (now < session.fresh_until).then(|| session.actor.clone())
    }

    /// Ask before reading the database; `put` takes it back.
    pub fn ticket(&self) -> u64 {
        self.reading().endings
    }

    pub fn put(&self, ticket: u64, digest: String, session: CachedSession, now: Timestamp) {
        let mut inner = self.writing();
        if inner.endings != ticket {
            return;
        }
        if inner.sessions.len() >= MOST {
            inner.sessions.retain(|_, kept| now < kept.fresh_until);
        }
        if inner.sessions.len() < MOST {
            inner.sessions.insert(digest, session);
        }
    }

    pub fn end(&self, digest: &str) {
        let mut inner = self.writing();
        inner.endings += 1;
        inner.sessions.remove(digest);
    }

    /// After a change of an account: its sessions are read anew.
    pub fn forget(&self, account: Uuid) {
        let mut inner = self.writing();
        inner.endings += 1;
        inner
            .sessions
            .retain(|_, session| session.actor.account != Some(account));
    }

    /// After a change of what roles give.
    pub fn forget_all(&self) {
        let mut inner = self.writing();
        inner.endings += 1;
        inner.sessions.clear();
    }

    fn reading(&self) -> RwLockReadGuard<'_, Inner> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, Inner> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_ended_while_it_was_read_is_not_put_in() {
        let cache = SessionCache::default();
        let session = CachedSession {
            actor: Actor::anonymous(),
            fresh_until: Timestamp(10),
        };
        let ticket = cache.ticket();
        cache.put(ticket, "a".into(), session.clone(), Timestamp(0));
        assert!(cache.get("a", Timestamp(9)).is_some());
        assert!(cache.get("a", Timestamp(10)).is_none());
        cache.end("a");
        cache.put(ticket, "a".into(), session, Timestamp(0));
        assert!(cache.get("a", Timestamp(1)).is_none());
    }
}
