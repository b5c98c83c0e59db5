//! `message`: what somebody was told, as the own inbox shows it.

use async_trait::async_trait;
use serde::Deserialize;

use super::Sight;
use crate::house::Door;
use crate::page::folded;
use crate::play::Play;
use crate::report::Why;
use crate::values::Texts;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    /// The message's code.
    message: String,
    #[serde(default)]
    holds: Texts,
    /// How many such messages there are; without it, at least one.
    rows: Option<usize>,
}

#[async_trait]
impl Sight for Message {
    async fn look(&self, play: &mut Play<'_>) -> Result<(), Why> {
        let title = play.title("messages", &self.message)?;
        let inbox = match play.door() {
            Door::Citizen => "/me/messages",
            Door::Staff => "/workbench/messages",
        };
        let page = play.get(inbox).await?;
        if page.is_refusal() {
            return Err(Why::unseen("能看消息", page.short()));
        }
        let mut wanted = vec![folded(&title)];
        for words in &self.holds.0 {
            wanted.push(folded(&play.fill(words)?));
        }
        let rows = page.all("tr[data-message]");
        let fits = |text: &str| wanted.iter().all(|words| folded(text).contains(words));
        let count = rows.iter().filter(|row| fits(&row.text)).count();
        let right = match self.rows {
            Some(rows) => count == rows,
            None => count > 0,
        };
        match right {
            true => Ok(()),
            false => {
                let holds = self.holds.0.join("”“");
                let number = self
                    .rows
                    .map_or(String::new(), |rows| format!(" {rows} 条"));
                let expected = format!("收到消息 {}“{holds}”{number}", self.message);
                Err(Why::unseen(expected, page.short()))
            }
        }
    }
}
