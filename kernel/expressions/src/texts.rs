//! Which texts an expression can give, seen before it runs: names that are written in it are checked when it is loaded.

use serde_json::Value;

use crate::node::{Kind, Node, Operator};

/// The texts that an expression can give, alone or in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    pub written: Vec<String>,
    /// It can give others too, which depend on values.
    pub open: bool,
}

impl Texts {
    pub(crate) fn of(node: &Node) -> Self {
        let mut texts = Self::default();
        texts.gather(node);
        texts
    }

    fn gather(&mut self, node: &Node) {
        match &node.kind {
            Kind::Literal(value) => self.literal(value),
            Kind::List(items) => items.iter().for_each(|item| self.gather(item)),
            Kind::If(parts) => parts[1..].iter().for_each(|part| self.gather(part)),
            // Lists that are joined keep their texts; texts that are joined become other ones.
            Kind::Binary(Operator::Add, sides) => match sides.iter().all(is_list) {
                true => sides.iter().for_each(|side| self.gather(side)),
                false => self.open = true,
            },
            Kind::Variable(_)
            | Kind::Local(_)
            | Kind::Select(..)
            | Kind::Has(..)
            | Kind::Index(_)
            | Kind::Not(_)
            | Kind::Negate(_)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Binary(..)
            | Kind::Call(..)
            | Kind::Matches(..)
            | Kind::Map(_)
            | Kind::Loop(_) => self.open = true,
        }
    }

    fn literal(&mut self, value: &Value) {
        match value {
            Value::String(text) if !self.written.contains(text) => self.written.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| self.literal(item)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {}
        }
    }
}

/// Whether a side of `+` is a list as it is written.
fn is_list(node: &Node) -> bool {
    match &node.kind {
        Kind::List(_) | Kind::Literal(Value::Array(_)) => true,
        Kind::If(parts) => parts[1..].iter().all(is_list),
        Kind::Binary(Operator::Add, sides) => sides.iter().all(is_list),
        _ => false,
    }
}
