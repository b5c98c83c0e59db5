//! Which claims are bitten in this run, and what is left of them on disk.

use std::collections::BTreeSet;
use std::path::Path;

use tongban_scenarios::{Bitten, Known, Outcome, Played, bite_all, claims, digest};

use super::{ScenariosArgs, Troupe, report};
use crate::failure::Failure;

/// Scenarios that fell have nothing to bite with.
pub async fn bite(
    troupe: &Troupe,
    played: &[Played],
    args: &ScenariosArgs,
) -> Result<Vec<Bitten>, Failure> {
    let known = args
        .known
        .as_deref()
        .map(read)
        .transpose()?
        .unwrap_or_default();
    let fell = |name: &str| {
        played
            .iter()
            .any(|one| one.name == name && one.fallen.is_some())
    };
    let mut bitten = Vec::new();
    let mut open = Vec::new();
    for (scenario, claimed) in troupe.claims() {
        if fell(&scenario.name) {
            continue;
        }
        let digest = digest(&troupe.folder, &scenario);
        match known.holds(&scenario.name, &claimed, &digest) {
            true => bitten.push(Bitten {
                scenario: scenario.name.clone(),
                claimed,
                outcome: Outcome::Known,
            }),
            false => open.push((scenario, claimed)),
        }
    }
    bitten.extend(bite_all(&troupe.stage, open, args.workers).await);
    report::bitten(&bitten);
    if let Some(file) = &args.note {
        let before = match args.only {
            Some(_) => read(file)?,
            None => Known::default(),
        };
        std::fs::write(file, noted(before, troupe, &bitten).text())?;
    }
    if let (Some(folder), Some(pack)) = (&args.claims, &args.pack) {
        keep_claims(played, &bitten, (pack, folder))?;
    }
    Ok(bitten)
}

fn read(file: &Path) -> Result<Known, Failure> {
    let text = match std::fs::read_to_string(file) {
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => return Ok(Known::default()),
        text => text?,
    };
    let told = |fault| Failure::new(format!("{} 读不了：{fault}", file.display()));
    Known::parse(&text).map_err(told)
}

/// What was noted before of other scenarios, and what bit now.
fn noted(before: Known, troupe: &Troupe, bitten: &[Bitten]) -> Known {
    let mut known = before;
    for scenario in &troupe.scenarios {
        known.forget(&scenario.name);
    }
    for one in bitten.iter().filter(|one| one.counts()) {
        let mut scenarios = troupe.scenarios.iter();
        if let Some(scenario) = scenarios.find(|scenario| scenario.name == one.scenario) {
            let digest = digest(&troupe.folder, scenario);
            known.note(&one.scenario, &one.claimed, &digest);
        }
    }
    known
}

/// An id is proved by a scenario when everything that it says carries it bites.
fn keep_claims(
    played: &[Played],
    bitten: &[Bitten],
    (pack, folder): (&Path, &Path),
) -> Result<(), Failure> {
    let pack = pack.to_string_lossy();
    for one in played {
        let own = bitten.iter().filter(|bitten| bitten.scenario == one.name);
        let (good, bad): (Vec<&Bitten>, Vec<&Bitten>) = own.partition(|bitten| bitten.counts());
        let ids = |bitten: Vec<&Bitten>| {
            let ids = bitten.into_iter().map(|one| one.claimed.id.clone());
            ids.collect::<BTreeSet<String>>()
        };
        let proved = &ids(good) - &ids(bad);
        for claim in claims(&pack, one, &proved) {
            claim.write(folder)?;
        }
    }
    Ok(())
}
