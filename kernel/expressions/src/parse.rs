//! Text to syntax tree, through the CEL grammar; its English complaints become a sentence of ours.
//! Knows no names and no types.

use std::thread;

use cel::common::ast::SourceInfo;
use cel::parser::{Expression, ParseErrors, Parser};

use crate::ExpressionError;

const MAX_CHARACTERS: usize = 4000;
/// The grammar's reader recurses; it gets room of its own.
const STACK: usize = 32 << 20;

/// Parses and hands the tree to `then`, both on a thread with a deep stack: long chains of operators
/// make deep trees, and a fault of the reader must not take the caller down.
pub(crate) fn parse<T: Send>(
    source: &str,
    then: impl FnOnce(&Expression, &SourceInfo) -> Result<T, ExpressionError> + Send,
) -> Result<T, ExpressionError> {
    if source.trim().is_empty() {
        return Err(ExpressionError::at(source, 0, "表达式是空的，请填写"));
    }
    if source.chars().count() > MAX_CHARACTERS {
        let message = format!("表达式太长，最多 {MAX_CHARACTERS} 个字符");
        return Err(ExpressionError::at(source, 0, message));
    }
    let unreadable = || ExpressionError::at(source, 0, "读不懂这个表达式，请检查写法");
    thread::scope(|scope| {
        let work = move || {
            let (tree, info) = Parser::new()
                .parse_with_source_info(source)
                .map_err(|errors| explain(source, &errors))?;
            then(&tree, &info)
        };
        let worker = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        match worker.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            _ => Err(unreadable()),
        }
    })
}

fn explain(source: &str, errors: &ParseErrors) -> ExpressionError {
    let first = errors.errors.first();
    let (line, column) = first.map_or((1, 1), |e| {
        (
            usize::try_from(e.pos.0).unwrap_or(1).max(1),
            usize::try_from(e.pos.1).unwrap_or(1).max(1),
        )
    });
    let rest = source.lines().nth(line - 1).unwrap_or_default();
    let near: String = rest.chars().skip(column - 1).take(12).collect();
    let message = match hint(source) {
        Some(hint) => hint,
        None if near.is_empty() => "表达式没有写完".to_owned(),
        None => format!("“{near}”这里的写法不对，请检查括号、引号和运算符"),
    };
    ExpressionError {
        line,
        column,
        message,
    }
}

/// The slips that people make who write Chinese and other languages on the same day.
fn hint(source: &str) -> Option<String> {
    let bare = without_texts(source);
    if let Some(found) = bare
        .chars()
        .find(|c| "，（）“”‘’：；！＝＞＜＆｜".contains(*c))
    {
        return Some(format!("“{found}”是全角符号，请改成半角"));
    }
    let words: Vec<&str> = bare.split_whitespace().collect();
    for (wrong, right) in [("and", "&&"), ("or", "||"), ("not", "!"), ("=", "==")] {
        if words.contains(&wrong) {
            return Some(format!("“{wrong}”应写作“{right}”"));
        }
    }
    None
}

/// The source with its quoted texts left out.
fn without_texts(source: &str) -> String {
    let mut quote = None;
    source
        .chars()
        .filter(|c| match quote {
            Some(open) if open == *c => {
                quote = None;
                false
            }
            Some(_) => false,
            None if matches!(c, '\'' | '"') => {
                quote = Some(*c);
                false
            }
            None => true,
        })
        .collect()
}
