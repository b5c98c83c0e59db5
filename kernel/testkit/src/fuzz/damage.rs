//! How an input is damaged: bits, numbers, lengths, pieces taken out, doubled, moved, put in from elsewhere, cut off.
//! A found input is made smaller by taking damages back.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::sample::Index;

/// Nothing that is tried grows longer.
const LONGEST: usize = 1 << 20;
const MOST_DAMAGES: usize = 8;
/// At which fields of length and loops over them go wrong.
const EDGES: [u64; 12] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];
const NUMBERS: [&str; 10] = [
    "0",
    "-1",
    "1",
    "65536",
    "2147483648",
    "4294967295",
    "18446744073709551615",
    "99999999999999999999999",
    "1e308",
    "0.0000001",
];

#[derive(Clone)]
pub(super) struct Input(pub(super) Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.0) {
            Ok(text) if text.len() < 4000 => writeln!(f, "{text:?}")?,
            _ => writeln!(f, "{} bytes", self.0.len())?,
        }
        write!(f, "{}", STANDARD.encode(&self.0))
    }
}

/// Each with its place; lengths and other choices are scaled to what there is.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    /// Written over by an edge, in so many bytes, the lowest first or last.
    Edge(Index, usize, usize, bool),
    /// The decimal number that stands there or follows.
    Number(Index, Index),
    Word(Index, Index, bool),
    TakeOut(Index, usize),
    Repeat(Index, usize, usize),
    /// A piece of another place, or of another seed.
    PutIn(Index, Index, Option<Index>, usize),
    CutOff(Index),
}

pub(super) fn damaged(
    seeds: &[Vec<u8>],
    words: &[Vec<u8>],
) -> impl Strategy<Value = Input> + use<> {
    let (seeds, words) = (seeds.to_vec(), words.to_vec());
    let damages = proptest::collection::vec(damage(), 1..=MOST_DAMAGES);
    (any::<Index>(), damages).prop_map(move |(seed, damages)| {
        let mut bytes = seed.get(&seeds).clone();
        for damage in &damages {
            damage.apply(&mut bytes, &seeds, &words);
            bytes.truncate(LONGEST);
        }
        Input(bytes)
    })
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    // Most pieces are short, some are as long as whole parts of a file.
    let length = || prop_oneof![4 => 1..16usize, 2 => 16..400usize, 1 => 400..20_000usize];
    prop_oneof![
        3 => (at(), 1u8..).prop_map(|(a, mask)| Damage::Flip(a, mask)),
        2 => (at(), 0..EDGES.len(), 0..4usize, any::<bool>())
            .prop_map(|(a, edge, width, little)| Damage::Edge(a, edge, 1 << width, little)),
        2 => (at(), at()).prop_map(|(a, number)| Damage::Number(a, number)),
        3 => (at(), at(), any::<bool>()).prop_map(|(a, word, over)| Damage::Word(a, word, over)),
        2 => (at(), length()).prop_map(|(a, length)| Damage::TakeOut(a, length)),
        1 => (at(), length(), 1..60usize).prop_map(|(a, length, n)| Damage::Repeat(a, length, n)),
        2 => (at(), at(), proptest::option::of(at()), length())
            .prop_map(|(a, from, seed, length)| Damage::PutIn(a, from, seed, length)),
        1 => at().prop_map(Damage::CutOff),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[Vec<u8>]) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Self::Flip(at, mask) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= mask;
                }
            }
            Self::Edge(at, edge, width, little) => {
                let whole = EDGES[*edge].to_le_bytes();
                let mut field = whole[..*width].to_vec();
                if !little {
                    field.reverse();
                }
                over(bytes, place(at), &field);
            }
            Self::Number(at, number) => {
                let from = place(at);
                let digits = |from: usize| {
                    let length = bytes[from..]
                        .iter()
                        .take_while(|b| b.is_ascii_digit())
                        .count();
                    from..from + length
                };
                let next = bytes[from..].iter().position(u8::is_ascii_digit);
                let number = number.get(&NUMBERS).bytes();
                bytes.splice(digits(from + next.unwrap_or_default()), number);
            }
            Self::Word(at, word, is_over) if !words.is_empty() => {
                let (at, word) = (place(at), word.get(words));
                if *is_over {
                    over(bytes, at, word);
                } else {
                    bytes.splice(at..at, word.iter().copied());
                }
            }
            Self::Word(..) => {}
            Self::TakeOut(at, length) => {
                bytes.drain(piece(bytes, at, *length));
            }
            Self::Repeat(at, length, times) => {
                let range = piece(bytes, at, *length);
                let times = (*times).min(LONGEST / range.len().max(1));
                let copies = bytes[range.clone()].repeat(times);
                bytes.splice(range.start..range.start, copies);
            }
            Self::PutIn(at, from, seed, length) => {
                let source = seed.as_ref().map_or(&*bytes, |seed| seed.get(seeds));
                let other = source[piece(source, from, *length)].to_vec();
                let at = place(at);
                bytes.splice(at..at, other);
            }
            Self::CutOff(at) => bytes.truncate(place(at)),
        }
    }
}

fn piece(bytes: &[u8], at: &Index, length: usize) -> std::ops::Range<usize> {
    let start = at.index(bytes.len() + 1);
    start..bytes.len().min(start + length)
}

fn over(bytes: &mut Vec<u8>, at: usize, field: &[u8]) {
    let end = bytes.len().min(at + field.len());
    bytes.splice(at..end, field.iter().copied());
}
