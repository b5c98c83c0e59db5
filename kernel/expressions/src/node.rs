//! The checked form of an expression: every name resolved, every macro a loop. Knows no source text.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use crate::functions::Function;

/// A node and its byte offset in the source.
#[derive(Debug)]
pub(crate) struct Node {
    pub at: u32,
    pub kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Literal(Value),
    Variable(String),
    /// A loop variable, counted from the outermost loop.
    Local(usize),
    Select(Box<Node>, String),
    Has(Box<Node>, String),
    Index(Box<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    Binary(Operator, Box<[Node; 2]>),
    Call(Arc<Function>, Vec<Node>),
    Matches(Box<Node>, Box<Regex>),
    List(Vec<Node>),
    Map(Vec<[Node; 2]>),
    Loop(Box<Loop>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
}

#[derive(Debug)]
pub(crate) struct Loop {
    pub kind: LoopKind,
    pub over: Node,
    pub only: Option<Node>,
    pub body: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    Collect,
}

impl Operator {
    pub(crate) fn find(name: &str) -> Option<Self> {
        use cel::common::ast::operators as names;
        Some(match name {
            names::EQUALS => Self::Equal,
            names::NOT_EQUALS => Self::NotEqual,
            names::LESS => Self::Less,
            names::LESS_EQUALS => Self::LessEqual,
            names::GREATER => Self::Greater,
            names::GREATER_EQUALS => Self::GreaterEqual,
            names::ADD => Self::Add,
            names::SUBSTRACT => Self::Subtract,
            names::MULTIPLY => Self::Multiply,
            names::DIVIDE => Self::Divide,
            names::MODULO => Self::Remainder,
            names::IN => Self::In,
            _ => return None,
        })
    }

    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::In => "in",
        }
    }
}
