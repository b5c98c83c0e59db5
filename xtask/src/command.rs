//! Runs other programs and says plainly which one failed.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs to the end with its output shown; an error when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    if succeeds(command)? {
        return Ok(());
    }
    bail!("failed: {}", words(command));
}

/// Runs to the end with its output shown, and tells whether it succeeded.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot run {}", words(command)))?;
    Ok(status.success())
}

/// What it wrote to its standard output; an error with its standard error when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot run {}", words(command)))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("failed: {}\n{}", words(command), error.trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program of this name is on the path.
pub fn exists(program: &str) -> bool {
    path_of(program).is_some()
}

pub fn path_of(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// Whether this process may install packages and start programs as another user.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn words(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let arguments = command.get_args().map(|a| a.to_string_lossy());
    std::iter::once(program.into())
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
