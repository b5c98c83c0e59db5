//! Models that others drew: each is read, or refused with its elements named. Never a panic.

use std::path::Path;

use crate::world::read;

#[test]
fn models_of_other_tools_are_read_or_refused_element_by_element() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/facts/vectors/bpmn");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("reference models are not here; nothing was checked");
        return;
    };
    let mut seen = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "bpmn") {
            continue;
        }
        let xml = std::fs::read_to_string(&path).unwrap();
        seen += 1;
        if let Err(faults) = read(&xml) {
            let unnamed = faults
                .iter()
                .filter(|fault| fault.element.is_empty())
                .count();
            assert!(!faults.is_empty());
            // Only a fault of the whole file may name none.
            assert!(unnamed == 0 || faults.len() == 1, "{path:?}: {faults:?}");
            assert!(
                faults
                    .iter()
                    .all(|fault| fault.line > 0 && !fault.message.is_empty())
            );
        }
        cut_short(&xml);
    }
    assert!(seen > 0);
}

/// Torn files are refused as well.
fn cut_short(xml: &str) {
    for part in 1..8 {
        let mut end = xml.len() * part / 8;
        while !xml.is_char_boundary(end) {
            end -= 1;
        }
        assert!(read(&xml[..end]).is_err());
    }
}
