//! What definitions add to pages, so that no module has to know the other: lines of the menus, and what stands out on the
//! page where a visitor begins.

use std::sync::Arc;

use tongban_base::{Actor, Ctx};
use tongban_store::Fut;

use crate::page::MenuEntry;

/// What one module adds; the binary offers all of them as a service.
pub trait Addition: Send + Sync {
    /// Lines of the menu of this visitor, each with its order among the others.
    fn menu(&self, actor: &Actor) -> Vec<(u16, MenuEntry)>;

    /// What stands out where this visitor begins, the first thing first.
    fn highlights<'a>(&'a self, ctx: &'a Ctx) -> Fut<'a, Vec<Highlight>>;
}

pub struct Additions(pub Vec<Arc<dyn Addition>>);

/// Something to be read, on the page where a visitor begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Highlight {
    pub title: String,
    /// The day, in words.
    pub when: String,
    /// How it begins.
    pub text: String,
    pub href: String,
    pub pinned: bool,
}
