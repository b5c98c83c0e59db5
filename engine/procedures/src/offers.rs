//! What is offered under one code on a day: the index of what was published, without the releases themselves.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_base::{Date, Kind, Problem, Result, date_words};
use tongban_packs::ReleaseHash;

use crate::audience::Audience;
use crate::closure::indexed;
use crate::model::{Act, Limits, Procedure};

/// What lists show of a procedure and what it is found by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Face {
    pub name: String,
    pub short_name: String,
    pub family: String,
    pub family_title: String,
    pub act: Option<Act>,
    pub organisation: String,
    pub limits: Limits,
    pub audience: Audience,
    pub start: Option<Vec<String>>,
    /// The register of which a case is about one record.
    pub about: Option<String>,
    /// The parts that modules find by.
    pub parts: serde_json::Map<String, Json>,
}

impl Face {
    pub(crate) fn of(procedure: &Procedure, keys: &[&str]) -> Self {
        Self {
            name: procedure.name.clone(),
            short_name: procedure.short_name.clone(),
            family: procedure.family.clone(),
            family_title: procedure.family_title.clone(),
            act: procedure.act,
            organisation: procedure.organisation.clone(),
            limits: procedure.limits.clone(),
            audience: procedure.audience,
            start: procedure.start.clone(),
            about: procedure.about.clone(),
            parts: indexed(procedure, keys),
        }
    }
}

/// A procedure as it is offered for some time.
#[derive(Debug)]
pub struct Offered {
    pub code: String,
    pub hash: ReleaseHash,
    pub face: Face,
    pub(crate) days: tongban_packs::Offered,
}

impl Offered {
    /// Errors: an older program wrote it otherwise.
    pub(crate) fn of(mut stored: tongban_packs::Offered) -> Result<Self> {
        Ok(Self {
            code: stored.code.clone(),
            hash: stored.hash.clone(),
            face: serde_json::from_value(stored.face.take())?,
            days: stored,
        })
    }
}

/// How an item stands on a day.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It can be applied for.
    Open(Arc<Offered>),
    /// It cannot be applied for just now, and these words say why; what was filed goes on.
    Paused(Arc<Offered>, String),
    /// It cannot be applied for any more, since that day; this is how it was offered last.
    Ended(Arc<Offered>, Date),
}

impl Standing {
    pub fn offered(&self) -> &Arc<Offered> {
        match self {
            Standing::Open(offered)
            | Standing::Paused(offered, _)
            | Standing::Ended(offered, _) => offered,
        }
    }

    /// What counts for cases that are there, whether new ones are taken or not.
    pub fn in_force(&self) -> Option<&Arc<Offered>> {
        match self {
            Standing::Open(offered) | Standing::Paused(offered, _) => Some(offered),
            Standing::Ended(..) => None,
        }
    }

    pub fn open(self) -> Result<Arc<Offered>> {
        match self {
            Standing::Open(offered) => Ok(offered),
            Standing::Paused(offered, why) => Err(Problem::conflict(
                "item.paused",
                paused_words(&offered, &why),
            )),
            Standing::Ended(offered, since) => Err(Problem::new(
                Kind::Gone,
                "item.ended",
                ended_words(&offered, since),
            )),
        }
    }
}

fn paused_words(offered: &Offered, why: &str) -> String {
    let name = &offered.face.name;
    format!(
        "“{name}”现在暂停受理：{why}。已经提交的申请照常办理；填了一半的保存着，恢复受理后可以接着提交"
    )
}

fn ended_words(offered: &Offered, since: Date) -> String {
    format!(
        "“{}”自{}起不再受理。已经提交的申请照常办理；没有提交的不能再提交，可以在“我的办件”中删除",
        offered.face.name,
        date_words(since)
    )
}
