//! The types of operators: what a result is, or a sentence why there is none. Knows no syntax tree.

use crate::Type;
use crate::node::Operator;

/// The result type of a binary operator.
pub(crate) fn binary(operator: Operator, left: &Type, right: &Type) -> Result<Type, String> {
    match operator {
        Operator::Equal | Operator::NotEqual => {
            if left.comparable(right) {
                return Ok(Type::Bool);
            }
            Err(format!(
                "{}和{}永远不会相等，请改成同一类型再比较",
                left.word(),
                right.word()
            ))
        }
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
            order(operator, left, right)
        }
        Operator::In => within(left, right),
        Operator::Add => add(left, right),
        Operator::Remainder if *left == Type::Double || *right == Type::Double => {
            Err("“%”只能用于整数".to_owned())
        }
        _ => arithmetic(operator, left, right),
    }
}

fn order(operator: Operator, left: &Type, right: &Type) -> Result<Type, String> {
    let orderable = |t: &Type| t.is_open() || t.is_number() || t.is_text() || *t == Type::Bool;
    let same = left.comparable(right);
    if same && orderable(left) && orderable(right) {
        return Ok(Type::Bool);
    }
    Err(format!(
        "“{}”不能比较{}和{}",
        operator.sign(),
        left.word(),
        right.word()
    ))
}

fn within(left: &Type, right: &Type) -> Result<Type, String> {
    let ok = match right {
        Type::List(of) => left.comparable(of),
        Type::Map(_) | Type::Record(_) => left.is_open() || left.is_text(),
        other => other.is_open(),
    };
    if ok {
        return Ok(Type::Bool);
    }
    Err(format!(
        "“in”右边应是可能含有{}的列表，现在是{}",
        left.word(),
        element_words(right)
    ))
}

fn element_words(r#type: &Type) -> String {
    match r#type {
        Type::List(of) => format!("{}的列表", of.word()),
        other => other.word().to_owned(),
    }
}

fn add(left: &Type, right: &Type) -> Result<Type, String> {
    match (left, right) {
        (Type::List(_), Type::List(_)) => Ok(left.clone().join(right.clone())),
        (Type::List(_), t) | (t, Type::List(_)) if t.is_open() => Ok(Type::list(Type::Any)),
        (a, b) if a.is_text() && (b.is_text() || b.is_open()) => Ok(Type::String),
        (a, b) if a.is_open() && b.is_text() => Ok(Type::String),
        _ => arithmetic(Operator::Add, left, right),
    }
}

fn arithmetic(operator: Operator, left: &Type, right: &Type) -> Result<Type, String> {
    match (left, right) {
        (Type::Int, Type::Int) => Ok(Type::Int),
        (Type::Double, Type::Double) => Ok(Type::Double),
        (a, b) if a.is_number() && b.is_number() => Err(format!(
            "“{}”两边一边是整数一边是小数，请用 double() 或 int() 转换成同一种",
            operator.sign()
        )),
        (a, b) if a.is_open() && b.is_open() => Ok(Type::Any),
        (a, b) if a.is_open() && b.is_number() => Ok(Type::Any),
        (a, b) if a.is_number() && b.is_open() => Ok(Type::Any),
        _ => Err(format!(
            "“{}”不能用于{}和{}",
            operator.sign(),
            left.word(),
            right.word()
        )),
    }
}

/// A condition: of `&&`, `||`, `!`, `?:` and of loops.
pub(crate) fn condition(given: &Type, place: &str) -> Result<(), String> {
    if Type::Bool.accepts(given) {
        return Ok(());
    }
    Err(format!("{place}应为“是”或“否”，现在是{}", given.word()))
}

/// The type of a field, or why it has none.
pub(crate) fn field(of: &Type, name: &str) -> Result<Type, String> {
    match of {
        Type::Any | Type::Null => Ok(Type::Any),
        Type::Map(value) => Ok((**value).clone()),
        Type::Record(fields) => fields.get(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = fields.keys().map(String::as_str).collect();
            format!("没有“{name}”这个字段{}", suggestion(name, &known))
        }),
        other => Err(format!("{}没有字段，不能取“{name}”", other.word())),
    }
}

/// The type of an element.
pub(crate) fn element(of: &Type, index: &Type) -> Result<Type, String> {
    match of {
        Type::Any | Type::Null => Ok(Type::Any),
        Type::List(value) if index.is_open() || *index == Type::Int => Ok((**value).clone()),
        Type::Map(value) if index.is_open() || index.is_text() => Ok((**value).clone()),
        Type::Record(fields) if index.is_open() || index.is_text() => Ok(fields
            .values()
            .cloned()
            .reduce(Type::join)
            .unwrap_or(Type::Any)),
        other => Err(format!("不能用{}在{}里取值", index.word(), other.word())),
    }
}

/// “，是不是“…”？” when a known name is near, else nothing.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|k| (distance(name, k), *k))
        .filter(|(d, k)| *d <= 2 && *d < k.chars().count())
        .min();
    near.map_or(String::new(), |(_, k)| format!("，是不是“{k}”？"))
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
