//! Who asks, when, and under which request: the first argument of every service.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    ZhCn,
    En,
    Ru,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    Anonymous,
    Citizen,
    Staff,
    /// Jobs, timers and the command line.
    System,
}

/// What an officer may do and for whom. `division` is a 12-digit code; its trailing zeros are cut to a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffScope {
    pub organisation: String,
    pub division: String,
    pub roles: BTreeSet<String>,
    pub permissions: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub account: Option<Uuid>,
    pub name: String,
    pub staff: Option<StaffScope>,
}

impl Actor {
    pub fn anonymous() -> Self {
        Self {
            kind: ActorKind::Anonymous,
            account: None,
            name: "访客".into(),
            staff: None,
        }
    }

    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            account: None,
            name: "系统".into(),
            staff: None,
        }
    }

    pub fn citizen(account: Uuid, name: impl Into<String>) -> Self {
        Self {
            kind: ActorKind::Citizen,
            account: Some(account),
            name: name.into(),
            staff: None,
        }
    }

    pub fn staff(account: Uuid, name: impl Into<String>, scope: StaffScope) -> Self {
        Self {
            kind: ActorKind::Staff,
            account: Some(account),
            name: name.into(),
            staff: Some(scope),
        }
    }

    pub fn is_signed_in(&self) -> bool {
        matches!(self.kind, ActorKind::Citizen | ActorKind::Staff)
    }

    pub fn has_role(&self, role: &str) -> bool {
        self.staff.as_ref().is_some_and(|s| s.roles.contains(role))
    }
}

#[derive(Clone, Debug)]
pub struct Ctx {
    pub actor: Actor,
    pub request_id: Uuid,
    pub now: Timestamp,
    pub locale: Locale,
    /// Address of the client, for the audit log; empty for jobs.
    pub address: String,
    /// What a browser shows to be known again, unproven; empty where it shows nothing.
    pub device: String,
    /// So many logins have failed at this address that strangers take turns there.
    pub is_crowded: bool,
    /// By which a transaction finds the session of the request again; none for jobs and the command line.
    pub session: Option<SessionDigest>,
}

/// The digest of a session's token, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDigest(pub String);

impl Ctx {
    pub fn new(actor: Actor, now: Timestamp) -> Self {
        Self {
            actor,
            request_id: Uuid::now_v7(),
            now,
            locale: Locale::ZhCn,
            address: String::new(),
            device: String::new(),
            is_crowded: false,
            session: None,
        }
    }

    pub fn system(now: Timestamp) -> Self {
        Self::new(Actor::system(), now)
    }
}
