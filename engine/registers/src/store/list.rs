//! Pages of records by key, built from what the officer may see.

use tongban_base::Result;
use tongban_store::{Tx, Value};

use super::records::{RECORDS, RecordRow, of};
use crate::model::RecordId;
use crate::permissions::{Reach, Sight};

/// One condition on a searchable field.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Is(String, String),
    /// A part of the text, wherever it stands.
    Has(String, String),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub register: String,
    /// A part of the title; empty for all.
    pub title: String,
    pub key_digest: Option<String>,
    /// A part of the title, or else the record with this digest of its key.
    pub named: Option<(String, String)>,
    pub conditions: Vec<Condition>,
    /// Begin behind this record, the newest first; `backward` reads towards the beginning.
    pub after: Option<RecordId>,
    pub backward: bool,
    pub limit: i64,
}

/// Numbers its parameters as they are bound.
struct Query {
    conditions: Vec<String>,
    given: Vec<Value>,
}

impl Query {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.given.push(value.into());
        format!("${}", self.given.len())
    }

    fn compare(&mut self, column: &str, comparison: &str, value: impl Into<Value>) {
        let place = self.bind(value);
        self.conditions
            .push(format!("{column} {comparison} {place}"));
    }
}

pub(crate) async fn page(tx: &mut Tx, reach: &Reach, wanted: &Wanted) -> Result<Vec<RecordRow>> {
    let mut query = Query {
        conditions: vec!["r.deleted_at IS NULL".into()],
        given: Vec::new(),
    };
    query.compare("r.register", "=", &wanted.register);
    within(&mut query, reach);
    if let Some(digest) = &wanted.key_digest {
        query.compare("r.key_digest", "=", digest);
    }
    if !wanted.title.is_empty() {
        contains(&mut query, "r.title", &wanted.title);
    }
    if let Some((title, digest)) = &wanted.named {
        named(&mut query, title, digest);
    }
    for condition in &wanted.conditions {
        narrow(&mut query, &wanted.register, condition);
    }
    if let Some(after) = wanted.after {
        query.compare("r.id", if wanted.backward { ">" } else { "<" }, after);
    }
    let order = if wanted.backward { "ASC" } else { "DESC" };
    let limit = query.bind(wanted.limit);
    let sql = format!(
        "SELECT {} FROM register_record r WHERE {} ORDER BY r.id {order} LIMIT {limit}",
        RECORDS.select("r"),
        query.conditions.join(" AND ")
    );
    let rows = tx.query(&sql, &query.given).await?;
    let rows = tx.only_genuine(&RECORDS, rows)?;
    rows.iter().map(of).collect()
}

/// Only rows of any of these.
fn within(query: &mut Query, reach: &Reach) {
    let mut ways = Vec::new();
    for sight in &reach.0 {
        let mut way = Query {
            conditions: Vec::new(),
            given: std::mem::take(&mut query.given),
        };
        match sight {
            Sight::Everything => way.conditions.push("1 = 1".into()),
            Sight::Organisation(own) => way.compare("r.organisation", "=", own),
            Sight::Division(prefix) => below(&mut way, prefix),
            Sight::Office(own, prefix) => {
                way.compare("r.organisation", "=", own);
                below(&mut way, prefix);
            }
            Sight::Own(account) => {
                let account = way.bind(*account);
                way.conditions.push(format!(
                    "r.id IN (SELECT h.record_id FROM register_holder h WHERE h.account = {account})"
                ));
            }
        }
        query.given = way.given;
        ways.push(way.conditions.join(" AND "));
    }
    if ways.is_empty() {
        ways.push("1 = 0".into());
    }
    query.conditions.push(format!("({})", ways.join(" OR ")));
}

fn named(query: &mut Query, title: &str, digest: &str) {
    let mut either = Query {
        conditions: Vec::new(),
        given: std::mem::take(&mut query.given),
    };
    contains(&mut either, "r.title", title);
    either.compare("r.key_digest", "=", digest);
    query.given = either.given;
    query
        .conditions
        .push(format!("({})", either.conditions.join(" OR ")));
}

fn below(query: &mut Query, prefix: &str) {
    query.compare("r.division", ">=", format!("{prefix:0<12}"));
    query.compare("r.division", "<=", format!("{prefix:9<12}"));
}

/// Found once for the whole list, not once for each record: a planner that knows no statistics must not have a choice.
fn narrow(query: &mut Query, register: &str, condition: &Condition) {
    let (field, value, part) = match condition {
        Condition::Is(field, value) => (field, value, false),
        Condition::Has(field, value) => (field, value, true),
    };
    let mut inner = Query {
        conditions: Vec::new(),
        given: std::mem::take(&mut query.given),
    };
    inner.compare("v.register", "=", register);
    inner.compare("v.field", "=", field);
    if part {
        contains(&mut inner, "v.value", value);
    } else {
        inner.compare("v.value", "=", value);
    }
    query.given = inner.given;
    query.conditions.push(format!(
        "r.id IN (SELECT v.record_id FROM register_value v WHERE {})",
        inner.conditions.join(" AND ")
    ));
}

/// The wild cards of LIKE are meant as they are written.
fn contains(query: &mut Query, column: &str, text: &str) {
    let escaped: String = text
        .chars()
        .flat_map(|c| match c {
            '%' | '_' | '\\' => vec!['\\', c],
            other => vec![other],
        })
        .collect();
    let place = query.bind(format!("%{escaped}%"));
    query
        .conditions
        .push(format!("{column} LIKE {place} ESCAPE '\\'"));
}
