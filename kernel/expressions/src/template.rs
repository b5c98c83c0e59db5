//! Message and letter texts with expressions in them: `您的{{case.item_name}}已受理`.

use std::fmt::Write;

use serde_json::Value;

use crate::{Environment, ExpressionError, Program, Values};

/// A text whose places were checked when it was loaded.
#[derive(Clone, Debug)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Place(Program),
}

impl Template {
    pub(crate) fn compile(
        environment: &Environment,
        source: &str,
    ) -> Result<Self, ExpressionError> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((text, after)) = rest.split_once("{{") {
            push_text(source, &mut parts, text)?;
            let start = source.len() - after.len();
            let Some((expression, after)) = after.split_once("}}") else {
                let offset = start.saturating_sub(2);
                return Err(ExpressionError::at(source, offset, "“{{”没有对应的“}}”"));
            };
            let program = environment
                .compile(expression)
                .map_err(|error| moved(source, start, error))?;
            parts.push(Part::Place(program));
            rest = after;
        }
        push_text(source, &mut parts, rest)?;
        Ok(Self {
            source: source.to_owned(),
            parts,
        })
    }

    /// What its places look at: `case.number`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let places = self.parts.iter().filter_map(|part| match part {
            Part::Place(program) => Some(program.paths()),
            Part::Text(_) => None,
        });
        places.flatten().map(String::as_str)
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// Null shows as nothing, true and false as 是 and 否, a list with 、 between its elements.
    pub fn render(&self, values: &Values<'_>) -> Result<String, ExpressionError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(words) => text.push_str(words),
                Part::Place(program) => write_value(&mut text, &program.evaluate(values)?),
            }
        }
        Ok(text)
    }
}

fn push_text(source: &str, parts: &mut Vec<Part>, text: &str) -> Result<(), ExpressionError> {
    if text.contains("}}") {
        let offset = source.find("}}").unwrap_or(0);
        return Err(ExpressionError::at(source, offset, "“}}”前面没有“{{”"));
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(())
}

/// Moves an error of an expression that begins at byte `start` into the text around it.
fn moved(source: &str, start: usize, error: ExpressionError) -> ExpressionError {
    let before = &source[..start];
    let column = match error.line {
        1 => {
            let line_start = before.rfind('\n').map_or(0, |i| i + 1);
            error.column + before[line_start..].chars().count()
        }
        _ => error.column,
    };
    ExpressionError {
        line: error.line + before.matches('\n').count(),
        column,
        message: error.message,
    }
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(true) => text.push('是'),
        Value::Bool(false) => text.push('否'),
        Value::String(words) => text.push_str(words),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push('、');
                }
                write_value(text, item);
            }
        }
        other => {
            let _infallible = write!(text, "{other}");
        }
    }
}
