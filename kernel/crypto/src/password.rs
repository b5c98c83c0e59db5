//! Passwords: Argon2id hashes in PHC text form. Knows nothing of accounts, attempts or password rules.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::error::{CryptoError, Result};
use crate::random::random_bytes;

/// How much work one guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordStrength {
    /// 19 MiB, two passes, one lane: the smaller setting that OWASP recommends.
    Normal,
    /// 64 KiB, one pass. Never for real people; it keeps test suites short.
    ForTestsOnly,
}

impl PasswordStrength {
    fn params(self) -> Result<Params> {
        let (memory_kib, passes) = match self {
            Self::Normal => (19 * 1024, 2),
            Self::ForTestsOnly => (64, 1),
        };
        Params::new(memory_kib, passes, 1, None).map_err(|_| CryptoError::Password)
    }
}

/// Hashing takes tens of milliseconds: call it where blocking is allowed.
#[derive(Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    params: Params,
}

impl PasswordHasher {
    pub fn new(strength: PasswordStrength) -> Result<Self> {
        let params = strength.params()?;
        Ok(Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone()),
            params,
        })
    }

    /// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`
    pub fn hash(&self, password: &str) -> Result<String> {
        let salt = random_bytes::<16>()?;
        let hash = self
            .argon2
            .hash_password_customized(password.as_bytes(), &salt, None, None, self.params.clone())
            .map_err(|_| CryptoError::Password)?;
        Ok(hash.to_string())
    }

    /// Whether the password is right. The cost comes from the stored hash, so old hashes keep working.
    /// Errors: the stored hash is not one.
    pub fn verify(&self, password: &str, stored: &str) -> Result<bool> {
        let parsed = PasswordHash::new(stored).map_err(|_| CryptoError::Password)?;
        Ok(self
            .argon2
            .verify_password(password.as_bytes(), &parsed)
            .is_ok())
    }

    /// Whether the stored hash was made with another cost and should be renewed at the next good login.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(stored) else {
            return true;
        };
        Params::try_from(&parsed).map_or(true, |params| {
            params.m_cost() != self.params.m_cost() || params.t_cost() != self.params.t_cost()
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_is_accepted() {
        let hasher = PasswordHasher::new(PasswordStrength::ForTestsOnly).unwrap();
        let stored = hasher.hash("天王盖地虎").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hasher.verify("天王盖地虎", &stored).unwrap());
        assert!(!hasher.verify("宝塔镇河妖", &stored).unwrap());
        assert_ne!(stored, hasher.hash("天王盖地虎").unwrap());
        assert!(hasher.verify("x", "plain text").is_err());
    }

    #[test]
    fn a_hash_of_another_cost_still_verifies_and_is_seen_as_outdated() {
        let cheap = PasswordHasher::new(PasswordStrength::ForTestsOnly).unwrap();
        let normal = PasswordHasher::new(PasswordStrength::Normal).unwrap();
        let stored = cheap.hash("secret").unwrap();
        assert!(normal.verify("secret", &stored).unwrap());
        assert!(normal.is_outdated(&stored));
        assert!(!cheap.is_outdated(&stored));
    }
}
