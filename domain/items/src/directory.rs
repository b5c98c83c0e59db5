//! What can be found on a day: an index in memory of what lists show and what it is found by, in pages by key.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value as Json;
use tongban_base::Date;
use tongban_packs::{FoundPage, ReleaseHash, Theme};
use tongban_procedures::{Audience, Catalog, Offered};

use crate::guide::Summary;
use crate::keeping::given_labels;
use crate::search::{Document, SearchIndex};
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
    /// The entries, and after them the pages of the packs.
    found_by: SearchIndex,
}

/// One item as people find it.
pub struct Entry {
    pub offered: Arc<Offered>,
    /// Its labels are those that it has now.
    pub guide: Summary,
    /// The labels of its pack.
    of_pack: Vec<String>,
    /// The places of its themes in their order: what most people want stands first of what fits alike.
    rank: String,
    document: Arc<Document>,
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

/// Where an entry stands in a list: the better ones first, then by rank, family and code.
type Place = (Reverse<u32>, String, String, String);

/// One that fits, and how well.
type Scored = (u32, Arc<Entry>);

/// So many pages are shown beside items.
const MOST_PAGES: usize = 3;

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
        let entries: Vec<Arc<Entry>> = entries.collect();
        let pack = self.catalog.pack();
        let documents = entries.iter().map(|entry| Arc::clone(&entry.document));
        let documents = documents.chain(pack.pages.iter().map(document)).collect();
        let made = Arc::new(Index {
            of,
            found_by: SearchIndex::of(documents, &pack.words),
            entries,
        });
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
        let ranks = self.catalog.pack().themes.iter();
        let ranks = ranks.filter(|theme| guide.themes.contains(&theme.code));
        let rank: String = ranks.map(|theme| format!("{:04}", theme.order)).collect();
        let rest = format!(
            "{} {} {} {office}",
            guide.summary,
            face.family_title,
            themes.join(" ")
        );
        Some(Entry {
            document: Arc::new(Document::new(&face.name, &guide.keywords, &rest)),
            rank,
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

    /// What is open under a code.
    pub fn entry_of(&self, code: &str, day: Date) -> Option<Arc<Entry>> {
        let index = self.on(day);
        let mut entries = index.entries.iter();
        entries.find(|entry| entry.offered.code == code).cloned()
    }

    /// Pages of the program that fit what was typed better than every item, the best first.
    pub fn pages(&self, words: &str, day: Date) -> Vec<&FoundPage> {
        let index = self.on(day);
        let found = index.found_by.search(words);
        let items = index.entries.len();
        let of_items = found.iter().filter(|(at, _)| *at < items);
        let best = of_items.map(|(_, score)| *score).max().unwrap_or_default();
        let mut pages: Vec<(u32, &FoundPage)> = found
            .iter()
            .filter(|(_, score)| *score > best)
            .filter_map(|(at, score)| {
                let page = self.catalog.pack().pages.get(at.checked_sub(items)?)?;
                Some((*score, page))
            })
            .collect();
        pages.sort_by_key(|(score, page)| (Reverse(*score), &page.path));
        pages.truncate(MOST_PAGES);
        pages.into_iter().map(|(_, page)| page).collect()
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
        let fetched: Vec<Scored> = match backward {
            false => after.iter().take(limit + 1).cloned().collect(),
            true => before.iter().rev().take(limit + 1).cloned().collect(),
        };
        let page = KeyPage::new(fetched, limit, cursor, |(score, entry)| {
            let offered = &entry.offered;
            let family = offered.face.family.as_str();
            let rank = rank(*score, entry).into();
            vec![
                (*score).into(),
                rank,
                family.into(),
                offered.code.as_str().into(),
            ]
        });
        (page.map(|(_, entry)| entry), count)
    }

    fn scored(&self, query: &ItemQuery, day: Date) -> Vec<Scored> {
        let index = self.on(day);
        let entry = |at: usize, score: u32| Some((score, Arc::clone(index.entries.get(at)?)));
        let mut found: Vec<Scored> = match query.words.trim() {
            // Without words everything is as good.
            "" => (0..index.entries.len())
                .filter_map(|at| entry(at, 0))
                .collect(),
            words => {
                let found = index.found_by.search(words).into_iter();
                found.filter_map(|(at, score)| entry(at, score)).collect()
            }
        };
        found.retain(|(_, entry)| query.fits(entry));
        found.sort_by_cached_key(place);
        found
    }
}

fn document(page: &FoundPage) -> Arc<Document> {
    Arc::new(Document::new(&page.title, &page.said, &page.summary))
}

/// Where nothing was looked for there is none.
fn rank(score: u32, entry: &Entry) -> &str {
    if score == 0 { "" } else { &entry.rank }
}

fn place((score, entry): &Scored) -> Place {
    let offered = &entry.offered;
    (
        Reverse(*score),
        rank(*score, entry).to_owned(),
        offered.face.family.clone(),
        offered.code.clone(),
    )
}

/// Comes from an address: what is no place is none.
fn place_of(keys: &[Json]) -> Option<Place> {
    let [score, rank, family, code] = keys else {
        return None;
    };
    let score = u32::try_from(score.as_u64()?).ok()?;
    Some((
        Reverse(score),
        rank.as_str()?.to_owned(),
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
