//! No single changed byte passes. Every byte of headers, signatures and the package's directory is tried, and a fixed
//! sample of the rest.

use tongban_documents::{Verdict, verify};

use crate::desk::{DESK, NOW, SEALED_OFD, SEALED_PDF};

fn never_valid(bytes: &[u8], positions: impl Iterator<Item = usize>, masks: &[u8]) {
    let mut changed = bytes.to_vec();
    for position in positions {
        for mask in masks {
            changed[position] ^= mask;
            let found = verify(&changed, &DESK.trust, NOW);
            assert_ne!(found.verdict, Verdict::Valid, "byte {position} xor {mask:#x}");
            changed[position] ^= mask;
        }
    }
}

#[test]
fn no_changed_byte_of_a_sealed_ofd_passes() {
    let bytes = &SEALED_OFD;
    let value = find(bytes, b"SignedValue.dat");
    never_valid(bytes, (0..bytes.len()).step_by(487), &[0x01, 0x20]);
    // The signed value is the only file that no digest covers, and the directory belongs to no file.
    never_valid(bytes, (value..bytes.len()).step_by(97), &[0x01]);
    let signature = bytes.len() - 3500..bytes.len();
    never_valid(bytes, signature.step_by(7), &[0x20]);
}

#[test]
fn no_changed_byte_of_a_sealed_pdf_passes() {
    let bytes = &SEALED_PDF;
    let value = find(bytes, b"/Contents<");
    never_valid(bytes, (0..bytes.len()).step_by(487), &[0x01]);
    never_valid(bytes, (value..value + 2400).step_by(3), &[0x01, 0x20]);
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).rposition(|w| w == what).unwrap()
}
