//! Tasks of the workshop: `setup`, `tidy`, `postgres`, `test`, `nightly`, `soak`, `fuzz`, `bite`, `coverage`.
//! Knows how the house is built and tested, and nothing of what it does.

mod command;
mod coverage;
mod postgres;
mod setup;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const HELP: &str = "cargo xtask TASK
  setup WHAT…   installs what is missing: tools, postgres, browser
  tidy          checks what no other tool checks
  postgres      starts a PostgreSQL for tests run by hand, and prints its URL
  test          runs every test and ends with one line that counts them
  nightly       does the same a year back, today and five years on; with a number, so many days from today
  soak          breaks server, database, connections and disk again and again under load; with a number, so often each
  fuzz SECONDS  damages the inputs of every reader for so long each, with another beginning each time
  bite          plays the scenarios of all packs and takes out what each claims; notes beside the pack what has bitten
  coverage      prints which requirements the last tests proved [--json]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// False when the task ran and found faults.
fn run(words: &[&str]) -> Result<bool> {
    match words {
        ["setup", what @ ..] => setup::run(what).map(|()| true),
        ["tidy"] => tidy::run(),
        ["postgres"] => postgres::serve().map(|()| true),
        ["test"] => test::run(),
        ["bite"] => test::bite(),
        ["nightly"] => test::nightly(),
        ["nightly", days] => test::as_of(days.parse().context("a number of days")?),
        ["soak"] => test::soak(30),
        ["soak", rounds] => test::soak(rounds.parse().context("a number of rounds")?),
        ["fuzz", seconds] => test::fuzz(seconds.parse().context("a number of seconds")?),
        ["coverage"] => coverage::run(false).map(|()| true),
        ["coverage", "--json"] => coverage::run(true).map(|()| true),
        _ => bail!("{HELP}"),
    }
}
