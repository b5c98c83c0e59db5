//! What the queue of tasks is told of the cases that they belong to, and asks of them.

use tongban_base::{Result, typed};
use tongban_crypto::FieldCipher;
use tongban_flows::{Subjects, TaskQuery};
use tongban_store::{Row, Tx, Value};

use super::cases::{CASES, literal};
use super::name_digest;
use crate::model::CaseId;

/// What has become of a case before it came to the step where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It was sent back by an office that had it later.
    Returned,
    /// The applicant has mended what was found.
    Corrected,
}

/// A step was done.
const DONE: &str = "task.completed";

impl Before {
    pub const ALL: [Before; 2] = [Before::Returned, Before::Corrected];

    fn kind(self) -> &'static str {
        match self {
            Before::Returned => "case.returned",
            Before::Corrected => "case.corrected",
        }
    }
}

/// Of which cases the tasks are asked for; what is empty asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct CasesOf {
    pub item: String,
    pub before: Option<Before>,
    /// A number or its beginning, the last digits of one, or a whole name.
    pub words: String,
}

/// Each case in one row, with a paper that failed. `failures` are queries for the words of one, of the case `c`.
pub fn in_queue<'f>(
    failures: impl Iterator<Item = &'f str>,
    of: &CasesOf,
    cipher: &FieldCipher,
) -> Subjects {
    let failures: Vec<String> = failures.map(|query| format!("({query})")).collect();
    let failed = format!("COALESCE({}, NULL)", failures.join(", "));
    Subjects {
        columns: format!("{}, {failed} AS failed", CASES.select("c")),
        join: "JOIN case_record c ON c.id = page.subject",
        own: "SELECT id FROM case_record WHERE closed_at IS NULL AND account =",
        only: only(of, cipher),
    }
}

fn only(of: &CasesOf, cipher: &FieldCipher) -> Vec<(String, Vec<Value>)> {
    let mut all = Vec::new();
    let case = |condition: &str| {
        format!("EXISTS (SELECT 1 FROM case_record f WHERE f.id = waiting.subject AND {condition})")
    };
    if !of.item.is_empty() {
        all.push((case("f.item_code = ?"), vec![Value::from(&of.item)]));
    }
    let words = typed::visible(&of.words);
    if !words.is_empty() {
        let code = literal(&typed::code(&words));
        let name = typed::name(&words).unwrap_or(words);
        let values = vec![
            Value::from(format!("{code}%")),
            Value::from(format!("%{code}")),
            Value::from(name_digest(cipher, &name)),
        ];
        let words = "(f.number LIKE ? ESCAPE '\\' OR f.number LIKE ? ESCAPE '\\' OR f.applicant_digest = ?)";
        all.push((case(words), values));
    }
    if let Some(before) = of.before {
        let condition = "EXISTS (SELECT 1 FROM case_event e WHERE e.case_id = waiting.subject AND e.kind = ?
             AND NOT EXISTS (SELECT 1 FROM case_event d WHERE d.case_id = e.case_id AND d.kind = ? AND d.seq > e.seq))";
        let kinds = [before.kind(), DONE].map(Value::from);
        all.push((condition.to_owned(), kinds.to_vec()));
    }
    all
}

/// A code and what it is called.
type Named = (String, String);

/// Steps and items of the first tasks, with how many have both.
pub async fn steps_and_items(
    tx: &mut Tx,
    query: &TaskQuery,
    most: usize,
) -> Result<Vec<(Named, Named, u64)>> {
    let by = "page.element, page.name, c.item_code, c.item_name";
    let rows = tongban_flows::tasks_by(tx, query, by, most).await?;
    let read = |row: &Row| {
        let count: i64 = row.get("amount")?;
        let named = |code, name| -> Result<Named> { Ok((row.get(code)?, row.get(name)?)) };
        let (step, item) = (named("element", "name")?, named("item_code", "item_name")?);
        Ok((step, item, u64::try_from(count).unwrap_or_default()))
    };
    rows.iter().map(read).collect()
}

/// Which of these cases have been sent back or corrected, and no step was done since.
pub async fn came_again(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<(CaseId, Before)>> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (1..=cases.len()).map(|n| format!("${n}")).collect();
    let [returned, corrected] = Before::ALL.map(Before::kind);
    let sql = format!(
        "SELECT case_id, kind, MAX(seq) AS seq FROM case_event WHERE case_id IN ({})
         AND kind IN ('{returned}', '{corrected}', '{DONE}') GROUP BY case_id, kind ORDER BY MAX(seq)",
        places.join(", ")
    );
    let values: Vec<Value> = cases.iter().map(|case| Value::from(*case)).collect();
    let mut found: Vec<(CaseId, Before)> = Vec::new();
    for row in &tx.query(&sql, &values).await? {
        let (case, kind): (CaseId, String) = (row.get("case_id")?, row.get("kind")?);
        if kind == DONE {
            found.retain(|(known, _)| *known != case);
            continue;
        }
        let before = Before::ALL.into_iter().find(|before| before.kind() == kind);
        found.extend(before.map(|before| (case, before)));
    }
    Ok(found)
}
