//! What somebody typed, taken apart into what he is looking for: the words that definitions and people use, and the rest.

use std::collections::HashMap;

use tongban_packs::Word;

use super::text::plain;

/// The words that are known when something is typed.
#[derive(Default)]
pub(super) struct Vocabulary {
    known: HashMap<String, Meaning>,
    longest: usize,
}

/// What definitions call it, and what else people say for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Meaning {
    pub means: Vec<String>,
    pub said: Vec<String>,
}

/// One thing that is looked for.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// As it was typed.
    pub typed: String,
    pub meaning: Meaning,
    /// No word of the vocabulary: it may be misspelt, or one wrong character may stand in it.
    pub is_strange: bool,
}

impl Vocabulary {
    /// `more` are words that mean themselves.
    pub fn of<'w>(words: &[Word], more: impl Iterator<Item = &'w String>) -> Self {
        let mut known: HashMap<String, Meaning> = HashMap::new();
        for word in words {
            let meaning = Meaning {
                means: word.means.iter().map(|text| plain(text)).collect(),
                said: word.said.iter().map(|text| plain(text)).collect(),
            };
            for one in meaning.means.iter().chain(&meaning.said) {
                known.entry(one.clone()).or_default().add(&meaning);
            }
        }
        for word in more.filter(|word| word.chars().count() > 1) {
            known
                .entry(word.clone())
                .or_insert_with(|| Meaning::itself(word));
        }
        let longest = known.keys().map(|word| word.chars().count()).max();
        Self {
            longest: longest.unwrap_or_default(),
            known,
        }
    }

    /// The longest known word at each place, and what stands between. Where only what is said beside the matter is left,
    /// all of it is looked for.
    pub fn parts(&self, query: &str) -> Vec<Part> {
        let query = plain(query);
        let mut parts = Vec::new();
        for word in query.split_whitespace() {
            self.parts_of(word, &mut parts);
        }
        // A single character beside words says little.
        let says_much = |part: &Part| !part.is_strange || part.typed.chars().count() > 1;
        if parts.iter().any(says_much) {
            parts.retain(says_much);
        }
        if parts.is_empty() {
            let whole: String = query.split_whitespace().collect();
            if !whole.is_empty() {
                parts.push(Part::strange(whole));
            }
        }
        parts
    }

    fn parts_of(&self, word: &str, parts: &mut Vec<Part>) {
        let letters: Vec<char> = word.chars().collect();
        let (mut at, mut between) = (0, String::new());
        while let Some(letter) = letters.get(at) {
            let Some((length, meaning)) = self.longest_at(&letters, at) else {
                between.push(*letter);
                at += 1;
                continue;
            };
            end(&mut between, parts);
            let typed: String = letters.iter().skip(at).take(length).collect();
            let is_new = parts.iter().all(|part: &Part| part.meaning != *meaning);
            if is_new && !meaning.means.is_empty() {
                parts.push(Part {
                    typed,
                    meaning: meaning.clone(),
                    is_strange: false,
                });
            }
            at += length;
        }
        end(&mut between, parts);
    }

    fn longest_at(&self, letters: &[char], at: usize) -> Option<(usize, &Meaning)> {
        let most = self.longest.min(letters.len() - at);
        (1..=most).rev().find_map(|length| {
            let stretch = letters.get(at..at + length)?;
            // A word of Latin letters is no part of a longer one.
            let joins = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
            let before = at.checked_sub(1).and_then(|before| letters.get(before));
            let cut = (joins(stretch.first()) && joins(before))
                || (joins(stretch.last()) && joins(letters.get(at + length)));
            let word: String = stretch.iter().collect();
            let meaning = self.known.get(&word).filter(|_| !cut)?;
            Some((length, meaning))
        })
    }
}

fn end(between: &mut String, parts: &mut Vec<Part>) {
    let rest = std::mem::take(between);
    if !rest.is_empty() {
        parts.push(Part::strange(rest));
    }
}

impl Meaning {
    fn itself(word: &str) -> Self {
        Self {
            means: vec![word.to_owned()],
            said: Vec::new(),
        }
    }

    /// The same word may be said for several things.
    fn add(&mut self, other: &Self) {
        for (own, others) in [
            (&mut self.means, &other.means),
            (&mut self.said, &other.said),
        ] {
            for word in others {
                if !own.contains(word) {
                    own.push(word.clone());
                }
            }
        }
    }
}

impl Part {
    fn strange(typed: String) -> Self {
        Self {
            meaning: Meaning::itself(&typed),
            typed,
            is_strange: true,
        }
    }
}
