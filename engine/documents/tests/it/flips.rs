//! No single changed byte passes. A fixed sample of positions is tried, denser where no digest reaches; with
//! `TONGBAN_EVERY_BYTE=1` those parts are tried byte by byte.

use tongban_documents::{Verdict, verify};

use crate::desk::{DESK, NOW, SEALED_OFD, SEALED_PDF};

fn never_valid(bytes: &[u8], positions: impl Iterator<Item = usize>, masks: &[u8]) {
    let mut changed = bytes.to_vec();
    for position in positions {
        for mask in masks {
            changed[position] ^= mask;
            let found = verify(&changed, &DESK.trust, NOW);
            assert_ne!(
                found.verdict,
                Verdict::Valid,
                "byte {position} xor {mask:#x}"
            );
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
    never_valid(bytes, (value..bytes.len()).step_by(step(97)), &[0x01]);
    let signature = bytes.len() - 3500..bytes.len();
    never_valid(bytes, signature.step_by(step(7)), &[0x20]);
}

#[test]
fn no_changed_byte_of_a_sealed_pdf_passes() {
    let bytes = &SEALED_PDF;
    let value = find(bytes, b"/Contents<");
    never_valid(bytes, (0..bytes.len()).step_by(487), &[0x01]);
    never_valid(bytes, (value..value + 4200).step_by(step(3)), &[0x01, 0x20]);
}

fn step(usual: usize) -> usize {
    if std::env::var_os("TONGBAN_EVERY_BYTE").is_some() {
        1
    } else {
        usual
    }
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).rposition(|w| w == what).unwrap()
}
