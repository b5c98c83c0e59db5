//! Reading a definition file with all its faults at once, each with its place.

use serde_json::{Map, Value};
use tongban_expressions::{Environment, Program, Type};

use crate::FormError;

/// The faults found so far.
#[derive(Default)]
pub(crate) struct Problems(Vec<FormError>);

impl Problems {
    pub(crate) fn add(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.0.push(FormError::new(pointer, message));
    }

    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FormError>> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.0),
        }
    }

    /// An object that holds no other keys than `allowed`.
    pub(crate) fn object<'v>(
        &mut self,
        value: &'v Value,
        pointer: &str,
        allowed: &[&str],
    ) -> Option<&'v Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.add(pointer, "应为 JSON 对象");
            return None;
        };
        for key in object.keys().filter(|k| !allowed.contains(&k.as_str())) {
            let allowed = allowed.join("、");
            let pointer = format!("{pointer}/{}", escape(key));
            self.add(pointer, format!("不认识“{key}”，可用的有：{allowed}"));
        }
        Some(object)
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, of: &Map<String, Value>, pointer: &str, key: &str) -> String {
        let text = self.maybe_text(of, pointer, key);
        if text.is_none() && !of.contains_key(key) {
            self.add(pointer, format!("缺少“{key}”"));
        }
        text.unwrap_or_default()
    }

    pub(crate) fn maybe_text(
        &mut self,
        of: &Map<String, Value>,
        pointer: &str,
        key: &str,
    ) -> Option<String> {
        match of.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => {
                self.add(format!("{pointer}/{key}"), "应为文字，不能是空的");
                None
            }
        }
    }

    pub(crate) fn flag(&mut self, of: &Map<String, Value>, pointer: &str, key: &str) -> bool {
        match of.get(key) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.add(format!("{pointer}/{key}"), "应为 true 或 false");
                false
            }
        }
    }

    /// An expression of the wanted type, if the key is there.
    pub(crate) fn expression(
        &mut self,
        of: &Map<String, Value>,
        pointer: &str,
        key: &str,
        environment: &Environment,
        wanted: &Type,
    ) -> Option<Program> {
        let source = self.maybe_text(of, pointer, key)?;
        let pointer = format!("{pointer}/{key}");
        let compiled = match wanted {
            Type::Bool => environment.compile_bool(&source),
            _ => environment.compile(&source),
        };
        match compiled {
            Ok(program) if wanted.accepts(program.result_type()) => Some(program),
            Ok(_) => {
                self.add(pointer, "表达式的结果和这个字段的类型不一致");
                None
            }
            Err(error) => {
                self.add(pointer, error.to_string());
                None
            }
        }
    }
}

/// A key as a part of a JSON pointer (RFC 6901).
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
