//! Functions: their signatures, and those that every expression may use. Knows no dates.

use std::fmt;

use serde_json::{Number, Value};

use crate::{Environment, Type, dates};

/// What a function body is given: as many values as it has parameters, none of them null. Their types
/// may still be wrong when the checker knew nothing of them.
pub type Arguments<'a> = &'a [&'a Value];

type Body = dyn Fn(Arguments<'_>) -> Result<Value, String> + Send + Sync;

pub(crate) struct Function {
    pub name: String,
    pub parameters: Vec<Type>,
    pub result: Type,
    pub body: Box<Body>,
}

impl Function {
    pub(crate) fn new<F>(name: &str, parameters: Vec<Type>, result: Type, body: F) -> Self
    where
        F: Fn(Arguments<'_>) -> Result<Value, String> + Send + Sync + 'static,
    {
        Self {
            name: name.to_owned(),
            parameters,
            result,
            body: Box::new(body),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}({:?}) -> {:?}",
            self.name, self.parameters, self.result
        )
    }
}

/// The text at `index`, or a sentence.
pub fn text<'a>(arguments: Arguments<'a>, index: usize) -> Result<&'a str, String> {
    let value = arguments.get(index).and_then(|v| v.as_str());
    value.ok_or_else(|| format!("第 {} 个参数应为文字", index + 1))
}

/// The whole number at `index`, or a sentence.
pub fn number(arguments: Arguments<'_>, index: usize) -> Result<i64, String> {
    let value = arguments.get(index).and_then(|v| v.as_i64());
    value.ok_or_else(|| format!("第 {} 个参数应为整数", index + 1))
}

pub(crate) fn declare(environment: &mut Environment) {
    for countable in [Type::String, Type::list(Type::Any), Type::map(Type::Any)] {
        environment.function("size", [countable], Type::Int, size);
    }
    let texts = || [Type::String, Type::String];
    environment
        .function("startsWith", texts(), Type::Bool, |a| {
            Ok(text(a, 0)?.starts_with(text(a, 1)?).into())
        })
        .function("endsWith", texts(), Type::Bool, |a| {
            Ok(text(a, 0)?.ends_with(text(a, 1)?).into())
        })
        .function("contains", texts(), Type::Bool, |a| {
            Ok(text(a, 0)?.contains(text(a, 1)?).into())
        })
        .function("string", [Type::Any], Type::String, to_text)
        .function("int", [Type::Any], Type::Int, to_int)
        .function("double", [Type::Any], Type::Double, to_double)
        .function("date", [Type::String], Type::String, dates::date);
}

fn size(a: Arguments<'_>) -> Result<Value, String> {
    let count = match a.first() {
        Some(Value::String(text)) => text.chars().count(),
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(fields)) => fields.len(),
        _ => return Err("size 只能用于文字、列表和对象".to_owned()),
    };
    Ok(Value::from(count))
}

fn to_text(a: Arguments<'_>) -> Result<Value, String> {
    match a.first() {
        Some(Value::String(text)) => Ok(Value::from(text.as_str())),
        Some(Value::Number(number)) => Ok(Value::from(number.to_string())),
        Some(Value::Bool(flag)) => Ok(Value::from(flag.to_string())),
        _ => Err("string 只能用于文字、数字和是否".to_owned()),
    }
}

fn to_int(a: Arguments<'_>) -> Result<Value, String> {
    let converted = match a.first() {
        Some(Value::Number(number)) => number.as_i64().or_else(|| truncated(number)),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    converted
        .map(Value::from)
        .ok_or_else(|| "int 的参数不能变成整数".to_owned())
}

fn truncated(number: &Number) -> Option<i64> {
    let float = number.as_f64()?.trunc();
    let fits = float > i64::MIN as f64 && float < i64::MAX as f64;
    fits.then_some(float as i64)
}

fn to_double(a: Arguments<'_>) -> Result<Value, String> {
    let converted = match a.first() {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    converted
        .filter(|float: &f64| float.is_finite())
        .map(Value::from)
        .ok_or_else(|| "double 的参数不能变成小数".to_owned())
}
