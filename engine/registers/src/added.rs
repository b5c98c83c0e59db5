//! What registers add to pages: their line in the menu of officers who have no right of their own but a role that a
//! register names, the registers that are read as pages, and the first of those where a visitor begins.

use tongban_base::{Actor, Ctx, Timestamp};
use tongban_store::Fut;
use tongban_ui::{Addition, Highlight, MenuEntry};

use crate::module::ENTRY;
use crate::registers::Registers;

/// Behind what modules bring.
const PAGES: u16 = 75;
/// Letters of the beginning of a page.
const BEGINNING: usize = 80;

impl Addition for Registers {
    fn menu(&self, actor: &Actor) -> Vec<(u16, MenuEntry)> {
        let line = |title: &str, icon: &str, path: &str| MenuEntry {
            key: path.to_owned(),
            label: title.to_owned(),
            href: path.to_owned(),
            icon: icon.to_owned(),
            count: None,
        };
        let mut lines = Vec::new();
        // Rights do not depend on the moment.
        let ctx = Ctx::new(actor.clone(), Timestamp(0));
        if actor.staff.is_some() && !self.readable(&ctx).is_empty() {
            lines.push((ENTRY.order, line(ENTRY.title, ENTRY.icon, ENTRY.path)));
        }
        for definition in self.definitions().iter() {
            let Some(publish) = &definition.publish else {
                continue;
            };
            if publish.is_public() != actor.staff.is_some() && publish.is_for(actor) {
                lines.push((PAGES, line(&definition.title, "file-text", &publish.base())));
            }
        }
        lines
    }

    fn highlights<'a>(&'a self, ctx: &'a Ctx) -> Fut<'a, Vec<Highlight>> {
        Box::pin(async move {
            let found = self.highlighted(ctx).await?.into_iter();
            let highlights = found.map(|(href, entry)| Highlight {
                when: entry.when(),
                text: beginning(&entry.body),
                pinned: entry.pinned,
                title: entry.title,
                href,
            });
            Ok(highlights.collect())
        })
    }
}

fn beginning(body: &str) -> String {
    let first = body.lines().map(str::trim).find(|line| !line.is_empty());
    let first = first.unwrap_or_default();
    let cut: String = first.chars().take(BEGINNING).collect();
    match cut.len() < first.len() {
        true => format!("{cut}…"),
        false => cut,
    }
}
