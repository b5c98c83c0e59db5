//! `extend`: an officer prolongs the limit of a case, with a reason.

use async_trait::async_trait;
use serde::Deserialize;

use super::{Verb, clock};
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extend {
    /// Working days.
    extend: u32,
    reason: String,
}

#[async_trait]
impl Verb for Extend {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let fields = [
            ("days", self.extend.to_string()),
            ("reason", self.reason.clone()),
        ];
        clock::change(play, "批准延长期限", &fields).await
    }
}
