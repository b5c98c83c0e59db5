//! Foreign affairs: sending units with their liaison officers and travellers, as a pack of definitions.
//! Every word of the business stands in `pack/`, none here.

use tongban_packs::Folder;

/// The pack as it was built into the binary.
pub fn pack() -> Folder {
    Folder::embedded(include!(concat!(env!("OUT_DIR"), "/pack.rs")))
}
