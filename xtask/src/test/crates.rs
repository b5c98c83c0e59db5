//! The crates' own tests, through cargo-nextest: each test is a process, so that none disturbs another.

use std::path::Path;

use anyhow::bail;

use super::shift::Shift;
use super::{Command, Context, Result, Tally, command, postgres, setup, workspace};

/// What breaks, so many times each, one after the other; each test says what it found.
pub fn soak(rounds: usize) -> Result<bool> {
    let server = postgres::start()?;
    let mut tests = Command::new(setup::nextest()?);
    tests
        .args(["nextest", "run", "--release", "--package=tongban"])
        .args(["--no-capture", "--filterset=test(/^soak::/)"])
        .env("TONGBAN_TEST_POSTGRES", server.url())
        .env("TONGBAN_SOAK", rounds.to_string())
        .current_dir(workspace::root());
    command::succeeds(&mut tests)
}

/// Only what feeds a reader with damaged inputs, each for so long.
pub fn fuzz(seconds: u32) -> Result<bool> {
    let mut tests = Command::new(setup::nextest()?);
    tests
        .args(["nextest", "run", "--workspace", "--profile=fuzz"])
        .args(["--hide-progress-bar", "--filterset=test(/^fuzz::/)"])
        .env("TONGBAN_FUZZ_SECONDS", seconds.to_string())
        .current_dir(workspace::root());
    command::succeeds(&mut tests)
}

pub fn run(shift: Option<&Shift>) -> Result<Tally> {
    let server = postgres::start()?;
    println!("PostgreSQL for tests: {}", server.url());
    let nextest = setup::nextest()?;
    let report = workspace::root().join("target/nextest/default/junit.xml");
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    let mut tests = Command::new(nextest);
    tests
        .args(["nextest", "run", "--workspace", "--status-level=slow"])
        .args(["--no-tests=fail", "--hide-progress-bar"])
        .env("TONGBAN_TEST_POSTGRES", server.url())
        .env("TONGBAN_CLAIMS", workspace::claims())
        .current_dir(workspace::root());
    if let Some(shift) = shift {
        shift.onto_tests(&mut tests)?;
    }
    let succeeded = command::succeeds(&mut tests)?;
    if !report.is_file() {
        bail!("the tests did not run to their end");
    }
    let tally = read(&report)?;
    if !succeeded && tally.failed.is_empty() {
        bail!("nextest failed without naming a test");
    }
    Ok(tally)
}

/// The suites of the report are test binaries, `package` or `package::binary`; claims name the package.
fn read(report: &Path) -> Result<Tally> {
    let text = std::fs::read_to_string(report)?;
    let document = roxmltree::Document::parse(&text).context("the report of nextest")?;
    let mut tally = Tally::default();
    let elements = document.descendants();
    for case in elements.filter(|node| node.has_tag_name("testcase")) {
        let failed = |node: roxmltree::Node<'_, '_>| {
            node.has_tag_name("failure") || node.has_tag_name("error")
        };
        if case.children().any(failed) {
            let suite = case.attribute("classname").unwrap_or_default();
            let binary = suite.split("::").next().unwrap_or(suite).replace('-', "_");
            let name = case.attribute("name").unwrap_or_default();
            tally.failed.push(format!("{binary} {name}"));
        } else {
            tally.passed += 1;
        }
    }
    Ok(tally)
}
