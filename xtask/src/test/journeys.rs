//! The tests outside the crates: browser journeys and conformance over the real program.

use std::path::Path;

use anyhow::bail;

use super::shift::Shift;
use super::{Command, Context, Result, Tally, command, setup, workspace};

/// Each folder of `e2e` that holds `*.test.mjs` files.
const FOLDERS: [&str; 2] = ["journeys", "conformance"];

pub fn run(shift: Option<&Shift>) -> Result<Tally> {
    let files = files(&workspace::root().join("e2e"))?;
    if files.is_empty() {
        println!("journeys: there are none yet");
        return Ok(Tally::default());
    }
    setup::run(&["browser"])?;
    let peers = setup::peers()?;
    let report = workspace::target().join("journeys.json");
    let mut node = Command::new("node");
    node.args(["--test", "--test-concurrency=1"])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=./support/tally.mjs")
        .arg(format!("--test-reporter-destination={}", report.display()))
        .args(files)
        .env("TONGBAN_BIN", workspace::target().join("debug/tongban"))
        .env("TONGBAN_PEERS", peers)
        .env("TONGBAN_CLAIMS", workspace::claims())
        .current_dir(workspace::root().join("e2e"));
    if let Some(shift) = shift {
        shift.onto(&mut node);
    }
    let succeeded = command::succeeds(&mut node)?;
    let tally = read(&report)?;
    if !succeeded && tally.failed.is_empty() {
        bail!("the journeys failed without naming a test");
    }
    Ok(tally)
}

fn files(e2e: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let Ok(entries) = std::fs::read_dir(e2e.join(folder)) else {
            continue;
        };
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".test.mjs") {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// `{"passed": 3, "failed": ["name", …]}`
fn read(report: &Path) -> Result<Tally> {
    let text = std::fs::read(report).context("the journeys left no report")?;
    let report: serde_json::Value = serde_json::from_slice(&text)?;
    let passed = report.get("passed").and_then(serde_json::Value::as_u64);
    let failed = report.get("failed").and_then(serde_json::Value::as_array);
    let (Some(passed), Some(failed)) = (passed, failed) else {
        bail!("the report of the journeys cannot be read");
    };
    Ok(Tally {
        passed: usize::try_from(passed)?,
        failed: failed
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
    })
}
