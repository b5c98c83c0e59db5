//! Documents by what occurs in them, and how well each fits what is looked for.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tongban_packs::Word;

use super::sought::{Part, Vocabulary};
use super::text::{Letter, letters, plain, sound, spells};

/// What a word weighs by where it stands.
const IS_NAME: f64 = 4.0;
const IN_NAME: f64 = 3.0;
const IN_WORDS: f64 = 2.0;
const IN_REST: f64 = 1.0;
/// What it weighs less when it only sounds alike, and when only some of its pairs of characters are found.
const BY_SOUND: f64 = 0.7;
const BY_PAIRS: f64 = 0.5;
/// Less than this share of what was typed is nothing found; less than that share of what the best one has is not shown.
const FOUND: f64 = 0.4;
const NEAR_BEST: f64 = 0.7;
/// So much of a score is worth one in a list.
const SCALE: f64 = 1_000.0;

/// What one thing is found by.
pub(crate) struct Document {
    name: String,
    words: Vec<String>,
    rest: String,
    /// Name and words, character by character.
    spelt: Vec<Vec<Letter>>,
}

/// By which a document is found without looking at all of them.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Gram {
    One(char),
    Pair(char, char),
    /// The two letters with which a spelling begins.
    Spelt(char, char),
}

#[derive(Default)]
pub(crate) struct SearchIndex {
    documents: Vec<Arc<Document>>,
    places: HashMap<Gram, Vec<usize>>,
    vocabulary: Vocabulary,
}

impl Document {
    pub fn new(name: &str, words: &[String], rest: &str) -> Self {
        let name = plain(name);
        let words: Vec<String> = words.iter().map(|word| plain(word)).collect();
        let texts = std::iter::once(&name).chain(&words);
        Self {
            spelt: texts.map(|text| letters(text)).collect(),
            rest: plain(rest),
            name,
            words,
        }
    }

    fn has(&self, text: &str) -> f64 {
        if self.name == text {
            IS_NAME
        } else if self.name.contains(text) {
            IN_NAME
        } else if self.words.iter().any(|word| word.contains(text)) {
            IN_WORDS
        } else if self.rest.contains(text) {
            IN_REST
        } else {
            0.0
        }
    }

    /// Two letters begin too much to tell a name from a word.
    fn spells(&self, typed: &[char]) -> f64 {
        let found = self.spelt.iter().position(|text| spells(text, typed));
        BY_SOUND
            * match found {
                None => 0.0,
                Some(0) if typed.len() > 2 => IN_NAME,
                Some(_) => IN_WORDS,
            }
    }

    fn is_called(&self, word: &String) -> bool {
        self.words.contains(word)
    }

    /// How well it has what is looked for.
    fn weight(&self, part: &Part, typed: &[char], pairs: &[String]) -> f64 {
        let meant = part.meaning.means.iter().map(|text| self.has(text));
        let said = part.meaning.said.iter().any(|word| self.is_called(word));
        let best = meant.fold(if said { IN_WORDS } else { 0.0 }, f64::max);
        if best > 0.0 || !part.is_strange {
            return best;
        }
        let by_sound = match typed.len() > 1 {
            true => self.spells(typed),
            false => 0.0,
        };
        let by_pairs: f64 = pairs.iter().map(|pair| self.has(pair)).sum();
        by_sound.max(BY_PAIRS * by_pairs / of_so_many(pairs.len()))
    }

    fn grams(&self) -> BTreeSet<Gram> {
        let mut grams = BTreeSet::new();
        let texts = self.words.iter().chain([&self.name, &self.rest]);
        for text in texts {
            grams.extend(text.chars().map(Gram::One));
            grams.extend(pairs(text).map(|(left, right)| Gram::Pair(left, right)));
        }
        for text in &self.spelt {
            for (at, letter) in text.iter().enumerate() {
                let beginnings = letter.beginnings(text.get(at + 1)).into_iter();
                grams.extend(beginnings.map(|(first, second)| Gram::Spelt(first, second)));
            }
        }
        grams
    }
}

impl SearchIndex {
    pub fn of(documents: Vec<Arc<Document>>, words: &[Word]) -> Self {
        let mut places: HashMap<Gram, Vec<usize>> = HashMap::new();
        for (at, document) in documents.iter().enumerate() {
            for gram in document.grams() {
                places.entry(gram).or_default().push(at);
            }
        }
        let said = documents.iter().flat_map(|document| &document.words);
        Self {
            vocabulary: Vocabulary::of(words, said),
            documents,
            places,
        }
    }

    /// Which documents fit, and how well: of each thing that is looked for, the rarer it is the more, where it stands.
    pub fn search(&self, query: &str) -> Vec<(usize, u32)> {
        let mut scores: HashMap<usize, (f64, f64)> = HashMap::new();
        let mut sought = 0.0;
        for part in self.vocabulary.parts(query) {
            let found = self.having(&part);
            let rarity = (1.0 + of_so_many(self.documents.len()) / of_so_many(found.len())).ln();
            sought += rarity;
            for (at, weight) in found {
                let (score, covered) = scores.entry(at).or_default();
                *score += rarity * weight;
                *covered += rarity * (weight / IN_REST).min(1.0);
            }
        }
        let most = scores.values().map(|(_, covered)| *covered);
        let most = most.fold(0.0, f64::max);
        let fits = |covered: f64| covered >= FOUND * sought && covered >= NEAR_BEST * most;
        let found = scores.into_iter().filter(|(_, (_, c))| fits(*c));
        found
            .map(|(at, (score, _))| (at, in_a_list(score)))
            .collect()
    }

    /// The documents that have this, each with how well.
    fn having(&self, part: &Part) -> Vec<(usize, f64)> {
        let typed = sound(&part.typed);
        let pairs: Vec<String> = pairs(&part.typed)
            .map(|(left, right)| [left, right].iter().collect())
            .collect();
        let some = self.candidates(part, &typed).into_iter();
        let weighed = some.filter_map(|at| {
            let weight = self.documents.get(at)?.weight(part, &typed, &pairs);
            (weight > 0.0).then_some((at, weight))
        });
        weighed.collect()
    }

    fn candidates(&self, part: &Part, typed: &[char]) -> BTreeSet<usize> {
        let mut grams: Vec<Gram> = Vec::new();
        for text in part.meaning.means.iter().chain(&part.meaning.said) {
            let first = pairs(text).next().map(|(l, r)| Gram::Pair(l, r));
            grams.extend(first.or_else(|| text.chars().next().map(Gram::One)));
        }
        if part.is_strange {
            grams.extend(pairs(&part.typed).map(|(left, right)| Gram::Pair(left, right)));
            grams.extend(part.typed.chars().next().map(Gram::One));
            if let [first, second, ..] = typed {
                grams.push(Gram::Spelt(*first, *second));
            }
        }
        let places = grams.iter().filter_map(|gram| self.places.get(gram));
        places.flatten().copied().collect()
    }
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    text.chars().zip(text.chars().skip(1))
}

/// Never none, so that it divides.
fn of_so_many(count: usize) -> f64 {
    u32::try_from(count.max(1)).map_or(f64::from(u32::MAX), f64::from)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score is small and not negative"
)]
fn in_a_list(score: f64) -> u32 {
    (score * SCALE).round() as u32
}
