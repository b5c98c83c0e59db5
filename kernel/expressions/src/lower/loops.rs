//! The macros `all`, `exists`, `exists_one`, `map`, `filter`: their expansions are read back as loops.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators as names};
use cel::parser::Expression;

use super::{Fault, Lowering, Typed, at, refuse};
use crate::Type;
use crate::check;
use crate::node::{Kind, Loop, LoopKind, Node};

/// What a macro said before the grammar expanded it.
struct Shape<'e> {
    kind: LoopKind,
    only: Option<&'e Expression>,
    body: &'e Expression,
}

impl Lowering<'_> {
    pub(super) fn comprehension(
        &mut self,
        tree: &ComprehensionExpr,
        offset: u32,
    ) -> Result<Typed, Fault> {
        let Some(shape) = shape(tree) else {
            return refuse(offset, "不支持这种写法");
        };
        let (over, over_type) = self.expression(&tree.iter_range)?;
        let of = match &over_type {
            Type::Any | Type::Null => Type::Any,
            Type::List(of) => (**of).clone(),
            Type::Map(_) | Type::Record(_) => Type::String,
            other => return refuse(over.at, format!("{}不能逐个检查", other.word())),
        };
        self.locals.push((tree.iter_var.clone(), of));
        let inner = self.inner(&shape);
        self.locals.pop();
        let (only, body, body_type) = inner?;
        let result = match shape.kind {
            LoopKind::Collect => Type::list(body_type),
            _ => {
                at(body.at, check::condition(&body_type, "逐个检查的条件"))?;
                Type::Bool
            }
        };
        let kind = Kind::Loop(Box::new(Loop {
            kind: shape.kind,
            over,
            only,
            body,
        }));
        Ok((Node { at: offset, kind }, result))
    }

    fn inner(&mut self, shape: &Shape<'_>) -> Result<(Option<Node>, Node, Type), Fault> {
        let only = match shape.only {
            Some(tree) => {
                let (node, r#type) = self.expression(tree)?;
                at(node.at, check::condition(&r#type, "筛选的条件"))?;
                Some(node)
            }
            None => None,
        };
        let (body, body_type) = self.expression(shape.body)?;
        Ok((only, body, body_type))
    }
}

fn shape(tree: &ComprehensionExpr) -> Option<Shape<'_>> {
    if tree.iter_var2.is_some() {
        return None;
    }
    let Expr::Call(step) = &tree.loop_step.expr else {
        return None;
    };
    match (&tree.accu_init.expr, step.func_name.as_str()) {
        (Expr::Literal(LiteralValue::Boolean(_)), names::LOGICAL_AND) => {
            second(step, LoopKind::All)
        }
        (Expr::Literal(LiteralValue::Boolean(_)), names::LOGICAL_OR) => {
            second(step, LoopKind::Exists)
        }
        (Expr::Literal(LiteralValue::Int(_)), names::CONDITIONAL) => Some(Shape {
            kind: LoopKind::ExistsOne,
            only: None,
            body: step.args.first()?,
        }),
        (Expr::List(_), names::CONDITIONAL) => {
            let Expr::Call(append) = &step.args.get(1)?.expr else {
                return None;
            };
            Some(Shape {
                kind: LoopKind::Collect,
                only: step.args.first(),
                body: appended(append)?,
            })
        }
        (Expr::List(_), names::ADD) => Some(Shape {
            kind: LoopKind::Collect,
            only: None,
            body: appended(step)?,
        }),
        _ => None,
    }
}

fn second(step: &CallExpr, kind: LoopKind) -> Option<Shape<'_>> {
    let body = step.args.get(1)?;
    Some(Shape {
        kind,
        only: None,
        body,
    })
}

fn appended(append: &CallExpr) -> Option<&Expression> {
    match &append.args.get(1)?.expr {
        Expr::List(list) => list.elements.first(),
        _ => None,
    }
}
