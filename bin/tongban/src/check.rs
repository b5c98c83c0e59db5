//! `tongban check [PACK]`: everything that is wrong with a pack, each with file, line or element, and reason.

use std::path::Path;
use std::process::ExitCode;

use tongban_packs::{Findings, Folder, Pack};
use tongban_transport::seed::Seed;

use crate::clients;
use crate::failure::Failure;
use crate::modules;

pub fn check(folder: Option<&Path>) -> Result<ExitCode, Failure> {
    let folder = match folder {
        Some(path) => Folder::read(path).map_err(|fault| Failure::new(fault.to_string()))?,
        None => tongban_transport::pack(),
    };
    let mut findings = Findings::default();
    let Some(pack) = Pack::load(folder, &mut findings) else {
        return Ok(tell(&findings));
    };
    let releases = tongban_items::check(&pack, &tongban_cases::CaseCalls, &mut findings);
    tongban_cases::check_letters(&pack, &mut findings);
    tongban_licences::check_types(&pack.folder, &mut findings);
    tongban_messages::MessageTemplates::read(&pack.folder, &mut findings);
    tongban_registers::RegisterDefinitions::read(&pack.folder, &pack.divisions, &mut findings);
    check_roles(&pack, &mut findings);
    if Seed::is_in(&pack) {
        findings.take(Seed::read(&pack));
    }
    clients::read(&pack, &mut findings);
    tongban_reviews::ReviewSets::read(&pack.folder, &mut findings);
    if findings.is_empty() {
        println!(
            "{}：没有发现问题，{} 个事项",
            pack.head.title,
            releases.len()
        );
        return Ok(ExitCode::SUCCESS);
    }
    Ok(tell(&findings))
}

/// A right that nothing asks for grants nothing, whatever its name promises.
fn check_roles(pack: &Pack, findings: &mut Findings) {
    let modules = modules::all();
    let rights = modules.iter().flat_map(|module| module.permissions);
    let mut known: Vec<&str> = rights.map(|right| right.name).collect();
    known.push(tongban_flows::UNDO_BLOCKING);
    for role in pack.roles.values() {
        for right in role
            .permissions
            .iter()
            .filter(|r| !known.contains(&r.as_str()))
        {
            findings.add("roles.toml", Some(&role.code), format!("没有权限 {right}"));
        }
    }
}

fn tell(findings: &Findings) -> ExitCode {
    for fault in &findings.0 {
        println!("{fault}");
    }
    println!("发现 {} 处问题，没有发布", findings.0.len());
    ExitCode::FAILURE
}
