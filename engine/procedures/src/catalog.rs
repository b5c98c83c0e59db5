//! What is offered under each code on which day, and the settings, in memory; releases are loaded and compiled when they
//! are used, and the last of them kept.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value as Json, json};
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Problem, Result, Timestamp};
use tongban_packs::{
    Findings, Installation, Organisation, Pack, Recent, ReleaseHash, changed_settings,
    installation, known_divisions, offered_from, pack_stamp, publish, seed_installation, seeds,
};
use tongban_store::{Db, Tx};

use crate::check::{Checked, FlowOperations};
use crate::compiled_once::CompiledOnce;
use crate::form_divisions::FormDivisions;
use crate::offers::{Offered, Standing};
use crate::release::{ProcedureRelease, RELEASE_KIND};

/// The setting, of no pack, that names what nobody can apply for just now: in each line a code, and the words about it.
pub const PAUSED: &str = "paused_items";

pub type SharedOperations = Arc<dyn FlowOperations>;

/// So many releases stay compiled.
const MOST_COMPILED: usize = 256;

pub struct Catalog {
    pack: Pack,
    operations: SharedOperations,
    state: RwLock<State>,
    /// Each with the mark of the divisions that its form offers.
    compiled: Recent<(ReleaseHash, String), ProcedureRelease>,
    common: CompiledOnce,
}

#[derive(Default)]
struct State {
    /// Under which stamp all of this was read.
    stamp: i64,
    /// Of each code, in the order of days.
    offers: BTreeMap<String, Vec<Arc<Offered>>>,
    settings: Json,
    paused: BTreeMap<String, String>,
    installation: Arc<Installation>,
    divisions: Arc<FormDivisions>,
}

/// What was read under one stamp.
struct Stored {
    stamp: i64,
    offers: Vec<tongban_packs::Offered>,
    settings: BTreeMap<String, Json>,
    installation: Installation,
}

impl Catalog {
    /// Publishes a checked pack, takes its first values of the installation, and reads what is offered.
    /// Errors: what is in force was changed beside the program.
    pub async fn open(
        db: &Db,
        (pack, checked): (Pack, Checked),
        operations: SharedOperations,
        now: Timestamp,
    ) -> Result<Self> {
        if let Some(offers) = checked.offers {
            let new = (offers, Some(pack.folder.clone()));
            publish(db, RELEASE_KIND, new, now).await?;
        }
        db.write((seeds(&pack), now), |tx, (seeds, now)| {
            Box::pin(seed_installation(tx, seeds, *now))
        })
        .await?;
        let catalog = Self {
            pack,
            operations,
            state: RwLock::default(),
            compiled: Recent::new(MOST_COMPILED),
            common: CompiledOnce::new(),
        };
        catalog.refresh(db, now.date()).await?;
        let checked_with = FormDivisions::of(known_divisions(catalog.pack.divisions.values()));
        for release in checked.releases {
            catalog.keep(&checked_with, &release);
        }
        Ok(catalog)
    }

    /// Reads again what this or another node has published or set, if there is anything.
    pub async fn refresh(&self, db: &Db, today: Date) -> Result<()> {
        let known = self.state().stamp;
        let stored = db
            .read((known, today), |tx, known| Box::pin(stored(tx, *known)))
            .await?;
        if let Some(stored) = stored {
            self.take(stored)?;
        }
        Ok(())
    }

    fn take(&self, stored: Stored) -> Result<()> {
        let mut offers: BTreeMap<String, Vec<Arc<Offered>>> = BTreeMap::new();
        for one in stored.offers {
            let of_code = offers.entry(one.code.clone()).or_default();
            of_code.push(Arc::new(Offered::of(one)?));
        }
        let settings = self.settings_with(stored.settings);
        let taken = State {
            stamp: stored.stamp,
            offers,
            paused: paused(&settings),
            settings,
            divisions: Arc::new(FormDivisions::of(stored.installation.known_divisions())),
            installation: Arc::new(stored.installation),
        };
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        // Of two that read at once the later counts.
        if taken.stamp > state.stamp {
            *state = taken;
        }
        Ok(())
    }

    fn keep(&self, divisions: &FormDivisions, release: &ProcedureRelease) {
        let key = (release.hash().clone(), divisions.mark.clone());
        self.compiled.put(key, release.clone());
    }

    fn kept(&self, hash: &ReleaseHash) -> (Arc<FormDivisions>, Option<ProcedureRelease>) {
        let divisions = Arc::clone(&self.state().divisions);
        let kept = self.compiled.get(&(hash.clone(), divisions.mark.clone()));
        (divisions, kept)
    }

    /// How many releases are compiled.
    pub fn compiled(&self) -> usize {
        self.compiled.len()
    }

    /// Changes whenever something else is offered.
    pub fn stamp(&self) -> i64 {
        self.state().stamp
    }

    /// The release that a case began with.
    /// Errors: there is none, it was changed beside the program, or this program cannot read it.
    pub async fn release(&self, tx: &mut Tx, hash: &ReleaseHash) -> Result<ProcedureRelease> {
        let (divisions, kept) = self.kept(hash);
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let stored = tongban_packs::release(tx, hash).await?;
        let mut findings = Findings::default();
        let of = (hash.clone(), stored.file.as_str(), stored.files);
        let by = (&*self.operations, &self.common, &*divisions);
        let compiled = ProcedureRelease::compile(of, by, &mut findings);
        let release = compiled.ok_or_else(|| {
            let fault = findings
                .0
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            Problem::internal(format!(
                "the published release {hash} does not compile: {fault}"
            ))
        })?;
        self.keep(&divisions, &release);
        Ok(release)
    }

    /// The same where no transaction is open.
    pub async fn released(
        self: &Arc<Self>,
        db: &Db,
        hash: &ReleaseHash,
    ) -> Result<ProcedureRelease> {
        if let (_, Some(kept)) = self.kept(hash) {
            return Ok(kept);
        }
        db.read((Arc::clone(self), hash.clone()), |tx, (catalog, hash)| {
            Box::pin(catalog.release(tx, hash))
        })
        .await
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

    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Divisions, organisations, roles and days off as they stand.
    pub fn installation(&self) -> Arc<Installation> {
        Arc::clone(&self.state().installation)
    }

    pub fn calendar(&self) -> Arc<WorkCalendar> {
        Arc::clone(self.state().installation.calendar())
    }

    /// One that has ended too.
    pub fn organisation(&self, code: &str) -> Option<Arc<Organisation>> {
        self.state().installation.organisation(code).cloned()
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

    pub fn setting_text(&self, code: &str, otherwise: &str) -> String {
        let state = self.state();
        let text = state.settings.get(code).and_then(Json::as_str);
        text.unwrap_or(otherwise).to_owned()
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
        self.state().standing(code, day)
    }

    /// What new applications on a day get.
    /// Errors: nothing has begun under this code, or it has ended; then the words say since when. Or it is paused.
    pub fn offered(&self, code: &str, day: Date) -> Result<Arc<Offered>> {
        let standing = self.standing(code, day);
        standing.ok_or_else(Problem::not_found)?.open()
    }

    /// The release of it. Errors as for both.
    pub async fn current(&self, tx: &mut Tx, code: &str, day: Date) -> Result<ProcedureRelease> {
        let offered = self.offered(code, day)?;
        self.release(tx, &offered.hash).await
    }

    /// All that can be applied for on a day, in the order of family and code.
    pub fn open_on(&self, day: Date) -> Vec<Arc<Offered>> {
        let all = self.in_force_on(day).into_iter();
        let open = all.filter_map(|standing| match standing {
            Standing::Open(offered) => Some(offered),
            Standing::Paused(..) | Standing::Ended(..) => None,
        });
        open.collect()
    }

    /// The same with what is paused.
    pub fn in_force_on(&self, day: Date) -> Vec<Standing> {
        let state = self.state();
        let all = state.offers.keys();
        let all = all.filter_map(|code| state.standing(code, day));
        let mut all: Vec<Standing> = all
            .filter(|standing| !matches!(standing, Standing::Ended(..)))
            .collect();
        all.sort_by(|left, right| {
            let (left, right) = (left.offered(), right.offered());
            let family = left.face.family.cmp(&right.face.family);
            family.then_with(|| left.code.cmp(&right.code))
        });
        all
    }
}

impl State {
    fn standing(&self, code: &str, day: Date) -> Option<Standing> {
        let standing = standing(self.offers.get(code)?, day)?;
        Some(match (standing, self.paused.get(code)) {
            (Standing::Open(offered), Some(why)) => Standing::Paused(offered, why.clone()),
            (standing, _) => standing,
        })
    }
}

/// By code, what people are told.
fn paused(settings: &Json) -> BTreeMap<String, String> {
    let lines = settings.get(PAUSED).and_then(Json::as_array);
    let lines = lines.into_iter().flatten().filter_map(Json::as_str);
    let told = lines.filter_map(|line| line.split_once(' '));
    told.map(|(code, why)| (code.to_owned(), why.to_owned()))
        .collect()
}

fn standing(offers: &[Arc<Offered>], day: Date) -> Option<Standing> {
    let offered = offers.iter().find(|offered| offered.days.counts_on(day))?;
    Some(match offered.days.ended(day) {
        None => Standing::Open(Arc::clone(offered)),
        Some(since) => Standing::Ended(Arc::clone(offered), since),
    })
}

/// None where the stamp is the one that is known.
async fn stored(tx: &mut Tx, (known, today): (i64, Date)) -> Result<Option<Stored>> {
    let stamp = pack_stamp(tx).await?;
    if stamp == known {
        return Ok(None);
    }
    Ok(Some(Stored {
        stamp,
        offers: offered_from(tx, RELEASE_KIND, today).await?,
        settings: changed_settings(tx).await?,
        installation: installation(tx).await?,
    }))
}
