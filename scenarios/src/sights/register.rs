//! `register`: records of a register, as its list and their pages show them.

use async_trait::async_trait;
use serde::Deserialize;

use super::{Sight, facts};
use crate::page::{Page, folded};
use crate::play::Play;
use crate::report::Why;
use crate::values::Values;
use crate::visitor::asked;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    /// The register's code.
    register: String,
    /// By which the list is narrowed: its filters.
    #[serde(default, rename = "where")]
    which: Values,
    /// How many records there are then.
    rows: Option<usize>,
    /// Titles of the only record and what stands there.
    #[serde(default)]
    fields: Values,
}

#[async_trait]
impl Sight for Register {
    fn check(&self) -> Result<(), String> {
        match self.rows.is_none() && self.fields.0.is_empty() {
            true => Err("register 没有写要看什么：rows 或者 fields".to_owned()),
            false => Ok(()),
        }
    }

    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let (page, rows) = rows(play, &self.register, &self.which).await?;
        if let Some(count) = self.rows
            && rows.len() != count
        {
            let expected = format!("台账 {} 有 {count} 条", self.register);
            return Err(Why::unseen(
                expected,
                format!("{} 条\n{}", rows.len(), page.short()),
            ));
        }
        if self.fields.0.is_empty() {
            return Ok(());
        }
        let record = only(play, &self.register, &self.which).await?;
        let page = play.get(&record).await?;
        let shown = facts(&page);
        for (title, wanted) in &play.fill_values(&self.fields)?.0 {
            let wanted = wanted.join("、");
            let found = shown.iter().find(|(name, _)| name == title);
            if found.is_none_or(|(_, words)| folded(words) != folded(&wanted)) {
                let expected = format!("记录的“{title}”是“{wanted}”");
                let found = found.map_or("没有这一栏", |(_, words)| words);
                return Err(Why::unseen(expected, found));
            }
        }
        Ok(())
    }
}

/// The address of the one record that these filters leave.
pub(crate) async fn only(play: &mut Play<'_>, code: &str, which: &Values) -> Result<String, Why> {
    let (page, rows) = rows(play, code, which).await?;
    match rows.as_slice() {
        [one] => Ok(one.clone()),
        rows => {
            let expected = format!("台账 {code} 里正好有一条");
            Err(Why::unseen(
                expected,
                format!("{} 条\n{}", rows.len(), page.short()),
            ))
        }
    }
}

/// The first page of the list and the addresses of its records.
async fn rows(play: &mut Play<'_>, code: &str, which: &Values) -> Result<(Page, Vec<String>), Why> {
    let which = play.fill_values(which)?;
    let which = which.0.iter();
    let which: Vec<(String, String)> = which
        .map(|(name, values)| (name.clone(), values.join(",")))
        .collect();
    let base = format!("/workbench/registers/{code}");
    let page = play.get(&asked(&base, &which)).await?;
    if page.is_refusal() {
        return Err(Why::unseen(format!("能看台账 {code}"), page.short()));
    }
    let links = page.all(&format!("tbody a[href^='{base}/']"));
    let rows = links
        .iter()
        .filter_map(|link| link.attribute("href").map(str::to_owned));
    let rows = rows.collect();
    Ok((page, rows))
}
