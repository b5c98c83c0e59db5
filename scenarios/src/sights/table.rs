//! `table`: a row of a table on a page, known by words in it, and what stands in its columns. Lists and figures alike.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sight;
use crate::page::{Page, folded};
use crate::play::Play;
use crate::report::Why;
use crate::values::{Texts, Values};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// The address of the page.
    table: String,
    /// Words that the row has.
    #[serde(default)]
    row: Texts,
    /// Heads of columns and what stands below them in that row.
    #[serde(default)]
    cells: Values,
    /// How many such rows there are; without it, exactly one.
    rows: Option<usize>,
}

#[async_trait]
impl Sight for Table {
    fn check(&self) -> Result<(), String> {
        if self.row.0.is_empty() && self.rows.is_none() {
            return Err("table 没有写看哪一行：row，或者有几行：rows".to_owned());
        }
        match self.rows.is_some_and(|rows| rows != 1) && !self.cells.0.is_empty() {
            true => Err("看 cells 时，这样的行只能有一行".to_owned()),
            false => Ok(()),
        }
    }

    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let path = play.fill(&self.table)?;
        let page = play.get(&path).await?;
        let mut words = Vec::new();
        for text in &self.row.0 {
            words.push(folded(&play.fill(text)?));
        }
        let all = rows(&page);
        let has = |row: &&Vec<(String, String)>| {
            let text: String = row.iter().map(|(_, text)| folded(text)).collect();
            words.iter().all(|words| text.contains(words))
        };
        let found: Vec<_> = all.iter().filter(has).collect();
        let count = self.rows.unwrap_or(1);
        if found.len() != count {
            let expected = format!("表里有 {count} 行写着“{}”", self.row.0.join("”“"));
            return Err(Why::unseen(
                expected,
                format!("{} 行\n{}", found.len(), page.short()),
            ));
        }
        let cells = found.into_iter().next().cloned().unwrap_or_default();
        for (head, wanted) in &play.fill_values(&self.cells)?.0 {
            let wanted = wanted.join("、");
            let cell = cells.iter().find(|(name, _)| name == head);
            if cell.is_none_or(|(_, text)| folded(text) != folded(&wanted)) {
                let expected = format!("“{head}”一栏是“{wanted}”");
                let found = cell.map_or("没有这一栏", |(_, text)| text);
                return Err(Why::unseen(expected, found));
            }
        }
        Ok(())
    }
}

/// The rows of the first table, each cell with the head of its column.
fn rows(page: &Page) -> Vec<Vec<(String, String)>> {
    let heads = page.all("thead th");
    let width = heads.len().max(1);
    let cells = page.all("tbody td");
    let rows = cells.chunks(width).map(|row| {
        let named = heads.iter().zip(row);
        named
            .map(|(head, cell)| (head.text.clone(), cell.text.clone()))
            .collect()
    });
    rows.collect()
}
