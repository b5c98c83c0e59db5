//! Every test in one run: the crates' on both databases, then the browser journeys and conformance, and beside them
//! the scenarios of packs.
//! Ends with one line that counts them all. Nothing is skipped.

use std::process::Command;

use anyhow::{Context, Result};
use tongban_coverage::Claims;

use crate::{command, coverage, postgres, setup, workspace};

mod crates;
mod journeys;
mod scenarios;
mod shift;

use scenarios::Bites;

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

/// A year back, today, and five years on: a test that goes by the machine's clock fails on one of them.
const DAYS: [i64; 3] = [-365, 0, 5 * 365];

pub fn nightly() -> Result<bool> {
    let mut good = true;
    for days in DAYS {
        good &= as_of(days)?;
    }
    Ok(good)
}

/// The suite on the day that is so many days from today.
pub fn as_of(days: i64) -> Result<bool> {
    println!("the suite as of today {days:+} days");
    let shift = match days {
        0 => None,
        days => Some(shift::Shift::by_days(days)?),
    };
    on(shift.as_ref(), Bites::All)
}

pub fn soak(rounds: usize) -> Result<bool> {
    crates::soak(rounds)
}

pub fn fuzz(seconds: u32) -> Result<bool> {
    crates::fuzz(seconds)
}

pub fn run() -> Result<bool> {
    on(None, Bites::Changed)
}

/// Only the scenarios of all packs: what each claims is taken out, and what has bitten is noted beside the pack.
pub fn bite() -> Result<bool> {
    command::run(Command::new("cargo").args(["build", "--workspace", "--bin", "tongban"]))?;
    let tally = scenarios::run(None, Bites::Noted)?;
    tell(&tally);
    Ok(tally.failed.is_empty() && tally.passed > 0)
}

fn on(shift: Option<&shift::Shift>, bites: Bites) -> Result<bool> {
    let claims = workspace::claims();
    if claims.exists() {
        std::fs::remove_dir_all(&claims).context("old claims cannot be removed")?;
    }
    let mut tally = Tally::default();
    tally.add(crates::run(shift)?);
    // The crates' tests have built the program. A browser waits more than it works, so scenarios are played beside it.
    let (scenarios, journeys) = std::thread::scope(|scope| {
        let scenarios = scope.spawn(|| scenarios::run(shift, bites));
        let journeys = journeys::run(shift);
        (scenarios.join(), journeys)
    });
    tally.add(journeys?);
    tally.add(scenarios.map_err(|_| anyhow::anyhow!("the scenarios broke off"))??);
    Claims::strike(&claims, &|test| tally.failed.iter().any(|f| f == test))?;
    coverage::run(false)?;
    tell(&tally);
    Ok(tally.failed.is_empty() && tally.passed > 0)
}

fn tell(tally: &Tally) {
    for failed in &tally.failed {
        println!("failed: {failed}");
    }
    println!("{} passed, {} failed", tally.passed, tally.failed.len());
}
