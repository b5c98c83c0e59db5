//! `tongban coverage`: which requirements the tests that ran have proved.

use std::path::PathBuf;
use std::process::ExitCode;

use tongban_coverage::{Baseline, Claims, Report};

use crate::failure::Failure;

/// Where the test run leaves its claims.
fn claims_folder() -> PathBuf {
    std::env::var_os("TONGBAN_CLAIMS").map_or_else(|| PathBuf::from("target/claims"), PathBuf::from)
}

pub fn coverage(json: bool) -> Result<ExitCode, Failure> {
    let baseline = Baseline::embedded();
    let folder = claims_folder();
    let claims = Claims::read(&folder).unwrap_or_default();
    let named = tongban_coverage::mentions(std::path::Path::new(".")).unwrap_or_default();
    let report = Report::new(&baseline, &claims, &named);
    if json {
        println!("{}", report.json());
    } else {
        println!("{}", report.text());
    }
    Ok(ExitCode::SUCCESS)
}
