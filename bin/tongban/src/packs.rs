//! The packs that an installation runs: those that come with the program, or the ones that are named, with what they use.

use std::path::PathBuf;

use tongban_packs::{Findings, Folder, PackHead, Packs};

use crate::failure::Failure;

/// Those that come with the program, each by itself.
pub fn built_in() -> Vec<Folder> {
    vec![
        tongban_base_pack::pack(),
        tongban_foreign_affairs::pack(),
        tongban_office::pack(),
        tongban_transport::pack(),
    ]
}

/// The packs of these folders, with what they use of the program's own; without a folder, all of the program's own.
pub fn of(named: &[PathBuf]) -> Result<Packs, Failure> {
    let mut folders = folders(named)?;
    if !named.is_empty() {
        add_used(&mut folders, &mut built_in());
    }
    Packs::of(folders).map_err(|findings| Failure::new(words(&findings)))
}

/// These folders, each by itself; without one, all of the program's own.
pub fn folders(named: &[PathBuf]) -> Result<Vec<Folder>, Failure> {
    if named.is_empty() {
        return Ok(built_in());
    }
    let read = |path: &PathBuf| Folder::read(path);
    let folders: Result<Vec<Folder>, _> = named.iter().map(read).collect();
    folders.map_err(|fault| Failure::new(fault.to_string()))
}

/// A pack with what it uses, and its own scenarios. Errors: it does not fit with what it uses.
pub fn with_used(folder: Folder) -> Result<Folder, Findings> {
    let code = folder.toml::<PackHead>("pack.toml").map(|head| head.code);
    let code = code.map_err(|fault| Findings(vec![fault]))?;
    let mut folders = vec![folder.clone()];
    add_used(&mut folders, &mut built_in());
    let mut seen = Packs::of(folders)?.seen_by(&code)?;
    for name in folder.list(tongban_scenarios::FOLDER, "") {
        seen = seen.with(name, folder.bytes(name).unwrap_or_default());
    }
    Ok(seen)
}

/// Moves over what is used, and what that uses, unless a folder brings it itself.
fn add_used(folders: &mut Vec<Folder>, own: &mut Vec<Folder>) {
    let head = |folder: &Folder| folder.toml::<PackHead>("pack.toml").ok();
    loop {
        let heads: Vec<PackHead> = folders.iter().filter_map(head).collect();
        let is_lacking = |code: &String| heads.iter().all(|known| known.code != *code);
        let lacking: Vec<&String> = heads
            .iter()
            .flat_map(|known| &known.uses)
            .filter(|code| is_lacking(code))
            .collect();
        let wanted = |folder: &Folder| head(folder).is_some_and(|h| lacking.contains(&&h.code));
        let Some(at) = own.iter().position(wanted) else {
            return;
        };
        folders.push(own.swap_remove(at));
    }
}

/// One of the program's own packs with what it uses: what its offices would run alone.
/// Panics: there is no such pack, or it does not fit with what it uses; a test of the program would have told.
pub fn alone(code: &str) -> Folder {
    let packs = Packs::of(built_in());
    let seen = packs.and_then(|packs| packs.seen_by(code));
    seen.unwrap_or_else(|findings| unreachable!("{}", words(&findings)))
}

/// The transport pack with what it uses.
pub fn transport() -> Folder {
    alone("shanghai-transport")
}

pub(crate) fn words(findings: &Findings) -> String {
    let faults: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
    faults.join("\n")
}
