//! Brings the baseline and the claims together. An id is proved when a test that names it passed and none that names it failed.
//! Knows nothing of files and folders.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{Baseline, Claims, Document, Mention, Outcome};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleReport {
    pub module: String,
    pub rows: usize,
    pub proved: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentReport {
    pub file: String,
    pub rows: usize,
    pub proved: usize,
    pub modules: Vec<ModuleReport>,
}

/// An id that a test names without proving it: the test failed, or did not run, or the id is in no table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unproved {
    pub id: String,
    pub file: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub documents: Vec<DocumentReport>,
    /// The tests that prove each id.
    pub proofs: BTreeMap<String, Vec<String>>,
    pub unproved: Vec<Unproved>,
}

impl Report {
    pub fn new(baseline: &Baseline, claims: &Claims, mentions: &[Mention]) -> Self {
        let unproved = unproved(&baseline.ids(), claims, mentions);
        let failed: BTreeSet<&str> = unproved.iter().map(|u| u.id.as_str()).collect();
        let mut proofs: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for claim in claims.0.iter().filter(|c| c.outcome == Outcome::Passed) {
            for id in claim.ids.iter().filter(|id| !failed.contains(id.as_str())) {
                proofs
                    .entry(id.clone())
                    .or_default()
                    .push(claim.test.clone());
            }
        }
        let document = |d: &Document| document_report(d, &proofs);
        Self {
            documents: baseline.documents.iter().map(document).collect(),
            unproved,
            proofs,
        }
    }

    pub fn rows(&self) -> usize {
        self.documents.iter().map(|d| d.rows).sum()
    }

    pub fn proved(&self) -> usize {
        self.documents.iter().map(|d| d.proved).sum()
    }

    pub fn json(&self) -> Value {
        let module =
            |m: &ModuleReport| json!({"module": m.module, "rows": m.rows, "proved": m.proved});
        let document = |d: &DocumentReport| {
            let modules: Vec<Value> = d.modules.iter().map(module).collect();
            json!({"file": d.file, "rows": d.rows, "proved": d.proved, "modules": modules})
        };
        let documents: Vec<Value> = self.documents.iter().map(document).collect();
        let ids: BTreeSet<&str> = self.unproved.iter().map(|u| u.id.as_str()).collect();
        json!({"documents": documents, "unproved_claims": ids})
    }

    /// One line per document and per module that something is proved of, then the sum.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for document in &self.documents {
            lines.push(format!(
                "{:>5} / {:<5} {}",
                document.proved, document.rows, document.file
            ));
            for module in document.modules.iter().filter(|m| m.proved > 0) {
                lines.push(format!(
                    "{:>9} / {:<5} {}",
                    module.proved, module.rows, module.module
                ));
            }
        }
        lines.push(format!(
            "{:>5} / {:<5} requirements proved",
            self.proved(),
            self.rows()
        ));
        for unproved in &self.unproved {
            lines.push(format!(
                "unproved claim {} in {}",
                unproved.id, unproved.file
            ));
        }
        lines.join("\n")
    }
}

fn unproved(known: &BTreeSet<&str>, claims: &Claims, mentions: &[Mention]) -> Vec<Unproved> {
    let mut passed: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut found: BTreeSet<Unproved> = BTreeSet::new();
    for claim in &claims.0 {
        for id in &claim.ids {
            if claim.outcome == Outcome::Passed && known.contains(id.as_str()) {
                passed.insert((id.as_str(), claim.file.as_str()));
            } else {
                found.insert(Unproved {
                    id: id.clone(),
                    file: claim.file.clone(),
                });
            }
        }
    }
    for mention in mentions {
        if !passed.contains(&(mention.id.as_str(), mention.file.as_str())) {
            found.insert(Unproved {
                id: mention.id.clone(),
                file: mention.file.clone(),
            });
        }
    }
    found.into_iter().collect()
}

fn document_report(document: &Document, proofs: &BTreeMap<String, Vec<String>>) -> DocumentReport {
    let mut modules: Vec<ModuleReport> = Vec::new();
    for requirement in &document.requirements {
        let proved = usize::from(proofs.contains_key(&requirement.id));
        match modules.iter_mut().find(|m| m.module == requirement.module) {
            Some(module) => {
                module.rows += 1;
                module.proved += proved;
            }
            None => modules.push(ModuleReport {
                module: requirement.module.clone(),
                rows: 1,
                proved,
            }),
        }
    }
    DocumentReport {
        file: document.file.clone(),
        rows: document.requirements.len(),
        proved: modules.iter().map(|m| m.proved).sum(),
        modules,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Claim;

    const TABLE: &str = "id\tmodule\tname\trequirement\tactor\tshape\tcheck\n\
        WH-001\t甲\ta\t\t\t\t\nWH-002\t甲\tb\t\t\t\t\nWH-003\t乙\tc\t\t\t\t\n";

    fn claim(test: &str, id: &str, outcome: Outcome) -> Claim {
        Claim {
            test: test.into(),
            file: "t.rs".into(),
            ids: vec![id.into()],
            outcome,
        }
    }

    fn mention(id: &str) -> Mention {
        Mention {
            id: id.into(),
            file: "t.rs".into(),
        }
    }

    #[test]
    fn only_ids_whose_tests_all_passed_are_proved() {
        let baseline = Baseline::parse(&[("wuhan.tsv", TABLE)]);
        let claims = Claims(vec![
            claim("one", "WH-001", Outcome::Passed),
            claim("two", "WH-002", Outcome::Passed),
            claim("three", "WH-002", Outcome::Begun),
        ]);
        let mentions = ["WH-001", "WH-002", "WH-003"].map(mention);
        let report = Report::new(&baseline, &claims, &mentions);
        let expected = json!({
            "documents": [{"file": "wuhan.tsv", "rows": 3, "proved": 1, "modules": [
                {"module": "甲", "rows": 2, "proved": 1},
                {"module": "乙", "rows": 1, "proved": 0},
            ]}],
            "unproved_claims": ["WH-002", "WH-003"],
        });
        assert_eq!(report.json(), expected);
    }

    #[test]
    fn an_id_of_no_table_is_an_unproved_claim() {
        let baseline = Baseline::parse(&[("wuhan.tsv", TABLE)]);
        let claims = Claims(vec![claim("one", "WH-999", Outcome::Passed)]);
        let report = Report::new(&baseline, &claims, &[]);
        assert_eq!(report.unproved.len(), 1);
        assert_eq!(report.proved(), 0);
    }
}
