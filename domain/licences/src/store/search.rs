//! Lists for staff, built from what the officer may see.

use tongban_base::{Result, Scope};
use tongban_store::{Tx, Value};

use super::licences;
use crate::model::{Licence, LicenceId};

/// What is asked for; empty parts do not narrow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub number: String,
    pub holder_digest: String,
    pub kind: String,
    /// Begin behind this row, the newest first; `backward` reads towards the beginning.
    pub after: Option<LicenceId>,
    pub backward: bool,
    pub limit: i64,
}

pub(crate) async fn find(tx: &mut Tx, scope: &Scope, wanted: &Wanted) -> Result<Vec<Licence>> {
    let mut conditions = vec!["l.status <> 'void'".to_owned()];
    let mut given: Vec<Value> = Vec::new();
    let mut add = |column: &str, comparison: &str, value: Value| {
        given.push(value);
        conditions.push(format!("{column} {comparison} ${}", given.len()));
    };
    match scope {
        Scope::Nothing => return Ok(Vec::new()),
        Scope::Everything => {}
        Scope::Own(account) => add("l.holder_account", "=", Value::from(*account)),
        Scope::Office {
            organisation,
            division_prefix,
        } => {
            add("l.organisation", "=", Value::from(organisation));
            // A range of 12-digit codes instead of LIKE: the index serves it on both databases, in any collation.
            add(
                "l.division",
                ">=",
                Value::from(format!("{division_prefix:0<12}")),
            );
            add(
                "l.division",
                "<=",
                Value::from(format!("{division_prefix:9<12}")),
            );
        }
    }
    for (column, value) in [
        ("l.number", &wanted.number),
        ("l.holder_digest", &wanted.holder_digest),
        ("l.kind", &wanted.kind),
    ] {
        if !value.is_empty() {
            add(column, "=", Value::from(value));
        }
    }
    if let Some(after) = wanted.after {
        let comparison = if wanted.backward { ">" } else { "<" };
        add("l.id", comparison, Value::from(after));
    }
    let order = if wanted.backward { "ASC" } else { "DESC" };
    given.push(Value::from(wanted.limit));
    let condition = format!(
        "{} ORDER BY l.id {order} LIMIT ${}",
        conditions.join(" AND "),
        given.len()
    );
    licences::many(tx, &condition, &given).await
}
