//! Entries of a kind in the order of their lists, as a tree level by level or looked for by words; in pages by key.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use tongban_packs::{Entry, EntryKind, Installation};
use tongban_store::{Cursor, KeyPage};

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// In the name or at the beginning of the code.
    pub words: String,
    pub level: String,
    /// What stands directly below this one; with words or a level all that is below it.
    pub under: String,
}

impl Query {
    fn is_search(&self) -> bool {
        !self.words.is_empty() || !self.level.is_empty()
    }
}

/// Place in the list: what an administrator says, then the code.
type Place = (i64, String);

pub(crate) struct Found<'i> {
    pub code: &'i str,
    pub entry: &'i Entry,
    /// How many stand directly below it.
    pub below: usize,
}

impl Found<'_> {
    fn place(&self) -> Place {
        (order(&self.entry.body), self.code.to_owned())
    }
}

fn order(body: &Json) -> i64 {
    body["order"].as_i64().unwrap_or_default()
}

pub(crate) fn name(kind: EntryKind, body: &Json) -> String {
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    match kind {
        EntryKind::Division | EntryKind::Organisation => text("name"),
        EntryKind::Role => text("title"),
        EntryKind::Year => format!("{} 年", body["year"]),
    }
}

fn parent(body: &Json) -> &str {
    body["parent"].as_str().unwrap_or_default()
}

/// As a page shows it: without words and level one step of the tree.
pub(crate) fn step<'i>(
    installation: &'i Installation,
    kind: EntryKind,
    query: &Query,
) -> Vec<Found<'i>> {
    found(installation, kind, query, query.is_search())
}

/// All that fits, however deep.
pub(crate) fn whole<'i>(
    installation: &'i Installation,
    kind: EntryKind,
    query: &Query,
) -> Vec<Found<'i>> {
    found(installation, kind, query, true)
}

fn found<'i>(
    installation: &'i Installation,
    kind: EntryKind,
    query: &Query,
    is_deep: bool,
) -> Vec<Found<'i>> {
    let mut below: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, entry) in installation.entries(kind) {
        *below.entry(parent(&entry.body)).or_default() += 1;
    }
    let words = query.words.to_lowercase();
    let fits = |(code, entry): &(&str, &Entry)| {
        let body = &entry.body;
        let is_level = query.level.is_empty() || body["level"] == json!(query.level);
        let named = name(kind, body).to_lowercase();
        let has_words = named.contains(&words) || code.starts_with(&words);
        let above = parent(body);
        let is_there = match (is_deep, query.under.as_str()) {
            (true, "") => true,
            (true, under) => is_below(installation, kind, (code, under)),
            (false, "") => above.is_empty() || installation.entry(kind, above).is_none(),
            (false, under) => above == under,
        };
        is_level && has_words && is_there
    };
    let found = installation.entries(kind).filter(fits);
    let mut found: Vec<Found> = found
        .map(|(code, entry)| Found {
            below: below.get(code).copied().unwrap_or_default(),
            code,
            entry,
        })
        .collect();
    found.sort_by_key(Found::place);
    found
}

fn is_below(installation: &Installation, kind: EntryKind, (code, under): (&str, &str)) -> bool {
    let mut seen = BTreeSet::new();
    let mut above = installation.entry(kind, code).map(|one| parent(&one.body));
    while let Some(one) = above.filter(|one| seen.insert(*one)) {
        if one == under {
            return true;
        }
        above = installation.entry(kind, one).map(|one| parent(&one.body));
    }
    false
}

/// One page of it.
pub(crate) fn page<'i>(
    found: Vec<Found<'i>>,
    (cursor, rows): (Option<&Cursor>, usize),
) -> KeyPage<Found<'i>> {
    let from: Option<Place> = cursor.and_then(|cursor| {
        let order = cursor.keys.first()?.as_i64()?;
        Some((order, cursor.keys.get(1)?.as_str()?.to_owned()))
    });
    let backward = cursor.is_some_and(|cursor| cursor.backward);
    let fits = |one: &Found| match (&from, backward) {
        (None, _) => true,
        (Some(from), false) => one.place() > *from,
        (Some(from), true) => one.place() < *from,
    };
    let mut fetched: Vec<Found> = found.into_iter().filter(fits).collect();
    if backward {
        fetched.reverse();
    }
    fetched.truncate(rows + 1);
    KeyPage::new(fetched, rows, cursor, |one| {
        let (order, code) = one.place();
        vec![json!(order), json!(code)]
    })
}

/// What stands above an entry, the topmost first, with names.
pub(crate) fn above(
    installation: &Installation,
    kind: EntryKind,
    code: &str,
) -> Vec<(String, String)> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut next = Some(code.to_owned());
    while let Some(code) = next.take().filter(|code| seen.insert(code.clone())) {
        if let Some(entry) = installation.entry(kind, &code) {
            let above = parent(&entry.body);
            next = (!above.is_empty()).then(|| above.to_owned());
            found.push((code, name(kind, &entry.body)));
        }
    }
    found.reverse();
    found
}
