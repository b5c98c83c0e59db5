//! `audit`: what stands in the audit log, as whoever may read it sees it.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sight;
use crate::play::Play;
use crate::report::Why;
use crate::visitor::asked;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audit {
    /// The name of the event.
    audit: String,
    /// The number of what it is about: `{case}`.
    subject: Option<String>,
    /// `refused` for attempts only.
    outcome: Option<String>,
    /// How many entries there are; without it, at least one.
    rows: Option<usize>,
}

#[async_trait]
impl Sight for Audit {
    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        play.settle().await?;
        let subject = self
            .subject
            .as_deref()
            .map(|text| play.fill(text))
            .transpose()?;
        let asked_for = [
            ("event", self.audit.clone()),
            ("subject_id", subject.unwrap_or_default()),
            ("outcome", self.outcome.clone().unwrap_or_default()),
        ];
        let asked_for = asked_for.map(|(name, text)| (name.to_owned(), text));
        let page = play.get(&asked("/workbench/audit", &asked_for)).await?;
        if page.is_refusal() {
            return Err(Why::unseen("能看审计日志", page.short()));
        }
        let count = page.all("tbody tr").len();
        let right = match self.rows {
            Some(rows) => count == rows,
            None => count > 0,
        };
        match right {
            true => Ok(()),
            false => {
                let number = self
                    .rows
                    .map_or(String::new(), |rows| format!(" {rows} 条"));
                let expected = format!("审计日志里有 {}{number}", self.audit);
                Err(Why::unseen(
                    expected,
                    format!("{count} 条\n{}", page.short()),
                ))
            }
        }
    }
}
