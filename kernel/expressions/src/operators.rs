//! Arithmetic and comparison of JSON values as CEL defines them for numbers, texts, lists and maps.
//! Null is settled by the caller.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::node::Operator;

/// JSON has one number type: a mix of whole and fractional numbers that the checker could not see is
/// computed in fractions.
pub(crate) fn arithmetic(operator: Operator, a: &Value, b: &Value) -> Result<Value, String> {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => match (x.as_i64(), y.as_i64()) {
            (Some(x), Some(y)) => whole(operator, x, y),
            _ => fractional(operator, x, y),
        },
        (Value::String(x), Value::String(y)) if operator == Operator::Add => {
            Ok(Value::from(format!("{x}{y}")))
        }
        (Value::Array(x), Value::Array(y)) if operator == Operator::Add => {
            Ok(Value::Array(x.iter().chain(y).cloned().collect()))
        }
        _ => Err(format!(
            "“{}”不能用于{}和{}",
            operator.sign(),
            word(a),
            word(b)
        )),
    }
}

fn whole(operator: Operator, x: i64, y: i64) -> Result<Value, String> {
    let result = match operator {
        Operator::Add => x.checked_add(y),
        Operator::Subtract => x.checked_sub(y),
        Operator::Multiply => x.checked_mul(y),
        _ if y == 0 => return Err("除数不能为零".to_owned()),
        Operator::Remainder => x.checked_rem(y),
        _ => x.checked_div(y),
    };
    result
        .map(Value::from)
        .ok_or_else(|| "算出的整数太大".to_owned())
}

fn fractional(operator: Operator, x: &Number, y: &Number) -> Result<Value, String> {
    let (x, y) = (
        x.as_f64().unwrap_or(f64::NAN),
        y.as_f64().unwrap_or(f64::NAN),
    );
    let result = match operator {
        Operator::Add => x + y,
        Operator::Subtract => x - y,
        Operator::Multiply => x * y,
        Operator::Divide => x / y,
        _ => return Err("“%”只能用于整数".to_owned()),
    };
    match result.is_finite() {
        true => Ok(Value::from(result)),
        false => Err("算不出有效的数，请检查是否除以零".to_owned()),
    }
}

pub(crate) fn negate(value: &Value) -> Result<Value, String> {
    let result = match value {
        Value::Number(n) => match n.as_i64() {
            Some(whole) => whole.checked_neg().map(Value::from),
            None => n.as_f64().map(|float| Value::from(-float)),
        },
        _ => None,
    };
    result.ok_or_else(|| format!("“-”不能用于{}", word(value)))
}

pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => compare_numbers(x, y) == Some(Ordering::Equal),
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(a, b)| equal(a, b))
        }
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len()
                && x.iter()
                    .all(|(key, a)| y.get(key).is_some_and(|b| equal(a, b)))
        }
        (a, b) => a == b,
    }
}

pub(crate) fn order(a: &Value, b: &Value) -> Result<Ordering, String> {
    let ordering = match (a, b) {
        (Value::Number(x), Value::Number(y)) => compare_numbers(x, y),
        (Value::String(x), Value::String(y)) => Some(x.cmp(y)),
        (Value::Bool(x), Value::Bool(y)) => Some(x.cmp(y)),
        _ => None,
    };
    ordering.ok_or_else(|| format!("{}和{}不能比较大小", word(a), word(b)))
}

fn compare_numbers(x: &Number, y: &Number) -> Option<Ordering> {
    match (x.as_i64(), y.as_i64()) {
        (Some(x), Some(y)) => Some(x.cmp(&y)),
        _ => x.as_f64()?.partial_cmp(&y.as_f64()?),
    }
}

/// The word for a value's type.
pub(crate) fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "空值",
        Value::Bool(_) => "是否",
        Value::Number(n) if n.is_f64() => "小数",
        Value::Number(_) => "整数",
        Value::String(_) => "文字",
        Value::Array(_) => "列表",
        Value::Object(_) => "对象",
    }
}
