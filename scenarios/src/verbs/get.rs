//! `get`: an address is opened.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Get {
    get: String,
}

#[async_trait]
impl Verb for Get {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let path = play.fill(&self.get)?;
        play.get(&path).await
    }
}
