//! Licence types that are wrong, each told with file and element.

use tongban_licences::check_types;
use tongban_packs::{Diagnostic, Findings};

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
        ("w_mm = 32", "w_mm = 3200", "seal", "毫米"),
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
