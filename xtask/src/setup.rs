//! Installs what is missing on a Debian machine, and says what it installs. Present things are left as they are.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{command, workspace};

pub fn run(what: &[&str]) -> Result<()> {
    for thing in what {
        match *thing {
            "tools" => tools()?,
            "postgres" => postgres()?,
            "browser" => browser()?,
            "peers" => drop(peers()?),
            other => bail!("setup knows tools, postgres, browser and peers, not {other}"),
        }
    }
    Ok(())
}

/// The checking tools, at pinned versions and hashes.
fn tools() -> Result<()> {
    let hashes = ["--require-hashes", "--only-binary", ":all:"];
    environment("tools", "xtask/tools.txt", &hashes)?;
    Ok(())
}

/// A Python environment of its own, made again when its list has changed. Returns the folder of its programs.
fn environment(name: &str, list: &str, options: &[&str]) -> Result<PathBuf> {
    let list = workspace::root().join(list);
    let wanted = std::fs::read_to_string(&list)?;
    let folder = workspace::cache()?.join(name);
    let stamp = folder.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(folder.join("bin"));
    }
    println!("installing {}", list.display());
    if !command::succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"]))? {
        apt(&["python3-venv"])?;
    }
    command::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"])
        .args(options)
        .arg("--requirement")
        .arg(&list);
    command::run(&mut pip)?;
    std::fs::write(stamp, wanted)?;
    Ok(folder.join("bin"))
}

/// One of the checking tools, installed when it is not there.
pub fn tool(name: &str) -> Result<PathBuf> {
    tools()?;
    Ok(workspace::cache()?.join("tools/bin").join(name))
}

/// The program that runs the crates' tests: the machine's own, or one built from its published source.
pub fn nextest() -> Result<PathBuf> {
    if let Some(present) = command::path_of("cargo-nextest") {
        return Ok(present);
    }
    let folder = workspace::cache()?.join("nextest");
    let program = folder.join("bin/cargo-nextest");
    if !program.is_file() {
        println!("building cargo-nextest, once");
        let mut cargo = Command::new("cargo");
        cargo
            .args(["install", "--quiet", "--locked", "cargo-nextest", "--root"])
            .arg(&folder);
        command::run(&mut cargo)?;
    }
    Ok(program)
}

/// Returns the folder of PostgreSQL's programs.
pub fn postgres() -> Result<()> {
    if tongban_cluster::programs().is_none() {
        apt(&["postgresql"])?;
    }
    Ok(())
}

/// Returns the library that shifts the clock of a program which loads it.
pub fn faketime() -> Result<PathBuf> {
    if let Some(library) = faketime_library() {
        return Ok(library);
    }
    apt(&["libfaketime"])?;
    faketime_library().context("libfaketime is installed, but its library is not found")
}

/// Debian keeps it in a folder per machine type.
fn faketime_library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    folders
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.is_file())
}

/// Chromium, and a font without which Chinese pages show boxes.
fn browser() -> Result<()> {
    let mut packages = Vec::new();
    if !command::exists("chromium") {
        packages.push("chromium");
    }
    let fonts = command::output(Command::new("fc-list").arg(":lang=zh-cn"));
    if fonts.map_or(true, |list| list.trim().is_empty()) {
        packages.extend(["fontconfig", "fonts-noto-cjk"]);
    }
    apt(&packages)
}

/// What the tests against programs of others need. Returns the folder of those from the Python index.
pub fn peers() -> Result<PathBuf> {
    let wanted = [
        ("openssl", "openssl"),
        ("qpdf", "qpdf"),
        ("mutool", "mupdf-tools"),
    ];
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(program, _)| !command::exists(program))
        .map(|(_, package)| *package)
        .collect();
    apt(&missing)?;
    // The list is whole: nothing else is to come along.
    environment("peers", "e2e/conformance/requirements.txt", &["--no-deps"])
}

fn apt(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    println!("installing {}", packages.join(" "));
    let get = || {
        let mut command = if command::is_root() {
            Command::new("apt-get")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "apt-get"]);
            sudo
        };
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let install = || -> Result<()> {
        command::run(get().args(["-qq", "update"]))?;
        let mut install = get();
        install.args(["-qq", "-y", "--no-install-recommends", "install"]);
        command::run(install.args(packages))
    };
    install().with_context(|| format!("install it by hand: apt-get install {}", packages.join(" ")))
}
