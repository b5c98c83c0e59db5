//! The few numbers that an installation may set. Knows no configuration file.

use std::sync::Arc;

/// What is set at this moment; asked each time, so that a change needs no restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginSettings {
    pub sessions: SessionSettings,
    pub lock: LockSettings,
    pub sms: SmsLogin,
}

/// Whether citizens may log in with a code by SMS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmsLogin {
    #[default]
    On,
    Off,
}

pub type AskSettings = Arc<dyn Fn() -> LoginSettings + Send + Sync>;

/// How long a login lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// A session that is not used for so long ends.
    pub idle_minutes: i64,
    /// A session ends after so long, used or not.
    pub lifetime_minutes: i64,
    /// For so long a node trusts what it read of a session; sessions revoked on this node end at once all the same.
    pub cache_millis: i64,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle_minutes: 30,
            lifetime_minutes: 12 * 60,
            cache_millis: 5_000,
        }
    }
}

impl SessionSettings {
    pub(crate) fn idle_millis(self) -> i64 {
        self.idle_minutes.saturating_mul(60_000)
    }

    /// Use is noted no more often than this, so that reading pages costs no writing.
    pub(crate) fn touch_millis(self) -> i64 {
        (self.idle_millis() / 4).min(60_000)
    }
}

/// When wrong passwords close an account, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockSettings {
    pub failures: i64,
    pub minutes: i64,
}

impl Default for LockSettings {
    fn default() -> Self {
        Self {
            failures: 5,
            minutes: 15,
        }
    }
}
