//! `resume`: an officer ends a special procedure, and the clock runs on.

use async_trait::async_trait;
use serde::Deserialize;

use super::{Verb, clock};
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resume {
    /// Always true.
    resume: bool,
}

#[async_trait]
impl Verb for Resume {
    fn check(&self) -> Result<(), String> {
        match self.resume {
            true => Ok(()),
            false => Err("resume 只能写 true".to_owned()),
        }
    }

    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        clock::change(play, "结束特别程序，继续计时", &[]).await
    }
}
