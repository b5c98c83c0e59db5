//! Electronic licences: issued, presented, verified, revoked.
