//! What modules bring to cases: operations that flows call, sources that rules ask, papers, parts of procedures.

use std::sync::Arc;

use serde_json::Value as Json;
use tongban_base::{Problem, Result};
use tongban_identity::AskMandates;
use tongban_operations::{
    Guides, Operation, OperationInfo, Operations, Records, Source, SourceInfo, SubmissionCheck,
};
use tongban_procedures::{PartInfo, Parts};

use crate::own::OWN;
use crate::paper::PaperSource;
use crate::sub_case;

/// As definitions see it: enough to check a pack.
#[derive(Clone, Copy, Debug)]
pub struct ModuleInfo {
    pub operations: &'static [OperationInfo],
    pub sources: &'static [SourceInfo],
    pub parts: &'static [PartInfo],
    pub links: &'static [CaseLink],
}

/// What the applicant can do with an answered case whose procedure has a part.
#[derive(Clone, Copy, Debug)]
pub struct CaseLink {
    pub part: &'static str,
    pub title: &'static str,
    /// Below the address of the case.
    pub path: &'static str,
}

/// Of all modules of a program.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub(crate) operations: Operations,
    pub(crate) sources: Vec<SourceInfo>,
    pub(crate) parts: Parts,
}

impl Known {
    pub fn of(modules: &[ModuleInfo]) -> Self {
        let mut operations: Vec<&'static [OperationInfo]> = vec![OWN];
        operations.extend(modules.iter().map(|module| module.operations));
        let mut parts: Vec<&'static PartInfo> = modules.iter().flat_map(|m| m.parts).collect();
        parts.push(&sub_case::PART);
        Self {
            operations: Operations::of(&operations),
            sources: modules.iter().flat_map(|m| m.sources).copied().collect(),
            parts: Parts::of(&parts),
        }
    }

    pub fn operations(&self) -> &Operations {
        &self.operations
    }

    pub fn sources(&self) -> &[SourceInfo] {
        &self.sources
    }
}

/// The same with its services.
#[derive(Default)]
pub struct Brought {
    pub operations: Vec<Arc<dyn Operation>>,
    pub sources: Vec<Arc<dyn Source>>,
    pub papers: Vec<Arc<dyn PaperSource>>,
    pub links: Vec<CaseLink>,
    /// Asked when a case is filed.
    pub submissions: Vec<Arc<dyn SubmissionCheck>>,
    /// Whoever keeps the records that look-ups ask for.
    pub records: Option<Arc<dyn Records>>,
    /// Whoever has what is read before somebody fills in a procedure.
    pub guides: Option<Arc<dyn Guides>>,
    /// Whoever knows for whom somebody may act; nobody may where there is none.
    pub mandates: Option<Arc<dyn AskMandates>>,
}

impl Brought {
    /// With what another module brings.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        self.sources.extend(other.sources);
        self.papers.extend(other.papers);
        self.links.extend(other.links);
        self.submissions.extend(other.submissions);
        self.records = self.records.or(other.records);
        self.guides = self.guides.or(other.guides);
        self.mandates = self.mandates.or(other.mandates);
        self
    }
}

impl Brought {
    pub(crate) fn operation(&self, name: &str) -> Result<&Arc<dyn Operation>> {
        let mut all = self.operations.iter();
        all.find(|operation| operation.info().name == name)
            .ok_or_else(|| Problem::internal(format!("no operation {name}")))
    }

    pub(crate) fn paper_source(&self, kind: &str) -> Result<&Arc<dyn PaperSource>> {
        let mut all = self.papers.iter();
        all.find(|source| source.kind() == kind)
            .ok_or_else(Problem::not_found)
    }

    /// What a procedure is about, as the first source calls it that knows.
    pub(crate) fn title(&self, parts: &Json, folder: &tongban_packs::Folder) -> Option<String> {
        let mut sources = self.sources.iter();
        sources.find_map(|source| source.title(parts, folder))
    }
}
