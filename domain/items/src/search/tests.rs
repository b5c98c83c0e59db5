//! What search finds: exact words, everyday words, misspelt ones.

use std::sync::Arc;

use tongban_packs::Word;

use super::{Document, SearchIndex};

fn words() -> Vec<Word> {
    let word = |means: &[&str], said: &[&str]| Word {
        means: means.iter().map(|&text| text.to_owned()).collect(),
        said: said.iter().map(|&text| text.to_owned()).collect(),
    };
    vec![
        word(&["补发"], &["丢了", "掉了", "被偷"]),
        word(&[], &["怎么办", "我的", "啊"]),
    ]
}

fn index() -> SearchIndex {
    let document = |name: &str, words: &[&str], rest: &str| {
        let words: Vec<String> = words.iter().map(|&text| text.to_owned()).collect();
        Arc::new(Document::new(name, &words, rest))
    };
    SearchIndex::of(
        vec![
            document(
                "道路客货运输驾驶员从业资格证补发",
                &["补证", "遗失", "出租车"],
                "从业资格证遗失或损毁时，补领一本新证",
            ),
            document("道路客货运输驾驶员从业资格证注销", &["不干了"], ""),
        ],
        &words(),
    )
}

fn best(query: &str) -> Option<usize> {
    let found = index().search(query).into_iter();
    found.max_by_key(|(_, score)| *score).map(|(at, _)| at)
}

#[test]
fn an_item_is_found_by_everyday_words_and_by_a_persons_sentence() {
    for query in [
        "补发",
        "从业资格证掉了",
        "我的从业资格证被偷怎么办啊",
        "损毁",
    ] {
        assert_eq!(best(query), Some(0), "{query}");
    }
    assert_eq!(best("资格证不干了"), Some(1));
    assert_eq!(
        index().search("掉了").len(),
        1,
        "the other has nothing to do with it"
    );
    for strange in ["结婚登记", "xyz", "结婚怎么办"] {
        assert_eq!(best(strange), None, "{strange}");
    }
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
        "《补证》",
        "dlkh补证",
        "congyezigezhengbufa",
    ] {
        assert_eq!(best(typed), Some(0), "{typed}");
    }
    assert_eq!(best("zx"), Some(1), "initials");
    for strange in ["buzhengx", "qx", "换zheng", "結婚"] {
        assert_eq!(best(strange), None, "{strange}");
    }
}

#[test]
fn what_only_sounds_right_and_one_wrong_character_are_found() {
    for typed in ["出组车", "从业资各证补发", "遗矢补发"] {
        assert_eq!(best(typed), Some(0), "{typed}");
    }
}
