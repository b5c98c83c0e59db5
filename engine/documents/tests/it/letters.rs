//! Templates and pages.

use serde_json::json;
use tongban_documents::Template;

use crate::desk::{TYPESETTER, letter, ofd_options, pdf_options};

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let (first, second) = (letter(), letter());
    assert_eq!(
        first.to_pdf(&pdf_options()).unwrap(),
        second.to_pdf(&pdf_options()).unwrap()
    );
    assert_eq!(
        first.to_ofd(&ofd_options()).unwrap(),
        second.to_ofd(&ofd_options()).unwrap()
    );
}

#[test]
fn a_letter_is_one_page_and_small_in_every_format() {
    let pages = letter();
    assert_eq!(pages.count(), 1);
    let pdf = pages.to_pdf(&pdf_options()).unwrap();
    let ofd = pages.to_ofd(&ofd_options()).unwrap();
    assert!(
        pdf.windows(17).any(|w| w == b"pdfaid:part>2</pd"),
        "claims PDF/A-2"
    );
    assert!(
        pdf.len() < 300_000 && ofd.len() < 300_000,
        "{} {}",
        pdf.len(),
        ofd.len()
    );
    assert!(pages.to_png(0, 1.0).unwrap().starts_with(b"\x89PNG"));
    assert!(pages.to_png(1, 1.0).is_err());
}

#[test]
fn a_fault_in_a_template_is_told_with_file_line_and_column() {
    let template = Template::new(
        "broken.typ",
        "#let data = json(\"/data.json\")\n第二行 #data.number",
    );
    let error = TYPESETTER.typeset(&template, &json!({})).err().unwrap();
    let place = error.place.clone().unwrap();
    assert_eq!((place.file.as_str(), place.line), ("broken.typ", 2));
    assert!(
        error.to_string().contains("文书数据中没有这一项"),
        "{error}"
    );
}

#[test]
fn a_fault_in_an_imported_file_names_that_file() {
    let template = Template::new("main.typ", "#import \"/part.typ\": title\n#title")
        .with_file("/part.typ", "\n#let title = nothing");
    let error = TYPESETTER.typeset(&template, &json!({})).err().unwrap();
    assert_eq!(error.place.unwrap().file, "part.typ");
}

#[test]
fn a_template_sees_neither_disk_nor_clock() {
    for source in [
        "#read(\"/etc/passwd\")",
        "#datetime.today()",
        "#import \"@preview/cetz:0.3.0\"",
    ] {
        assert!(
            TYPESETTER
                .typeset(&Template::new("t.typ", source), &json!({}))
                .is_err(),
            "{source}"
        );
    }
}

#[test]
fn gradients_svg_pictures_and_turned_text_reach_ofd() {
    let source = "#set page(width: 80mm, height: 60mm)\n#set text(font: \"Noto Sans SC\")\n\
        #rect(width: 30mm, height: 10mm, fill: gradient.linear(red, blue))\n#image(\"/a.svg\", width: 10mm)\n#rotate(30deg)[转字]";
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><circle cx=\"5\" cy=\"5\" r=\"4\"/></svg>";
    let template = Template::new("t.typ", source).with_file("/a.svg", svg);
    let ofd = TYPESETTER
        .typeset(&template, &json!({}))
        .unwrap()
        .to_ofd(&ofd_options())
        .unwrap();
    let text = String::from_utf8_lossy(&ofd);
    assert_eq!(text.matches("<ofd:ImageObject ").count(), 2);
    assert!(
        text.contains("CTM=\"0.866025 0.5"),
        "turned text keeps its map"
    );
    assert!(text.contains(">转字</ofd:TextCode>"));
}
