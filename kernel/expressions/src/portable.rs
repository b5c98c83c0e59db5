//! A rule for somebody else to evaluate while a form is being filled in: all that is settled is worked out here, what is
//! left speaks only of the fields that are still open.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Values;
use crate::evaluate::Evaluation;
use crate::node::{Kind, LoopKind, Node, Operator};

/// The fields of one record that are still open, each with the word for its type; without one where its value cannot be
/// seen from outside.
pub struct Open<'o> {
    pub record: &'o str,
    pub fields: BTreeMap<&'o str, Option<&'static str>>,
}

/// `None` when something is left that cannot be said in the few words of such a rule.
pub(crate) fn portable(node: &Node, values: &Values<'_>, open: &Open<'_>) -> Option<Value> {
    let part = |node: &Node| portable(node, values, open);
    let pair = |word: &str, pair: &[Node; 2]| {
        let [left, right] = pair;
        Some(json!([word, part(left)?, part(right)?]))
    };
    if !is_open(node, open) {
        let value = Evaluation::new(values).run(node).ok()?.into_owned();
        return Some(json!(["is", value]));
    }
    match &node.kind {
        Kind::Local(index) => Some(json!(["item", index])),
        Kind::Select(_, name) => {
            let kind = (*open.fields.get(field_of(node, open)?)?)?;
            Some(json!(["field", name, kind]))
        }
        Kind::Has(of, name) if is_record(of, open) => {
            let kind = (*open.fields.get(name.as_str())?)?;
            Some(json!(["has", ["field", name, kind]]))
        }
        Kind::Not(of) => Some(json!(["!", part(of)?])),
        Kind::And(of) => pair("&&", of),
        Kind::Or(of) => pair("||", of),
        Kind::If(parts) => {
            let [test, yes, no] = parts.as_ref();
            Some(json!(["?", part(test)?, part(yes)?, part(no)?]))
        }
        Kind::Binary(operator, of) if !is_arithmetic(*operator) => pair(operator.sign(), of),
        Kind::List(items) => {
            let mut list = vec![json!("list")];
            for item in items {
                list.push(part(item)?);
            }
            Some(Value::Array(list))
        }
        Kind::Loop(of) => {
            let word = match of.kind {
                LoopKind::All => "all",
                LoopKind::Exists => "exists",
                LoopKind::ExistsOne | LoopKind::Collect => return None,
            };
            Some(json!([word, part(&of.over)?, part(&of.body)?]))
        }
        _ => None,
    }
}

fn is_arithmetic(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder
    )
}

fn is_record(node: &Node, open: &Open<'_>) -> bool {
    matches!(&node.kind, Kind::Variable(name) if name == open.record)
}

/// The open field that the node names.
fn field_of<'n>(node: &'n Node, open: &Open<'_>) -> Option<&'n str> {
    match &node.kind {
        Kind::Select(of, name) | Kind::Has(of, name) if is_record(of, open) => {
            open.fields.contains_key(name.as_str()).then_some(name)
        }
        _ => None,
    }
}

/// Whether its value is not settled: it looks at an open field, or at the item of a loop around it.
fn is_open(node: &Node, open: &Open<'_>) -> bool {
    let any = |node: &Node| is_open(node, open);
    if field_of(node, open).is_some() {
        return true;
    }
    match &node.kind {
        Kind::Literal(_) => false,
        Kind::Local(_) => true,
        Kind::Variable(name) => name == open.record,
        Kind::Select(of, _) | Kind::Has(of, _) if is_record(of, open) => false,
        Kind::Select(of, _)
        | Kind::Has(of, _)
        | Kind::Not(of)
        | Kind::Negate(of)
        | Kind::Matches(of, _) => any(of),
        Kind::Index(pair) | Kind::And(pair) | Kind::Or(pair) | Kind::Binary(_, pair) => {
            pair.iter().any(any)
        }
        Kind::If(parts) => parts.iter().any(any),
        Kind::Call(_, parts) | Kind::List(parts) => parts.iter().any(any),
        Kind::Map(entries) => entries.iter().flatten().any(any),
        // Its own items are settled where the rest is; a loop in a loop is left to whoever evaluates.
        Kind::Loop(of) => any(&of.over) || names_open(&of.body, open),
    }
}

/// Whether the body of a loop looks at an open field.
fn names_open(node: &Node, open: &Open<'_>) -> bool {
    match &node.kind {
        Kind::Local(_) => false,
        Kind::And(pair) | Kind::Or(pair) | Kind::Binary(_, pair) | Kind::Index(pair) => {
            pair.iter().any(|node| names_open(node, open))
        }
        Kind::Not(of) => names_open(of, open),
        Kind::Select(of, _) | Kind::Has(of, _) if matches!(of.kind, Kind::Local(_)) => false,
        Kind::List(items) => items.iter().any(|node| names_open(node, open)),
        _ => is_open(node, open),
    }
}
