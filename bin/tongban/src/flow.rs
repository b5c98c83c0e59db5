//! `tongban flow FILE.toml [--bpmn OUT]`: an approval chain drawn as BPMN, so that an office can go on with it in a drawing
//! tool. What a chain names outside itself (roles, letters, messages) is judged by `tongban check`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use tongban_cases::CaseCalls;
use tongban_packs::{Findings, Folder};
use tongban_procedures::read_chain;

use crate::failure::Failure;
use crate::modules;

pub fn draw(file: &Path, out: Option<&Path>) -> Result<ExitCode, Failure> {
    let unreadable = |cause| Failure::new(format!("读不了 {}：{cause}", file.display()));
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let xml = match drawn(file, &bytes) {
        Ok(xml) => xml,
        Err(findings) => {
            for fault in &findings.0 {
                println!("{fault}");
            }
            println!("发现 {} 处问题，没有画", findings.0.len());
            return Ok(ExitCode::FAILURE);
        }
    };
    let Some(out) = out else {
        print!("{xml}");
        return Ok(ExitCode::SUCCESS);
    };
    // What somebody drew on is never written over.
    let written = OpenOptions::new().write(true).create_new(true).open(out);
    let written = written.and_then(|mut file| file.write_all(xml.as_bytes()));
    written.map_err(|cause| Failure::new(format!("写不了 {}：{cause}", out.display())))?;
    println!(
        "已画成 {}；放进业务包的 flows/ 时请删去同名的 .toml",
        out.display()
    );
    Ok(ExitCode::SUCCESS)
}

fn drawn(file: &Path, bytes: &[u8]) -> Result<String, Findings> {
    let mut findings = Findings::default();
    let name = file.display().to_string();
    let folder = Folder::embedded(&[(name.as_str(), bytes)]);
    let read = read_chain(&folder, &name);
    if let Some(chain) = findings.take(read)
        && let Some(text) = findings.take(folder.text(&name).map(str::to_owned))
    {
        let id = file.file_stem().unwrap_or_default().to_string_lossy();
        match chain.draw(&id, &text, &CaseCalls(modules::known())) {
            Ok(drawing) => return Ok(drawing.xml),
            Err(faults) => {
                for fault in faults {
                    let step = Some(fault.element.as_str()).filter(|step| !step.is_empty());
                    findings.at(&name, usize::try_from(fault.line).ok(), step, fault.message);
                }
            }
        }
    }
    Err(findings)
}
