//! Finds the typefaces that the binary carries inside itself. Downloads nothing: it only looks where
//! `npm ci` in `engine/documents/fonts` puts them, and says so when they are not there.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Song for text, its bold cut for titles, Hei for headings and tables.
const WANTED: [&str; 3] = [
    "noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
    "noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf",
    "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = root.join("fonts/node_modules/@expo-google-fonts");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", folder.display());
    let list = listing(&folder);
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(error) = fs::write(out.join("embedded_fonts.rs"), list) {
        println!("cargo::error=cannot write the list of typefaces: {error}");
    }
}

fn listing(folder: &Path) -> String {
    let mut text = String::from(
        "/// Typefaces compiled into the binary.\npub(crate) static EMBEDDED: &[&[u8]] = &[\n",
    );
    for name in WANTED {
        let path = folder.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        if path.is_file() {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "    include_bytes!({:?}),",
                path.display().to_string()
            );
        } else {
            println!(
                "cargo::warning=typeface {name} is missing: run `npm ci` in engine/documents/fonts, \
                 or give the binary a folder of fonts by TONGBAN_FONTS when it starts"
            );
        }
    }
    text.push_str("];\n");
    text
}
