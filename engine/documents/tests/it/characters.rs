//! Names with any character of GB 18030-2022, level 3, are printed; what is beyond is known before anything is made.

use serde_json::json;
use tongban_base::Timestamp;
use tongban_documents::{Fonts, PdfOptions, Template};

use crate::desk::TYPESETTER;

/// The extensions A to F as far as the standard has them.
const LEVEL_3: [(u32, u32); 7] = [
    (0x3400, 0x4DB5),
    (0x4E00, 0x9FEF),
    (0x20000, 0x2A6D6),
    (0x2A700, 0x2B734),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1),
    (0x2CEB0, 0x2EBE0),
];

fn unprintable(from: u32, to: u32) -> Vec<char> {
    let all: String = (from..=to).filter_map(char::from_u32).collect();
    TYPESETTER.unprintable(&all)
}

#[test]
fn every_character_of_level_3_has_a_face() {
    for (from, to) in LEVEL_3 {
        let lacking = unprintable(from, to);
        assert!(
            lacking.is_empty(),
            "{from:x}: {} {lacking:?}",
            lacking.len()
        );
    }
    assert!(Fonts::find(None).unwrap().has_rare_characters());
}

#[test]
fn a_letter_with_a_rare_name_is_made_and_one_that_cannot_be_is_known_before() {
    let template = Template::new(
        "a.typ",
        "#set text(font: \"Noto Serif SC\")\n#json(\"/data.json\").name",
    );
    let made = |name: &str| {
        let data = json!({ "name": name });
        let pages = TYPESETTER.typeset(&template, &data).unwrap();
        pages.to_pdf(&PdfOptions {
            id: "a".into(),
            created: Timestamp(0),
        })
    };
    for name in ["测试𠮷", "测试䶮㐀", "测试\u{2CEB0}", "阿卜·努尔"] {
        assert!(TYPESETTER.unprintable(name).is_empty(), "{name}");
        made(name).unwrap();
    }
    // Extension H came after the standard.
    assert_eq!(
        TYPESETTER.unprintable("测试\u{31350}\u{31350}"),
        ['\u{31350}']
    );
    assert!(made("测试\u{31350}").is_err());
    assert!(TYPESETTER.unprintable("张\u{FE00}三\u{200B}\n").is_empty());
}
