//! Where the seal goes: the box that a template labels, and nothing else lies under it.

use serde_json::json;
use tongban_documents::{DocumentError, StampPosition, Template};

use crate::desk::TYPESETTER;

const PAGE: &str = "#import \"/lib.typ\": *\n#set page(width: 100mm, height: 80mm, margin: 10mm)\n\
    #set text(font: (\"Noto Serif SC\",), size: 10pt)\n";

fn place(body: &str) -> Result<Option<StampPosition>, DocumentError> {
    let template = Template::new("paper.typ", format!("{PAGE}{body}"));
    TYPESETTER
        .typeset(&template, &json!({}))
        .unwrap()
        .seal_place()
}

fn fault(body: &str) -> String {
    place(body).unwrap_err().to_string()
}

#[test]
fn the_box_is_found_where_the_layout_puts_it() {
    assert_eq!(place("没有印章"), Ok(None));
    let found = place("#place(bottom + right, seal-place(size: 30mm)[])")
        .unwrap()
        .unwrap();
    let near = |is: f64, wanted: f64| (is - wanted).abs() < 0.1;
    assert_eq!(found.page, 0);
    assert!(
        near(found.x_mm, 60.0) && near(found.y_mm, 40.0),
        "{found:?}"
    );
    assert!(
        near(found.width_mm, 30.0) && near(found.height_mm, 30.0),
        "{found:?}"
    );
    let next = place("上页\n#pagebreak()\n#seal-place(size: 20mm)[]")
        .unwrap()
        .unwrap();
    assert_eq!(next.page, 1);
}

#[test]
fn it_presses_its_own_words_and_no_others() {
    let own = "#align(right, seal-place(size: 30mm)[示例市一个名称很长的交通运输管理局 \\ 2026年11月27日])";
    assert!(place(own).unwrap().is_some(), "the office and the day");
    let beside = "#place(top + left)[有效期止] #place(bottom + right, seal-place(size: 30mm)[])";
    assert!(place(beside).unwrap().is_some());
    let under = "#place(bottom + right)[发证日期2026年11月27日] #place(bottom + right, seal-place(size: 30mm)[])";
    assert_eq!(
        fault(under),
        "印章压住了第 1 页的文字“发证日期2026年11月27日”"
    );
    let turned = "#place(bottom + right, rotate(-30deg)[一行转了方向的文字]) #place(bottom + right, seal-place(size: 30mm)[])";
    assert!(fault(turned).contains("一行转了方向的文字"));
    let ground = "#demo-watermark() #place(center + horizon, seal-place(size: 30mm)[])";
    assert!(place(ground).unwrap().is_some(), "a watermark is no word");
}

#[test]
fn a_place_that_no_seal_fits_is_refused() {
    let two = "#seal-place(size: 20mm)[] #seal-place(size: 20mm)[]";
    assert_eq!(fault(two), "印章的位置（<seal>）只能有一处，现在有 2 处");
    assert!(fault("#place(dx: 75mm, seal-place(size: 20mm)[])").contains("超出了第 1 页的边"));
    assert!(fault("#seal-place(size: 4mm)[]").contains("10 至 80 毫米"));
}
