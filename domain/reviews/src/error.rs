//! What this crate refuses, in words that say what to do.

use tongban_base::{FieldError, Problem};

pub(crate) fn not_finished() -> Problem {
    Problem::conflict("review.not_finished", "这件办件还没有办结，办结后才能评价")
}

pub(crate) fn already_rated() -> Problem {
    Problem::conflict(
        "review.already_rated",
        "已评价不可修改。一件办件在一个渠道只能评价一次",
    )
}

/// Two officers at once, or a step out of its order.
pub(crate) fn moved_on() -> Problem {
    Problem::conflict("review.moved_on", "这条评价已经有人处理过，请刷新后再看")
}

/// A text that must be there and must not be too long.
pub(crate) fn text_fault(
    pointer: &str,
    text: &str,
    name: &str,
    limit: usize,
) -> Option<FieldError> {
    let length = text.chars().count();
    if text.is_empty() {
        Some(FieldError::new(
            pointer,
            "required",
            format!("请填写{name}"),
        ))
    } else if length > limit {
        Some(too_long(pointer, name, limit, length))
    } else {
        None
    }
}

pub(crate) fn too_long(pointer: &str, name: &str, limit: usize, length: usize) -> FieldError {
    let message = format!("{name}最多 {limit} 个字，现在是 {length} 个");
    FieldError::new(pointer, "too_long", message)
}
