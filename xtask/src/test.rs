//! Every test in one run: the crates' on both databases, then the browser journeys and conformance.
//! Ends with one line that counts them all. Nothing is skipped.

use std::process::Command;

use anyhow::{Context, Result};
use tongban_coverage::Claims;

use crate::postgres::Server;
use crate::{command, coverage, setup, workspace};

mod crates;
mod journeys;

/// What a runner reports of its tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    /// As the claims name them.
    pub failed: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
    }
}

pub fn run() -> Result<bool> {
    let claims = workspace::claims();
    if claims.exists() {
        std::fs::remove_dir_all(&claims).context("old claims cannot be removed")?;
    }
    let mut tally = Tally::default();
    tally.add(crates::run()?);
    tally.add(journeys::run()?);
    Claims::strike(&claims, &|test| tally.failed.iter().any(|f| f == test))?;
    coverage::run(false)?;
    for failed in &tally.failed {
        println!("failed: {failed}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed.len());
    Ok(tally.failed.is_empty() && tally.passed > 0)
}
