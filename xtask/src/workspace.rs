//! Where things are: the root, the target folder, the user's cache, the files that belong to the product.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;

/// The root of the workspace that cargo runs this program in. Asked at run time: a target folder that
/// two checkouts share holds one program for both.
pub fn root() -> PathBuf {
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let start = crate_folder.unwrap_or_else(|| PathBuf::from("."));
    let root = start.ancestors().find(|a| a.join("Cargo.lock").is_file());
    root.unwrap_or(&start).to_owned()
}

pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Where tests leave what they proved; the same for every way of running them.
pub fn claims() -> PathBuf {
    match std::env::var_os("TONGBAN_CLAIMS") {
        Some(folder) => root().join(folder),
        None => root().join("target/claims"),
    }
}

/// Kept between runs and between checkouts: tools.
pub fn cache() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(base.join("tongban"))
}

/// Files of the product, from the root: tracked, or new and not ignored.
pub fn files() -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ])
    .current_dir(root());
    let listing = command::output(&mut git)?;
    let names = listing.split('\0').filter(|name| !name.is_empty());
    let mut files: Vec<String> = names
        .filter(|name| root().join(name).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// The machine type that cargo builds for, such as `x86_64-unknown-linux-gnu`.
pub fn host() -> Result<String> {
    let told = command::output(Command::new("rustc").arg("-vV"))?;
    let line = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc does not say its host")?.to_owned())
}
