//! What every business of an installation shares, as a pack of definitions: calendar, divisions, common settings and roles.
//! Every word of it stands in `pack/`, none here.

use tongban_packs::Folder;

/// The pack as it was built into the binary.
pub fn pack() -> Folder {
    Folder::embedded(include!(concat!(env!("OUT_DIR"), "/pack.rs")))
}
