//! Syntax tree to checked nodes: names, functions and types are resolved here, so that nothing unknown is
//! left to the moment when someone presses a button.

mod call;
mod loops;

use std::collections::BTreeSet;

use cel::common::ast::{EntryExpr, Expr, LiteralValue, MapExpr, SelectExpr, SourceInfo};
use cel::parser::Expression;
use serde_json::Value;

use crate::check;
use crate::node::{Kind, Node};
use crate::{Environment, ExpressionError, Type};

const MAX_DEPTH: usize = 150;

/// A checked expression, what it gives and what it looks at.
pub(crate) struct Lowered {
    pub node: Node,
    pub result: Type,
    pub paths: Vec<String>,
}

pub(crate) fn lower(
    environment: &Environment,
    source: &str,
    tree: &Expression,
    info: &SourceInfo,
) -> Result<Lowered, ExpressionError> {
    let mut lowering = Lowering {
        environment,
        info,
        locals: Vec::new(),
        depth: 0,
        paths: BTreeSet::new(),
    };
    let (node, result) = lowering
        .expression(tree)
        .map_err(|fault| ExpressionError::at(source, fault.at as usize, fault.message))?;
    Ok(Lowered {
        node,
        result,
        paths: lowering.paths.into_iter().collect(),
    })
}

/// An error at a byte offset.
pub(crate) struct Fault {
    pub at: u32,
    pub message: String,
}

type Typed = (Node, Type);

struct Lowering<'e> {
    environment: &'e Environment,
    info: &'e SourceInfo,
    locals: Vec<(String, Type)>,
    depth: usize,
    paths: BTreeSet<String>,
}

fn at<T>(at: u32, result: Result<T, String>) -> Result<T, Fault> {
    result.map_err(|message| Fault { at, message })
}

fn refuse<T>(at: u32, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        at,
        message: message.into(),
    })
}

impl Lowering<'_> {
    fn offset(&self, id: u64) -> u32 {
        self.info.offset_for(id).map_or(0, |(start, _)| start)
    }

    fn expression(&mut self, tree: &Expression) -> Result<Typed, Fault> {
        let at = self.offset(tree.id);
        if self.depth >= MAX_DEPTH {
            return refuse(at, "表达式嵌套太深，请拆开来写");
        }
        self.depth += 1;
        let result = self.node(tree, at);
        self.depth -= 1;
        result
    }

    fn node(&mut self, tree: &Expression, at: u32) -> Result<Typed, Fault> {
        match &tree.expr {
            Expr::Literal(literal) => self.literal(literal, at),
            Expr::Ident(name) => self.name(name, at),
            Expr::Select(select) => self.select(select, at),
            Expr::Call(call) => self.call(call, at),
            Expr::Comprehension(loops) => self.comprehension(loops, at),
            Expr::List(list) => {
                let mut nodes = Vec::with_capacity(list.elements.len());
                let mut of = Type::Null;
                for element in &list.elements {
                    let (node, r#type) = self.expression(element)?;
                    nodes.push(node);
                    of = of.join(r#type);
                }
                Ok((
                    Node {
                        at,
                        kind: Kind::List(nodes),
                    },
                    Type::list(of),
                ))
            }
            Expr::Map(map) => self.map(map, at),
            Expr::Struct(_) => refuse(at, "不支持构造自定义类型的对象"),
            Expr::Unspecified => refuse(at, "表达式没有写完"),
        }
    }

    fn literal(&self, literal: &LiteralValue, at: u32) -> Result<Typed, Fault> {
        let (value, r#type) = match literal {
            LiteralValue::Boolean(v) => (Value::Bool(*v.inner()), Type::Bool),
            LiteralValue::Int(v) => (Value::from(*v.inner()), Type::Int),
            LiteralValue::Double(v) => (Value::from(*v.inner()), Type::Double),
            LiteralValue::String(v) => (Value::from(v.inner().to_owned()), Type::String),
            LiteralValue::Null => (Value::Null, Type::Null),
            LiteralValue::UInt(_) => return refuse(at, "不支持带 u 的无符号数，请去掉 u"),
            LiteralValue::Bytes(_) => return refuse(at, "不支持字节串，请用文字"),
        };
        let kind = Kind::Literal(value);
        Ok((Node { at, kind }, r#type))
    }

    fn name(&mut self, name: &str, at: u32) -> Result<Typed, Fault> {
        let local = self.locals.iter().rposition(|(n, _)| n == name);
        if let Some(index) = local {
            let kind = Kind::Local(index);
            return Ok((Node { at, kind }, self.locals[index].1.clone()));
        }
        if let Some(r#type) = self.environment.names.get(name) {
            self.paths.insert(name.to_owned());
            let kind = Kind::Variable(name.to_owned());
            return Ok((Node { at, kind }, r#type.clone()));
        }
        let known: Vec<&str> = self.environment.names.keys().map(String::as_str).collect();
        let near = check::suggestion(name, &known);
        if near.is_empty() && !known.is_empty() {
            let known = known.join("、");
            return refuse(at, format!("没有“{name}”这个名称，可以用的有：{known}"));
        }
        refuse(at, format!("没有“{name}”这个名称{near}"))
    }

    fn select(&mut self, select: &SelectExpr, offset: u32) -> Result<Typed, Fault> {
        let (of, r#type) = self.expression(&select.operand)?;
        let field = at(offset, check::field(&r#type, &select.field))?;
        if let Some(path) = path_of(&of) {
            self.paths.insert(format!("{path}.{}", select.field));
        }
        let name = select.field.clone();
        let (kind, r#type) = match select.test {
            true => (Kind::Has(Box::new(of), name), Type::Bool),
            false => (Kind::Select(Box::new(of), name), field),
        };
        Ok((Node { at: offset, kind }, r#type))
    }

    fn map(&mut self, map: &MapExpr, at: u32) -> Result<Typed, Fault> {
        let mut entries = Vec::with_capacity(map.entries.len());
        let mut of = Type::Null;
        for entry in &map.entries {
            let EntryExpr::MapEntry(pair) = &entry.expr else {
                return refuse(at, "不支持这种对象写法");
            };
            let (key, key_type) = self.expression(&pair.key)?;
            if !Type::String.accepts(&key_type) {
                return refuse(key.at, "对象的键应为文字");
            }
            let (value, r#type) = self.expression(&pair.value)?;
            of = of.join(r#type);
            entries.push([key, value]);
        }
        let kind = Kind::Map(entries);
        Ok((Node { at, kind }, Type::map(of)))
    }
}

/// The dotted path of a look-up that starts at a declared name.
fn path_of(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Variable(name) => Some(name.clone()),
        Kind::Select(of, field) => path_of(of).map(|path| format!("{path}.{field}")),
        _ => None,
    }
}
