//! The one expression language: CEL, checked when a definition is loaded.
//! Knows no form, flow or item; whoever declares an `Environment` says which names exist.
//!
//! Two rules go beyond plain CEL, so that a half-filled form never makes an error:
//! - A look-up that finds nothing (a missing key, a field of null, an index outside a list) is null.
//! - Null means "not known yet" and passes through arithmetic, ordering and functions as in SQL:
//!   `null < 1` is null, `null && false` is false, `null || true` is true. `x == null` is a plain
//!   comparison. A condition that is null counts as not met. `has(x.y)` asks for a value that is not null.
//!
//! Wherever plain CEL gives a value, this gives the same value.

mod check;
mod dates;
mod environment;
mod error;
mod evaluate;
mod functions;
mod lower;
mod node;
mod operators;
mod parse;
mod portable;
mod program;
mod template;
mod texts;
mod types;
mod values;

pub use environment::Environment;
pub use error::ExpressionError;
pub use functions::{Arguments, number, text};
pub use portable::Open;
pub use program::Program;
pub use template::Template;
pub use texts::Texts;
pub use types::Type;
pub use values::Values;
