//! Embeds what the front-end build left in assets/dist. Knows no page.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const MISSING: &str = "assets/dist is missing; build it with: npm --prefix assets ci && npm --prefix assets run build";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let crate_folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let dist = crate_folder.join("../../assets/dist");
    let manifest = dist.join("manifest.json");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let names = match fs::read_to_string(&manifest) {
        Ok(text) => entries(&text),
        // A development build goes on without styles, and serves this sentence in their place.
        Err(_) if env::var("PROFILE")? != "release" => {
            println!("cargo::warning={MISSING}");
            BTreeMap::new()
        }
        Err(_) => return Err(MISSING.into()),
    };
    let out = PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs");
    fs::write(out, table(&dist, &names)?)?;
    Ok(())
}

/// The manifest is one flat object of strings without escapes, written by our own build.
fn entries(text: &str) -> BTreeMap<String, String> {
    let strings: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    strings
        .chunks_exact(2)
        .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
        .collect()
}

fn table(dist: &Path, names: &BTreeMap<String, String>) -> Result<String, std::io::Error> {
    let mut code = String::from("pub(super) static FILES: &[File] = &[\n");
    for (name, file) in names {
        let path = dist.join(file).canonicalize()?;
        let path = path.display();
        let _ = writeln!(
            code,
            "File {{ name: {name:?}, url: {:?}, body: include_bytes!({:?}), gzip: include_bytes!({:?}), brotli: include_bytes!({:?}) }},",
            format!("/assets/{file}"),
            format!("{path}"),
            format!("{path}.gz"),
            format!("{path}.br"),
        );
    }
    code.push_str("];\n");
    Ok(code)
}
