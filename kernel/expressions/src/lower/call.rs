//! Calls: operators and functions.

use std::sync::Arc;

use cel::common::ast::{CallExpr, operators as names};
use cel::parser::Expression;
use regex::Regex;
use serde_json::Value;

use super::{Fault, Lowering, Typed, at, refuse};
use crate::Type;
use crate::check;
use crate::functions::Function;
use crate::node::{Kind, Node, Operator};

impl Lowering<'_> {
    pub(super) fn call(&mut self, call: &CallExpr, at: u32) -> Result<Typed, Fault> {
        if let Some(operator) = Operator::find(&call.func_name) {
            return self.binary(operator, call, at);
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (names::LOGICAL_AND, [a, b]) => self.both(a, b, "“&&”两边", at, Kind::And),
            (names::LOGICAL_OR, [a, b]) => self.both(a, b, "“||”两边", at, Kind::Or),
            (names::LOGICAL_NOT, [a]) => {
                let (node, r#type) = self.expression(a)?;
                super::at(node.at, check::condition(&r#type, "“!”后面"))?;
                let kind = Kind::Not(Box::new(node));
                Ok((Node { at, kind }, Type::Bool))
            }
            (names::SUBSTRACT | "-_", [a]) => self.negate(a, at),
            (names::CONDITIONAL, [test, yes, no]) => self.conditional([test, yes, no], at),
            (names::INDEX, [of, index]) => self.index(of, index, at),
            (name, _) if name.starts_with('_') || name.starts_with('@') => {
                refuse(at, "不支持这种写法")
            }
            ("matches", _) => self.matches(call, at),
            _ => self.function(call, at),
        }
    }

    fn binary(&mut self, operator: Operator, call: &CallExpr, offset: u32) -> Result<Typed, Fault> {
        let [a, b] = call.args.as_slice() else {
            return refuse(offset, "运算符两边都要有内容");
        };
        let (left, left_type) = self.expression(a)?;
        let (right, right_type) = self.expression(b)?;
        if matches!(operator, Operator::Equal | Operator::NotEqual) {
            choice(&left_type, &right)?;
            choice(&right_type, &left)?;
        }
        if operator == Operator::In
            && let Kind::List(options) = &right.kind
        {
            for option in options {
                choice(&left_type, option)?;
            }
        }
        let result = at(offset, check::binary(operator, &left_type, &right_type))?;
        let kind = Kind::Binary(operator, Box::new([left, right]));
        Ok((Node { at: offset, kind }, result))
    }

    fn both(
        &mut self,
        a: &Expression,
        b: &Expression,
        place: &str,
        at: u32,
        kind: fn(Box<[Node; 2]>) -> Kind,
    ) -> Result<Typed, Fault> {
        let (left, left_type) = self.expression(a)?;
        super::at(left.at, check::condition(&left_type, place))?;
        let (right, right_type) = self.expression(b)?;
        super::at(right.at, check::condition(&right_type, place))?;
        let kind = kind(Box::new([left, right]));
        Ok((Node { at, kind }, Type::Bool))
    }

    fn negate(&mut self, operand: &Expression, at: u32) -> Result<Typed, Fault> {
        let (node, r#type) = self.expression(operand)?;
        if !r#type.is_number() && !r#type.is_open() {
            return refuse(at, format!("“-”不能用于{}", r#type.word()));
        }
        let kind = Kind::Negate(Box::new(node));
        Ok((Node { at, kind }, r#type))
    }

    fn conditional(&mut self, parts: [&Expression; 3], at: u32) -> Result<Typed, Fault> {
        let [test, yes, no] = parts;
        let (test, test_type) = self.expression(test)?;
        super::at(test.at, check::condition(&test_type, "“?”前面的条件"))?;
        let (yes, yes_type) = self.expression(yes)?;
        let (no, no_type) = self.expression(no)?;
        let kind = Kind::If(Box::new([test, yes, no]));
        Ok((Node { at, kind }, yes_type.join(no_type)))
    }

    fn index(&mut self, of: &Expression, index: &Expression, at: u32) -> Result<Typed, Fault> {
        let (of, of_type) = self.expression(of)?;
        let (index, index_type) = self.expression(index)?;
        let result = match (&of_type, &index.kind) {
            (Type::Record(_), Kind::Literal(Value::String(name))) => check::field(&of_type, name),
            _ => check::element(&of_type, &index_type),
        };
        let result = super::at(index.at, result)?;
        let kind = Kind::Index(Box::new([of, index]));
        Ok((Node { at, kind }, result))
    }

    /// The pattern must be written down, so that it is compiled once and its faults show at load.
    fn matches(&mut self, call: &CallExpr, at: u32) -> Result<Typed, Fault> {
        let [of, pattern] = arguments(call)[..] else {
            return refuse(at, "matches 需要 2 个参数：文字和规则");
        };
        let (of, of_type) = self.expression(of)?;
        if !Type::String.accepts(&of_type) {
            return refuse(
                of.at,
                format!("matches 只能用于文字，现在是{}", of_type.word()),
            );
        }
        let (pattern, _) = self.expression(pattern)?;
        let Kind::Literal(Value::String(text)) = &pattern.kind else {
            return refuse(pattern.at, "matches 的规则应直接写出来，不能是算出来的");
        };
        let Ok(regex) = Regex::new(text) else {
            return refuse(pattern.at, format!("“{text}”不是有效的正则表达式"));
        };
        let kind = Kind::Matches(Box::new(of), Box::new(regex));
        Ok((Node { at, kind }, Type::Bool))
    }

    fn function(&mut self, call: &CallExpr, at: u32) -> Result<Typed, Fault> {
        let name = call.func_name.as_str();
        let environment = self.environment;
        let Some(overloads) = environment.functions.get(name) else {
            let known: Vec<&str> = environment.functions.keys().map(String::as_str).collect();
            let near = check::suggestion(name, &known);
            return refuse(at, format!("没有“{name}”这个函数{near}"));
        };
        let mut nodes = Vec::new();
        let mut types = Vec::new();
        for argument in arguments(call) {
            let (node, r#type) = self.expression(argument)?;
            nodes.push(node);
            types.push(r#type);
        }
        let function = super::at(at, choose(name, overloads, &types))?;
        let result = function.result.clone();
        let kind = Kind::Call(Arc::clone(function), nodes);
        Ok((Node { at, kind }, result))
    }
}

/// The target of a method call counts as the first argument.
fn arguments(call: &CallExpr) -> Vec<&Expression> {
    call.target
        .as_deref()
        .into_iter()
        .chain(&call.args)
        .collect()
}

/// A written text that is compared with a choice must be one of its values.
fn choice(r#type: &Type, node: &Node) -> Result<(), Fault> {
    let (Type::Choice(options), Kind::Literal(Value::String(text))) = (r#type, &node.kind) else {
        return Ok(());
    };
    if options.contains(text) {
        return Ok(());
    }
    let options = options.join("、");
    refuse(
        node.at,
        format!("“{text}”不是可选的值，可选的有：{options}"),
    )
}

fn choose<'f>(
    name: &str,
    overloads: &'f [Arc<Function>],
    types: &[Type],
) -> Result<&'f Arc<Function>, String> {
    let right_count: Vec<&Arc<Function>> = overloads
        .iter()
        .filter(|f| f.parameters.len() == types.len())
        .collect();
    if right_count.is_empty() {
        let mut counts: Vec<usize> = overloads.iter().map(|f| f.parameters.len()).collect();
        counts.sort_unstable();
        counts.dedup();
        let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
        return Err(format!(
            "{name} 需要 {} 个参数，现在是 {} 个",
            counts.join(" 或 "),
            types.len()
        ));
    }
    let accepted = right_count
        .iter()
        .find(|f| f.parameters.iter().zip(types).all(|(p, t)| p.accepts(t)));
    accepted.copied().ok_or_else(|| {
        let given: Vec<&str> = types.iter().map(Type::word).collect();
        format!("{name} 不能用于{}", given.join("、"))
    })
}
