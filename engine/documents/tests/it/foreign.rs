//! Files that others made. They lie beside the checkout and may be missing; the tests then say so and pass.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use tongban_base::Timestamp;
use tongban_crypto::Trust;
use tongban_documents::{Verdict, verify};

use crate::desk::{SEALED_OFD, SEALED_PDF};

const NOW: Timestamp = Timestamp(1_795_312_800_000);

fn vectors(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/facts/vectors")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("not there, not tested: {}", path.display());
    None
}

/// Reasons besides those about certificates: nobody here trusts the vendors' test authorities.
fn faults(name: &str) -> Option<Vec<String>> {
    let bytes = fs::read(vectors("ofd")?.join(name)).unwrap();
    let found = verify(&bytes, &Trust::default(), NOW);
    assert_ne!(found.verdict, Verdict::Valid, "{name}");
    let codes = found.reasons.into_iter().map(|r| r.code);
    Some(
        codes
            .filter(|code| !code.ends_with("_certificate") && code != "file.authority_unknown")
            .collect(),
    )
}

#[test]
fn seals_of_vendors_hold_but_for_their_certificates() {
    let expected: [(&str, &[&str]); 4] = [
        // Templates, or OFD.xml, outside of what is signed: whoever relies on such a file must know.
        ("v4signed_vendorGomain.ofd", &["file.unprotected"]),
        ("v4signed_vendorKingGrid.ofd", &["file.root_open"]),
        // Signed with a seal that had expired.
        ("SESV4SignDoc.ofd", &["seal.expired"]),
        ("allprotected.ofd", &[]),
    ];
    for (name, codes) in expected {
        let Some(faults) = faults(name) else { return };
        assert_eq!(faults, codes, "{name}");
    }
}

#[test]
fn a_changed_page_of_a_vendors_file_is_named() {
    let Some(folder) = vectors("ofd") else { return };
    let bytes = fs::read(folder.join("allprotected.ofd")).unwrap();
    let mut found = 0;
    for position in (0..bytes.len()).step_by(211) {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        let verification = verify(&changed, &Trust::default(), NOW);
        found += usize::from(
            verification.reasons.len() > 1 || verification.verdict == Verdict::Unreadable,
        );
    }
    assert!(found > 100, "{found} changes noticed");
}

#[test]
fn files_without_a_seal_say_so() {
    for name in [
        "minimal_xsd_valid.ofd",
        "helloworld_ofdrw.ofd",
        "doc1File_all_parts_xsd_valid.ofd",
    ] {
        let Some(faults) = faults(name) else { return };
        assert_eq!(faults, ["signature.none"], "{name}");
    }
}

/// The schemas know MD5 and SHA1 only, so of a file sealed with SM3 exactly that one error is expected.
#[test]
fn every_part_of_a_sealed_ofd_follows_the_schemas() {
    let Some(schemas) = vectors("ofd/xsd") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealed.ofd");
    fs::write(&path, &*SEALED_OFD).unwrap();
    let run = Command::new("python3")
        .args(["-c", SCHEMA_CHECK])
        .arg(&schemas)
        .arg(&path)
        .output();
    let Ok(run) = run else {
        println!("no python3, not tested");
        return;
    };
    let words = String::from_utf8_lossy(&run.stdout);
    if words.starts_with("no lxml") {
        println!("no lxml, not tested");
        return;
    }
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert_eq!(
        words.lines().collect::<Vec<_>>(),
        ["Doc_0/Signs/Sign_0/Signature.xml CheckMethod"],
        "{words}"
    );
}

const SCHEMA_CHECK: &str = r#"
import sys, zipfile
try:
    from lxml import etree
except ImportError:
    print("no lxml"); sys.exit()
schemas = {"OFD.xml": "OFD", "Document.xml": "Document", "PublicRes.xml": "Res", "DocumentRes.xml": "Res",
           "Content.xml": "Page", "Signatures.xml": "Signatures", "Signature.xml": "Signature"}
package = zipfile.ZipFile(sys.argv[2])
for name in package.namelist():
    schema = schemas.get(name.split("/")[-1])
    if schema:
        check = etree.XMLSchema(etree.parse(f"{sys.argv[1]}/{schema}.xsd"))
        if not check.validate(etree.fromstring(package.read(name)).getroottree()):
            for error in check.error_log:
                print(name, "CheckMethod" if "'CheckMethod'" in error.message else error.message)
"#;

/// Tools that may be at hand read the sealed PDF without complaint.
#[test]
fn other_programs_read_the_sealed_pdf() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealed.pdf");
    fs::write(&path, &*SEALED_PDF).unwrap();
    for (program, arguments) in [
        ("qpdf", &["--check"][..]),
        ("mutool", &["info"]),
        ("pdfsig", &[]),
    ] {
        match Command::new(program).args(arguments).arg(&path).output() {
            Ok(run) => assert!(
                run.status.success(),
                "{program}: {}",
                String::from_utf8_lossy(&run.stderr)
            ),
            Err(_) => println!("no {program}, not tested"),
        }
    }
}
