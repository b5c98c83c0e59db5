//! Turns the compiler's diagnostics into one error with file, line and a sentence that a template's author can use.

use typst::diag::SourceDiagnostic;
use typst::syntax::DiagSpan;
use typst::{World, WorldExt};

use super::world::DocumentWorld;
use crate::DocumentError;
use crate::error::Place;

/// The beginnings of the commonest diagnostics and what they mean.
const MEANINGS: [(&str, &str); 9] = [
    ("unknown variable", "用到了没有定义的名称"),
    ("dictionary does not contain key", "文书数据中没有这一项"),
    ("file not found", "找不到文件"),
    ("expected", "写法有误"),
    ("unclosed delimiter", "括号没有成对"),
    ("cannot", "类型不符，无法计算"),
    ("failed to parse", "文件内容无法解析"),
    ("array index out of bounds", "列表中没有这么多项"),
    (
        "unable to get the current date",
        "模板不能读取当前日期，请从文书数据取日期",
    ),
];

pub(super) fn first(world: &DocumentWorld, errors: &[SourceDiagnostic]) -> DocumentError {
    let Some(error) = errors.first() else {
        return DocumentError::new("template", "模板无法排版");
    };
    let meaning = MEANINGS
        .iter()
        .find(|(start, _)| error.message.starts_with(start))
        .map_or("模板无法排版", |(_, meaning)| meaning);
    let mut message = format!("{meaning}（{}", error.message);
    if let Some(hint) = error.hints.first() {
        message.push('；');
        message.push_str(&hint.v);
    }
    message.push('）');
    let code = match error.message.starts_with("failed to decode image") {
        true => "picture",
        false => "template",
    };
    DocumentError::new(code, message).at(place(world, error.span))
}

fn place(world: &DocumentWorld, span: DiagSpan) -> Option<Place> {
    let id = span.id()?;
    let range = world.range(span)?;
    let source = world.source(id).ok()?;
    let (line, column) = source.lines().byte_to_line_column(range.start)?;
    Some(Place {
        file: id.get().vpath().get_without_slash().to_owned(),
        line: line + 1,
        column: column + 1,
    })
}
