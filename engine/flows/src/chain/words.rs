//! The small texts of a chain: a decision, a call of an operation, and identifiers. Knows no step.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::definition::{Decision, Opinion, Sure, Tone, Word};

/// A decision as it was written, and the step that it names.
pub(super) struct WrittenDecision {
    pub decision: Decision,
    pub to: Option<String>,
    /// Whether the tone was written.
    pub toned: bool,
}

/// `pass 同意`, `mend 退回补正 asks=correction reason=required`.
pub(super) fn decision(text: &str) -> Result<WrittenDecision, String> {
    let mut parts = text.split_whitespace();
    let (Some(name), Some(label)) = (parts.next(), parts.next()) else {
        return Err(format!("决定“{text}”应写成“代码 名称”，如“pass 同意”"));
    };
    if !is_code(name) {
        return Err(format!(
            "决定的代码 {name} 只能用英文字母、数字、- 和 _，写在名称前面，如“pass 同意”"
        ));
    }
    let mut written = WrittenDecision {
        decision: Decision {
            name: name.to_owned(),
            label: label.to_owned(),
            opinion_required: false,
            asks: None,
            tone: Tone::default(),
            reasons: Vec::new(),
            batch: false,
            entries: Vec::new(),
        },
        to: None,
        toned: false,
    };
    let mut seen = Vec::new();
    for part in parts {
        let Some((key, value)) = part.split_once('=') else {
            return Err(format!(
                "决定 {name} 里的“{part}”看不懂，名称之后只能写 reason=、asks=、tone=、batch=、to="
            ));
        };
        if seen.contains(&key) {
            return Err(format!("决定 {name} 里的 {key} 写了两次"));
        }
        seen.push(key);
        attribute(&mut written, key, value).map_err(|words| format!("决定 {name} 里的 {words}"))?;
    }
    match written.decision.fault() {
        Some(words) => Err(format!("决定 {name}：{words}")),
        None => Ok(written),
    }
}

fn attribute(written: &mut WrittenDecision, key: &str, value: &str) -> Result<(), String> {
    match key {
        "reason" => {
            let opinion: Opinion = word(key, value)?;
            written.decision.opinion_required = opinion == Opinion::Required;
        }
        "asks" => written.decision.asks = Some(word(key, value)?),
        "tone" => {
            written.decision.tone = word(key, value)?;
            written.toned = true;
        }
        "batch" => {
            let Sure::Yes = word(key, value)?;
            written.decision.batch = true;
        }
        "to" => written.to = Some(value.to_owned()),
        _ => {
            return Err(format!(
                "{key} 不认识，可用的有：reason、asks、tone、batch、to"
            ));
        }
    }
    Ok(())
}

fn word<W: Word>(key: &str, value: &str) -> Result<W, String> {
    W::read(value).ok_or_else(|| format!("{key} 不能写“{value}”，可用的有：{}", W::allowed()))
}

/// `case.accept`, `document.make(acceptance-notice)`, `op(one, b = "two, three")`. What stands first may go without a name:
/// it is the first argument; `names` are those that the operation reads.
pub(super) fn call(text: &str, names: &[&str]) -> Result<(String, Map<String, Value>), String> {
    let text = text.trim();
    let (operation, inner) = match text.split_once('(') {
        None => (text, ""),
        Some((operation, rest)) => match rest.strip_suffix(')') {
            Some(inner) => (operation.trim(), inner),
            None => return Err(format!("操作“{text}”少了右括号")),
        },
    };
    if operation.is_empty() || operation.contains(char::is_whitespace) {
        return Err(format!(
            "操作“{text}”应写成“名称”或“名称(参数)”，如 document.make(acceptance-notice)"
        ));
    }
    let mut arguments = Map::new();
    for (at, part) in split_outside_quotes(inner).into_iter().enumerate() {
        let (name, value) = match named(part) {
            Some((name, value)) => (name.to_owned(), value),
            None => match names {
                [only] => ((*only).to_owned(), part),
                [first, ..] if at == 0 => ((*first).to_owned(), part),
                [] => return Err(format!("操作 {operation} 没有参数，{part} 不起作用")),
                names => {
                    let names = names.join("、");
                    return Err(format!(
                        "操作 {operation} 有几个参数（{names}），请写成“参数 = {part}”"
                    ));
                }
            },
        };
        if arguments.insert(name.clone(), literal(value)).is_some() {
            return Err(format!("操作 {operation} 的参数 {name} 写了两次"));
        }
    }
    Ok((operation.to_owned(), arguments))
}

/// `name = value`; the name is a plain word, or it is part of a value.
fn named(part: &str) -> Option<(&str, &str)> {
    let (name, value) = part.split_once('=')?;
    let name = name.trim();
    is_code(name).then(|| (name, value.trim()))
}

/// A text in quotes, a number, yes or no; any other word is a text.
fn literal(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::String(text.to_owned()),
    }
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

pub(crate) fn is_code(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !text.is_empty() && text.chars().all(plain)
}

/// Whether roles are named by it: a code, or one of another pack (`base:clerk`).
pub(super) fn is_role(text: &str) -> bool {
    !text.is_empty() && text.split(':').all(is_code)
}

/// The same words as an identifier without a dot; drawing tools bear no other letters than these.
pub(super) fn identifier(words: &str) -> String {
    let mut name = String::new();
    for character in words.chars() {
        match character {
            plain if plain.is_ascii_alphanumeric() || matches!(plain, '-' | '_') => {
                name.push(plain)
            }
            other => {
                let _ = write!(name, "u{:x}", u32::from(other));
            }
        }
    }
    match name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        true => name,
        false => format!("_{name}"),
    }
}

/// What neither a page nor XML can show.
pub(super) fn is_unprintable(text: &str) -> bool {
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}');
    text.chars().any(hidden)
}
