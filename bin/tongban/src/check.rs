//! `tongban check [PACK]`: everything that is wrong with a pack, each with file, line or element, and reason.

use std::path::Path;
use std::process::ExitCode;

use tongban_packs::{Findings, Folder};

use crate::definitions::Definitions;
use crate::failure::Failure;
use crate::wiring::typesetter;

pub fn check(folder: Option<&Path>) -> Result<ExitCode, Failure> {
    let folder = match folder {
        Some(path) => Folder::read(path).map_err(|fault| Failure::new(fault.to_string()))?,
        None => tongban_transport::pack(),
    };
    match Definitions::read(folder, Some(&typesetter()?)) {
        Ok(definitions) => {
            let (title, items) = (&definitions.pack.head.title, definitions.releases.len());
            println!("{title}：没有发现问题，{items} 个事项");
            Ok(ExitCode::SUCCESS)
        }
        Err(findings) => Ok(tell(&findings)),
    }
}

fn tell(findings: &Findings) -> ExitCode {
    for fault in &findings.0 {
        println!("{fault}");
    }
    println!("发现 {} 处问题，没有发布", findings.0.len());
    ExitCode::FAILURE
}
