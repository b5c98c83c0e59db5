//! Prints what the last tests proved and writes the page for people.

use anyhow::{Context, Result};
use tongban_coverage::{Baseline, Claims, Report, html, mentions};

use crate::workspace;

pub fn run(json: bool) -> Result<()> {
    let baseline = Baseline::embedded();
    let claims = Claims::read(&workspace::claims()).context("the claims cannot be read")?;
    let report = Report::new(&baseline, &claims, &mentions(&workspace::root())?);
    let page = workspace::root().join("target/coverage.html");
    std::fs::create_dir_all(workspace::root().join("target"))?;
    std::fs::write(&page, html(&baseline, &report))?;
    if json {
        println!("{:#}", report.json());
    } else {
        println!("{}\npage: target/coverage.html", report.text());
    }
    Ok(())
}
