//! `tongban scenarios [PACK]`: plays the acceptance tests that a pack brings along, tells which hold, and whether what
//! they claim bites.

mod bites;
mod report;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use tongban_packs::{Findings, Folder};
use tongban_scenarios::{Bitten, Claimed, FOLDER, Played, Scenario, Stage, bite_all, play_all};

use crate::failure::Failure;
use crate::packs;
use stage::PackStage;

#[derive(Args, Clone, Default)]
pub struct ScenariosArgs {
    /// The folder of a pack; without it, all that come with the program.
    pub pack: Option<PathBuf>,
    /// Only those of this name.
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,
    /// Takes what carries each claim out of the pack and plays again: a scenario that still goes through proves nothing.
    #[arg(long)]
    pub bite: bool,
    /// Claims that have bitten on the same scenario and pack, by this file, are believed.
    #[arg(long, value_name = "FILE", requires_all = ["bite", "pack"], conflicts_with = "note")]
    pub known: Option<PathBuf>,
    /// Notes in this file what has bitten on which scenario and pack; of scenarios that were not played it keeps what it says.
    #[arg(long, value_name = "FILE", requires_all = ["bite", "pack"])]
    pub note: Option<PathBuf>,
    /// The folder in which tests leave what they prove; `tongban coverage` reads it.
    #[arg(long, value_name = "FOLDER", requires_all = ["bite", "pack"])]
    pub claims: Option<PathBuf>,
    /// Writes what came of it as JSON.
    #[arg(long, value_name = "FILE", requires = "pack")]
    pub report: Option<PathBuf>,
    /// How many are played at once.
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    pub workers: usize,
}

pub async fn scenarios(args: ScenariosArgs) -> Result<ExitCode, Failure> {
    let named = args.pack.iter().cloned().collect::<Vec<_>>();
    let folders = packs::folders(&named)?.into_iter();
    let folders = folders.filter(|folder| folder.list(FOLDER, "").next().is_some());
    let mut good = true;
    for folder in folders.collect::<Vec<_>>() {
        let folder = packs::with_used(folder).map_err(|faults| told(&faults))?;
        good &= play(&args, &Troupe::of(folder, args.only.as_deref())?).await?;
    }
    Ok(match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Whether all of it holds.
async fn play(args: &ScenariosArgs, troupe: &Troupe) -> Result<bool, Failure> {
    let begun = Instant::now();
    let played = troupe.play(args.workers).await;
    report::played(&played, begun.elapsed());
    let bitten = match args.bite {
        true => bites::bite(troupe, &played, args).await?,
        false => Vec::new(),
    };
    if let Some(file) = &args.report {
        std::fs::write(file, report::json(&played, &bitten).to_string())?;
    }
    let through = played.iter().all(|one| one.fallen.is_none());
    Ok(through && bitten.iter().all(Bitten::counts))
}

/// The scenarios of a pack and the stage on which they are played.
pub struct Troupe {
    folder: Folder,
    stage: Arc<dyn Stage>,
    scenarios: Vec<Arc<Scenario>>,
}

impl Troupe {
    /// All scenarios of a pack, or one. Errors: what is wrong with the pack or with a scenario.
    pub fn of(folder: Folder, only: Option<&str>) -> Result<Self, Failure> {
        let stage = PackStage::of(folder.clone()).map_err(|faults| told(&faults))?;
        let stage: Arc<dyn Stage> = Arc::new(stage);
        let mut findings = Findings::default();
        let mut scenarios = tongban_scenarios::read(&folder, &mut findings);
        if !findings.is_empty() {
            return Err(told(&findings));
        }
        scenarios.retain(|scenario| {
            only.is_none_or(|names| names.split(',').any(|name| scenario.name == name))
        });
        if scenarios.is_empty() {
            return Err(Failure::new("没有要演的场景"));
        }
        Ok(Self {
            folder,
            stage,
            scenarios: scenarios.into_iter().map(Arc::new).collect(),
        })
    }

    pub async fn play(&self, workers: usize) -> Vec<Played> {
        play_all(&self.stage, &self.scenarios, workers).await
    }

    /// Every claim of every scenario.
    fn claims(&self) -> Vec<(Arc<Scenario>, Claimed)> {
        let of = |scenario: &Arc<Scenario>| {
            let claims = scenario.covers.iter().cloned();
            claims
                .map(|claimed| (Arc::clone(scenario), claimed))
                .collect::<Vec<_>>()
        };
        self.scenarios.iter().flat_map(of).collect()
    }

    /// Takes out what carries each claim, and plays again.
    pub async fn bite(&self, workers: usize) -> Vec<Bitten> {
        bite_all(&self.stage, self.claims(), workers).await
    }
}

fn told(findings: &Findings) -> Failure {
    let faults: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
    let count = faults.len();
    Failure::new(format!(
        "{}\n发现 {count} 处问题，没有演",
        faults.join("\n")
    ))
}
