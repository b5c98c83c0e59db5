//! A pack as small as one can be, with one licence type and its face.

use tongban_base::{Problem, Result};
use tongban_licences::{LicenceTypes, check_types};
use tongban_packs::{Findings, Folder, ReleaseHash};

/// Another text of the same files: a different release with the same licences.
pub const SAME: &str = "same";
/// Another title, three years, and a field that its face needs.
pub const NEWER: &str = "newer";

pub const TYPE: &str = r#"
code = "driver"
type_code = "11100000000019713D071"
title = "示例驾驶员证"
validity_years = 6
issuer = "office"
face = "driver.typ"
number_rule = "示例{year}{seq:6}"
example = true
fields = [
  { code = "name", title = "姓名", from = "person.name" },
  { code = "sex", title = "性别", from = "person.sex" },
  { code = "address", title = "住址", from = "has(form.address) ? form.address : person.address" },
  { code = "first_issued_on", title = "初次领证日期", from = "licence != null ? licence.first_issued_on : issued.issued_on" },
  { code = "valid_to", title = "有效期止", from = "issued.valid_to" },
  { code = "photo", title = "照片", from = "issued.photo" },
]
"#;

const FACE: &str = r#"#import "/frame.typ": frame
#import "/lib.typ": seal-place
#let data = json("/data.json")
#frame({
  [#data.licence.name #data.licence.sex #data.licence.address #data.licence.first_issued_on 有效期至 #data.licence.valid_to]
  if data.licence.photo != "" { image(data.licence.photo, width: 20mm) }
  image("/qr.png", width: 20mm)
  place(bottom + right, seal-place(size: 32mm)[])
})"#;

const FRAME: &str = r#"#let frame(body) = {
  set document(title: "示例驾驶员证")
  set page(width: 100mm, height: 80mm, margin: 5mm)
  set text(font: ("Noto Serif SC", "Noto Sans SC"), lang: "zh")
  body
}"#;

const ORGANISATIONS: &str = r#"
[[organisation]]
code = "office"
name = "示例发证处"
credit_code = "11310000TEST000001"
division = "310000000000"
"#;

pub fn folder() -> Folder {
    Folder::embedded(&[
        ("organisations.toml", ORGANISATIONS.as_bytes()),
        ("documents/frame.typ", FRAME.as_bytes()),
        ("licences/driver.toml", TYPE.as_bytes()),
        ("licences/driver.typ", FACE.as_bytes()),
    ])
}

pub fn types() -> LicenceTypes {
    let mut findings = Findings::default();
    let types = check_types(&folder(), &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    types
}

/// The files of a release.
pub fn of_release(release: &ReleaseHash) -> Result<Folder> {
    let folder = folder();
    match release.0.as_str() {
        SAME => Ok(folder.with("messages/other.toml", "")),
        NEWER => {
            let kind = TYPE
                .replace("示例驾驶员证", "示例驾驶员证（新版）")
                .replace("validity_years = 6", "validity_years = 3")
                .replace(
                    "fields = [",
                    "fields = [\n  { code = \"grade\", title = \"等级\", from = \"'一级'\" },",
                );
            let face = FACE.replace("有效期至", "#data.licence.grade 有效期至");
            Ok(folder
                .with("licences/driver.toml", kind)
                .with("licences/driver.typ", face))
        }
        _ => Err(Problem::internal("no such release")),
    }
}
