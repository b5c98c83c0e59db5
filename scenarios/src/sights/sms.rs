//! `sms`: what was sent by SMS about the case.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sight;
use crate::house::Sms;
use crate::page::folded;
use crate::play::Play;
use crate::report::Why;
use crate::values::Texts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SmsSent {
    /// The message's code.
    sms: String,
    #[serde(default)]
    holds: Texts,
    /// The last digits of the number.
    to: Option<String>,
    /// How many such there are; without it, at least one.
    rows: Option<usize>,
}

#[async_trait]
impl Sight for SmsSent {
    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let title = play.title("messages", &self.sms)?;
        let mut wanted = Vec::new();
        for words in &self.holds.0 {
            wanted.push(folded(&play.fill(words)?));
        }
        let sent = play.sms().await?;
        let fits = |sms: &&Sms| {
            let to = self.to.as_ref().is_none_or(|to| sms.to.ends_with(to));
            let holds = wanted.iter().all(|words| folded(&sms.text).contains(words));
            sms.title == title && to && holds
        };
        let count = sent.iter().filter(fits).count();
        let right = match self.rows {
            Some(rows) => count == rows,
            None => count > 0,
        };
        if right {
            return Ok(());
        }
        let texts: Vec<String> = sent
            .iter()
            .map(|sms| format!("{}（{}）{}", sms.title, sms.to, sms.text))
            .collect();
        let expected = format!("发出短信 {}", self.sms);
        Err(Why::unseen(expected, texts.join("；")))
    }
}
