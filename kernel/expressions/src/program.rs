//! A compiled expression: immutable, shared, evaluated any number of times.

use std::sync::Arc;

use serde_json::Value;

use crate::evaluate::Evaluation;
use crate::node::Node;
use crate::portable::{Open, portable};
use crate::{Environment, ExpressionError, Texts, Type, Values, lower, parse};

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Program(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: String,
    node: Node,
    result: Type,
    paths: Vec<String>,
}

impl Program {
    pub(crate) fn compile(
        environment: &Environment,
        source: &str,
    ) -> Result<Self, ExpressionError> {
        let lowered = parse::parse(source, |tree, info| {
            lower::lower(environment, source, tree, info)
        })?;
        Ok(Self(Arc::new(Compiled {
            source: source.to_owned(),
            node: lowered.node,
            result: lowered.result,
            paths: lowered.paths,
        })))
    }

    pub fn source(&self) -> &str {
        &self.0.source
    }

    pub fn result_type(&self) -> &Type {
        &self.0.result
    }

    /// What the expression looks at, as dotted paths, each once, sorted: `form.reason`, `today`.
    pub fn paths(&self) -> &[String] {
        &self.0.paths
    }

    /// The texts that it can give, alone or in a list, as they are written.
    pub fn texts(&self) -> Texts {
        Texts::of(&self.0.node)
    }

    /// The rule as whoever fills the form in can evaluate it, `["==", ["field", "way", "text"], ["is", "post"]]`; `None`
    /// when it says more than that language can.
    pub fn portable(&self, values: &Values<'_>, open: &Open<'_>) -> Option<Value> {
        portable(&self.0.node, values, open)
    }

    /// Ends after a bounded number of steps whatever the values are.
    pub fn evaluate(&self, values: &Values<'_>) -> Result<Value, ExpressionError> {
        let mut evaluation = Evaluation::new(values);
        let result = evaluation.run(&self.0.node);
        result
            .map(|value| value.into_owned())
            .map_err(|fault| ExpressionError::at(&self.0.source, fault.at as usize, fault.message))
    }

    /// A condition that is null is not met.
    pub fn evaluate_bool(&self, values: &Values<'_>) -> Result<bool, ExpressionError> {
        match self.evaluate(values)? {
            Value::Bool(met) => Ok(met),
            Value::Null => Ok(false),
            _ => Err(ExpressionError::at(
                &self.0.source,
                0,
                "条件的结果不是“是”或“否”",
            )),
        }
    }
}
