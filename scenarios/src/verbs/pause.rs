//! `pause`: an officer begins a special procedure, during which the clock stands still.

use async_trait::async_trait;
use serde::Deserialize;

use super::{Verb, clock};
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pause {
    /// The procedure, as the page names it.
    pause: String,
    /// Working days that it is expected to take.
    days: u32,
    reason: String,
}

#[async_trait]
impl Verb for Pause {
    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let fields = [
            ("name", self.pause.clone()),
            ("expected", self.days.to_string()),
            ("reason", self.reason.clone()),
        ];
        clock::change(play, "启动特别程序", &fields).await
    }
}
