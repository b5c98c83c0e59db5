//! The names and functions that expressions of one place may use.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::functions::{Arguments, Function};
use crate::{ExpressionError, Program, Template, Type, dates, functions};

/// Cheap to clone once built; compile as often as you like.
#[derive(Clone, Debug)]
pub struct Environment {
    pub(crate) names: BTreeMap<String, Type>,
    pub(crate) functions: HashMap<String, Vec<Arc<Function>>>,
}

impl Default for Environment {
    fn default() -> Self {
        Self::new()
    }
}

impl Environment {
    /// The standard functions and no names.
    pub fn new() -> Self {
        let mut environment = Self {
            names: BTreeMap::new(),
            functions: HashMap::new(),
        };
        functions::declare(&mut environment);
        dates::declare(&mut environment);
        environment
    }

    pub fn declare(&mut self, name: impl Into<String>, r#type: Type) -> &mut Self {
        self.names.insert(name.into(), r#type);
        self
    }

    /// Adds a function, callable as `name(a, b)` and as `a.name(b)`. Given again under the same name it is
    /// another overload. A null argument makes the result null without a call; the body's error is a
    /// Chinese sentence.
    pub fn function<F>(
        &mut self,
        name: impl Into<String>,
        parameters: impl IntoIterator<Item = Type>,
        result: Type,
        body: F,
    ) -> &mut Self
    where
        F: Fn(Arguments<'_>) -> Result<Value, String> + Send + Sync + 'static,
    {
        let name = name.into();
        let function = Function::new(&name, parameters.into_iter().collect(), result, body);
        self.functions
            .entry(name)
            .or_default()
            .push(Arc::new(function));
        self
    }

    /// Unknown names, fields and functions and type errors are found here.
    pub fn compile(&self, source: &str) -> Result<Program, ExpressionError> {
        Program::compile(self, source)
    }

    /// As `compile`, for a condition: anything that cannot be true or false is refused.
    pub fn compile_bool(&self, source: &str) -> Result<Program, ExpressionError> {
        let program = self.compile(source)?;
        if Type::Bool.accepts(program.result_type()) {
            return Ok(program);
        }
        let word = program.result_type().word();
        let message = format!("条件的结果应为“是”或“否”，现在是{word}");
        Err(ExpressionError::at(source, 0, message))
    }

    /// A text with `{{ expression }}` places.
    pub fn template(&self, text: &str) -> Result<Template, ExpressionError> {
        Template::compile(self, text)
    }
}
