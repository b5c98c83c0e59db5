//! `download`: a licence, a letter or whatever lies at an address; it is in hand for the steps that follow.

use async_trait::async_trait;
use serde::Deserialize;

use super::Verb;
use crate::page::Page;
use crate::play::Play;
use crate::report::Why;
use crate::sights::{letter, licence};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Download {
    /// `licence:CODE`, `letter:CODE`, or an address.
    download: String,
    /// `pdf` or `ofd`, where there are both.
    #[serde(default = "pdf")]
    format: String,
}

fn pdf() -> String {
    "pdf".to_owned()
}

#[async_trait]
impl Verb for Download {
    fn check(&self) -> Result<(), String> {
        match self.format.as_str() {
            "pdf" | "ofd" => Ok(()),
            other => Err(format!("没有“{other}”这种格式；可用的：pdf、ofd")),
        }
    }

    async fn act(&self, play: &mut Play<'_>) -> Result<Page, Why> {
        let path = match self.download.split_once(':') {
            Some(("licence", code)) => licence::file(play, code, &self.format).await?,
            Some(("letter", code)) => letter::file(play, code, &self.format).await?,
            _ => play.fill(&self.download)?,
        };
        let page = play.get(&path).await?;
        if !page.is_refusal() {
            play.in_hand.clone_from(&page.body);
        }
        Ok(page)
    }
}
