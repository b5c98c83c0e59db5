//! Writes samples of everything this crate makes into a folder, for readers that others wrote:
//! `cargo run -p tongban-documents --example samples -- FOLDER`.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use serde_json::json;
use tongban_base::Timestamp;
use tongban_documents::{Fonts, OfdOptions, PdfOptions, Template, Typesetter, demonstration_seal};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "samples".to_owned()));
    fs::create_dir_all(&folder)?;
    let typesetter = Typesetter::new(Fonts::find(None)?);
    let template = Template::new("acceptance-notice.typ", include_str!("acceptance-notice.typ"));
    let pages = typesetter.typeset(&template, &data())?;
    let created = Timestamp(1_795_312_800_000);
    let pdf = pages.to_pdf(&PdfOptions { id: "示例〔2026〕0001号".to_owned(), created })?;
    let ofd = pages.to_ofd(&OfdOptions {
        id: "00000000000000000000000000000001".to_owned(),
        title: "受理通知书".to_owned(),
        author: "示例市交通运输局".to_owned(),
        created,
        metadata: vec![("ZZMC".to_owned(), "受理通知书".to_owned())],
    })?;
    fs::write(folder.join("letter.png"), pages.to_png(0, 1.6)?)?;
    fs::write(folder.join("letter.pdf"), &pdf)?;
    fs::write(folder.join("letter.ofd"), &ofd)?;
    let seal = demonstration_seal(&typesetter, "示例市交通运输局", "演示专用", 42)?;
    fs::write(folder.join("seal.png"), &seal)?;
    println!("{} pages, PDF {} bytes, OFD {} bytes", pages.count(), pdf.len(), ofd.len());
    Ok(())
}

fn data() -> serde_json::Value {
    json!({
        "document": { "number": "示交从受〔2026〕0001号", "title": "受理通知书", "date_text": "2026年11月23日" },
        "case": { "number": "SL20261123000001", "item_name": "道路客货运输驾驶员从业资格证补发", "applied_on": "2026年11月22日",
                  "accepted_on": "2026年11月23日", "promised_on": "2026年11月24日", "promised_days": 1, "statutory_days": 20 },
        "applicant": { "name": "测试一", "id_number_masked": "310101********0012" },
        "organisation": { "name": "示例市交通运输局", "phone": "000-0000000", "address": "示例市示例路1号" },
        "materials": [ { "name": "从业资格证补发申请表", "copies": "原件1份" }, { "name": "居民身份证", "copies": "电子证照" } ],
        "verify_url": "https://example.invalid/verify/0001", "qr": "https://example.invalid/verify/0001?d=示例", "demo": true
    })
}
