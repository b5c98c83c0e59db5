//! Runs the `openssl` command in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub struct Openssl {
    folder: TempDir,
}

impl Openssl {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Standard output, or both outputs as an error when openssl says no.
    pub fn try_run(&self, arguments: &str) -> Result<String, String> {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(Path::new(self.folder.path()))
            .output()
            .expect("these tests need the openssl command: apt install openssl");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(text),
            false => Err(text + &String::from_utf8_lossy(&output.stderr)),
        }
    }

    pub fn run(&self, arguments: &str) -> String {
        self.try_run(arguments)
            .unwrap_or_else(|said| panic!("openssl {arguments}: {said}"))
    }
}
