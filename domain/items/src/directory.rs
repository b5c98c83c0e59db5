//! The directory in memory: of each release its guide and what it is found by.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use tongban_base::Date;
use tongban_packs::ReleaseHash;
use tongban_procedures::{Audience, Catalog, ProcedureRelease};

use crate::guide::Guide;
use crate::search::Searchable;

pub struct Directory {
    catalog: Arc<Catalog>,
    entries: RwLock<BTreeMap<ReleaseHash, Arc<Entry>>>,
}

/// One release as people find and read it.
pub struct Entry {
    pub release: ProcedureRelease,
    pub guide: Guide,
    face: Searchable,
}

/// What a directory page asks for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub struct ItemQuery {
    pub words: String,
    pub theme: String,
    pub organisation: String,
    pub family: String,
}

impl Directory {
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self {
            catalog,
            entries: RwLock::default(),
        }
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// None for what has no guide: it is no service item.
    pub fn entry(&self, release: &ProcedureRelease) -> Option<Arc<Entry>> {
        let entries = self.entries.read();
        let known = entries.unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(release.hash()) {
            return Some(Arc::clone(found));
        }
        drop(known);
        let entry = Arc::new(self.read(release)?);
        let entries = self.entries.write();
        let mut known = entries.unwrap_or_else(PoisonError::into_inner);
        known.insert(release.hash().clone(), Arc::clone(&entry));
        Some(entry)
    }

    fn read(&self, release: &ProcedureRelease) -> Option<Entry> {
        let procedure = release.procedure();
        if procedure.audience != Audience::Public {
            return None;
        }
        let guide = Guide::of(release.parts()).ok()?;
        let office = self.catalog.organisation(&procedure.organisation);
        let office = office.map_or("", |o| o.name.as_str());
        let themes = self.catalog.pack().themes.iter();
        let themes: Vec<&str> = themes
            .filter(|theme| guide.themes.contains(&theme.code))
            .map(|theme| theme.title.as_str())
            .collect();
        let rest = format!(
            "{} {} {} {office}",
            guide.summary,
            procedure.family_title,
            themes.join(" ")
        );
        Some(Entry {
            face: Searchable::new(&procedure.name, &guide.keywords, &rest),
            release: release.clone(),
            guide,
        })
    }

    /// Items that fit and can be applied for on a day, the best first; without words in the order of family and code.
    pub fn find(&self, query: &ItemQuery, day: Date) -> Vec<Arc<Entry>> {
        let open = self.catalog.open_on(day);
        let entries = open.iter().filter_map(|release| self.entry(release));
        let mut found: Vec<(u32, Arc<Entry>)> = entries
            .filter(|entry| query.fits(entry))
            .map(|entry| (query.score(&entry.face), entry))
            .filter(|(score, _)| *score > 0)
            .collect();
        // The order of what scores alike stays.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, entry)| entry).collect()
    }
}

impl ItemQuery {
    fn fits(&self, entry: &Entry) -> bool {
        let procedure = entry.release.procedure();
        (self.theme.is_empty() || entry.guide.themes.contains(&self.theme))
            && (self.organisation.is_empty() || procedure.organisation == self.organisation)
            && (self.family.is_empty() || procedure.family == self.family)
    }

    /// Without words everything is as good.
    fn score(&self, face: &Searchable) -> u32 {
        match self.words.trim().is_empty() {
            true => 1,
            false => face.score(&self.words),
        }
    }
}
