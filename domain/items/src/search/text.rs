//! Texts as they are compared: folded, simplified, in small letters; how a character may be read. Knows no item.

use pinyin::{ToPinyin, ToPinyinMulti};
use tongban_base::typed;
use unicode_normalization::UnicodeNormalization;

/// A character and how it may be read.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    character: char,
    sounds: Vec<Vec<char>>,
}

/// One form of what is typed and of what is searched; what is neither letter nor digit parts words.
pub(super) fn plain(text: &str) -> String {
    let folded: String = typed::visible(text).nfkc().collect();
    let simple = fast2s::convert(&folded).to_lowercase();
    let letters = simple.chars();
    letters
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect()
}

pub(super) fn letters(text: &str) -> Vec<Letter> {
    text.chars().map(letter).collect()
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

/// As somebody would type it who only knows how it sounds.
pub(super) fn sound(text: &str) -> Vec<char> {
    let mut typed = Vec::new();
    for character in text.chars() {
        match character.to_pinyin() {
            Some(sound) => typed.extend(sound.plain().chars()),
            None => typed.push(character),
        }
    }
    typed
}

impl Letter {
    /// The two letters with which something typed may begin that is found here.
    pub(super) fn beginnings(&self, next: Option<&Self>) -> Vec<(char, char)> {
        let mut all = Vec::new();
        for sound in &self.sounds {
            let Some(first) = sound.first() else { continue };
            all.extend(sound.get(1).map(|second| (*first, *second)));
            let after = next.into_iter().flat_map(|next| &next.sounds);
            all.extend(after.filter_map(|after| Some((*first, *after.first()?))));
        }
        all
    }
}

/// Whether some stretch of the text is what was typed: characters as they are, whole syllables or their first letters,
/// in any mixture; the last syllable may be unfinished.
pub(super) fn spells(text: &[Letter], typed: &[char]) -> bool {
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
