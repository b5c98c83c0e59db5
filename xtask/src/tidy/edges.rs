//! Dependencies point down: bin → solution → domain → engine → kernel. Domain to domain only along the
//! edges listed in ARCHITECTURE.md, one list item each: "- `cases` → `items`".

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{command, workspace};

const RANKS: [&str; 7] = [
    "kernel",
    "engine",
    "domain",
    "solution",
    "benches",
    "scenarios",
    "bin",
];
/// Only for tests: allowed as a dev-dependency and nowhere else.
const TEST_ONLY: [&str; 2] = ["tongban-cluster", "tongban-testkit"];

#[derive(Debug, PartialEq, Eq)]
struct Edge {
    from: String,
    to: String,
    dev: bool,
}

pub fn check() -> Result<Vec<String>> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(workspace::root());
    let metadata: Value = serde_json::from_str(&command::output(&mut cargo)?)?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.context("cargo metadata lists no packages")?;
    let folders = folders(packages);
    let allowed = std::fs::read_to_string(workspace::root().join("ARCHITECTURE.md"));
    let allowed = listed_edges(&allowed.unwrap_or_default());
    let edges = edges(packages, &folders);
    let mut faults: Vec<String> = edges
        .iter()
        .filter_map(|edge| fault(edge, &folders, &allowed))
        .collect();
    faults.extend(without_lints(packages)?);
    Ok(faults)
}

/// Crate name to its folder: `tongban-store` to `kernel`.
fn folders(packages: &[Value]) -> BTreeMap<String, String> {
    let folder = |package: &Value| {
        let manifest = Path::new(package.get("manifest_path")?.as_str()?).to_owned();
        let inside = manifest.strip_prefix(workspace::root()).ok()?.to_owned();
        let first = inside.components().next()?;
        let name = package.get("name")?.as_str()?.to_owned();
        Some((name, first.as_os_str().to_string_lossy().into_owned()))
    };
    packages.iter().filter_map(folder).collect()
}

fn edges(packages: &[Value], folders: &BTreeMap<String, String>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for package in packages {
        let text = |value: &Value, key| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let Some(from) = text(package, "name") else {
            continue;
        };
        let dependencies = package.get("dependencies").and_then(Value::as_array);
        for dependency in dependencies.into_iter().flatten() {
            if let Some(to) = text(dependency, "name").filter(|to| folders.contains_key(to)) {
                edges.push(Edge {
                    from: from.clone(),
                    to,
                    dev: text(dependency, "kind").as_deref() == Some("dev"),
                });
            }
        }
    }
    edges
}

fn fault(
    edge: &Edge,
    folders: &BTreeMap<String, String>,
    allowed: &BTreeSet<(String, String)>,
) -> Option<String> {
    let rank = |name: &str| {
        let folder = folders.get(name)?;
        RANKS.iter().position(|r| r == folder)
    };
    let (Some(from), to) = (rank(&edge.from), rank(&edge.to)) else {
        // xtask and what else is no part of the house may use anything.
        return None;
    };
    let name = |crate_name: &str| crate_name.trim_start_matches("tongban-").to_owned();
    let words = format!("{} → {}", name(&edge.from), name(&edge.to));
    if TEST_ONLY.contains(&edge.to.as_str()) && !edge.dev {
        return Some(format!("{words}: the test kit is for tests only"));
    }
    let Some(to) = to else {
        return Some(format!("{words}: the house may not use the workshop"));
    };
    let folder = RANKS.get(from).copied().unwrap_or_default();
    let listed = || allowed.contains(&(name(&edge.from), name(&edge.to)));
    if to > from {
        Some(format!("{words}: dependencies point down"))
    } else if to == from && folder == "solution" {
        Some(format!("{words}: a solution may not use another"))
    } else if to == from && folder == "domain" && !listed() {
        Some(format!("{words}: not among the edges of ARCHITECTURE.md"))
    } else {
        None
    }
}

fn listed_edges(text: &str) -> BTreeSet<(String, String)> {
    let edge = |line: &str| {
        let item = line.trim().strip_prefix("- ")?;
        let (from, to) = item.split_once('→')?;
        let word = |text: &str| text.split('`').nth(1).map(str::to_owned);
        Some((word(from)?, word(to)?))
    };
    text.lines().filter_map(edge).collect()
}

/// A crate that does not take over the workspace's lints is checked by none.
fn without_lints(packages: &[Value]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for package in packages {
        let Some(manifest) = package.get("manifest_path").and_then(Value::as_str) else {
            continue;
        };
        let text = std::fs::read_to_string(manifest)?;
        if !text.contains("[lints]\nworkspace = true") {
            let name = package.get("name").and_then(Value::as_str);
            faults.push(format!(
                "{}: [lints] workspace = true is missing",
                name.unwrap_or(manifest)
            ));
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(from: &str, to: &str, dev: bool, architecture: &str) -> Option<String> {
        let places = [
            ("tongban-base", "kernel"),
            ("tongban-testkit", "kernel"),
            ("tongban-forms", "engine"),
            ("tongban-cases", "domain"),
            ("tongban-items", "domain"),
            ("tongban", "bin"),
            ("xtask", "xtask"),
        ];
        let folders = places.map(|(name, folder)| (name.to_owned(), folder.to_owned()));
        let edge = Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            dev,
        };
        fault(&edge, &folders.into(), &listed_edges(architecture))
    }

    #[test]
    fn dependencies_point_down() {
        assert_eq!(judged("tongban", "tongban-cases", false, ""), None);
        assert_eq!(judged("tongban-cases", "tongban-base", false, ""), None);
        assert!(judged("tongban-base", "tongban-forms", false, "").is_some());
        assert!(judged("tongban-cases", "xtask", false, "").is_some());
    }

    #[test]
    fn a_domain_uses_another_only_along_a_listed_edge() {
        let listed = "## Edges\n- `cases` → `items`: a case begins with an item\n";
        assert!(judged("tongban-cases", "tongban-items", false, "").is_some());
        assert_eq!(
            judged("tongban-cases", "tongban-items", false, listed),
            None
        );
        assert!(judged("tongban-items", "tongban-cases", false, listed).is_some());
    }

    #[test]
    fn the_test_kit_is_a_dev_dependency_only() {
        assert_eq!(judged("tongban-cases", "tongban-testkit", true, ""), None);
        assert!(judged("tongban-cases", "tongban-testkit", false, "").is_some());
    }
}
