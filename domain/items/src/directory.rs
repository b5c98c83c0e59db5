//! What can be found on a day: an index in memory of what lists show and what it is found by, in pages by key.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value as Json;
use tongban_base::Date;
use tongban_packs::{ReleaseHash, Theme};
use tongban_procedures::{Audience, Catalog, Offered};

use crate::guide::Summary;
use crate::keeping::given_labels;
use crate::search::{Searchable, Sought};
use tongban_store::{Cursor, KeyPage};

pub struct Directory {
    catalog: Arc<Catalog>,
    index: RwLock<Arc<Index>>,
}

/// Everything that is open on one day, as it was offered under one stamp.
#[derive(Default)]
struct Index {
    of: Option<(i64, Date)>,
    /// In the order of family and code.
    entries: Vec<Arc<Entry>>,
}

/// One item as people find it.
pub struct Entry {
    pub offered: Arc<Offered>,
    /// Its labels are those that it has now.
    pub guide: Summary,
    /// The labels of its pack.
    of_pack: Vec<String>,
    face: Searchable,
}

/// What a directory page asks for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub struct ItemQuery {
    pub words: String,
    pub theme: String,
    pub label: String,
    pub organisation: String,
    pub family: String,
}

/// Where an entry stands in a list: the better ones first, then by family and code.
type Place = (Reverse<u32>, String, String);

impl Directory {
    pub fn new(catalog: Arc<Catalog>) -> Self {
        Self {
            catalog,
            index: RwLock::default(),
        }
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    fn on(&self, day: Date) -> Arc<Index> {
        let of = Some((self.catalog.stamp(), day));
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let known = Arc::clone(&index);
        drop(index);
        if known.of == of {
            return known;
        }
        let before = known.entries.iter();
        let before: HashMap<&ReleaseHash, &Arc<Entry>> =
            before.map(|entry| (&entry.offered.hash, entry)).collect();
        let (open, settings) = (self.catalog.open_on(day), self.catalog.settings());
        let entries = open.iter().filter_map(|offered| {
            let labels = given_labels(&settings, &offered.code);
            let kept = before.get(&offered.hash).filter(|entry| {
                let given = labels.as_ref();
                given.unwrap_or(&entry.of_pack) == &entry.guide.labels
            });
            let kept = kept.map(|entry| Arc::clone(entry));
            kept.or_else(|| self.entry(offered, labels).map(Arc::new))
        });
        let entries = entries.collect();
        let made = Arc::new(Index { of, entries });
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        *index = Arc::clone(&made);
        made
    }

    /// None for what has no guide, and for what only officers start: it is no service item.
    fn entry(&self, offered: &Arc<Offered>, labels: Option<Vec<String>>) -> Option<Entry> {
        if offered.face.audience != Audience::Public {
            return None;
        }
        let mut guide = Summary::of(offered).ok()?;
        let of_pack = guide.labels.clone();
        guide.labels = labels.unwrap_or_else(|| of_pack.clone());
        let face = &offered.face;
        let office = self.catalog.organisation(&face.organisation);
        let office = office.as_ref().map_or("", |o| o.name.as_str());
        let themes = self.catalog.pack().themes.iter();
        let themes: Vec<&str> = themes
            .filter(|theme| guide.themes.contains(&theme.code))
            .map(|theme| theme.title.as_str())
            .collect();
        let rest = format!(
            "{} {} {} {office}",
            guide.summary,
            face.family_title,
            themes.join(" ")
        );
        Some(Entry {
            face: Searchable::new(&face.name, &guide.keywords, &rest),
            offered: Arc::clone(offered),
            of_pack,
            guide,
        })
    }

    /// The labels that some item has on a day.
    pub fn labels(&self, day: Date) -> Vec<&Theme> {
        let index = self.on(day);
        let is_used = |label: &&Theme| {
            let mut entries = index.entries.iter();
            entries.any(|entry| entry.guide.labels.contains(&label.code))
        };
        self.catalog.pack().labels.iter().filter(is_used).collect()
    }

    /// Items that fit and can be applied for on a day, the best first; without words in the order of family and code.
    pub fn find(&self, query: &ItemQuery, day: Date) -> Vec<Arc<Entry>> {
        let found = self.scored(query, day).into_iter();
        found.map(|(_, entry)| entry).collect()
    }

    /// The same in pages, with the number of all that fit.
    pub fn page(
        &self,
        query: &ItemQuery,
        day: Date,
        (cursor, limit): (Option<&Cursor>, usize),
    ) -> (KeyPage<Arc<Entry>>, usize) {
        let all = self.scored(query, day);
        let count = all.len();
        let at = cursor.and_then(|cursor| place_of(&cursor.keys));
        let backward = cursor.is_some_and(|cursor| cursor.backward);
        let edge = match (&at, backward) {
            (None, _) => 0,
            (Some(at), false) => all.partition_point(|one| place(one) <= *at),
            (Some(at), true) => all.partition_point(|one| place(one) < *at),
        };
        let (before, after) = all.split_at(edge);
        let fetched: Vec<(u32, Arc<Entry>)> = match backward {
            false => after.iter().take(limit + 1).cloned().collect(),
            true => before.iter().rev().take(limit + 1).cloned().collect(),
        };
        let page = KeyPage::new(fetched, limit, cursor, |(score, entry)| {
            let offered = &entry.offered;
            let family = offered.face.family.as_str();
            vec![(*score).into(), family.into(), offered.code.as_str().into()]
        });
        (page.map(|(_, entry)| entry), count)
    }

    fn scored(&self, query: &ItemQuery, day: Date) -> Vec<(u32, Arc<Entry>)> {
        let index = self.on(day);
        // Without words everything is as good.
        let sought = (!query.words.trim().is_empty()).then(|| Sought::of(&query.words));
        let fitting = index.entries.iter().filter(|entry| query.fits(entry));
        let mut found: Vec<(u32, Arc<Entry>)> = fitting
            .map(|entry| {
                let score = sought.as_ref().map_or(1, |sought| entry.face.score(sought));
                (score, Arc::clone(entry))
            })
            .filter(|(score, _)| *score > 0)
            .collect();
        // The order of what scores alike stays.
        found.sort_by_key(|(score, _)| Reverse(*score));
        found
    }
}

fn place((score, entry): &(u32, Arc<Entry>)) -> Place {
    let offered = &entry.offered;
    (
        Reverse(*score),
        offered.face.family.clone(),
        offered.code.clone(),
    )
}

/// Comes from an address: what is no place is none.
fn place_of(keys: &[Json]) -> Option<Place> {
    let [score, family, code] = keys else {
        return None;
    };
    let score = u32::try_from(score.as_u64()?).ok()?;
    Some((
        Reverse(score),
        family.as_str()?.to_owned(),
        code.as_str()?.to_owned(),
    ))
}

impl ItemQuery {
    fn fits(&self, entry: &Entry) -> bool {
        let face = &entry.offered.face;
        (self.theme.is_empty() || entry.guide.themes.contains(&self.theme))
            && (self.label.is_empty() || entry.guide.labels.contains(&self.label))
            && (self.organisation.is_empty() || face.organisation == self.organisation)
            && (self.family.is_empty() || face.family == self.family)
    }
}
