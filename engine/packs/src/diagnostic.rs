//! What a check found: file, line or element, and the reason in words.

use std::fmt;

use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub file: String,
    pub line: Option<usize>,
    /// An element of a flow, a field of a form, a key of a table.
    pub element: Option<String>,
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(element) = &self.element {
            write!(f, " [{element}]")?;
        }
        write!(f, " {}", self.message)
    }
}

/// Collects everything that is wrong, so that one run of a check tells all of it.
#[derive(Clone, Debug, Default)]
pub struct Findings(pub Vec<Diagnostic>);

impl Findings {
    pub fn add(&mut self, file: &str, element: Option<&str>, message: impl Into<String>) {
        self.at(file, None, element, message);
    }

    /// A fault in a file that several definitions share is told once.
    pub fn at(
        &mut self,
        file: &str,
        line: Option<usize>,
        element: Option<&str>,
        message: impl Into<String>,
    ) {
        let found = Diagnostic {
            file: file.to_owned(),
            line,
            element: element.map(str::to_owned),
            message: message.into(),
        };
        if !self.0.contains(&found) {
            self.0.push(found);
        }
    }

    /// Keeps the value, or writes the fault down and gives nothing.
    pub fn take<T>(&mut self, outcome: Result<T, Diagnostic>) -> Option<T> {
        outcome.map_err(|fault| self.0.push(fault)).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
