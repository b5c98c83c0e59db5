//! Whether the conditions of a gateway cover every case, as far as their texts show it. Evaluates nothing.

use super::{Definition, Kind, NodeIx};
use crate::bpmn::Draft;

/// True when some pair is `a == b` and `a != b`, or when every decision of the task just before is named.
/// Other opposites do not count: a condition on a value that is not known yet is not met, and neither is
/// its opposite. A comparison for equality always has an answer.
pub(super) fn is_exhaustive(definition: &Definition, draft: &Draft, node: NodeIx) -> bool {
    let sources: Vec<String> = definition
        .node(node)
        .outgoing
        .iter()
        .filter_map(|flow| draft.flows[usize::from(flow.0)].condition.as_deref())
        .map(normal)
        .collect();
    has_opposites(&sources) || names_every_decision(definition, node, &sources)
}

fn has_opposites(sources: &[String]) -> bool {
    let equalities = sources.iter().filter_map(|source| {
        let (left, right) = source.split_once("==")?;
        (is_operand(left) && is_operand(right)).then_some((left, right, source))
    });
    equalities.into_iter().any(|(left, right, source)| {
        let opposites = [format!("{left}!={right}"), format!("!({source})")];
        sources.iter().any(|other| opposites.contains(other))
    })
}

/// A name with its members, a number, or a text in quotes.
fn is_operand(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let quoted = |mark: char| {
        let inner = text
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark));
        inner.is_some_and(|inner| !inner.contains(['\'', '"', '\\']))
    };
    !text.is_empty() && (text.chars().all(plain) || quoted('\'') || quoted('"'))
}

/// Only a gateway fed by one task alone knows which decisions can arrive.
fn names_every_decision(definition: &Definition, node: NodeIx, sources: &[String]) -> bool {
    let task = match definition.node(node).kind {
        Kind::User(_) => node,
        _ => match definition.node(node).incoming.as_slice() {
            [flow] => definition.flow(*flow).source,
            _ => return false,
        },
    };
    let Some(task) = definition.user_task(task) else {
        return false;
    };
    let named: Vec<&str> = sources
        .iter()
        .flat_map(|source| decisions_in(source))
        .collect();
    !task.decisions.is_empty()
        && task
            .decisions
            .iter()
            .all(|decision| named.contains(&decision.name.as_str()))
}

/// `decision=='a'||decision=="b"` gives a and b; anything else gives none.
fn decisions_in(source: &str) -> Vec<&str> {
    let named: Option<Vec<_>> = source.split("||").map(compared).collect();
    named.unwrap_or_default()
}

fn compared(part: &str) -> Option<&str> {
    let literal = part.strip_prefix("decision==")?;
    let inner = literal
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .or_else(|| {
            literal
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'))
        })?;
    (!inner.contains(['\'', '"', '\\'])).then_some(inner)
}

/// Without white space outside quotes.
fn normal(source: &str) -> String {
    let mut quote = None;
    let mut text = String::new();
    for character in source.chars() {
        match quote {
            Some(open) if character == open => quote = None,
            None if character == '\'' || character == '"' => quote = Some(character),
            None if character.is_whitespace() => continue,
            _ => {}
        }
        text.push(character);
    }
    text
}
