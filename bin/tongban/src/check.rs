//! `tongban check [PACK…]`: everything that is wrong with packs, each with file, line or element, and reason.

use std::path::PathBuf;
use std::process::ExitCode;

use tongban_documents::Typesetter;
use tongban_packs::Findings;

use crate::definitions::Definitions;
use crate::failure::Failure;
use crate::packs;
use crate::wiring::typesetter;

pub fn check(folders: &[PathBuf]) -> Result<ExitCode, Failure> {
    match checked(folders, &typesetter()?)? {
        Ok(definitions) => {
            let title = &definitions.pack.head.title;
            let items = definitions.checked.offers.as_ref().map_or(0, Vec::len);
            println!("{title}：没有发现问题，{items} 个事项");
            Ok(ExitCode::SUCCESS)
        }
        Err(findings) => Ok(tell(&findings)),
    }
}

/// The definitions of packs, when neither they nor their scenarios have a fault.
fn checked(
    folders: &[PathBuf],
    typesetter: &Typesetter,
) -> Result<Result<Definitions, Findings>, Failure> {
    let packs = packs::of(folders)?;
    let definitions = match Definitions::of_packs(&packs, Some(typesetter)) {
        Ok(definitions) => definitions,
        Err(findings) => return Ok(Err(findings)),
    };
    let mut faults = Findings::default();
    for folder in packs::folders(folders)? {
        tongban_scenarios::read(&folder, &mut faults);
    }
    Ok(match faults.is_empty() {
        true => Ok(definitions),
        false => Err(faults),
    })
}

fn tell(findings: &Findings) -> ExitCode {
    for fault in &findings.0 {
        println!("{fault}");
    }
    println!("发现 {} 处问题，没有发布", findings.0.len());
    ExitCode::FAILURE
}
