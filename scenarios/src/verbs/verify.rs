//! `verify`: the file in hand is handed to the public verification, whole or with one byte changed.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::fixture::File;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::visitor::Sent;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verify {
    verify: Condition,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Condition {
    Whole,
    /// A byte in its middle is another one.
    Changed,
}

#[async_trait]
impl Verb for Verify {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let mut content = play.in_hand.clone();
        if content.is_empty() {
            return Err(Why::Broken("手里没有文件，先用 download 下载".to_owned()));
        }
        let middle = content.len() / 2;
        if let (Condition::Changed, Some(byte)) = (&self.verify, content.get_mut(middle)) {
            *byte ^= 1;
        }
        let file = File {
            name: "证照".to_owned(),
            content,
        };
        play.visit("/verify", Some(Sent::files(&[], &[("file", file)])))
            .await
    }
}
