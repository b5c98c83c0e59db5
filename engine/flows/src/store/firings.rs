//! `flow_firing`: what happened. Rows are added, and marked when undone; never changed otherwise.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_base::{Problem, Result};
use tongban_store::{History, Marked, Row, Tx, Value, params};

use crate::definition::{Definition, Effect};
use crate::model::{HistoryStep, InstanceId};
use crate::net::{Change, Firing, FiringKind, FiringNo, Instance, OperationRecord, TokenNo};

/// What is undone is what these rows say was done.
pub(crate) static FIRINGS: Marked = Marked::history(
    "flow_firing",
    &[
        "instance_id",
        "no",
        "kind",
        "element",
        "name",
        "net",
        "consumes",
        "needs",
        "produces",
        "at",
        "actor",
        "decision",
        "opinion",
        "data",
        "operation",
        "restores",
        "undone_by",
    ],
    History {
        table: "flow_instance",
        key: "id",
        last: "last_firing",
    },
)
.terse();

#[derive(Serialize, Deserialize)]
struct StoredOperation {
    operation: String,
    arguments: Json,
    effect: Effect,
    result: Json,
}

/// All that ever happened, up to the `last`.
/// Errors: some of it was changed beside the program.
pub(crate) async fn all(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    last: i64,
) -> Result<Vec<Firing>> {
    let rows = rows(tx, id).await?;
    tx.whole(&FIRINGS, &rows, last, i64::MAX)?;
    rows.iter().map(|row| read(row, definition)).collect()
}

/// The last first.
async fn rows(tx: &mut Tx, id: InstanceId) -> Result<Vec<Row>> {
    let sql = format!(
        "SELECT {} FROM flow_firing f WHERE f.instance_id = $1 ORDER BY f.no DESC",
        FIRINGS.select("f")
    );
    tx.query(&sql, params![id]).await
}

fn read(row: &Row, definition: &Definition) -> Result<Firing> {
    let element: Option<String> = row.get("element")?;
    let operation = match row.get::<Option<Json>>("operation")? {
        Some(stored) => {
            let stored: StoredOperation = serde_json::from_value(stored)?;
            Some(OperationRecord {
                operation: stored.operation,
                arguments: stored.arguments,
                effect: stored.effect,
                result: stored.result,
            })
        }
        None => None,
    };
    Ok(Firing {
        no: FiringNo(row.get("no")?),
        kind: kind(row)?,
        node: element.and_then(|id| definition.find(&id)),
        net: FiringNo(row.get("net")?),
        consumes: tokens(row, "consumes")?,
        reads: tokens(row, "needs")?,
        produces: tokens(row, "produces")?,
        at: row.get("at")?,
        actor: row.get("actor")?,
        decision: row.get("decision")?,
        opinion: row.get("opinion")?,
        data: row.get("data")?,
        operation,
        restores: row.get::<Option<i64>>("restores")?.map(FiringNo),
        undone_by: row.get::<Option<i64>>("undone_by")?.map(FiringNo),
    })
}

fn kind(row: &Row) -> Result<FiringKind> {
    let text: String = row.get("kind")?;
    FiringKind::read(&text)
        .ok_or_else(|| Problem::internal(format!("firing of unknown kind {text}")))
}

fn tokens(row: &Row, column: &str) -> Result<Vec<TokenNo>> {
    Ok(serde_json::from_value(row.get::<Json>(column)?)?)
}

/// Writes what happened, and of what is undone by what.
pub(crate) fn save(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    state: &Instance,
    change: &Change,
) -> Result<()> {
    for firing in change.firings.iter().filter_map(|no| state.firing(*no)) {
        tx.insert_marked(&FIRINGS, &row(id, definition, firing)?)?;
    }
    for firing in change.undone.iter().filter_map(|no| state.firing(*no)) {
        tx.insert_marked_or(
            &FIRINGS,
            &row(id, definition, firing)?,
            "ON CONFLICT (instance_id, no) DO UPDATE SET undone_by = excluded.undone_by, mark = excluded.mark",
        )?;
    }
    Ok(())
}

fn row(id: InstanceId, definition: &Definition, firing: &Firing) -> Result<Vec<Value>> {
    let node = firing.node.map(|ix| definition.node(ix));
    let operation = firing.operation.as_ref().map(|record| StoredOperation {
        operation: record.operation.clone(),
        arguments: record.arguments.clone(),
        effect: record.effect,
        result: record.result.clone(),
    });
    let operation = operation.map(serde_json::to_value).transpose()?;
    let list = |tokens: &[TokenNo]| serde_json::to_value(tokens).map(Value::from);
    Ok(vec![
        Value::from(id),
        Value::from(firing.no.0),
        Value::from(firing.kind.write()),
        Value::from(node.map(|node| node.id.clone())),
        Value::from(node.map(|node| node.name.clone()).unwrap_or_default()),
        Value::from(firing.net.0),
        list(&firing.consumes)?,
        list(&firing.reads)?,
        list(&firing.produces)?,
        Value::from(firing.at),
        Value::from(&firing.actor),
        Value::from(&firing.decision),
        Value::from(&firing.opinion),
        Value::from(&firing.data),
        Value::from(operation),
        Value::from(firing.restores.map(|no| no.0)),
        Value::from(firing.undone_by.map(|no| no.0)),
    ])
}

pub(crate) async fn history(tx: &mut Tx, id: InstanceId) -> Result<Vec<HistoryStep>> {
    let mut rows = rows(tx, id).await?;
    rows.reverse();
    rows.iter().try_for_each(|row| tx.genuine(&FIRINGS, row))?;
    let step = |row: &Row| -> Result<HistoryStep> {
        Ok(HistoryStep {
            no: FiringNo(row.get("no")?),
            kind: kind(row)?,
            element: row.get("element")?,
            name: row.get("name")?,
            at: row.get("at")?,
            actor: row.get("actor")?,
            decision: row.get("decision")?,
            opinion: row.get("opinion")?,
            data: row.get("data")?,
            restores: row.get::<Option<i64>>("restores")?.map(FiringNo),
            undone_by: row.get::<Option<i64>>("undone_by")?.map(FiringNo),
        })
    };
    rows.iter().map(step).collect()
}
