//! Finding an item: by words, by pinyin or its initials, in simplified or traditional characters. Knows no day and no release.

use pinyin::ToPinyinMulti;
use tongban_base::typed;
use unicode_normalization::UnicodeNormalization;

/// The searchable face of one item.
#[derive(Clone, Debug)]
pub struct Searchable {
    name: String,
    keywords: Vec<String>,
    rest: String,
    /// Name and keywords, character by character.
    spelt: Vec<Vec<Letter>>,
}

/// A character and how it may be read.
#[derive(Clone, Debug)]
struct Letter {
    character: char,
    sounds: Vec<Vec<char>>,
}

/// What is typed, word by word, as texts are searched.
pub struct Sought(Vec<String>);

impl Sought {
    pub fn of(query: &str) -> Self {
        let words = plain(query);
        Self(words.split_whitespace().map(str::to_owned).collect())
    }
}

impl Searchable {
    pub fn new(name: &str, keywords: &[String], rest: &str) -> Self {
        let name = plain(name);
        let keywords: Vec<String> = keywords.iter().map(|k| plain(k)).collect();
        let texts = std::iter::once(&name).chain(&keywords);
        Self {
            spelt: texts
                .map(|text| text.chars().map(letter).collect())
                .collect(),
            rest: plain(rest),
            name,
            keywords,
        }
    }

    /// Higher is better; zero is no match. Every word of the query must be found somewhere.
    pub fn score(&self, sought: &Sought) -> u32 {
        let mut total = 0;
        for word in &sought.0 {
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
        let letters: Vec<char> = word.chars().collect();
        let spelt = letters.len() >= 2 && letters.iter().any(char::is_ascii_alphabetic);
        if spelt && self.spelt.iter().any(|text| spells(text, &letters)) {
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

/// One form of what is typed and of what is searched: compatible characters folded, simplified, small letters.
fn plain(text: &str) -> String {
    let folded: String = typed::visible(text).nfkc().collect();
    fast2s::convert(&folded).to_lowercase()
}

fn letter(character: char) -> Letter {
    let mut sounds: Vec<Vec<char>> = Vec::new();
    for sound in character.to_pinyin_multi().into_iter().flatten() {
        let plain: Vec<char> = sound.plain().chars().collect();
        if !sounds.contains(&plain) {
            sounds.push(plain);
        }
    }
    Letter { character, sounds }
}

/// Whether some stretch of the text is what was typed: characters as they are, whole syllables or their first letters,
/// in any mixture; the last syllable may be unfinished.
fn spells(text: &[Letter], typed: &[char]) -> bool {
    (0..text.len()).any(|from| spells_from(text.get(from..).unwrap_or_default(), typed))
}

fn spells_from(text: &[Letter], typed: &[char]) -> bool {
    let Some((first, after)) = typed.split_first() else {
        return true;
    };
    let Some((letter, rest)) = text.split_first() else {
        return false;
    };
    if letter.character == *first && spells_from(rest, after) {
        return true;
    }
    letter.sounds.iter().any(|sound| {
        let whole = typed.strip_prefix(sound.as_slice());
        sound.starts_with(typed)
            || whole.is_some_and(|after| spells_from(rest, after))
            || (sound.first() == Some(first) && spells_from(rest, after))
    })
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

    fn score(item: &Searchable, query: &str) -> u32 {
        item.score(&Sought::of(query))
    }

    #[test]
    fn an_item_is_found_by_words_by_initials_and_by_a_persons_sentence() {
        assert!(score(&item(), "补发") > score(&item(), "损毁"));
        assert!(score(&item(), "dlkh") > 0);
        assert!(score(&item(), "bufa") > 0);
        assert!(score(&item(), "从业资格证丢了怎么办") > 0);
        assert_eq!(score(&item(), "结婚登记"), 0);
        assert_eq!(score(&item(), "xyz"), 0);
    }

    #[test]
    fn words_are_found_however_they_are_typed() {
        for typed in [
            "bz",
            "ｂｚ",
            "BZ",
            "buzheng",
            "buzh",
            "补zheng",
            "bu证",
            "bzheng",
            "補證",
            "補发",
            "補 證",
            "补\u{200b}证",
            "⽤",
            "道路kehuo",
            "congyezigezheng",
        ] {
            let item = match typed {
                "⽤" => Searchable::new("用证", &[], ""),
                _ => item(),
            };
            assert!(score(&item, typed) > 0, "{typed}");
        }
        for strange in ["buzhengx", "zx", "换zheng", "結婚"] {
            assert_eq!(score(&item(), strange), 0, "{strange}");
        }
    }
}
