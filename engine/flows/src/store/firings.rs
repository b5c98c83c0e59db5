//! `flow_firing`: what happened. Rows are added, and marked when undone; never changed otherwise.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_base::{Problem, Result};
use tongban_store::{Row, Tx, Value, params};

use super::each_in;
use crate::definition::{Definition, Effect};
use crate::model::{HistoryStep, InstanceId};
use crate::net::{Change, Firing, FiringKind, FiringNo, Instance, OperationRecord, TokenNo};

#[derive(Serialize, Deserialize)]
struct StoredOperation {
    operation: String,
    arguments: Json,
    effect: Effect,
    result: Json,
}

pub(crate) async fn all(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
) -> Result<Vec<Firing>> {
    let rows = tx
        .query(
            "SELECT * FROM flow_firing WHERE instance_id = $1 ORDER BY no",
            params![id],
        )
        .await?;
    rows.iter().map(|row| read(row, definition)).collect()
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

pub(crate) async fn save(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
    state: &Instance,
    change: &Change,
) -> Result<()> {
    for firing in change.firings.iter().filter_map(|no| state.firing(*no)) {
        tx.insert(
            "INSERT INTO flow_firing (instance_id, no, kind, element, name, net, consumes, needs, produces,
             at, actor, decision, opinion, data, operation, restores, undone_by)",
            &row(id, definition, firing)?,
        );
    }
    let undone: Vec<i64> = change.undone.iter().map(|no| no.0).collect();
    let by = change.undone.first().and_then(|no| state.firing(*no));
    let first = params![id, by.and_then(|firing| firing.undone_by).map(|no| no.0)].to_vec();
    each_in(
        tx,
        "UPDATE flow_firing SET undone_by = $2 WHERE instance_id = $1 AND no",
        &first,
        &undone,
        "",
    )
    .await
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
    let rows = tx
        .query(
            "SELECT no, kind, element, name, at, actor, decision, opinion, data, restores, undone_by
             FROM flow_firing WHERE instance_id = $1 ORDER BY no",
            params![id],
        )
        .await?;
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
