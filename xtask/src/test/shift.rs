//! Another day for a whole run of the tests: the program, the tests and the programs of others see it; the machine's
//! clock, the compiler, the database server and the browser do not.

use super::{Command, Result, setup, workspace};

/// Loads Debian's libfaketime into whatever it starts.
#[derive(Clone, Debug)]
pub struct Shift {
    library: String,
    days: i64,
}

impl Shift {
    pub fn by_days(days: i64) -> Result<Self> {
        let library = setup::faketime()?.display().to_string();
        Ok(Self { library, days })
    }

    /// Cargo's runner starts each test, so that only tests and what they start live on the other day.
    pub fn onto_tests(&self, cargo: &mut Command) -> Result<()> {
        let host = workspace::host()?.to_uppercase().replace('-', "_");
        let words = self
            .variables()
            .map(|(name, value)| format!("{name}={value}"));
        let runner = format!("env {}", words.join(" "));
        cargo.env(format!("CARGO_TARGET_{host}_RUNNER"), runner);
        Ok(())
    }

    /// For a program that is started itself.
    pub fn onto(&self, program: &mut Command) {
        program.envs(self.variables());
    }

    /// Waiting goes by the monotonic clock, which stays as it is; so do the times of files.
    fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME", format!("{:+}d", self.days)),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
    }
}
