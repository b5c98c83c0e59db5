//! Releases in memory: what is offered under each code on which day, all of them by hash; the settings.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value as Json, json};
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Problem, Result, Timestamp};
use tongban_packs::{
    Findings, Offer, Organisation, Pack, Publication, ReleaseHash, bodies_after, changed_settings,
    pack_stamp, publications, publish, put_in_force,
};
use tongban_store::{Db, Tx};

use crate::check::{Checked, FlowOperations};
use crate::offers::{Offers, Standing, offers_of};
use crate::release::{ProcedureRelease, RELEASE_KIND};

pub type SharedOperations = Arc<dyn FlowOperations>;

pub struct Catalog {
    pack: Pack,
    operations: SharedOperations,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    /// Under which stamp all of this was read.
    stamp: i64,
    /// How far the publications were read.
    position: i64,
    offers: BTreeMap<String, Offers>,
    by_hash: BTreeMap<ReleaseHash, ProcedureRelease>,
    settings: Json,
}

/// What was read under one stamp.
struct Stored {
    stamp: i64,
    publications: Vec<Publication>,
    bodies: Vec<(ReleaseHash, Json)>,
    settings: BTreeMap<String, Json>,
}

impl Catalog {
    /// Publishes a checked pack, all of it in one transaction, and loads what was ever published.
    pub async fn open(
        db: &Db,
        (pack, releases): (Pack, Checked),
        operations: SharedOperations,
        now: Timestamp,
    ) -> Result<Self> {
        let offers = releases.iter().map(|(body, release)| Offer {
            code: release.procedure().code.clone(),
            effective_from: release.procedure().effective_from,
            body: body.clone(),
        });
        let input = (pack.folder.clone(), offers.collect::<Vec<_>>(), now);
        db.write(input, |tx, (folder, offers, now)| {
            Box::pin(async move {
                publish(tx, RELEASE_KIND, offers, *now).await?;
                put_in_force(tx, folder, *now).await
            })
        })
        .await?;
        // What was checked is compiled already.
        let compiled = releases.into_iter().map(|(_, release)| release);
        let by_hash = compiled.map(|release| (release.hash().clone(), release));
        let state = State {
            by_hash: by_hash.collect(),
            ..State::default()
        };
        let catalog = Self {
            pack,
            operations,
            state: RwLock::new(state),
        };
        catalog.refresh(db).await?;
        Ok(catalog)
    }

    /// Reads again what this or another node has published or set, if there is anything.
    pub async fn refresh(&self, db: &Db) -> Result<()> {
        let known = {
            let state = self.state();
            (state.stamp, state.position)
        };
        let stored = db
            .read(known, |tx, known| Box::pin(stored(tx, *known)))
            .await?;
        if let Some(stored) = stored {
            self.take(stored);
        }
        Ok(())
    }

    fn take(&self, stored: Stored) {
        let mut by_hash = self.state().by_hash.clone();
        for (hash, body) in stored.bodies {
            if !by_hash.contains_key(&hash)
                && let Some(release) = self.compiled(&hash, &body)
            {
                by_hash.insert(hash, release);
            }
        }
        let offers = offers_of(&stored.publications, &by_hash);
        let taken = State {
            stamp: stored.stamp,
            position: stored.publications.last().map_or(0, |p| p.position),
            offers,
            by_hash,
            settings: self.settings_with(stored.settings),
        };
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // Of two that read at once the later counts.
        if taken.stamp > state.stamp {
            *state = taken;
        }
    }

    fn compiled(&self, hash: &ReleaseHash, body: &Json) -> Option<ProcedureRelease> {
        let mut findings = Findings::default();
        let release = ProcedureRelease::compile(body, &*self.operations, &mut findings);
        if release.is_none() {
            let fault = findings.0.first().map(ToString::to_string);
            tracing::error!(%hash, fault, "a published release does not compile");
        }
        release
    }

    fn settings_with(&self, changed: BTreeMap<String, Json>) -> Json {
        let mut settings = serde_json::Map::new();
        for setting in &self.pack.settings {
            settings.insert(setting.code.clone(), json!(setting.default));
        }
        settings.extend(changed);
        Json::Object(settings)
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes with everything that is published or set.
    pub fn stamp(&self) -> i64 {
        self.state().stamp
    }

    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    pub fn calendar(&self) -> &WorkCalendar {
        &self.pack.calendar
    }

    pub fn organisation(&self, code: &str) -> Option<&Organisation> {
        self.pack.organisations.get(code)
    }

    /// All settings with their present values.
    pub fn settings(&self) -> Json {
        self.state().settings.clone()
    }

    pub fn setting_number(&self, code: &str, otherwise: i64) -> i64 {
        self.state()
            .settings
            .get(code)
            .and_then(Json::as_i64)
            .unwrap_or(otherwise)
    }

    pub fn setting_flag(&self, code: &str, otherwise: bool) -> bool {
        self.state()
            .settings
            .get(code)
            .and_then(Json::as_bool)
            .unwrap_or(otherwise)
    }

    /// How a procedure stands on a day; none while nothing of it has begun.
    pub fn standing(&self, code: &str, day: Date) -> Option<Standing> {
        self.state().offers.get(code)?.on(day)
    }

    /// The release for new applications on a day.
    /// Errors: nothing has begun under this code, or it has ended; then the words say since when.
    pub fn current(&self, code: &str, day: Date) -> Result<ProcedureRelease> {
        let standing = self.standing(code, day);
        standing.ok_or_else(Problem::not_found)?.open()
    }

    /// The release that a case began with.
    pub fn release(&self, hash: &ReleaseHash) -> Result<ProcedureRelease> {
        self.state()
            .by_hash
            .get(hash)
            .cloned()
            .ok_or_else(|| Problem::internal(format!("no release {hash}")))
    }

    /// All that can be applied for on a day, in the order of family and code.
    pub fn open_on(&self, day: Date) -> Vec<ProcedureRelease> {
        let state = self.state();
        let open = state
            .offers
            .values()
            .filter_map(|offers| match offers.on(day) {
                Some(Standing::Open(release)) => Some(release),
                Some(Standing::Ended(..)) | None => None,
            });
        let mut open: Vec<ProcedureRelease> = open.collect();
        open.sort_by(|left, right| {
            let (left, right) = (left.procedure(), right.procedure());
            let family = left.family.cmp(&right.family);
            family.then_with(|| left.code.cmp(&right.code))
        });
        open
    }
}

/// None where the stamp is the one that is known.
async fn stored(tx: &mut Tx, (known, position): (i64, i64)) -> Result<Option<Stored>> {
    let stamp = pack_stamp(tx).await?;
    if stamp == known {
        return Ok(None);
    }
    Ok(Some(Stored {
        stamp,
        publications: publications(tx, RELEASE_KIND).await?,
        bodies: bodies_after(tx, RELEASE_KIND, position).await?,
        settings: changed_settings(tx).await?,
    }))
}
