//! Every id that a test names stands in the requirement tables.

use anyhow::Result;
use tongban_coverage::{Baseline, mentions};

use crate::workspace;

pub fn check() -> Result<Vec<String>> {
    let baseline = Baseline::embedded();
    let known = baseline.ids();
    let mentions = mentions(&workspace::root())?;
    let unknown = mentions.iter().filter(|m| !known.contains(m.id.as_str()));
    Ok(unknown
        .map(|m| format!("{}: {} is in no table of docs/requirements", m.file, m.id))
        .collect())
}
