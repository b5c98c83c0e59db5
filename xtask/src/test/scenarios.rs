//! The scenarios of all packs, played by the program. What they claim must bite: all of it, or what changed since it was
//! noted beside the pack.

use std::path::{Path, PathBuf};

use super::shift::Shift;
use super::{Command, Context, Result, Tally, command, workspace};

/// What is bitten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bites {
    /// What has not bitten yet on this scenario and pack.
    Changed,
    All,
    /// All, and the notes are written anew.
    Noted,
}

pub fn run(shift: Option<&Shift>, bites: Bites) -> Result<Tally> {
    let mut tally = Tally::default();
    for pack in packs()? {
        tally.add(play(&pack, shift, bites)?);
    }
    Ok(tally)
}

/// Folders of packs with scenarios, from the root.
fn packs() -> Result<Vec<PathBuf>> {
    let mut packs = Vec::new();
    for solution in std::fs::read_dir(workspace::root().join("solution"))? {
        let name = solution?.file_name();
        let pack = PathBuf::from("solution").join(name).join("pack");
        if workspace::root().join(&pack).join("scenarios").is_dir() {
            packs.push(pack);
        }
    }
    packs.sort();
    Ok(packs)
}

fn play(pack: &Path, shift: Option<&Shift>, bites: Bites) -> Result<Tally> {
    let report = workspace::target().join("scenarios.json");
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    let notes = pack.with_file_name("bites.toml");
    // Beside a browser that somebody waits for.
    let mut program = Command::new("nice");
    program
        .args(["-n", "10"])
        .arg(workspace::target().join("debug/tongban"))
        .arg("scenarios")
        .arg(pack)
        .arg("--bite")
        .arg("--claims")
        .arg(workspace::claims())
        .arg("--report")
        .arg(&report)
        .env("RUST_LOG", "error,typst=off")
        .current_dir(workspace::root());
    match bites {
        Bites::Changed => program.arg("--known").arg(&notes),
        Bites::All => &mut program,
        Bites::Noted => program.arg("--note").arg(&notes),
    };
    if let Some(shift) = shift {
        shift.onto(&mut program);
    }
    command::succeeds(&mut program)?;
    read(&report).with_context(|| format!("the scenarios of {}", pack.display()))
}

/// A scenario that falls has failed, and so has a claim that does not bite.
fn read(report: &Path) -> Result<Tally> {
    let text = std::fs::read(report).context("they left no report")?;
    let report: serde_json::Value = serde_json::from_slice(&text)?;
    let mut tally = Tally::default();
    for (list, good) in [("scenarios", "passed"), ("claims", "bites")] {
        for one in report[list].as_array().into_iter().flatten() {
            if one[good] == true {
                tally.passed += 1;
                continue;
            }
            let text = |key: &str| one[key].as_str().unwrap_or_default();
            tally.failed.push(match list {
                "scenarios" => format!("scenario {}", text("name")),
                _ => format!("claim {} of scenario {}", text("id"), text("scenario")),
            });
        }
    }
    Ok(tally)
}
