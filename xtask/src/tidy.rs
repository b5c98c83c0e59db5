//! What no other tool checks: edges between crates, rooms inside them, sizes, names, claims.
//! Each fault is one line with its file.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::workspace;

mod claims;
mod edges;
mod literals;
mod sources;
mod unused;

/// Faults older than their rule, so that a new rule binds new work at once.
const KNOWN: &str = "xtask/known-faults.txt";

pub fn run() -> Result<bool> {
    let files = workspace::files()?;
    let mut faults = edges::check()?;
    for name in &files {
        let path = workspace::root().join(name);
        let bytes = std::fs::read(&path).with_context(|| name.clone())?;
        // What is no text has nothing to read.
        if let Ok(text) = String::from_utf8(bytes) {
            faults.extend(sources::check(name, &text));
        }
    }
    faults.extend(claims::check()?);
    faults.extend(unused::check()?);
    judge(files.len(), &faults)
}

/// A known line stands for every fault that it is a part of, so that a whole kind can be known.
fn judge(files: usize, faults: &[String]) -> Result<bool> {
    let text = std::fs::read_to_string(workspace::root().join(KNOWN))?;
    let known = text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty());
    let known: BTreeSet<&str> = known.collect();
    let is_known = |fault: &&String| known.iter().any(|line| fault.contains(line));
    let (old, new): (Vec<&String>, Vec<&String>) = faults.iter().partition(is_known);
    for fault in &old {
        println!("known: {fault}");
    }
    for fault in &new {
        println!("{fault}");
    }
    for line in known
        .iter()
        .filter(|l| !faults.iter().any(|f| f.contains(*l)))
    {
        println!("mended, take its line out of {KNOWN}: {line}");
    }
    let (new, old) = (new.len(), old.len());
    println!("tidy: {files} files, {new} faults, {old} known ones");
    Ok(new == 0)
}
