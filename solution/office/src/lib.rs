//! Work of offices and halls besides cases: news, monthly figures, regulations, consultations, data catalogues, duty
//! rosters. Registers as a pack of definitions; every word of it stands in `pack/`, none here.

use tongban_packs::Folder;

/// The pack as it was built into the binary.
pub fn pack() -> Folder {
    Folder::embedded(include!(concat!(env!("OUT_DIR"), "/pack.rs")))
}
