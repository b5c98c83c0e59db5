//! Conditions of flows in the one expression language.

use serde_json::Value as Json;
use tongban_expressions::{Environment, Program, Values};
use tongban_flows::{Condition, Conditions, Named};

use crate::environment;

pub(crate) struct FlowConditions(Environment);

impl FlowConditions {
    pub(crate) fn new(settings: &environment::Settings, has_record: bool) -> Self {
        Self(environment::of_flow(settings, has_record))
    }
}

impl Conditions for FlowConditions {
    fn compile(&self, source: &str) -> Result<Box<dyn Condition>, String> {
        let program = self.0.compile(source).map_err(|fault| fault.message)?;
        Ok(Box::new(Compiled(program, source.to_owned())))
    }
}

struct Compiled(Program, String);

impl Condition for Compiled {
    fn source(&self) -> &str {
        &self.1
    }

    fn texts(&self) -> Named {
        let texts = self.0.texts();
        Named {
            written: texts.written,
            open: texts.open,
        }
    }

    fn value(&self, variables: &Json, decision: &str) -> Result<Json, String> {
        let mut values = Values::new();
        if let Some(map) = variables.as_object() {
            for (name, value) in map {
                values = values.with(name, value);
            }
        }
        values.insert("decision", Json::from(decision));
        self.0.evaluate(&values).map_err(|fault| fault.message)
    }
}
