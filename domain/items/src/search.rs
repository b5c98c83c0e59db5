//! Finding an item: by words, by pinyin or its initials. The directory is small, so it is kept in memory.

use pinyin::ToPinyinMulti;

/// The searchable face of one item.
#[derive(Clone, Debug)]
pub struct Searchable {
    name: String,
    keywords: Vec<String>,
    rest: String,
    initials: Vec<String>,
    full: Vec<String>,
}

/// How many readings of one name are followed; a name of many-voiced characters could have thousands.
const READINGS: usize = 16;

impl Searchable {
    pub fn new(name: &str, keywords: &[String], rest: &str) -> Self {
        let mut initials = Vec::new();
        let mut full = Vec::new();
        for text in std::iter::once(name).chain(keywords.iter().map(String::as_str)) {
            let (short, long) = readings(text);
            initials.extend(short);
            full.extend(long);
        }
        Self {
            name: name.to_lowercase(),
            keywords: keywords.iter().map(|k| k.to_lowercase()).collect(),
            rest: rest.to_lowercase(),
            initials,
            full,
        }
    }

    /// Higher is better; zero is no match. Every word of the query must be found somewhere.
    pub fn score(&self, query: &str) -> u32 {
        let mut total = 0;
        for word in query.to_lowercase().split_whitespace() {
            match self.word(word) {
                0 => return 0,
                points => total += points,
            }
        }
        total
    }

    fn word(&self, word: &str) -> u32 {
        if self.name == word {
            return 100;
        }
        if self.name.contains(word) {
            return 50;
        }
        if self
            .keywords
            .iter()
            .any(|k| k.contains(word) || word.contains(k.as_str()))
        {
            return 30;
        }
        let latin = word.len() >= 2 && word.bytes().all(|b| b.is_ascii_alphanumeric());
        if latin && self.initials.iter().any(|i| i.contains(word)) {
            return 25;
        }
        if latin && self.full.iter().any(|f| f.contains(word)) {
            return 20;
        }
        if self.rest.contains(word) {
            return 10;
        }
        self.loose(word)
    }

    /// A person writes “驾驶证丢了怎么补”: count the pairs of characters that the item knows.
    fn loose(&self, word: &str) -> u32 {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < 4 {
            return 0;
        }
        let pairs = letters.windows(2).map(|p| p.iter().collect::<String>());
        let (mut known, mut all) = (0, 0);
        for pair in pairs {
            all += 1;
            let found = self.name.contains(&pair)
                || self.keywords.iter().any(|k| k.contains(&pair))
                || self.rest.contains(&pair);
            known += u32::from(found);
        }
        if known * 3 >= all { known } else { 0 }
    }
}

/// Initials and full spelling of a text, in each of the first few readings.
fn readings(text: &str) -> (Vec<String>, Vec<String>) {
    let mut all: Vec<(String, String)> = vec![(String::new(), String::new())];
    for character in text.chars() {
        let sounds = sounds(character);
        let mut next = Vec::new();
        for (short, long) in &all {
            for sound in &sounds {
                if next.len() < READINGS {
                    let first: String = sound.chars().take(1).collect();
                    next.push((format!("{short}{first}"), format!("{long}{sound}")));
                }
            }
        }
        all = next;
    }
    all.into_iter().unzip()
}

fn sounds(character: char) -> Vec<String> {
    if character.is_ascii_alphanumeric() {
        return vec![character.to_ascii_lowercase().to_string()];
    }
    let mut found: Vec<String> = Vec::new();
    if let Some(multi) = character.to_pinyin_multi() {
        for sound in multi {
            let plain = sound.plain().to_owned();
            if !found.contains(&plain) {
                found.push(plain);
            }
        }
    }
    if found.is_empty() {
        found.push(String::new());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item() -> Searchable {
        Searchable::new(
            "道路客货运输驾驶员从业资格证补发",
            &["补证".into(), "遗失".into(), "丢了".into()],
            "从业资格证遗失或损毁时，补领一本新证",
        )
    }

    #[test]
    fn an_item_is_found_by_words_by_initials_and_by_a_persons_sentence() {
        assert!(item().score("补发") > item().score("损毁"));
        assert!(item().score("dlkh") > 0);
        assert!(item().score("bufa") > 0);
        assert!(item().score("从业资格证丢了怎么办") > 0);
        assert_eq!(item().score("结婚登记"), 0);
        assert_eq!(item().score("xyz"), 0);
    }
}
