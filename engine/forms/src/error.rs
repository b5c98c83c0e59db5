//! What is wrong with a form definition, for whoever writes it.

use std::fmt;

/// Where in the form file (JSON pointer) and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    pub pointer: String,
    pub message: String,
}

impl FormError {
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}：{}", self.pointer, self.message)
    }
}

impl std::error::Error for FormError {}
