//! Licence types that are wrong, each told with file and element.

use serde_json::json;
use tongban_licences::{FaceFault, TrialFacts, check_types};
use tongban_packs::{Diagnostic, Findings};

use crate::house::typesetter;
use crate::pack::{TYPE, folder};

fn faults(from: &str, to: &str) -> Vec<Diagnostic> {
    assert!(TYPE.contains(from), "{from}");
    let mut findings = Findings::default();
    let changed = folder().with("licences/driver.toml", TYPE.replace(from, to));
    check_types(&changed, &mut findings);
    findings.0
}

#[test]
fn a_wrong_licence_type_is_refused_with_file_and_element() {
    let cases = [
        (
            "from = \"person.sex\"",
            "from = \"person.sex + 1\"",
            "fields.sex",
            "",
        ),
        (
            "from = \"person.name\"",
            "from = \"person.nmae\"",
            "fields.name",
            "nmae",
        ),
        (
            "licence.first_issued_on",
            "licence.first_issued",
            "fields.first_issued_on",
            "first_issued",
        ),
        (
            "issued.valid_to",
            "issued.valid_too",
            "fields.valid_to",
            "valid_too",
        ),
        (
            "issuer = \"office\"",
            "issuer = \"nobody\"",
            "issuer",
            "没有机构 nobody",
        ),
        (
            "face = \"driver.typ\"",
            "face = \"other.typ\"",
            "face",
            "other.typ",
        ),
        ("{seq:6}", "{month}", "number_rule", "month"),
        ("19713D071", "19713d071", "type_code", "21 位"),
        (
            "example = true",
            "example = true\npages = 9",
            "pages",
            "1 至 4 页",
        ),
        ("code = \"driver\"", "code = \"rider\"", "code", "文件名"),
    ];
    for (from, to, element, words) in cases {
        let found = faults(from, to);
        assert_eq!(found.len(), 1, "{to}: {found:?}");
        assert_eq!(found[0].file, "licences/driver.toml");
        assert_eq!(found[0].element.as_deref(), Some(element), "{found:?}");
        assert!(found[0].message.contains(words), "{found:?}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let found = faults("example = true", "exmaple = true");
    assert_eq!((found.len(), found[0].line), (1, Some(9)), "{found:?}");
    assert!(found[0].message.contains("exmaple"));
}

fn tried(from: &str, to: &str, address: usize) -> Result<(), String> {
    let source =
        String::from_utf8(folder().bytes("licences/driver.typ").unwrap().to_vec()).unwrap();
    let changed = source.replacen(from, to, 1);
    let folder = folder().with("licences/driver.typ", changed.as_str());
    let mut findings = Findings::default();
    let types = check_types(&folder, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    let facts = TrialFacts {
        person: json!({
            "name": "示例", "id_number": "11010120000101001X", "sex": "male", "birth_date": "2000-01-01",
            "mobile": "13800000000", "address": "示".repeat(address),
        }),
        form: json!({}),
        case: json!({}),
    };
    let face = types
        .get("driver")
        .unwrap()
        .try_face(typesetter(), &[facts]);
    face.map_err(|fault| match fault {
        FaceFault::Field { code, message } => format!("{code} {message}"),
        FaceFault::Face(fault) => fault.to_string(),
    })
}

#[test]
fn a_face_is_tried_and_names_the_field_that_is_too_long() {
    assert_eq!(tried("", "", 20), Ok(()));
    let long = tried("", "", 600).unwrap_err();
    assert!(long.contains("照面放不下：住址太长（600 个字）"), "{long}");
    // The address runs under the seal before it runs off the page.
    let covering = tried("", "", 200).unwrap_err();
    assert!(covering.contains("住址太长（200 个字）"), "{covering}");
    let panics = tried("#frame(", "#panic(\"示例\")\n#frame(", 20).unwrap_err();
    assert!(panics.contains("driver.typ 第 4 行"), "{panics}");
    let unsealed = tried("place(bottom + right, seal-place(size: 32mm)[])", "", 20).unwrap_err();
    assert!(unsealed.contains("没有给印章留位置"), "{unsealed}");
}
