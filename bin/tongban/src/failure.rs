//! A command that failed: one sentence on the error stream and an exit code.

use std::io::Write;
use std::process::ExitCode;

use tongban_base::Problem;

#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    pub fn exit(&self) -> ExitCode {
        let _ = writeln!(std::io::stderr(), "{}", self.0);
        ExitCode::FAILURE
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Problem> for Failure {
    /// Whoever runs a command may read the cause.
    fn from(problem: Problem) -> Self {
        Self(problem.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(cause: std::io::Error) -> Self {
        Self(cause.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(cause: serde_json::Error) -> Self {
        Self(cause.to_string())
    }
}
