//! Finding by what people say: an index in memory, ranked by one formula (`docs/decisions/0053-search.md`). Knows no day and
//! no release.

mod index;
mod sought;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use index::{Document, SearchIndex};
