//! Transport practitioners: a pack of definitions and the few computations only it needs.
//! Every word of the business stands in `pack/`, none here.

pub mod seed;

use tongban_packs::Folder;

/// The pack as it was built into the binary.
pub fn pack() -> Folder {
    Folder::embedded(include!(concat!(env!("OUT_DIR"), "/pack.rs")))
}
