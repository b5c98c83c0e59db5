//! Files that others made. They lie beside the checkout and may be missing; the tests then say so and pass.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use tongban_base::Timestamp;
use tongban_crypto::Trust;
use tongban_documents::{Verdict, verify};

use crate::desk::SEALED_OFD;

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
    Some(codes.filter(|code| !code.ends_with("_certificate")).collect())
}

#[test]
fn seals_of_vendors_hold_but_for_their_certificates() {
    for name in ["v4signed_vendorGomain.ofd", "v4signed_vendorKingGrid.ofd", "SESV4SignDoc.ofd", "allprotected.ofd"] {
        let Some(faults) = faults(name) else { return };
        println!("{name}: {faults:?}");
    }
}

#[test]
fn files_without_a_seal_say_so() {
    for name in ["minimal_xsd_valid.ofd", "helloworld_ofdrw.ofd", "doc1File_all_parts_xsd_valid.ofd"] {
        let Some(faults) = faults(name) else { return };
        assert_eq!(faults, ["signature.none"], "{name}");
    }
}
