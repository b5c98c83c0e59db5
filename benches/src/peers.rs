//! Other people's engines, fetched into a cache folder by their registries' ordinary clients, and measured by the
//! scripts in `peers/`. A machine without Python, Node or a network simply has no peer.

use std::path::{Path, PathBuf};
use std::process::Command;

const SPIFF: &str = "SpiffWorkflow==3.2.0";
const BPMN_ENGINE: &str = "bpmn-engine@25.0.1";

#[derive(Clone, Copy, Debug)]
pub enum Peer {
    Spiff,
    BpmnEngine,
}

type Found<T> = Result<T, String>;

impl Peer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Spiff => "SpiffWorkflow 3.2.0 in memory",
            Self::BpmnEngine => "bpmn-engine 25.0.1 in memory",
        }
    }
}

/// Whole approvals a second of a peer on one core, or why there is no figure.
pub fn measure(peer: Peer) -> Found<f64> {
    let folder = cache()?;
    let process = written(
        &folder,
        "approval.bpmn",
        include_str!("../peers/approval.bpmn"),
    )?;
    let output = match peer {
        Peer::Spiff => {
            let script = written(&folder, "spiff.py", include_str!("../peers/spiff.py"))?;
            run(Command::new(spiff(&folder)?).arg(script).arg(process))
        }
        Peer::BpmnEngine => {
            let script = include_str!("../peers/bpmn_engine.mjs");
            let script = written(&folder, "bpmn_engine.mjs", script)?;
            let packages = bpmn_engine(&folder)?;
            run(Command::new("node").arg(script).arg(packages).arg(process))
        }
    }?;
    let rate = output.trim().parse();
    rate.map_err(|_| format!("unexpected answer {output:?}"))
}

/// `$XDG_CACHE_HOME/tongban/bench`, or below the home folder.
fn cache() -> Found<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => match std::env::var_os("HOME") {
            Some(home) => PathBuf::from(home).join(".cache"),
            None => return Err("no cache folder".to_owned()),
        },
    };
    let folder = base.join("tongban/bench");
    std::fs::create_dir_all(&folder).map_err(|cause| cause.to_string())?;
    Ok(folder)
}

fn written(folder: &Path, name: &str, content: &str) -> Found<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, content).map_err(|cause| cause.to_string())?;
    Ok(path)
}

/// A Python of its own that has the package.
fn spiff(folder: &Path) -> Found<PathBuf> {
    let own = folder.join("python");
    let python = own.join("bin/python");
    let present = run(Command::new(&python).args(["-c", "import SpiffWorkflow"])).is_ok();
    if !present {
        run(Command::new("python3").args(["-m", "venv"]).arg(&own))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", SPIFF]))?;
    }
    Ok(python)
}

fn bpmn_engine(folder: &Path) -> Found<PathBuf> {
    let own = folder.join("node");
    if !own.join("node_modules/bpmn-engine/package.json").is_file() {
        std::fs::create_dir_all(&own).map_err(|cause| cause.to_string())?;
        let mut install = Command::new("npm");
        install.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]);
        run(install.arg(&own).arg(BPMN_ENGINE))?;
    }
    Ok(own)
}

fn run(command: &mut Command) -> Found<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|cause| format!("{program}: {cause}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(format!("{program}: {}", last.unwrap_or("it failed")))
}
