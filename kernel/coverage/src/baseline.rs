//! The requirement baseline: the tables of `docs/requirements`, compiled in so that any copy of the program can print it.
//! Knows nothing of tests.

use std::collections::BTreeSet;

/// One row that a tester could accept or reject alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    pub id: String,
    pub module: String,
    pub name: String,
    pub check: String,
}

/// One government's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub file: String,
    pub requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    pub documents: Vec<Document>,
}

macro_rules! tables {
    ($($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../../docs/requirements/", $file)))),+]
    };
}

const TABLES: &[(&str, &str)] = tables![
    "wuhan.tsv",
    "shanghai.tsv",
    "xuchang.tsv",
    "hlj-base.tsv",
    "hlj-app.tsv",
    "hlj-ops.tsv",
    "hlj-service.tsv",
    "hlj-demos.tsv",
];

impl Baseline {
    /// The tables that this program was built with.
    pub fn embedded() -> Self {
        Self::parse(TABLES)
    }

    pub fn parse(tables: &[(&str, &str)]) -> Self {
        let documents = tables.iter().map(|(file, text)| document(file, text));
        Self {
            documents: documents.collect(),
        }
    }

    pub fn ids(&self) -> BTreeSet<&str> {
        self.documents
            .iter()
            .flat_map(|d| d.requirements.iter().map(|r| r.id.as_str()))
            .collect()
    }
}

fn document(file: &str, text: &str) -> Document {
    let requirements = text.lines().skip(1).filter_map(requirement).collect();
    Document {
        file: file.to_owned(),
        requirements,
    }
}

/// Columns: id, module, name, requirement, actor, shape, check.
fn requirement(line: &str) -> Option<Requirement> {
    let columns: Vec<&str> = line.split('\t').collect();
    let column = |n: usize| columns.get(n).map(|c| (*c).to_owned());
    Some(Requirement {
        id: column(0).filter(|id| !id.is_empty())?,
        module: column(1)?,
        name: column(2)?,
        check: column(6).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read_once() {
        let baseline = Baseline::embedded();
        let lines: usize = TABLES
            .iter()
            .map(|(_, text)| text.lines().count() - 1)
            .sum();
        let rows: usize = baseline
            .documents
            .iter()
            .map(|d| d.requirements.len())
            .sum();
        assert_eq!(rows, lines);
        assert_eq!(baseline.ids().len(), rows, "an id stands twice");
        assert_eq!(rows, 2207);
    }
}
