//! Approval chains: the short notation of a flow. A chain is read, judged and drawn as BPMN 2.0 with a layout; that text goes
//! the way of every drawing, so that there is one engine and one net. Knows no business: what an operation reads and which
//! phase it leads to is handed in.

mod board;
mod decisions;
mod file;
mod layout;
mod model;
mod plan;
mod reach;
mod read;
mod words;

pub(crate) use words::is_code;
mod write;

use std::collections::HashMap;

use crate::definition::{Conditions, Definition, Diagnostic, Effects};

pub use file::ChainFile;

/// The role of tasks that wait for whoever applied.
pub const APPLICANT: &str = "applicant";

/// A chain as BPMN. Elements are named after steps and decisions: running flows stand on these names, so that the same
/// chain must give the same names for ever; only the layout may change.
pub struct Drawing {
    pub xml: String,
    origins: HashMap<String, Origin>,
}

/// Where an element was written in the chain.
#[derive(Clone)]
pub(crate) struct Origin {
    pub line: u32,
    pub step: String,
}

impl ChainFile {
    /// Everything that is wrong with the chain, or its drawing; `text` is what the file was read from.
    pub fn draw(
        &self,
        id: &str,
        text: &str,
        effects: &dyn Effects,
    ) -> Result<Drawing, Vec<Diagnostic>> {
        let chain = read::read(self, text, effects)?;
        let board = plan::plan(&chain);
        let origins = board.origins();
        let xml = write::write(&words::identifier(id), &chain, &board);
        Ok(Drawing { xml, origins })
    }
}

impl Drawing {
    /// Compiles the drawing; what is wrong is told at the line and the step of the chain.
    pub fn compile(
        &self,
        conditions: &dyn Conditions,
        effects: &dyn Effects,
    ) -> Result<Definition, Vec<Diagnostic>> {
        match Definition::compile(&self.xml, conditions, effects) {
            Ok(mut definition) => {
                definition.written_as(&self.origins);
                Ok(definition)
            }
            Err(faults) => Err(faults
                .into_iter()
                .map(|fault| self.at_home(fault))
                .collect()),
        }
    }

    fn at_home(&self, fault: Diagnostic) -> Diagnostic {
        let origin = self.origins.get(&fault.element).cloned();
        let origin = origin.unwrap_or(Origin {
            line: 1,
            step: String::new(),
        });
        Diagnostic {
            element: origin.step,
            name: String::new(),
            line: origin.line,
            message: fault.message,
        }
    }
}
