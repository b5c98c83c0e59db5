//! Packs: definitions in a folder, loaded, checked, published as immutable releases.
