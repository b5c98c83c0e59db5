//! Dependencies that a crate names and does not use, through cargo-shear.
//! The list of [workspace.dependencies] may be ahead of its crates and is not judged.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{setup, workspace};

const PALETTE: &str = "shear/unused_workspace_dependency";

pub fn check() -> Result<Vec<String>> {
    let mut shear = Command::new(setup::tool("cargo-shear")?);
    shear
        .args(["--format=json"])
        .stdin(Stdio::null())
        .current_dir(workspace::root());
    // Its exit code counts the palette too; what it found is what matters.
    let output = shear.output().context("cargo-shear does not run")?;
    let report: Value = serde_json::from_slice(&output.stdout).with_context(|| {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("cargo-shear gave no report: {words}")
    })?;
    let findings = report.get("findings").and_then(Value::as_array);
    let findings = findings.context("the report of cargo-shear has no findings")?;
    Ok(findings.iter().filter_map(fault).collect())
}

fn fault(finding: &Value) -> Option<String> {
    let text = |key| finding.get(key).and_then(Value::as_str);
    if text("code") == Some(PALETTE) {
        return None;
    }
    let message = text("message")?.replace('\n', ", ");
    Some(match text("file") {
        Some(file) => format!("{file}: {message}"),
        None => message,
    })
}
