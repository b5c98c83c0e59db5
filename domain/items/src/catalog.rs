//! The directory in memory: current releases by code, all releases by hash, search, themes, offices.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::{Value as Json, json};
use tongban_base::calendar::WorkCalendar;
use tongban_base::{Date, Problem, Result, Timestamp};
use tongban_packs::{
    Findings, Organisation, Pack, ReleaseHash, changed_settings, publish, published, put_in_force,
};
use tongban_store::Db;

use crate::check::{Checked, FlowOperations};
use crate::release::{ItemRelease, RELEASE_KIND};
use crate::search::Searchable;

pub type SharedOperations = Arc<dyn FlowOperations>;

pub struct Catalog {
    pack: Pack,
    operations: SharedOperations,
    state: RwLock<State>,
}

#[derive(Default, Clone)]
struct State {
    current: BTreeMap<String, ItemRelease>,
    by_hash: BTreeMap<ReleaseHash, ItemRelease>,
    search: Vec<(String, Arc<Searchable>)>,
    settings: Json,
}

/// What a directory page asks for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub struct ItemQuery {
    pub words: String,
    pub theme: String,
    pub organisation: String,
    pub family: String,
}

impl Catalog {
    /// Publishes a checked pack, all of it in one transaction, and loads what is effective.
    pub async fn open(
        db: &Db,
        (pack, releases): (Pack, Checked),
        operations: SharedOperations,
        now: Timestamp,
    ) -> Result<Self> {
        let input = (pack.folder.clone(), releases, now);
        db.write(input, |tx, (folder, releases, now)| {
            Box::pin(async move {
                for (body, release) in releases {
                    let item = release.item();
                    let from = &item.effective_from;
                    publish(tx, RELEASE_KIND, &item.code, from, body, *now).await?;
                }
                put_in_force(tx, folder, *now).await
            })
        })
        .await?;
        let catalog = Self {
            pack,
            operations,
            state: RwLock::new(State::default()),
        };
        catalog.reload(db, now.date()).await?;
        Ok(catalog)
    }

    /// Reads releases and settings again; called at start and after a change on a page.
    pub async fn reload(&self, db: &Db, today: Date) -> Result<()> {
        let (releases, changed) = db
            .read((), |tx, ()| {
                Box::pin(async move {
                    Ok((
                        published(tx, RELEASE_KIND).await?,
                        changed_settings(tx).await?,
                    ))
                })
            })
            .await?;
        let mut state = State {
            settings: self.settings_with(changed),
            ..State::default()
        };
        let today = today.to_string();
        for release in releases {
            let mut findings = Findings::default();
            let Some(compiled) =
                ItemRelease::compile(&release.body, &*self.operations, &mut findings)
            else {
                tracing::error!(hash = %release.hash, code = %release.code, "a published release does not compile");
                continue;
            };
            state.by_hash.insert(release.hash.clone(), compiled.clone());
            let ended = compiled
                .item()
                .effective_to
                .as_ref()
                .is_some_and(|to| *to < today);
            if release.effective_from <= today && !ended {
                state.current.insert(release.code.clone(), compiled);
            }
        }
        state.search = state.current.values().map(|r| self.searchable(r)).collect();
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }

    fn settings_with(&self, changed: BTreeMap<String, Json>) -> Json {
        let mut settings = serde_json::Map::new();
        for setting in &self.pack.settings {
            settings.insert(setting.code.clone(), json!(setting.default));
        }
        settings.extend(changed);
        Json::Object(settings)
    }

    fn searchable(&self, release: &ItemRelease) -> (String, Arc<Searchable>) {
        let item = release.item();
        let office = self
            .organisation(&item.organisation)
            .map_or("", |o| o.name.as_str());
        let themes: Vec<&str> = self
            .pack
            .themes
            .iter()
            .filter(|t| item.themes.contains(&t.code))
            .map(|t| t.title.as_str())
            .collect();
        let rest = format!(
            "{} {} {} {office}",
            item.summary,
            item.family_title,
            themes.join(" ")
        );
        let face = Searchable::new(&item.name, &item.keywords, &rest);
        (item.code.clone(), Arc::new(face))
    }

    fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
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

    /// The release in force for new applications.
    pub fn current(&self, code: &str) -> Result<ItemRelease> {
        self.state()
            .current
            .get(code)
            .cloned()
            .ok_or_else(Problem::not_found)
    }

    /// The release that a case began with.
    pub fn release(&self, hash: &ReleaseHash) -> Result<ItemRelease> {
        self.state()
            .by_hash
            .get(hash)
            .cloned()
            .ok_or_else(|| Problem::internal(format!("no release {hash}")))
    }

    /// Items that fit, the best first; without words in the order of family and name.
    pub fn find(&self, query: &ItemQuery) -> Vec<ItemRelease> {
        let state = self.state();
        let mut found: Vec<(u32, ItemRelease)> = state
            .search
            .iter()
            .filter_map(|(code, face)| {
                let release = state.current.get(code)?;
                let item = release.item();
                let fits = (query.theme.is_empty() || item.themes.contains(&query.theme))
                    && (query.organisation.is_empty() || item.organisation == query.organisation)
                    && (query.family.is_empty() || item.family == query.family);
                let score = if query.words.trim().is_empty() {
                    1
                } else {
                    face.score(&query.words)
                };
                (fits && score > 0).then(|| (score, release.clone()))
            })
            .collect();
        found.sort_by(|(a, left), (b, right)| {
            let (left, right) = (left.item(), right.item());
            b.cmp(a)
                .then_with(|| left.family.cmp(&right.family))
                .then_with(|| left.code.cmp(&right.code))
        });
        found.into_iter().map(|(_, release)| release).collect()
    }
}
