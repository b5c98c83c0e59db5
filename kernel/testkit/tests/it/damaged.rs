//! What a reader does wrong is found, told, and made small. Not named as what `make fuzz` runs.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tongban_testkit::Fuzz;

const SEED: &str = "a line of twenty-six bytes";
const WORD: &[u8] = b"<bad>";

fn has_word(input: &[u8]) -> bool {
    input.windows(WORD.len()).any(|window| window == WORD)
}

/// What is told of a reader, and the input behind it.
fn told<A: std::fmt::Debug + PartialEq>(
    memory: usize,
    read: impl Fn(&[u8]) -> A,
) -> (String, Vec<u8>) {
    let fuzz = Fuzz::of([SEED]).words(&[WORD]).memory(memory);
    let failed = catch_unwind(AssertUnwindSafe(|| fuzz.feed(read))).unwrap_err();
    let words = failed.downcast::<String>().unwrap();
    let input = STANDARD.decode(words.lines().last().unwrap()).unwrap();
    (*words, input)
}

#[test]
fn a_panic_is_found_with_no_more_damage_than_it_takes() {
    let (words, input) = told(usize::MAX, |input| assert!(!has_word(input), "the word"));
    assert!(words.contains("the word"), "{words}");
    assert!(has_word(&input) && input.len() <= SEED.len() + WORD.len());
}

#[test]
fn two_answers_and_too_much_memory_are_found() {
    let turn = Cell::new(0);
    let (words, _) = told(usize::MAX, |input| {
        turn.set(turn.get() + 1);
        has_word(input) && turn.get() % 2 == 0
    });
    assert!(words.contains("two answers: false\nand true"), "{words}");
    let (words, input) = told(10 << 20, |input| {
        let held = if has_word(input) { 30 << 20 } else { 0 };
        vec![1u8; held].len()
    });
    assert!(words.contains("may hold 10485760"), "{words}");
    assert!(has_word(&input));
}

#[test]
fn what_was_found_once_is_fed_first() {
    let found = STANDARD.encode(WORD);
    let fuzz = Fuzz::of([SEED]).cases(0).found(&[&found]);
    let failed = catch_unwind(AssertUnwindSafe(|| {
        fuzz.feed(|input| assert_ne!(input, WORD));
    }));
    assert!(failed.is_err());
}
